//! Checks before the first prompt of a run. A few short requests, and one that is too
//! long on purpose.

mod estimate; // estimates memory, cost and time of a plan
mod probe; // probes what only a request can show
mod server_facts; // reads what a server reports about itself

use std::sync::atomic::AtomicBool;

use fathom_shared::engine::{
    CheckStatus, Preflight, PreflightCheck, PreflightEstimate, PreflightPlan,
};

use super::client::EndpointClient;
use super::error::RequestError;
use super::one_line;
use super::wait::RequestWatch;
use crate::engine::EngineProgress;
use server_facts::ServerFacts;

/// The report as it grows.
struct PreflightReport<'a> {
    server: &'a EndpointClient,
    checks: Vec<PreflightCheck>,
}

impl PreflightReport<'_> {
    fn add(
        &mut self,
        what: &str,
        verdict: CheckStatus,
        got: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.checks.push(PreflightCheck {
            what: what.to_owned(),
            verdict,
            // A server's own words among it are for a terminal to show, not to obey.
            got: one_line::line(&self.server.scrub(&got.into())),
            expected: expected.into(),
        });
    }

    /// A request that should have been answered.
    fn failed(&mut self, what: &str, fault: &RequestError, expected: &str) {
        let got = format!("a server that {}", fault.message);
        self.add(what, CheckStatus::Fault, got, expected);
    }
}

/// Looks at everything. Ends early where nothing more can be found out.
pub(super) async fn run(
    server: &EndpointClient,
    plan: &PreflightPlan,
    cancel: &AtomicBool,
    report: &mut dyn FnMut(EngineProgress<'_>),
) -> Preflight {
    let mut watch = RequestWatch::new(cancel, report);
    let mut report = PreflightReport {
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

async fn checks(
    report: &mut PreflightReport<'_>,
    plan: &PreflightPlan,
    watch: &mut RequestWatch<'_>,
) -> Option<PreflightEstimate> {
    let told = ServerFacts::ask(report, watch).await?;
    told.model(report);
    let cap = told.context(report, plan);
    told.positions(report);
    let speed = probe::counts(report, watch).await?;
    probe::tokenizer(report, watch).await;
    probe::prefix(report, watch).await;
    probe::truncation(report, cap, watch).await;
    Some(estimate::of(report, plan, speed))
}
