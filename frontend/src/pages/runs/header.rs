//! A run's status, and its controls.

use fathom_shared::api::{RunStatus, RunView};
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::Profile;
use fathom_shared::transcript::TextlessAnswer;
use leptos::prelude::*;

use super::super::display;
use super::list::{RunProgressBar, covers};
use super::page_run::PageRunParts;
use crate::protocol::{RunAction, RunKey};
use crate::state::run_state::RunState;
use crate::state::server::ServerState;
use crate::ui::coded_text::coded;

/// The run's status, counts and failures, and what can be done with it.
#[component]
pub(super) fn RunHeader(id: Memo<Option<RunKey>>, run: Memo<Option<RunView>>) -> impl IntoView {
    let of = move |tell: fn(&RunView) -> String| {
        move || run.with(|run| run.as_ref().map_or_else(String::new, tell))
    };
    let status = of(|run| run.status.as_str().to_owned());
    let counts = Memo::new(move |_| run.with(|run| run.as_ref().map(|run| run.counts)));
    let title = move || id.get().map_or_else(String::new, |id| format!("Run {id}"));
    let in_page = move || id.get().is_some_and(RunKey::is_in_page);
    let error = move || run.with(|run| run.as_ref()?.error.clone());
    let server: ServerState = expect_context();
    let under_way = Memo::new(move |_| {
        let run = server.run;
        run.with(|run| run.as_ref().map_or(0, |(_, run)| run.under_way()))
    });
    let textless = Memo::new(move |_| {
        let known = server.run;
        known.with(|run| {
            run.as_ref()
                .map_or_else(String::new, |(_, run)| textless(run))
        })
    });
    let doubtful = Memo::new(move |_| {
        let known = server.run;
        known.with(|run| {
            run.as_ref()
                .map_or_else(String::new, |(_, run)| ends_alone(run))
        })
    });
    // A run without any answer says its reason itself.
    let failures = Memo::new(move |_| {
        let known = server.run;
        match error().is_some() {
            true => String::new(),
            false => known.with(|run| {
                run.as_ref()
                    .map_or_else(String::new, |(_, run)| failures(run))
            }),
        }
    });
    let still = move || run.with(|run| still(run.as_ref()?.status, under_way.get()));
    view! {
        <section class="panel run-head" aria-labelledby="run-title">
            <div class="head">
                <h1 id="run-title">{title}</h1>
                <span class="state" data-testid="run-status" data-state=status title=of(|run| display::status(run.status).to_owned())>
                    {status}
                </span>
                <p class="hint">{of(who)}</p>
            </div>
            {move || counts.get().map(|counts| view! { <RunProgressBar counts /> })}
            <dl class="facts" data-testid="run-counts">
                {fact("Asked", of(|run| display::count(run.counts.asked.into())))}
                {fact("Answered", of(|run| display::count(run.counts.answered.into())))}
                {fact("Failed", of(|run| display::count(run.counts.failed.into())))}
                {fact("Remaining", of(|run| display::count(run.counts.open().into())))}
                {fact("Tokens/s", of(|run| run.pace.tokens_per_s.map_or_else(none, display::rate)))}
                {fact("Time left", of(|run| run.pace.left_ms.map_or_else(none, display::time)))}
                {fact("Cost so far", of(cost))}
                {fact("Tokens read", of(|run| display::count(run.prompt_tokens)))}
                {fact("Tokens written", of(|run| display::count(run.answer_tokens)))}
            </dl>
            <Show when=move || !failures.with(String::is_empty)>
                <p class="note" data-testid="failures">{failures}</p>
            </Show>
            <Show when=move || !textless.with(String::is_empty)>
                <p class="note" data-testid="textless">{textless}</p>
            </Show>
            <Show when=move || !doubtful.with(String::is_empty)>
                <p class="note" data-testid="ends-alone">{doubtful}</p>
            </Show>
            {move || still().map(|still| view! { <p class="note" role="status" data-testid="still">{still}</p> })}
            {move || error().map(|error| view! { <p class="fault" role="alert">{coded(&error)}</p> })}
            <RunButtons id run />
            <Show when=in_page><PageRunParts id run /></Show>
        </section>
    }
}

