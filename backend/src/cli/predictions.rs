//! The answers of a run as LongBench v2's files of predictions.

use std::path::Path;

use fathom_shared::api::RunView;
use fathom_shared::formats::LossReport;
use fathom_shared::longbench::prediction::{self, PredictionOutcome};
use fathom_shared::longbench::{LongBenchSetting, QuestionSource};
use fathom_shared::run::ScoredTranscript;
use fathom_shared::task::{asks_questions, longbench_v2};
use fathom_shared::transcript::Outcome;

use super::export::StagedFiles;
use crate::catalog::Catalog;
use crate::store::Store;

/// Writes a file for every setting of the run below `folder`, by the original's names, and says
/// what is not LongBench's.
pub(super) async fn write(
    store: &Store,
    catalog: &Catalog,
    run: &RunView,
    folder: &Path,
) -> anyhow::Result<LossReport> {
    catalog.check_texts(&run.order)?;
    let mut staged = StagedFiles::new(folder)?;
    let mut report = LossReport::default();
    let questions = catalog.corpora().questions();
    let several = run.order.grid.lengths.len() > 1;
    for (number, spec) in (0..).zip(run.order.grid.cells()) {
        let scored = store.transcripts(run.id, number).await?;
        if !asks_questions(&spec.task) {
            let rows = u32::try_from(scored.len())?;
            report.note_rows(&spec.task, "the task is not LongBench's", rows);
            continue;
        }
        // The original has one limit for a model, and so no place for it in a name.
        let length = match several {
            true => format!("_{}", spec.max_seq_length),
            false => String::new(),
        };
        let setting = longbench_v2::setting(&spec)?;
        let letters = longbench_v2::by_letters(&spec)?;
        // The original only reads what models write.
        let how = if letters { "_letters" } else { "" };
        let name = format!("{}{}{how}{length}.jsonl", run.order.model, setting.suffix());
        let prefix = if letters {
            longbench_v2::LETTER_PREFIX
        } else {
            ""
        };
        let text = lines(questions, setting, prefix, &scored, &mut report);
        staged.add(Path::new(&name), text.as_bytes())?;
    }
    staged.publish()?;
    Ok(report)
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
