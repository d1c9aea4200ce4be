//! A run's answers as LongBench v2's files of predictions.

use crate::formats::{ExportFile, LossReport};
use crate::longbench::prediction::{self, PredictionOutcome};
use crate::longbench::{LongBenchSetting, QuestionSource};
use crate::run::{RunGrid, ScoredTranscript};
use crate::task::{GenerateError, TaskSpec, asks_questions, longbench_v2};
use crate::transcript::Outcome;

/// The answers of one cell of `grid` as a file by the original's name; nothing of a task that is
/// not LongBench's, which `report` says.
///
/// # Errors
/// An option that the task does not have.
pub fn longbench_file(
    grid: &RunGrid,
    spec: &TaskSpec,
    model: &str,
    questions: &dyn QuestionSource,
    scored: &[ScoredTranscript],
    report: &mut LossReport,
) -> Result<Option<ExportFile>, GenerateError> {
    if !asks_questions(&spec.task) {
        let rows = u32::try_from(scored.len()).unwrap_or(u32::MAX);
        report.note_rows(&spec.task, "the task is not LongBench's", rows);
        return Ok(None);
    }
    // The original has one limit for a model, and so no place for it in a name.
    let length = match grid.lengths.len() {
        0 | 1 => String::new(),
        _ => format!("_{}", spec.max_seq_length),
    };
    let setting = longbench_v2::setting(spec)?;
    let letters = longbench_v2::by_letters(spec)?;
    // The original only reads what models write.
    let how = if letters { "_letters" } else { "" };
    let prefix = if letters {
        longbench_v2::LETTER_PREFIX
    } else {
        ""
    };
    Ok(Some(ExportFile {
        path: format!("{model}{}{how}{length}.jsonl", setting.suffix()),
        bytes: lines(questions, setting, prefix, scored, report).into_bytes(),
    }))
}

fn lines(
    questions: &dyn QuestionSource,
    setting: LongBenchSetting,
    prefix: &str,
    scored: &[ScoredTranscript],
    report: &mut LossReport,
) -> String {
    let mut text = String::new();
    for answered in scored {
        let question = match questions.question(answered.transcript.sample) {
            Ok(question) => question,
            Err(error) => {
                report.note("questions", &error);
                continue;
            }
        };
        let response;
        let written = match &answered.transcript.outcome {
            Outcome::Completed(done) => PredictionOutcome::Answer {
                // Under the other settings these are a reasoning model's own, which the original
                // does not keep.
                thoughts: done
                    .thinking
                    .as_deref()
                    .filter(|_| setting == LongBenchSetting::Cot),
                response: {
                    response = format!("{prefix}{}", done.text);
                    &response
                },
            },
            Outcome::Failed(failure) => PredictionOutcome::Failure(&failure.message),
        };
        text.push_str(&prediction::write(&question, written));
        text.push('\n');
    }
    text
}
