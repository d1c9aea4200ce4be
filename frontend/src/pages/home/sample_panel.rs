//! One of the two samples: its question, its answer, and where the evidence is in the text.

use std::sync::Arc;

use fathom_shared::transcript::Outcome;
use leptos::prelude::*;

use super::super::answer::in_parts;
use super::super::reading::{AnswerString, DepthPanel, PromptLayout, strings};
use super::model::{self, PairChoice, RecordedTask};
use crate::protocol::{RecordedSample, Recording};

/// A sample of the recording, as it is shown.
#[derive(Clone, PartialEq, Default)]
struct ShownSample {
    question: String,
    expected: String,
    answer: String,
    strings: Arc<[AnswerString]>,
    found: usize,
    asked: usize,
    first: Option<usize>,
}

impl ShownSample {
    fn new(one: &RecordedSample) -> Self {
        let answer = match &one.scored.transcript.outcome {
            Outcome::Completed(completion) => completion.text.trim().to_owned(),
            Outcome::Failed(failure) => failure.message.clone(),
        };
        let found = one
            .scored
            .score
            .as_ref()
            .map_or(&[][..], |score| &score.found);
        Self {
            question: model::question(&one.sample.input).to_owned(),
            expected: one.sample.references.join(", "),
            strings: strings(&one.sample, &answer).into(),
            answer,
            found: found.iter().filter(|found| **found).count(),
            asked: one.sample.references.len(),
            first: one.sample.evidence.iter().position(|piece| piece.gold),
        }
    }

    /// Whether all, some or none of what was asked for was found.
    fn verdict(&self) -> &'static str {
        match self.found {
            0 => "lost",
            found if found < self.asked => "half",
            _ => "found",
        }
    }

    fn says(&self) -> String {
        match (self.asked, self.verdict()) {
            (1, "found") => "Found.".to_owned(),
            (1, _) => "Missed.".to_owned(),
            (asked, "found") => format!("All {asked} found."),
            (asked, _) => format!("{} of {asked} found.", self.found),
        }
    }
}

/// One recorded sample: its question, its answer and its prompt.
#[component]
pub(super) fn RecordedSide(
    task: RecordedTask,
    recording: StoredValue<Arc<Recording>>,
    choice: Memo<PairChoice>,
) -> impl IntoView {
    let of_sample = move |choice: &PairChoice| {
        recording.with_value(|recording| {
            let one = model::sample(recording, task, choice)?;
            Some((
                ShownSample::new(one),
                PromptLayout::new(&one.sample, &one.prompt()),
            ))
        })
    };
    let both = Memo::new(move |_| choice.with(of_sample));
    let shown = Memo::new(move |_| both.with(|both| Some(both.as_ref()?.0.clone())));
    let laid = Memo::new(move |_| {
        both.with(|both| both.as_ref().map(|both| both.1.clone()).unwrap_or_default())
    });
    let answered = Signal::derive(move || {
        shown.with(|shown| {
            shown
                .as_ref()
                .map(|shown| shown.strings.clone())
                .unwrap_or_default()
        })
    });
    // What is looked at belongs to its pair; of another one the first needle is.
    let chosen = RwSignal::new((PairChoice::default(), None));
    let piece = Signal::derive(move || match chosen.get() {
        (of, piece) if choice.with(|choice| *choice == of) => piece,
        _ => shown.with(|shown| shown.as_ref()?.first),
    });
    let set_piece = Callback::new(move |at| chosen.set((choice.get_untracked(), at)));
    let lead = RwSignal::new(None);
    let go = Callback::new(move |at: usize| lead.set(Some(at)));
    let score = move || {
        let length = choice.with(|choice| choice.length);
        let summary =
            recording.with_value(|recording| Some(model::cell(recording, task, length)?.summary));
        let summary = summary?;
        let (told, mean) = (summary.to_string(), summary.mean? * 100.0);
        // The mean is told once, large.
        let rest = told
            .split_once(' ')
            .map(|(_, rest)| rest.to_owned())
            .unwrap_or_default();
        Some(view! {
            <p class="score" data-testid=format!("score-{}", task.name())>
                <b>{format!("{mean:.1}")}</b> " of 100 " <span class="hint">{rest}</span>
            </p>
        })
    };
    let parts = move || {
        let shown = shown.get()?;
        Some(view! {
            <dl class="exchange">
                <div><dt>"Asked"</dt><dd>{shown.question.clone()}</dd></div>
                <div><dt>"Expected"</dt><dd class="mono">{shown.expected.clone()}</dd></div>
                <div>
                    <dt>"Answered"</dt>
                    <dd class="mono answer" data-testid=format!("recorded-{}", task.name())>{in_parts(&shown.answer, &shown.strings, go)}</dd>
                </div>
            </dl>
            <p class="outcome" data-verdict=shown.verdict() data-testid=format!("verdict-{}", task.name())>{shown.says()}</p>
        })
    };
    let missing = move || {
        let length = choice.with(|choice| choice.length);
        let why =
            recording.with_value(|recording| model::cell(recording, task, length)?.missing.clone());
        why.map_or_else(
            || "Not recorded at this length.".to_owned(),
            |why| format!("{why}."),
        )
    };
    let ask = move || {
        choice.with(|choice| {
            recording.with_value(|recording| model::in_playground(recording, task, choice))
        })
    };
    view! {
        <article class="side" data-kind=task.name() aria-label=task.title()>
            <h3>{task.title()}</h3>
            <p class="about">{task.about()}</p>
            {score}
            <Show when=move || shown.with(Option::is_some)
                fallback=move || view! { <p class="note" data-testid=format!("missing-{}", task.name())>{missing}</p> }>
                {parts}
                <DepthPanel laid piece set_piece answered lead label=task.text_label() />
                <p class="ask off-stage"><a href=ask data-testid=format!("ask-{}", task.name())>"Try it yourself"</a></p>
            </Show>
        </article>
    }
}
