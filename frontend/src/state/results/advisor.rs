//! The advisor, as the page asks it.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::ResultsState;
use crate::protocol::results::{AdvisorQuestion, ResultsCall, ResultsReply};

impl ResultsState {
    /// Asks the advisor. Of the questions asked while it computes, only the last one is asked next;
    /// the others are dropped.
    pub(crate) fn advise(self, question: AdvisorQuestion) {
        let now = self.inner.try_update_value(|inner| {
            if inner.advising {
                inner.question = Some(question);
                return None;
            }
            inner.advising = true;
            Some(question)
        });
        let Some(question) = now.flatten().map(Box::new) else {
            return;
        };
        let then = move |outcome: Result<ResultsReply, String>| {
            let next = self.inner.try_update_value(|inner| {
                inner.advising = false;
                inner.question.take()
            });
            match (next.flatten(), outcome) {
                (Some(next), _) => self.advise(next),
                (None, Ok(ResultsReply::Advised(advised))) => {
                    self.advised.set(Some(Ok(Arc::new(*advised))));
                }
                (None, Ok(_)) => {}
                (None, Err(fault)) => self.advised.set(Some(Err(fault))),
            }
        };
        self.call(ResultsCall::Advise { question }, &JsValue::UNDEFINED, then);
    }
}