fn fact(name: &'static str, value: impl Fn() -> String + Send + 'static) -> impl IntoView {
    view! { <div><dt>{name}</dt><dd><b>{value}</b></dd></div> }
}

fn none() -> String {
    "–".to_owned()
}

/// The run spec in a sentence, with the model and the engine.
fn who(run: &RunView) -> String {
    let device = match run.engine.device.as_str() {
        "" => String::new(),
        device => format!(" on {device}"),
    };
    format!(
        "{}, {} each{}; {} with {}{device}.",
        covers(run),
        samples(run),
        otherwise(run),
        run.run_spec.model,
        run.run_spec.engine,
    )
}

/// Why samples failed, as a sentence.
fn failures(run: &RunState) -> String {
    let kinds = run.failures();
    if kinds.is_empty() {
        return String::new();
    }
    let told = kinds.iter().map(|(kind, count)| {
        format!(
            "{} ({})",
            display::failure(*kind),
            display::count(u64::from(*count))
        )
    });
    let told = told.collect::<Vec<_>>().join(", ");
    format!("Why samples failed: {told}. Open one to read what was reported.")
}

/// How many answers have no text to score, as sentences.
fn textless(run: &RunState) -> String {
    let answered = run.run.as_ref().map_or(0, |run| run.counts.answered);
    let kinds = TextlessAnswer::ALL.into_iter();
    let told = kinds.filter_map(|kind| kind.count(run.textless(kind), answered));
    let told = told.map(|told| format!("{}{}.", told[..1].to_uppercase(), &told[1..]));
    told.collect::<Vec<_>>().join(" ")
}

/// How many answers may have been taken for reasoning, as a sentence.
fn ends_alone(run: &RunState) -> String {
    let answered = run.run.as_ref().map_or(0, |run| run.counts.answered);
    let have = match (run.ends_alone(), answered) {
        (0, _) => return String::new(),
        (1, 1) => "The one answer has".to_owned(),
        (all, answered) if all == answered => format!("All {all} answers have"),
        (1, answered) => format!("1 of {answered} answers has"),
        (some, answered) => format!("{some} of {answered} answers have"),
    };
    format!(
        "{have} an end of reasoning (such as </think>) without its beginning; everything before it was taken as reasoning and not scored. Open one to read what to set for the endpoint."
    )
}

/// What a run that is held has under way nevertheless.
fn still(status: RunStatus, under_way: usize) -> Option<String> {
    let (samples, are) = match under_way {
        0 => return None,
        1 => ("one sample".to_owned(), "is"),
        more => (display::some(more as u64, "sample"), "are"),
    };
    match status {
        RunStatus::Paused => Some(format!("Pausing: {samples} {are} still being answered.")),
        RunStatus::Cancelled => Some(format!(
            "Cancelling: {samples} {are} still being stopped and will have no answer."
        )),
        _ => None,
    }
}

fn samples(run: &RunView) -> String {
    let (first, count) = (run.run_spec.grid.first, run.run_spec.grid.count);
    let samples = display::some(count.into(), "sample");
    match first {
        0 => samples,
        first => format!("{samples} starting at {first}"),
    }
}

/// What is unusual about a run spec, beginning with a comma.
fn otherwise(run: &RunView) -> String {
    let run_spec = &run.run_spec;
    let mut told = String::new();
    let tasks = &run_spec.grid.tasks;
    let stratified = tasks.iter().filter(|t| t.profile == Profile::Stratified);
    match stratified.count() {
        0 => {}
        all if all == tasks.len() => told += ", profile stratified",
        some => {
            told += &format!(
                ", {} with the stratified profile",
                display::some(some as u64, "task")
            );
        }
    }
    if run_spec.mode == PromptMode::Completion {
        told += ", without a chat template";
    }
    if let Some(rope) = &run_spec.rope {
        let value = |value: &serde_json::Value| match value.as_str() {
            Some(word) => word.to_owned(),
            None => value.to_string(),
        };
        let said = rope
            .0
            .iter()
            .map(|(name, v)| format!("{name} {}", value(v)));
        let said = said.collect::<Vec<_>>().join(", ");
        told += &format!(", positions other than the model's own ({said})");
    }
    told
}

