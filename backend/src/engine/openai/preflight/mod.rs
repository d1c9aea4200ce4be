//! What is looked at before the first prompt of a run. A few short requests, and one that is too
//! long on purpose.

mod estimate;
mod probe;
mod told;

use std::sync::atomic::AtomicBool;

use fathom_shared::engine::{Check, Estimate, Plan, Preflight, Verdict};

use super::fault::Fault;
use super::plain;
use super::server::Server;
use super::wait::Watch;
use crate::engine::Progress;
use told::Told;

/// The report as it grows.
struct Report<'a> {
    server: &'a Server,
    checks: Vec<Check>,
}

impl Report<'_> {
    fn add(
        &mut self,
        what: &str,
        verdict: Verdict,
        got: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.checks.push(Check {
            what: what.to_owned(),
            verdict,
            // A server's own words among it are for a terminal to show, not to obey.
            got: plain::line(&self.server.scrub(&got.into())),
            expected: expected.into(),
        });
    }

    /// A request that should have been answered.
    fn failed(&mut self, what: &str, fault: &Fault, expected: &str) {
        let got = format!("a server that {}", fault.message);
        self.add(what, Verdict::Fault, got, expected);
    }
}

/// Looks at everything. Ends early where nothing more can be found out.
pub(super) async fn run(
    server: &Server,
    plan: &Plan,
    cancel: &AtomicBool,
    report: &mut dyn FnMut(Progress<'_>),
) -> Preflight {
    let mut watch = Watch::new(cancel, report);
    let mut report = Report {
        server,
        checks: Vec::new(),
    };
    let estimate = checks(&mut report, plan, &mut watch).await;
    Preflight {
        endpoint: server.endpoint.id.to_string(),
        checks: report.checks,
        estimate: estimate.unwrap_or_default(),
    }
}

async fn checks(report: &mut Report<'_>, plan: &Plan, watch: &mut Watch<'_>) -> Option<Estimate> {
    let told = Told::ask(report, watch).await?;
    told.model(report);
    let cap = told.context(report, plan);
    told.positions(report);
    let speed = probe::counts(report, watch).await?;
    probe::tokenizer(report, watch).await;
    probe::prefix(report, watch).await;
    probe::truncation(report, cap, watch).await;
    Some(estimate::of(report, plan, speed))
}
