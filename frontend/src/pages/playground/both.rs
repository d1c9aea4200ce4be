//! What this browser and the server answered to the sample that is shown.

use std::sync::Arc;

use fathom_shared::run::SampleKey;
use leptos::prelude::*;

use super::super::answer::stored;
use super::super::reading::{AnswerString, strings};
use super::super::sample_query::SampleQuery;
use crate::state::answer::AnswerState;
use crate::state::builder::BuilderState;
use crate::state::engine::EngineState;
use crate::state::server::ServerState;

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
        let lab: EngineState = expect_context();
        let server: ServerState = expect_context();
        let builder: BuilderState = expect_context();
        let built = builder.built;
        // An answer is shown beside the prompt that it belongs to, and no other.
        let here = Memo::new(move |_| {
            let (hash, answer) = lab.answer.get();
            let mine = built.with(|built| {
                built
                    .as_ref()
                    .is_some_and(|built| built.prompt_hash == hash)
            });
            if mine { answer } else { AnswerState::Idle }
        });
        // The sample that the form asks for, where the run that is followed has it.
        let place = Memo::new(move |_| {
            let order = ask.with(SampleQuery::order).ok()?;
            server.run.with(|run| {
                let run = run.as_ref()?.1.run.as_ref()?;
                let cell = run.order.grid.find(&order.spec)?;
                let sample = order.sample;
                (run.order.mode == order.mode).then_some(SampleKey { cell, sample })
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
        let strings_of = move |answer: Memo<AnswerState>| {
            Memo::new(move |_| {
                let text = answer.with(|answer| answer.scored().map(|_| answer.text().to_owned()));
                let text = text.filter(|text| !text.is_empty());
                let found = built.with(|built| Some(strings(&built.as_ref()?.sample, &text?)));
                found.unwrap_or_default().into()
            })
        };
        Self {
            here,
            there,
            place,
            here_strings: strings_of(here),
            there_strings: strings_of(there),
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
