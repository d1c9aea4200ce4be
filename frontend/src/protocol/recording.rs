//! A run of a real model that comes with the page, as `cargo xtask record` writes it.

use fathom_shared::prompt::{Prompt, PromptMode};
use fathom_shared::run::ScoredTranscript;
use fathom_shared::stats::Summary;
use fathom_shared::task::Sample;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::EngineInfo;
use serde::Deserialize;

/// The file that contains it, on the page's own site.
pub(crate) const RECORDED_SAMPLES: &str = "smollm2-135m-instruct.samples.json";
/// The same run as a result set.
pub(crate) const RECORDED_RESULTS: &str = "smollm2-135m-instruct.results.json";

/// A run that was recorded.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub(crate) struct Recording {
    /// What a reader calls the model.
    pub(crate) name: String,
    /// When it ran: `2026-11-30`.
    pub(crate) day: String,
    /// The seed of its samples.
    pub(crate) seed: u32,
    /// How they were put to the model.
    pub(crate) mode: PromptMode,
    /// Who answered.
    pub(crate) engine: EngineInfo,
    /// Its cells.
    pub(crate) cells: Vec<RecordedCell>,
}

/// A task at a length.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub(crate) struct RecordedCell {
    /// The task's id.
    pub(crate) task: String,
    /// Prompt and answer together.
    pub(crate) length: Tokens,
    /// What all of its samples come to.
    pub(crate) summary: Summary,
    /// The first of them.
    pub(crate) samples: Vec<RecordedSample>,
    /// Why there are none.
    pub(crate) missing: Option<String>,
}

/// What was asked and what was answered.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub(crate) struct RecordedSample {
    /// The sample.
    pub(crate) sample: Sample,
    /// What became of it.
    pub(crate) scored: ScoredTranscript,
    /// Of the prompt, what stands before the sample.
    before: String,
    /// Between the sample and the answer prefix.
    after: String,
    /// The answer prefix.
    prefix: String,
}

impl RecordedSample {
    /// The text that the model read.
    pub(crate) fn prompt(&self) -> Prompt {
        let parts = [&self.before, &self.sample.input, &self.after, &self.prefix];
        let [before, input, after, prefix] = parts.map(String::len);
        let (start, begun) = (before, before + input + after);
        Prompt {
            text: parts.map(String::as_str).concat(),
            input: start..start + input,
            prefix: begun..begun + prefix,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::results::ResultSet;
    use fathom_shared::transcript::Outcome;

    const SAMPLES: &str =
        include_str!("../../../shared/data/recorded/smollm2-135m-instruct.samples.json");
    const RESULTS: &str =
        include_str!("../../../shared/data/recorded/smollm2-135m-instruct.results.json");

    #[test]
    fn the_recorded_prompts_are_those_that_were_sent() {
        let recording: Recording = serde_json::from_str(SAMPLES).unwrap();
        assert!(!recording.cells.is_empty());
        for cell in recording.cells.iter().filter(|cell| cell.missing.is_none()) {
            assert!(
                cell.summary.interval.is_some(),
                "{} {}",
                cell.task,
                cell.length
            );
            assert!(!cell.samples.is_empty());
            for one in &cell.samples {
                let sent = one.scored.transcript.prompt_hash.as_deref();
                assert_eq!(sent, Some(one.prompt().hash().as_str()));
                assert!(matches!(
                    one.scored.transcript.outcome,
                    Outcome::Completed(_)
                ));
                for piece in &one.sample.evidence {
                    assert!(one.sample.input.get(piece.bytes.clone()).is_some());
                }
            }
        }
    }

    #[test]
    fn both_files_are_of_one_run() {
        let recording: Recording = serde_json::from_str(SAMPLES).unwrap();
        let set: ResultSet = serde_json::from_str(RESULTS).unwrap();
        assert_eq!(set.about.model, recording.engine.model);
        for cell in recording.cells.iter().filter(|cell| cell.missing.is_none()) {
            let same = |of: &&fathom_shared::results::ResultCell| {
                of.task == cell.task && of.length == Some(cell.length)
            };
            let of = set.cells.iter().find(same).unwrap();
            assert_eq!(of.samples.len(), cell.summary.n as usize);
            for (one, scored) in cell.samples.iter().zip(&of.samples) {
                let score = one.scored.score.as_ref().map(|score| score.value);
                assert_eq!(score, scored.score);
            }
        }
    }
}
