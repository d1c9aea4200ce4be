//! What is known of a model before it is loaded.

use fathom_shared::api::ModelInfo;
use fathom_shared::numbers::count;
use fathom_shared::transcript::{Outcome, Transcript};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::display;
use crate::state::settings::storage;

/// A model that one press of a button loads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct OfferedModel {
    /// Its name.
    pub(super) name: String,
    /// Of its file.
    pub(super) sha256: String,
    /// Of its file.
    pub(super) size_bytes: u64,
    /// What the server knows of it, where it has it.
    pub(super) info: Option<ModelInfo>,
}

/// How fast a model read and wrote in this browser the last time.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct ModelPace {
    /// Tokens of the prompt.
    tokens: u32,
    /// Of these, read in a second.
    prefill: f64,
    /// Written in a second.
    decode: Option<f64>,
}

impl ModelPace {
    /// Of an answer; nothing without one.
    pub(super) fn of(transcript: &Transcript) -> Option<Self> {
        let Outcome::Completed(done) = &transcript.outcome else {
            return None;
        };
        let tokens = transcript.prompt_tokens?;
        Some(Self {
            tokens: tokens.0,
            prefill: done.timings.prefill_rate(tokens)?,
            decode: done.timings.decode_rate(done.tokens),
        })
    }

    /// Keeps it in the browser.
    pub(super) fn keep(self, sha256: &str) {
        if let (Some(kept), Ok(text)) = (storage(), serde_json::to_string(&self)) {
            // A full or forbidden store forgets it, and that is all.
            let _kept = kept.set_item(&key(sha256), &text);
        }
    }

    /// What was kept of the model.
    fn kept(sha256: &str) -> Option<Self> {
        let text = storage()?.get_item(&key(sha256)).ok()??;
        serde_json::from_str(&text).ok()
    }

    fn says(&self) -> String {
        let wrote = self.decode.map(display::rate);
        let wrote = wrote.map_or_else(String::new, |rate| format!(", wrote {rate}"));
        format!(
            "last time read {} tokens per second{wrote}, at {} tokens (n = 1)",
            display::rate(self.prefill),
            count(self.tokens.into())
        )
    }
}

fn key(sha256: &str) -> String {
    format!("fathom.pace.{sha256}")
}

/// Size, family, window and the speed to expect.
pub(super) fn model_card(model: &OfferedModel) -> impl IntoView + use<> {
    let mut facts = vec![("Size", display::bytes(model.size_bytes))];
    if let Some(info) = &model.info {
        facts.push((
            "Family",
            format!("{}, {}", info.architecture, info.quantisation),
        ));
        facts.push(("Window", format!("{} tokens", count(info.context.0.into()))));
    }
    let pace = ModelPace::kept(&model.sha256);
    let unknown = || "known after the first answer".to_owned();
    facts.push(("Speed here", pace.map_or_else(unknown, |pace| pace.says())));
    let fact = |(name, value): (&'static str, String)| {
        view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
    };
    view! {
        <dl class="facts" data-testid="model-card">
            <div><dt>"Model"</dt><dd><b>{model.name.clone()}</b></dd></div>
            {facts.into_iter().map(fact).collect_view()}
        </dl>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_told_with_its_length() {
        let pace = ModelPace {
            tokens: 1024,
            prefill: 61.25,
            decode: Some(9.0),
        };
        let told = "last time read 61.2 tokens per second, wrote 9.0, at 1,024 tokens (n = 1)";
        assert_eq!(pace.says(), told);
    }
}
