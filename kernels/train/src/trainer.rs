//! Runs a stage to its end: batch, loss, gradients, step; and on the way evaluations, checkpoints and
//! the state to go on from.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::Device;
use fathom_kernels::model::tokenizer::{Tokenizer, TokenizerError};
use fathom_shared::task::GenerateError;

use crate::checkpoint::{
    CheckpointError, read_parameters, read_state, write_folder, write_state, write_whole,
};
use crate::evaluation::{EvaluationError, EvaluationScore, evaluate};
use crate::metrics::{MetricsFile, MetricsLine, metrics_path};
use crate::network::{Decoder, LossTargets, head_loss};
use crate::optimizer::{Optimizer, schedule};
use crate::stage::TrainingStage;
use crate::stream::{TrainingStream, vocabulary_texts};
use crate::vocabulary::{VocabularyError, end_of, train_vocabulary};

/// How a stage is run.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Where state, metrics and checkpoints are.
    pub folder: PathBuf,
    /// Goes on from the state that is there, instead of refusing a folder that has one.
    pub resume: bool,
    /// Ends after so many steps of this call as if it were killed: nothing is written.
    pub stop_after: Option<u64>,
    /// Where it is computed.
    pub device: Device,
}

/// How a stage ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StageOutcome {
    /// It reached all its marks.
    Passed,
    /// Its budget is used up, and a mark was not reached.
    NotPassed,
    /// It was stopped on the way.
    Stopped,
}

