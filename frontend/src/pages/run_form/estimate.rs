//! What a run will take, before it is started.

use std::time::Duration;

use fathom_shared::api::{NewRun, RunEstimate};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::super::display;
use super::{CheckedForm, RunForm};
use crate::client;
use crate::protocol::{PageRunCall, PageRunReply};
use crate::state::engine::EngineState;
use crate::ui::coded_text::coded;

/// Long enough that a number can be typed.
const PAUSE: Duration = Duration::from_millis(250);

/// Where a run is answered, as far as it is told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum RunPlace {
    /// By an engine of the server.
    Server,
    /// By an endpoint.
    Endpoint,
    /// In this browser.
    Page,
}

#[derive(Clone, PartialEq, Debug)]
enum EstimateState {
    Nothing,
    Waiting,
    Refused(String),
    Here(Box<RunEstimate>, RunPlace),
}

/// What the run will take: samples, tokens, time, memory and cost.
#[component]
pub(super) fn EstimatePanel(form: RunForm) -> impl IntoView {
    let lab: EngineState = expect_context();
    let (checked, in_page) = (form.checked, form.in_page);
    let told = RwSignal::new(EstimateState::Nothing);
    // Towards the server: only the latest run spec is asked about.
    Effect::new(move |_| match checked.get() {
        Ok(new) => {
            told.set(EstimateState::Waiting);
            let asked = move || {
                if checked.try_get_untracked() == Some(Ok(new.clone())) {
                    match in_page.get_untracked() {
                        true => ask_here(lab, new, checked, told),
                        false => ask(new, checked, told),
                    }
                }
            };
            set_timeout(asked, PAUSE);
        }
        Err(faults) if faults.is_empty() => told.set(EstimateState::Waiting),
        Err(_) => told.set(EstimateState::Nothing),
    });
    // The pace outlives the estimate that told it, while the fields are changed.
    Effect::new(move |_| {
        told.with(|told| {
            if let EstimateState::Here(estimate, _) = told {
                let tokens = estimate.prompt_tokens + estimate.answer_tokens;
                form.pace
                    .set(estimate.ms.map(|ms| ms / tokens.max(1) as f64));
            }
        });
    });
    let inside = move || {
        match told.get() {
        EstimateState::Nothing => {
            view! { <p class="hint">"Fix the fields with errors to see an estimate."</p> }
                .into_any()
        }
        EstimateState::Waiting => view! { <p class="hint">"Calculating…"</p> }.into_any(),
        EstimateState::Refused(message) => {
            view! { <p class="fault" role="alert" data-testid="estimate-fault">{coded(&message)}</p> }
                .into_any()
        }
        EstimateState::Here(estimate, place) => figures(&estimate, place).into_any(),
    }
    };
    view! {
        <aside class="estimate" aria-labelledby="estimate-title" aria-live="polite" data-testid="estimate">
            <h3 id="estimate-title">"Estimate"</h3>
            {inside}
        </aside>
    }
}

fn ask(new: NewRun, checked: CheckedForm, told: RwSignal<EstimateState>) {
    spawn_local(async move {
        let got = client::estimate(&new).await;
        // The form may say something else by now, or be gone.
        if checked
            .try_get_untracked()
            .is_some_and(|now| now.as_ref() == Ok(&new))
        {
            let place = match new.run_spec.engine.is_local() {
                true => RunPlace::Server,
                false => RunPlace::Endpoint,
            };
            told.try_set(match got {
                Ok(estimate) => EstimateState::Here(Box::new(estimate), place),
                Err(error) => EstimateState::Refused(error.message().to_owned()),
            });
        }
    });
}

/// The same of this browser's runs.
fn ask_here(lab: EngineState, new: NewRun, checked: CheckedForm, told: RwSignal<EstimateState>) {
    let asked = Box::new(new.clone());
    lab.call(PageRunCall::Estimate { new: asked }, move |got| {
        if checked.try_get_untracked() != Some(Ok(new)) {
            return;
        }
        told.try_set(match got {
            Ok(PageRunReply::Estimate(estimate)) => EstimateState::Here(estimate, RunPlace::Page),
            Ok(_) => EstimateState::Nothing,
            Err(message) => EstimateState::Refused(message),
        });
    });
}