fn cost(run: &RunView) -> String {
    match &run.pace.cost {
        Some(money) => display::money(money),
        None if run.run_spec.engine.is_local() => "none".to_owned(),
        None => none(),
    }
}

/// The buttons that act on the run; those that make no sense now are disabled.
#[component]
fn RunButtons(id: Memo<Option<RunKey>>, run: Memo<Option<RunView>>) -> impl IntoView {
    let server: ServerState = expect_context();
    let status = Memo::new(move |_| run.with(|run| run.as_ref().map(|run| run.status)));
    let failed = Memo::new(move |_| run.with(|run| run.as_ref().map_or(0, |r| r.counts.failed)));
    let is =
        move |any: &'static [RunStatus]| move || status.get().is_some_and(|s| any.contains(&s));
    let act = move |action: RunAction| {
        if let Some(id) = server.followed() {
            server.act(id, action);
        }
    };
    let goes_on = is(&[RunStatus::Queued, RunStatus::Running]);
    let open = is(&[RunStatus::Queued, RunStatus::Running, RunStatus::Paused]);
    let held = is(&[RunStatus::Paused, RunStatus::Cancelled, RunStatus::Failed]);
    let priority = Memo::new(move |_| run.with(|run| run.as_ref().map_or(0, |run| run.priority)));
    let retry = move || match failed.get() {
        0 => "Retry failures".to_owned(),
        failed => format!("Retry {}", display::some(failed.into(), "failure")),
    };
    let set = move |field: web_sys::HtmlInputElement| match field.value().trim().parse() {
        Ok(wanted) => act(RunAction::Priority(wanted)),
        // What is no number changes nothing, and must not look as if it had.
        Err(_) => field.set_value(&priority.get_untracked().to_string()),
    };
    view! {
        <div class="inline" role="group" aria-label="Run actions">
            <button data-testid="pause-run" disabled=move || !goes_on() on:click=move |_| act(RunAction::Pause)>"Pause"</button>
            <button data-testid="resume-run" disabled=move || !held() on:click=move |_| act(RunAction::Resume)>"Resume"</button>
            <button data-testid="cancel-run" disabled=move || !open() on:click=move |_| act(RunAction::Cancel)>"Cancel"</button>
            <button data-testid="retry-run" disabled=move || failed.get() == 0 on:click=move |_| act(RunAction::Retry)>{retry}</button>
            <label class="priority" title="Runs with a higher priority go first; among equals, the oldest.">
                "Priority"
                <input type="number" step="1" data-testid="priority" prop:value=move || priority.get().to_string()
                    disabled=move || !open() on:change:target=move |event| set(event.target()) />
            </label>
            {move || id.get().map(|id| {
                let results = super::super::results::address(&[id]);
                let advisor = super::super::advisor::address(&[id], None, &[]);
                view! {
                    <a href=results data-testid="to-results">"Results"</a>
                    <a href=advisor data-testid="ask-advisor">"Ask the advisor"</a>
                }
            })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::api::{RowView, RunEvent};
    use fathom_shared::transcript::FailureKind;

    use super::*;
    use crate::state::run_state::tests::{at, row, rows, run};

    #[test]
    fn a_held_run_says_what_is_under_way() {
        let told = |status, under_way| still(status, under_way).unwrap_or_default();
        assert_eq!(
            told(RunStatus::Paused, 1),
            "Pausing: one sample is still being answered."
        );
        assert_eq!(
            told(RunStatus::Paused, 3),
            "Pausing: 3 samples are still being answered."
        );
        assert!(told(RunStatus::Cancelled, 1).starts_with("Cancelling: one sample"));
        for (status, under_way) in [
            (RunStatus::Paused, 0),
            (RunStatus::Cancelled, 0),
            (RunStatus::Running, 1),
        ] {
            assert_eq!(told(status, under_way), "");
        }
    }

    #[test]
    fn answers_without_text_are_counted() {
        let mut state = RunState::default();
        let mut run = run(RunStatus::Running, 0, 1);
        run.counts.answered = 3;
        let run = Box::new(run);
        state.apply(RunEvent::Run { run }, Some(1), 0.0);
        assert_eq!(textless(&state), "");
        let kinds = [
            TextlessAnswer::Thinking,
            TextlessAnswer::Thinking,
            TextlessAnswer::Empty,
        ];
        let told = kinds.into_iter().zip(0..).map(|(kind, sample)| RowView {
            textless: Some(kind),
            ..row(at(0, sample), Some(0.0))
        });
        state.apply(rows(told.collect()), Some(1), 0.0);
        assert_eq!(
            textless(&state),
            "2 of 3 answers are reasoning only, scored as empty. 1 of 3 answers is empty."
        );
    }

    #[test]
    fn answers_that_may_have_been_taken_for_reasoning_are_counted() {
        let mut state = RunState::default();
        let mut run = run(RunStatus::Running, 0, 1);
        run.counts.answered = 2;
        let run = Box::new(run);
        state.apply(RunEvent::Run { run }, Some(1), 0.0);
        assert_eq!(ends_alone(&state), "");
        let told = |sample, end_alone| RowView {
            end_alone,
            ..row(at(0, sample), Some(0.0))
        };
        state.apply(rows(vec![told(0, true), told(1, false)]), Some(1), 0.0);
        assert!(ends_alone(&state).starts_with("1 of 2 answers has an end of reasoning"));
        state.apply(rows(vec![told(1, true)]), Some(2), 0.0);
        assert!(ends_alone(&state).starts_with("All 2 answers have"));
        // An answer of another try takes the place of the first.
        state.apply(rows(vec![told(0, false), told(1, false)]), Some(3), 0.0);
        assert_eq!(ends_alone(&state), "");
    }

    #[test]
    fn reasons_of_failures_are_told_the_commonest_first() {
        let mut state = RunState::default();
        assert_eq!(failures(&state), "");
        let failed = |sample, kind| RowView {
            failure: Some(kind),
            ..row(at(0, sample), None)
        };
        let (context, timeout) = (FailureKind::Context, FailureKind::Timeout);
        let told = vec![failed(0, context), failed(1, timeout), failed(2, timeout)];
        state.apply(rows(told), Some(1), 0.0);
        assert_eq!(
            failures(&state),
            "Why samples failed: timed out (2), too long for the model (1). Open one to read what was reported."
        );
        // What was asked again and answered is no failure any more.
        let again = vec![row(at(0, 0), Some(1.0))];
        state.apply(rows(again), Some(2), 0.0);
        assert!(!failures(&state).contains("too long"));
    }

    #[test]
    fn what_is_unusual_about_a_run_spec_is_told() {
        let mut run = run(RunStatus::Running, 0, 0);
        run.run_spec
            .grid
            .tasks
            .iter_mut()
            .for_each(|t| t.profile = Profile::Upstream);
        run.run_spec.mode = PromptMode::Chat;
        assert_eq!(otherwise(&run), "");
        run.run_spec.grid.first = 20;
        run.run_spec.grid.count = 5;
        assert_eq!(samples(&run), "5 samples starting at 20");
        run.run_spec.mode = PromptMode::Completion;
        run.run_spec.grid.tasks[0].profile = Profile::Stratified;
        run.run_spec.rope = serde_json::from_str(r#"{"rope_type":"yarn","factor":4}"#).ok();
        assert_eq!(
            otherwise(&run),
            ", 1 task with the stratified profile, without a chat template, \
             positions other than the model's own (factor 4, rope_type yarn)"
        );
    }
}