/// Why a stage did not run.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The folder has a run already.
    #[error("`{}` has a training state: go on with it by `--resume`, or name another folder", .0.display())]
    Exists(PathBuf),
    /// A file.
    #[error("`{}` cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A loss that is no number.
    #[error("the loss of step {step} is {loss}, expected a number: a lower learning rate may help")]
    NoNumber {
        /// The step.
        step: u64,
        /// The loss.
        loss: f32,
    },
    /// A batch.
    #[error("the batch of step {step} cannot be made")]
    Batch {
        /// The step.
        step: u64,
        /// Why.
        source: GenerateError,
    },
    /// The texts for the tokenizer.
    #[error("the texts for the tokenizer cannot be made")]
    Texts(#[source] GenerateError),
    /// The tokenizer.
    #[error(transparent)]
    Vocabulary(#[from] VocabularyError),
    /// The tokenizer's file.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// State or checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// An evaluation.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// What candle says.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

impl TrainError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// Runs `stage`, telling `report` every line of the metrics.
///
/// # Errors
/// [`TrainError`]. What was written before stays, and the run goes on from its last state.
pub fn train(
    stage: &TrainingStage,
    options: &TrainOptions,
    report: &mut dyn FnMut(&MetricsLine),
) -> Result<StageOutcome, TrainError> {
    let folder = options.folder.as_path();
    fs::create_dir_all(folder).map_err(TrainError::file(folder))?;
    let state = folder.join("state.safetensors");
    if state.exists() && !options.resume {
        return Err(TrainError::Exists(folder.to_owned()));
    }
    let json = tokenizer_json(stage, folder)?;
    let tokenizer = Tokenizer::from_json(json.as_bytes())?;
    let stream = TrainingStream::new(stage, &tokenizer)?;
    let device = &options.device;
    let decoder = Decoder::new(stage.model.clone(), tokenizer.size(), stage.seed, device)?;
    let mut optimizer = Optimizer::new(&stage.optimizer, &decoder)?;
    let step = if state.exists() {
        read_state(&state, stage, &decoder, &mut optimizer)?
    } else {
        if let Some(from) = &stage.from {
            read_parameters(from, &decoder)?;
        }
        0
    };
    let metrics = metrics_path(folder);
    let mut run = TrainingRun {
        stage,
        folder,
        json: &json,
        end: end_of(&tokenizer)?,
        metrics: MetricsFile::open(&metrics, step).map_err(TrainError::file(&metrics))?,
        stream,
        decoder,
        optimizer,
        step,
        scores: Vec::new(),
    };
    run.run(options.stop_after, report)
}

/// Gives `show` the sequences of the first `steps` steps as text, batch by batch, with the tokenizer of
/// `folder`, which is trained if it is not there.
///
/// # Errors
/// [`TrainError`].
pub fn show_batches(
    stage: &TrainingStage,
    folder: &Path,
    steps: u64,
    show: &mut dyn FnMut(Vec<String>),
) -> Result<(), TrainError> {
    fs::create_dir_all(folder).map_err(TrainError::file(folder))?;
    let json = tokenizer_json(stage, folder)?;
    let tokenizer = Tokenizer::from_json(json.as_bytes())?;
    let stream = TrainingStream::new(stage, &tokenizer)?;
    for step in 0..steps {
        let batch = stream.batch(step);
        let batch = batch.map_err(|source| TrainError::Batch { step, source })?;
        show(batch.texts(&tokenizer));
    }
    Ok(())
}

/// The tokenizer of the folder, of the checkpoint that the stage begins with, or a new one.
fn tokenizer_json(stage: &TrainingStage, folder: &Path) -> Result<String, TrainError> {
    let path = folder.join("tokenizer.json");
    if path.exists() {
        return fs::read_to_string(&path).map_err(TrainError::file(&path));
    }
    let json = match &stage.from {
        Some(from) => {
            let theirs = from.join("tokenizer.json");
            fs::read_to_string(&theirs).map_err(TrainError::file(&theirs))?
        }
        None => {
            let texts = vocabulary_texts(stage).map_err(TrainError::Texts)?;
            train_vocabulary(texts.into_iter(), stage.vocabulary.size)?
        }
    };
    write_whole(&path, json.as_bytes()).map_err(TrainError::file(&path))?;
    Ok(json)
}

/// A stage on its way.
struct TrainingRun<'a> {
    stage: &'a TrainingStage,
    folder: &'a Path,
    /// The `tokenizer.json`.
    json: &'a str,
    end: u32,
    stream: TrainingStream<'a>,
    decoder: Decoder,
    optimizer: Optimizer,
    /// Steps done.
    step: u64,
    metrics: MetricsFile,
    /// Of the last evaluation.
    scores: Vec<EvaluationScore>,
}

impl TrainingRun<'_> {
    fn run(
        &mut self,
        stop_after: Option<u64>,
        report: &mut dyn FnMut(&MetricsLine),
    ) -> Result<StageOutcome, TrainError> {
        let (steps, budget) = (self.stage.steps(), &self.stage.budget);
        let last = stop_after.map_or(steps, |more| steps.min(self.step + more));
        if self.step > 0 && self.is_evaluated(self.step) && self.passes()? {
            return Ok(StageOutcome::Passed);
        }
        while self.step < last {
            let line = self.step()?;
            self.tell(&line, report)?;
            let mut ends = self.step == steps;
            if self.is_evaluated(self.step) {
                ends |= self.passes()?;
                let line = MetricsLine::Evaluation {
                    step: self.step,
                    tokens: self.tokens(),
                    scores: self.scores.clone(),
                };
                self.tell(&line, report)?;
            }
            let number = self.checkpoint_number(self.step);
            if number > self.checkpoint_number(self.step - 1) {
                self.write_checkpoint(&format!("{number:02}"))?;
            }
            if self.step.is_multiple_of(budget.save_every) || ends {
                let path = self.folder.join("state.safetensors");
                write_state(&path, self.stage, self.step, &self.decoder, &self.optimizer)?;
            }
            if ends {
                self.write_checkpoint("last")?;
                break;
            }
        }
        let reached = self.scores.iter().all(EvaluationScore::passes);
        let evaluated = self.is_evaluated(self.step);
        Ok(match (evaluated && reached, self.step < steps) {
            (true, false) => StageOutcome::Passed,
            (true, true) if self.has_marks() => StageOutcome::Passed,
            (_, true) => StageOutcome::Stopped,
            (false, false) => StageOutcome::NotPassed,
        })
    }

    /// Whether fresh sequences are answered after `step`.
    fn is_evaluated(&self, step: u64) -> bool {
        step.is_multiple_of(self.stage.budget.evaluate_every) || step == self.stage.steps()
    }

    fn has_marks(&self) -> bool {
        self.stage
            .evaluate
            .iter()
            .any(|target| target.pass.is_some())
    }

    /// Evaluates, and says whether there are marks and all are reached.
    fn passes(&mut self) -> Result<bool, TrainError> {
        self.scores = evaluate(&self.decoder, self.stage, &self.stream)?;
        Ok(self.has_marks() && self.scores.iter().all(EvaluationScore::passes))
    }

    /// One step: its batch, the loss, the gradients, the parameters.
    fn step(&mut self) -> Result<MetricsLine, TrainError> {
        let start = Instant::now();
        let batch = self.stream.batch(self.step);
        let batch = batch.map_err(|source| TrainError::Batch {
            step: self.step + 1,
            source,
        })?;
        let hidden = self.decoder.hidden(&batch.ids, batch.length)?;
        let targets = LossTargets {
            ids: &batch.targets,
            weights: &batch.weights,
            answers: &batch.answers,
        };
        let (loss, values) = head_loss(&hidden, self.decoder.head(), targets)?;
        self.step += 1;
        if !values.loss.is_finite() {
            return Err(TrainError::NoNumber {
                step: self.step,
                loss: values.loss,
            });
        }
        let gradients = loss.backward()?;
        let settings = &self.stage.optimizer;
        let rate_share = schedule(settings, self.tokens(), self.stage.budget.tokens);
        let gradient_norm =
            self.optimizer
                .step(&self.decoder, &gradients, self.step, rate_share)?;
        let answers = values.answer_tokens.max(1) as f32;
        Ok(MetricsLine::Step {
            step: self.step,
            tokens: self.tokens(),
            length: batch.length,
            loss: values.loss,
            answer_loss: values.answer_loss,
            answer_accuracy: values.answer_hits as f32 / answers,
            gradient_norm,
            rate_share,
            seconds: start.elapsed().as_secs_f32(),
        })
    }

    fn tell(
        &mut self,
        line: &MetricsLine,
        report: &mut dyn FnMut(&MetricsLine),
    ) -> Result<(), TrainError> {
        let path = metrics_path(self.folder);
        self.metrics.append(line).map_err(TrainError::file(&path))?;
        report(line);
        Ok(())
    }

    /// Tokens seen.
    fn tokens(&self) -> u64 {
        self.step * self.stage.data.tokens as u64
    }

    /// How many checkpoints are due after `step`.
    fn checkpoint_number(&self, step: u64) -> u64 {
        step * self.stage.budget.checkpoints / self.stage.steps()
    }

    fn write_checkpoint(&self, name: &str) -> Result<(), TrainError> {
        let folder = self.folder.join("checkpoints").join(name);
        write_folder(&folder, &self.decoder, (self.json, self.end), &self.card())?;
        Ok(())
    }

    /// The checkpoint's README.
    fn card(&self) -> String {
        let mut card = format!(
            "# {}, after step {} of {}\n\n\
             Trained from scratch by `fathom-train` on samples of Fathom's own generators. \
             {} parameters, {} tokens seen, seed {}.\n",
            self.stage.name,
            self.step,
            self.stage.steps(),
            self.decoder.parameter_count(),
            self.tokens(),
            self.stage.seed,
        );
        if !self.scores.is_empty() {
            card.push_str("\nAt the last evaluation:\n\n| kind | length | answers | first token | exact |\n|---|--:|--:|--:|--:|\n");
        }
        for score in &self.scores {
            let (first, exact) = (100.0 * score.first, 100.0 * score.exact);
            let _infallible = writeln!(
                card,
                "| {} | {} | {} | {first:.1}% | {exact:.1}% |",
                score.name, score.length, score.answers
            );
        }
        card
    }
}
