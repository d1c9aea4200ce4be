//! Exports a run's answers as LongBench v2 prediction files.

use crate::formats::{ExportFile, LossReport};
use crate::longbench::prediction::{self, PredictionOutcome};
use crate::longbench::{LongBenchSetting, QuestionSource};
use crate::run::{RunGrid, ScoredTranscript};
use crate::task::{GenerateError, TaskSpec, asks_questions, longbench_v2};
use crate::transcript::Outcome;

/// The answers of one cell of `grid` as a file with the original's name; `None` for a task that is
/// not LongBench's, which is noted in `report`.
///
/// # Errors
/// The spec has an option that the task does not have.
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
    // The original has one limit per model, and so no place for it in a name.
    let length = match grid.lengths.len() {
        0 | 1 => String::new(),
        _ => format!("_{}", spec.max_seq_length),
    };
    // It has no seeds either: cells that differ in seed, or in options that affect no answer,
    // repeat the same questions.
    let mut again = 0;
    for other in grid.cells().take_while(|other| other != spec) {
        let alike = asks_questions(&other.task) && other.max_seq_length == spec.max_seq_length;
        again += u32::from(alike && way(&other)? == way(spec)?);
    }
    let again = match again {
        0 => String::new(),
        again => {
            let name = format!("_again_{again}");
            let sentence = format!(
                "The run asks the same questions in the same way more than once: the answers of seed {} are in the file with `{name}` in its name.",
                spec.random_seed
            );
            report.note_sentence("files", &sentence, 0);
            name
        }
    };
    let (setting, letters) = way(spec)?;
    // The original only reads text written by models.
    let how = if letters { "_letters" } else { "" };
    Ok(Some(ExportFile {
        path: format!(
            "{}{}{how}{length}{again}.jsonl",
            below(model),
            setting.suffix()
        ),
        bytes: lines(questions, (setting, letters), scored, report).into_bytes(),
    }))
}

/// How a spec asks its questions, and what counts as the answer.
fn way(spec: &TaskSpec) -> Result<(LongBenchSetting, bool), GenerateError> {
    Ok((
        longbench_v2::setting(spec)?,
        longbench_v2::by_letters(spec)?,
    ))
}

/// A model's name as a relative path that cannot leave the folder.
fn below(model: &str) -> String {
    let parts = model.split('/').map(super::part);
    parts.collect::<Vec<_>>().join("/")
}

fn lines(
    questions: &dyn QuestionSource,
    (setting, letters): (LongBenchSetting, bool),
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
                // In the other settings these are a reasoning model's own thoughts, which the
                // original does not keep.
                thoughts: done
                    .thinking
                    .as_deref()
                    .filter(|_| setting == LongBenchSetting::Cot),
                response: {
                    response = longbench_v2::whole_answer(&done.text, letters);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::longbench::bundled;
    use crate::run::TaskChoice;
    use crate::tokens::Tokens;

    #[test]
    fn two_seeds_are_two_files() {
        let mut grid = RunGrid::of(TaskSpec::new(longbench_v2::ID, Tokens(8192), 1), 0, 1);
        grid.seeds.push(2);
        let mut cot = TaskChoice::new(longbench_v2::ID);
        cot.set = longbench_v2::options(LongBenchSetting::Cot);
        grid.tasks.push(cot);
        let mut report = LossReport::default();
        let paths = grid.cells().map(|spec| {
            let file = longbench_file(&grid, &spec, "m", &*bundled(), &[], &mut report);
            file.unwrap().unwrap().path
        });
        let paths: Vec<String> = paths.collect();
        let expected = [
            "m.jsonl",
            "m_again_1.jsonl",
            "m_cot.jsonl",
            "m_cot_again_1.jsonl",
        ];
        assert_eq!(paths, expected);
        let told = report.losses()[0].of_export();
        assert!(
            told.contains("the answers of seed 2 are in the file"),
            "{told}"
        );
    }
}
