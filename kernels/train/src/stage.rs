//! A training stage as data: everything that a run depends on, in one TOML file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::form::SequenceForm;
use crate::network::{DecoderSizeError, DecoderSizes};
use crate::optimizer::OptimizerSettings;

/// A training stage. Together with the program it determines every parameter after every step.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingStage {
    /// Its name, which the checkpoints carry.
    pub name: String,
    /// Seeds the parameters and the stream of sequences.
    pub seed: u64,
    /// The checkpoint folder that it begins with, relative to the stage file; without one it begins with
    /// random parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PathBuf>,
    /// The decoder.
    pub model: DecoderSizes,
    /// The tokenizer.
    pub(crate) vocabulary: VocabularySettings,
    /// The batches.
    pub(crate) data: BatchSettings,
    /// How parameters are moved.
    pub(crate) optimizer: OptimizerSettings,
    /// When it ends, and what is written on the way.
    pub(crate) budget: StageBudget,
    /// What is measured on fresh sequences, with the marks at which the stage has passed.
    #[serde(default)]
    pub(crate) evaluate: Vec<EvaluationTarget>,
}

/// The tokenizer of a stage that begins with none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VocabularySettings {
    /// Tokens, at most.
    pub(crate) size: usize,
    /// Sequences of the stage's own data that it is trained on.
    pub(crate) sequences: usize,
}

/// The batches of a stage.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchSettings {
    /// Tokens of a batch; every length divides it.
    pub(crate) tokens: usize,
    /// Lengths of sequences, from short to long. Each batch has one of them, drawn at random among
    /// those that are allowed so far.
    pub(crate) lengths: Vec<usize>,
    /// The share of the budget after which all lengths are allowed; the first is from the start.
    #[serde(default)]
    pub(crate) all_lengths_from: f64,
    /// The weight of an answer's tokens in the loss.
    pub(crate) answer_weight: f32,
    /// The weight of all others.
    pub(crate) rest_weight: f32,
    /// What sequences are made of.
    pub(crate) mix: Vec<MixEntry>,
}

/// One kind of sequence in a mix.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct MixEntry {
    /// Its name in metrics and pass marks.
    pub(crate) name: String,
    /// How often it is drawn, in proportion to the others.
    pub(crate) share: f64,
    /// The shortest length of a batch that takes it.
    #[serde(default)]
    pub(crate) least_length: usize,
    /// What it is.
    #[serde(flatten)]
    pub(crate) form: SequenceForm,
}

/// When a stage ends, and what is written on the way.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StageBudget {
    /// Tokens after which it ends whether it passed or not.
    pub(crate) tokens: u64,
    /// Checkpoints, evenly over these tokens.
    pub(crate) checkpoints: u64,
    /// Steps between two writings of the training state.
    pub(crate) save_every: u64,
    /// Steps between two evaluations.
    pub(crate) evaluate_every: u64,
}

/// What is measured on fresh sequences.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvaluationTarget {
    /// The entry of the mix.
    pub(crate) name: String,
    /// The length of the sequences, in tokens.
    pub(crate) length: usize,
    /// How many sequences.
    pub(crate) sequences: usize,
    /// The share of answers that have to be exact; without a mark it is only told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pass: Option<f64>,
}

/// Why a file is no stage.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// It cannot be read.
    #[error("the stage `{}` cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not in the form of one.
    #[error("the stage `{}` is not valid: {reason}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// The decoder's sizes do not go together.
    #[error(transparent)]
    Sizes(#[from] DecoderSizeError),
    /// A value makes no sense.
    #[error("`{name}` is {got}, expected {want}")]
    Value {
        /// The field.
        name: String,
        /// What the file says.
        got: String,
        /// What would do.
        want: String,
    },
}