fn figures(estimate: &RunEstimate, place: RunPlace) -> impl IntoView + use<> {
    let fact = |(name, value, hint): (&'static str, String, String)| {
        view! { <div><dt>{name}</dt><dd><b>{value}</b><span class="hint">{hint}</span></dd></div> }
    };
    view! { <dl>{facts(estimate, place).into_iter().map(fact).collect_view()}</dl> }
}

/// Name, figure, and what it rests on.
fn facts(estimate: &RunEstimate, place: RunPlace) -> Vec<(&'static str, String, String)> {
    let local = place != RunPlace::Endpoint;
    let unknown = || "not known yet".to_owned();
    let time = match estimate.ms {
        Some(ms) => (
            format!("about {}", display::time(ms)),
            format!(
                "based on {}",
                display::some(estimate.pace_n.into(), "earlier answer")
            ),
        ),
        None => (
            unknown(),
            "this engine has not run this model here yet".to_owned(),
        ),
    };
    let memory = match (estimate.memory_bytes, estimate.free_bytes) {
        (Some(needed), Some(free)) if needed > free => (
            display::bytes(needed),
            format!("more than the {} free", display::bytes(free)),
        ),
        (Some(needed), Some(free)) => (
            display::bytes(needed),
            format!("of {} free", display::bytes(free)),
        ),
        (Some(needed), None) => (display::bytes(needed), "for the longest prompt".to_owned()),
        (None, _) if local => (unknown(), String::new()),
        (None, _) => ("on the endpoint".to_owned(), String::new()),
    };
    let money = match &estimate.cost {
        Some(cost) => (display::money(cost), "at most".to_owned()),
        None if local => {
            let where_it_runs = match place {
                RunPlace::Page => "it runs in this browser",
                _ => "it runs on the server's machine",
            };
            ("free".to_owned(), where_it_runs.to_owned())
        }
        None => (unknown(), "the configuration names no price".to_owned()),
    };
    let room = estimate.room.map(|room| {
        let hint = "tokens left after the longest sample. A chat template adds tokens; samples that no longer fit will fail";
        ("Room in the window", format!("{room:#}"), hint.to_owned())
    });
    let facts = [
        (
            "Samples",
            display::count(estimate.samples.into()),
            String::new(),
        ),
        (
            "Tokens to read",
            display::count(estimate.prompt_tokens),
            "at most".to_owned(),
        ),
        (
            "Tokens to write",
            display::count(estimate.answer_tokens),
            "at most".to_owned(),
        ),
        ("Time", time.0, time.1),
        ("Memory", memory.0, memory.1),
        ("Cost", money.0, money.1),
    ];
    facts.into_iter().chain(room).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::api::Money;
    use fathom_shared::tokens::Tokens;

    #[test]
    fn what_is_not_known_is_said_so() {
        let mut estimate = RunEstimate {
            samples: 130,
            prompt_tokens: 1_500_000,
            answer_tokens: 16_640,
            memory_bytes: None,
            free_bytes: None,
            ms: None,
            pace_n: 0,
            cost: None,
            room: None,
        };
        let told = |estimate: &RunEstimate, place| -> Vec<String> {
            let facts = facts(estimate, place).into_iter();
            facts
                .map(|(_, value, hint)| format!("{value} {hint}").trim().to_owned())
                .collect()
        };
        let here = told(&estimate, RunPlace::Page);
        assert_eq!(here[5], "free it runs in this browser");
        let local = told(&estimate, RunPlace::Server);
        assert_eq!(local[..2], ["130", "1,500,000 at most"]);
        assert!(local[3].starts_with("not known yet"));
        assert_eq!(local[5], "free it runs on the server's machine");
        estimate.ms = Some(7_500_000.0);
        estimate.pace_n = 12;
        estimate.memory_bytes = Some(3_000_000_000);
        estimate.free_bytes = Some(2_000_000_000);
        estimate.cost = Some(Money {
            amount: 1.5,
            currency: "USD".to_owned(),
        });
        estimate.room = Some(Tokens(31));
        assert!(
            told(&estimate, RunPlace::Endpoint)[6]
                .starts_with("31 tokens left after the longest sample")
        );
        estimate.room = None;
        let told = told(&estimate, RunPlace::Endpoint);
        assert_eq!(told[3], "about 2 h 5 min based on 12 earlier answers");
        assert_eq!(told[4], "3.0 GB more than the 2.0 GB free");
        assert_eq!(told[5], "USD 1.50 at most");
        assert_eq!(told.len(), 6);
    }
}
