//! What this browser and the server answered to the sample that is shown.

use std::sync::Arc;

use fathom_shared::run::SampleKey;
use leptos::prelude::*;

use super::super::answer::{in_parts, stored};
use super::super::reading::{AnswerString, strings};
use super::super::sample_query::SampleQuery;
use crate::protocol::BuiltSample;
use crate::state::answer::AnswerState;
use crate::state::builder::BuilderState;
use crate::state::engine::EngineState;
use crate::state::server::ServerState;

/// A sample with its prompt, once it is built.
pub(super) type SampleSignal = Signal<Option<Arc<BuiltSample>>>;

/// What this browser answered to `built`; it stays when another sample is asked.
pub(super) fn answer_here(built: SampleSignal) -> Memo<AnswerState> {
    let lab: EngineState = expect_context();
    let hash = move || {
        let hash = |built: &Option<Arc<BuiltSample>>| Some(built.as_ref()?.prompt_hash.clone());
        built.with(hash).unwrap_or_default()
    };
    // An answer is shown beside the prompt that it belongs to, and no other.
    let kept = Memo::new(move |kept: Option<&(String, AnswerState)>| {
        let hash = hash();
        lab.answer.with(|last| match kept {
            _ if last.0 == hash => last.clone(),
            Some(kept) if kept.0 == hash => kept.clone(),
            _ => (hash, AnswerState::Idle),
        })
    });
    Memo::new(move |_| kept.with(|(_, answer)| answer.clone()))
}

/// What of a whole answer to `built` stands in its text.
pub(super) fn strings_of(
    built: SampleSignal,
    answer: Memo<AnswerState>,
) -> Memo<Arc<[AnswerString]>> {
    Memo::new(move |_| {
        let text = answer.with(|answer| answer.scored().map(|_| answer.text().to_owned()));
        let text = text.filter(|text| !text.is_empty());
        let found = built.with(|built| Some(strings(&built.as_ref()?.sample, &text?)));
        found.unwrap_or_default().into()
    })
}

/// Both answers, and what of them stands in the text.
#[derive(Clone, Copy)]
pub(super) struct BothAnswers {
    /// Of this browser.
    pub(super) here: Memo<AnswerState>,
    /// Of the server's run that is followed.
    pub(super) there: Memo<AnswerState>,
    /// Where that run has the sample.
    pub(super) place: Memo<Option<SampleKey>>,
    /// What of the answer of this browser stands in the text.
    pub(super) here_strings: Memo<Arc<[AnswerString]>>,
    /// What of the server's does.
    pub(super) there_strings: Memo<Arc<[AnswerString]>>,
}

impl BothAnswers {
    /// To the sample that `ask` asks for.
    pub(super) fn of(ask: Memo<SampleQuery>) -> Self {
        let server: ServerState = expect_context();
        let builder: BuilderState = expect_context();
        let built = builder.built.into();
        let here = answer_here(built);
        // The sample that the form asks for, where the run that is followed has it.
        let place = Memo::new(move |_| {
            let request = ask.with(SampleQuery::request).ok()?;
            server.run.with(|run| {
                let run = run.as_ref()?.1.run.as_ref()?;
                let cell = run.run_spec.grid.find(&request.spec)?;
                let sample = request.sample;
                (run.run_spec.mode == request.mode).then_some(SampleKey { cell, sample })
            })
        });
        let there = Memo::new(move |_| {
            let detail = server.detail.get();
            server.run.with(|run| match (run, place.get()) {
                (Some((id, run)), Some(place)) => match run.answer(place) {
                    AnswerState::Stored => stored(*id, run, place, detail),
                    answer => answer,
                },
                (Some((_, run)), None) if run.run.is_none() => AnswerState::Queued,
                _ => AnswerState::Idle,
            })
        });
        Self {
            here,
            there,
            place,
            here_strings: strings_of(built, here),
            there_strings: strings_of(built, there),
        }
    }

    /// The answer beside the text: of this browser, else the server's.
    pub(super) fn told(self, go: Callback<usize>) -> impl IntoView {
        let answer = move || match self.here.with(|here| here.text().is_empty()) {
            true => (self.there, self.there_strings),
            false => (self.here, self.here_strings),
        };
        move || {
            let (answer, strings) = answer();
            answer.with(|answer| {
                if answer.text().is_empty() {
                    return None;
                }
                let score = answer.scored().and_then(|scored| scored.score.as_ref());
                let score =
                    score.map(|score| format!(", scored {:.0} out of 100", score.value * 100.0));
                let parts = strings.with(|strings| in_parts(answer.text(), strings, go));
                Some(view! {
                    <div class="answer" data-testid="told">
                        <p class="hint">"Answered" {score}</p>
                        <pre class="text">{parts}</pre>
                    </div>
                })
            })
        }
    }

    /// What is marked in the text: of this browser's answer, else of the server's.
    pub(super) fn marked(self) -> Signal<Arc<[AnswerString]>> {
        Signal::derive(
            move || match self.here_strings.with(|here| here.is_empty()) {
                true => self.there_strings.get(),
                false => self.here_strings.get(),
            },
        )
    }
}