impl TrainingStage {
    /// Reads and checks a stage file.
    ///
    /// # Errors
    /// [`StageError`].
    pub fn read(path: &Path) -> Result<Self, StageError> {
        let text = std::fs::read_to_string(path).map_err(|source| StageError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut stage: Self = toml::from_str(&text).map_err(|reason| StageError::Form {
            path: path.to_owned(),
            reason: reason.to_string(),
        })?;
        if let (Some(from), Some(folder)) = (&stage.from, path.parent()) {
            stage.from = Some(folder.join(from));
        }
        stage.check()?;
        Ok(stage)
    }

    fn check(&self) -> Result<(), StageError> {
        self.model.check()?;
        let fault = |name: &str, got: &dyn ToString, want: String| StageError::Value {
            name: name.to_owned(),
            got: got.to_string(),
            want,
        };
        let data = &self.data;
        let context = self.model.context;
        let fits = |length: &&usize| {
            !(16..=context).contains(*length) || !data.tokens.is_multiple_of(**length)
        };
        if let Some(length) = data.lengths.iter().find(fits) {
            let want = format!(
                "16 to {context} tokens, a divisor of the batch's {}",
                data.tokens
            );
            return Err(fault("data.lengths", length, want));
        }
        if data.lengths.is_empty() || !data.lengths.is_sorted() {
            let got = format!("{:?}", data.lengths);
            return Err(fault(
                "data.lengths",
                &got,
                "lengths from short to long".to_owned(),
            ));
        }
        for length in &data.lengths {
            if !data.mix.iter().any(|entry| entry.serves(*length)) {
                let want = format!("an entry that takes sequences of {length} tokens");
                return Err(fault("data.mix", &data.mix.len(), want));
            }
        }
        let names = || data.mix.iter().map(|entry| entry.name.as_str());
        for entry in &data.mix {
            if names().filter(|name| *name == entry.name).count() > 1 {
                let want = "names that differ".to_owned();
                return Err(fault("data.mix.name", &entry.name, want));
            }
            if let Err(reason) = entry.form.check() {
                return Err(fault(
                    &format!("data.mix `{}`", entry.name),
                    &"invalid",
                    reason,
                ));
            }
        }
        for target in &self.evaluate {
            if !names().any(|name| name == target.name) {
                let want = format!("one of {}", names().collect::<Vec<_>>().join(", "));
                return Err(fault("evaluate.name", &target.name, want));
            }
            if !(16..=context).contains(&target.length) {
                let want = format!("16 to {context} tokens");
                return Err(fault("evaluate.length", &target.length, want));
            }
        }
        let budget = &self.budget;
        for (name, got) in [
            ("budget.checkpoints", budget.checkpoints),
            ("budget.save_every", budget.save_every),
            ("budget.evaluate_every", budget.evaluate_every),
            ("vocabulary.sequences", self.vocabulary.sequences as u64),
        ] {
            if got == 0 {
                return Err(fault(name, &got, "at least 1".to_owned()));
            }
        }
        if self.steps() == 0 {
            let want = format!("at least a batch's {}", data.tokens);
            return Err(fault("budget.tokens", &budget.tokens, want));
        }
        if self.vocabulary.size < 300 {
            let want = "at least 300: 256 bytes, and what is joined of them".to_owned();
            return Err(fault("vocabulary.size", &self.vocabulary.size, want));
        }
        Ok(())
    }

    /// Tokens of a batch.
    pub fn batch_tokens(&self) -> u64 {
        self.data.tokens as u64
    }

    /// Steps of the whole budget.
    pub fn steps(&self) -> u64 {
        self.budget.tokens / self.data.tokens as u64
    }
}

impl MixEntry {
    /// Whether batches of sequences of `length` tokens take it.
    pub(crate) fn serves(&self, length: usize) -> bool {
        self.share > 0.0 && self.least_length <= length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(change: impl Fn(&str) -> String) -> Result<TrainingStage, StageError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stage.toml");
        let text = include_str!("../stages/tiny.toml");
        std::fs::write(&path, change(text)).unwrap();
        TrainingStage::read(&path)
    }

    #[test]
    fn the_stages_of_the_repository_are_valid() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stages");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stage = TrainingStage::read(&path).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(
                path.file_stem().unwrap().to_str(),
                Some(stage.name.as_str())
            );
            // What is written out says the same.
            let text = toml::to_string(&stage).unwrap();
            assert_eq!(toml::from_str::<TrainingStage>(&text).unwrap(), stage);
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let fault = |from: &str, to: &str| {
            let changed = stage(|text| {
                assert!(text.contains(from), "{from}");
                text.replacen(from, to, 1)
            });
            changed.unwrap_err().to_string()
        };
        assert_eq!(
            fault("lengths = [32, 64]", "lengths = [33]"),
            "`data.lengths` is 33, expected 16 to 64 tokens, a divisor of the batch's 512"
        );
        assert_eq!(
            fault("kv_heads = 1", "kv_heads = 3"),
            "`model.kv_heads` is 3, expected a number that divides the 2 heads"
        );
        assert!(fault("seed = 1", "seeds = 1").contains("unknown field `seeds`"));
        assert!(fault("form = \"pairs\"", "form = \"pair\"").contains("unknown variant `pair`"));
        assert!(fault("name = \"pairs\"\nlength", "name = \"x\"\nlength").contains("one of pairs"));
    }
}
