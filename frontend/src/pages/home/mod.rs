//! What this is, where to begin, and the gap in one model, from a recorded run.
//!
//! ```text
//! welcome.html = what index.html shows before the program;  URL + Recording --model--> PairChoice
//! ```

mod figure; // the recorded results as a sentence and a chart
mod model; // the page's state as its URL
mod sample_panel; // one of the two samples shown

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::sample_query::SampleQuery;
use crate::protocol::Recording;
use crate::state::recording::RecordingState;
use crate::ui::chart::{Chart, ChartSize};
use crate::ui::stage::{Stage, StageTools};
use model::{HomeQuery, PairChoice, RecordedTask};
use sample_panel::RecordedSide;

/// What `index.html` shows until the program runs.
const WELCOME: &str = include_str!("welcome.html");

/// The name of the gap in the address, where it is shown alone.
const GAP: &str = "gap";

/// The home page. An address that was saved when the playground was here leads to the playground.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let query = use_query_map();
    let saved = Memo::new(move |_| {
        query.with(|query| {
            let saved = SampleQuery::is_in(|key| query.get(key).is_some());
            saved.then(|| format!("/playground{}", query.to_query_string()))
        })
    });
    move || match saved.get() {
        Some(path) => {
            let options = NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            };
            view! { <Redirect path options /> }.into_any()
        }
        None => view! { <Welcome /> }.into_any(),
    }
}

/// The introduction and the recorded gap.
#[component]
fn Welcome() -> impl IntoView {
    let recorded: RecordingState = expect_context();
    recorded.want();
    let recording = Memo::new(move |_| {
        let got = recorded.got;
        got.with(|got| got.as_ref()?.as_ref().ok().cloned())
    });
    let fault = move || {
        let got = recorded.got;
        got.with(|got| got.as_ref()?.as_ref().err().cloned())
    };
    let stage: Stage = expect_context();
    view! {
        <div class="home">
            <div inner_html=WELCOME></div>
            <section class="panel gap" aria-labelledby="gap-title" id="gap" data-stage=GAP data-on-stage=move || stage.mark(GAP)>
                <div class="head">
                    <h2 id="gap-title">"The gap in one model"</h2>
                    <StageTools name=GAP.to_owned() title="The gap in one model".to_owned() />
                </div>
                {move || match recording.get() {
                    Some(recording) => view! { <RecordedGap recording /> }.into_any(),
                    None => view! {
                        <p class="hint" class:wait=move || fault().is_none() role="status" data-testid="recording">
                            {move || fault().unwrap_or_else(|| "Loading the recorded run…".to_owned())}
                        </p>
                    }
                    .into_any(),
                }}
            </section>
        </div>
    }
}

/// Two recorded samples side by side, and the scores of all of them.
#[component]
fn RecordedGap(recording: Arc<Recording>) -> impl IntoView {
    let recording = StoredValue::new(recording);
    let query = use_query_map();
    let choice = Memo::new(move |_| {
        let look = query.with(|query| HomeQuery::from_query(|key| query.get(key)));
        recording.with_value(|recording| PairChoice::of(recording, look))
    });
    let (navigate, stage) = (use_navigate(), expect_context::<Stage>());
    let go = Callback::new(move |next: HomeQuery| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&stage.keep(format!("/{}", next.to_query())), options);
    });
    let finding = move || {
        let length = choice.with(|choice| choice.length);
        recording.with_value(|recording| figure::finding(recording, length))
    };
    let figure = Arc::new(recording.with_value(|recording| figure::figure(recording)));
    // Where the gap is presented, the keys press these.
    let length_button = move |longer: bool, label: &'static str, testid: &'static str| {
        let to = Memo::new(move |_| choice.with(|choice| choice.other_length(longer)));
        let key = if longer { "ArrowUp" } else { "ArrowDown" };
        view! {
            <button data-testid=testid data-key=key disabled=move || to.get().is_none()
                on:click=move |_| if let Some(next) = to.get_untracked() { go.run(next) }>
                {label}
            </button>
        }
    };
    view! {
        <p class="finding" data-testid="finding" role="status">{finding}</p>
        <div class="steps" role="group" aria-label="Choose what to show from the recorded run">
            <button data-testid="previous-pair" data-key="ArrowLeft" on:click=move |_| go.run(choice.with_untracked(PairChoice::previous))>
                "Previous sample"
            </button>
            <button class="primary" data-testid="next-pair" data-key="ArrowRight" on:click=move |_| go.run(choice.with_untracked(PairChoice::next))>
                "Next sample"
            </button>
            <span class="hint" data-testid="pair">
                {move || choice.with(|choice| format!("{} of {}", choice.pair + 1, choice.pairs))}
            </span>
            {length_button(false, "Shorter text", "shorter")}
            {length_button(true, "Longer text", "longer")}
            <span class="hint" data-testid="pair-length">
                {move || choice.with(|choice| format!("{:#} tokens", choice.length))}
            </span>
        </div>
        <div class="sides">
            {RecordedTask::BOTH.map(|task| view! { <RecordedSide task recording choice /> }).collect_view()}
        </div>
        <p class="hint" data-testid="recorded-source">
            {recording.with_value(|recording| figure::source(recording))}
            "."<span class="off-stage">" See every sample and score in " <a href="/results">"Results"</a> "."</span>
        </p>
        <div class="deeper off-stage">
            <Chart figure=Signal::stored(figure) size=ChartSize::Small />
            <div class="meaning">
                <h3>"What is its effective length?"</h3>
                <p>
                    "The " <dfn>"effective length"</dfn>
                    " of a model is the longest text at which it still passes. RULER’s pass mark is a mean of 85.6 over 13 tasks, the score of Llama 2 7B at 4,096 tokens. A model may claim a window many times that long."
                </p>
                <p>"Finding a single needle is the easiest of the 13 tasks, so a model tested only on needles looks as if it had read everything."</p>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::WELCOME;

    #[test]
    fn the_page_begins_with_what_stands_there_before_its_program() {
        let page = include_str!("../../../index.html");
        assert!(
            page.contains(WELCOME),
            "index.html must hold welcome.html to the letter"
        );
    }
}
