//! Where a run stands, and what can be done about it.

use fathom_shared::api::{RunStatus, RunView};
use leptos::prelude::*;

use super::super::words;
use super::list::{Bar, covers};
use crate::client::Action;
use crate::state::server::Server;

#[component]
pub(super) fn Head(run: Memo<Option<RunView>>) -> impl IntoView {
    let of = move |tell: fn(&RunView) -> String| {
        move || run.with(|run| run.as_ref().map_or_else(String::new, tell))
    };
    let status = of(|run| run.status.as_str().to_owned());
    let counts = Memo::new(move |_| run.with(|run| run.as_ref().map(|run| run.counts)));
    let title = of(|run| format!("Run {}", run.id));
    let error = move || run.with(|run| run.as_ref()?.error.clone());
    view! {
        <section class="panel run-head" aria-labelledby="run-title">
            <div class="head">
                <h1 id="run-title">{title}</h1>
                <span class="state" data-testid="run-status" data-state=status title=of(|run| words::status(run.status).to_owned())>
                    {status}
                </span>
                <p class="hint">{of(who)}</p>
            </div>
            {move || counts.get().map(|counts| view! { <Bar counts /> })}
            <dl class="facts" data-testid="run-counts">
                {fact("Asked", of(|run| words::count(run.counts.asked.into())))}
                {fact("Answered", of(|run| words::count(run.counts.answered.into())))}
                {fact("Failed", of(|run| words::count(run.counts.failed.into())))}
                {fact("Open", of(|run| words::count(run.counts.open().into())))}
                {fact("Tokens/s", of(|run| run.pace.tokens_per_s.map_or_else(none, words::rate)))}
                {fact("Time left", of(|run| run.pace.left_ms.map_or_else(none, words::time)))}
                {fact("Cost so far", of(cost))}
                {fact("Tokens read", of(|run| words::count(run.prompt_tokens)))}
                {fact("Tokens written", of(|run| words::count(run.answer_tokens)))}
            </dl>
            {move || error().map(|error| view! { <p class="fault" role="alert">{error}</p> })}
            <Buttons run />
        </section>
    }
}

fn fact(name: &'static str, value: impl Fn() -> String + Send + 'static) -> impl IntoView {
    view! { <div><dt>{name}</dt><dd><b>{value}</b></dd></div> }
}

fn none() -> String {
    "–".to_owned()
}

/// What was ordered, of whom.
fn who(run: &RunView) -> String {
    let device = match run.engine.device.as_str() {
        "" => String::new(),
        device => format!(" on {device}"),
    };
    format!(
        "{}, {} each; {} by {}{device}.",
        covers(run),
        words::some(run.order.grid.count.into(), "sample"),
        run.order.model,
        run.order.engine,
    )
}

fn cost(run: &RunView) -> String {
    match &run.pace.cost {
        Some(money) => words::money(money),
        None if run.order.engine.is_local() => "nothing".to_owned(),
        None => none(),
    }
}

/// What can be done; what makes no sense now cannot be pressed.
#[component]
fn Buttons(run: Memo<Option<RunView>>) -> impl IntoView {
    let server: Server = expect_context();
    let status = Memo::new(move |_| run.with(|run| run.as_ref().map(|run| run.status)));
    let failed = Memo::new(move |_| run.with(|run| run.as_ref().map_or(0, |r| r.counts.failed)));
    let is =
        move |any: &'static [RunStatus]| move || status.get().is_some_and(|s| any.contains(&s));
    let act = move |action: Action| {
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
        failed => format!("Retry {}", words::some(failed.into(), "failure")),
    };
    let set = move |text: String| {
        if let Ok(wanted) = text.trim().parse() {
            act(Action::Priority(wanted));
        }
    };
    view! {
        <div class="inline" role="group" aria-label="What to do about the run">
            <button data-testid="pause-run" disabled=move || !goes_on() on:click=move |_| act(Action::Pause)>"Pause"</button>
            <button data-testid="resume-run" disabled=move || !held() on:click=move |_| act(Action::Resume)>"Resume"</button>
            <button data-testid="cancel-run" disabled=move || !open() on:click=move |_| act(Action::Cancel)>"Cancel"</button>
            <button data-testid="retry-run" disabled=move || failed.get() == 0 on:click=move |_| act(Action::Retry)>{retry}</button>
            <label class="priority" title="Runs of a higher priority go first; of equals the oldest.">
                "Priority"
                <input type="number" step="1" data-testid="priority" prop:value=move || priority.get().to_string()
                    disabled=move || !open() on:change:target=move |event| set(event.target().value()) />
            </label>
        </div>
    }
}
