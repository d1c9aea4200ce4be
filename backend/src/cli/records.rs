//! The answers of a run as other programs' records: samples made again from the spec, beside what
//! was answered.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use fathom_shared::api::RunView;
use fathom_shared::formats::{EvalRow, ExportInfo, LossReport, RowAnswer, RowId, UnixSeconds};
use fathom_shared::run::{SampleStream, ScoredTranscript};
use fathom_shared::task::{GeneratorContext, Sample, TaskSpec};
use fathom_shared::transcript::Outcome;

use super::export::{ExportFormat, StagedFiles, exported};
use crate::catalog::Catalog;
use crate::script_time;
use crate::store::Store;

/// Writes a run's answers below `folder`, cell by cell so that only one cell's texts are in
/// memory, and says what the format cannot hold.
pub(super) async fn write(
    store: &Store,
    catalog: &Catalog,
    run: &RunView,
    format: ExportFormat,
    folder: &Path,
) -> anyhow::Result<LossReport> {
    catalog.check_texts(&run.order)?;
    let mut staged = StagedFiles::new(folder)?;
    let mut report = LossReport::default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.context("the clock is before 1970")?.as_secs();
    let groups = groups(run, format);
    for group in groups {
        let mut rows = Vec::new();
        let mut metric = None;
        for (number, spec) in group {
            let scored = store.transcripts(run.id, number).await?;
            metric = Some(spec.metric()?);
            let (catalog, order, seeds) = (
                catalog.clone(),
                run.order.clone(),
                run.order.grid.seeds.clone(),
            );
            let made = tokio::task::spawn_blocking(move || {
                let reader = catalog.reader(&order.engine, &order.model);
                let (counter, _) = reader.with_context(|| {
                    format!(
                        "the samples are made again by the tokenizer of `{}` on {}, which must be here",
                        order.model, order.engine
                    )
                })?;
                let seed = seeds.iter().position(|seed| *seed == spec.random_seed);
                let epoch = u32::try_from(seed.unwrap_or(0)).unwrap_or(0) + 1;
                let kit = GeneratorContext {
                    counter: &counter,
                    corpora: catalog.corpora(),
                };
                anyhow::Ok(records(&spec, kit, &scored, epoch))
            });
            let (made, unmade) = made.await??;
            rows.extend(made);
            report.absorb(unmade);
        }
        let writing = ExportInfo {
            model: run.order.model.clone(),
            metric,
            at: UnixSeconds(u32::try_from(seconds)?),
        };
        let exported = exported(&rows, format, &writing)?;
        for file in exported.files {
            staged.add(Path::new(&file.path), &file.bytes)?;
        }
        report.absorb(exported.report);
    }
    staged.publish()?;
    Ok(report)
}

/// The cells that become one file: those of a task at a length under all seeds, or, where a file
/// holds all lengths, all of them.
fn groups(run: &RunView, format: ExportFormat) -> Vec<Vec<(u32, TaskSpec)>> {
    let cells: Vec<(u32, TaskSpec)> = (0..).zip(run.order.grid.cells()).collect();
    let size = match format {
        ExportFormat::LmEval => cells.len(),
        ExportFormat::Ruler | ExportFormat::Inspect => run.order.grid.seeds.len(),
    };
    cells.chunks(size.max(1)).map(<[_]>::to_vec).collect()
}

/// The rows of a cell, and those that have none: a sample that cannot be made has no references.
fn records(
    spec: &TaskSpec,
    kit: GeneratorContext<'_>,
    scored: &[ScoredTranscript],
    epoch: u32,
) -> (Vec<EvalRow>, LossReport) {
    let mut stream = SampleStream::new(spec.clone(), kit);
    let mut rows = Vec::with_capacity(scored.len());
    let mut unmade = LossReport::default();
    for answered in scored {
        match script_time::bounded(|| stream.sample(answered.transcript.sample)) {
            Ok(sample) => rows.push(record(spec, sample, answered, epoch)),
            // It failed when it was asked, for the same reason.
            Err(error) => {
                let what = format!("{} at {}", spec.task, spec.max_seq_length);
                unmade.note(&what, &format!("the sample cannot be made: {error}"));
            }
        }
    }
    (rows, unmade)
}

fn record(spec: &TaskSpec, sample: Sample, answered: &ScoredTranscript, epoch: u32) -> EvalRow {
    EvalRow {
        task: spec.task.clone(),
        length: Some(spec.max_seq_length),
        id: RowId::Number(i64::from(sample.number)),
        epoch,
        index: Some(sample.index),
        input: Some(sample.input),
        answer_prefix: Some(sample.answer_prefix),
        references: sample.references,
        answer: match &answered.transcript.outcome {
            Outcome::Completed(completion) => RowAnswer::Text(completion.text.clone()),
            Outcome::Failed(failure) => RowAnswer::Failed(failure.message.clone()),
        },
        prompt_and_answer: Some(sample.length),
        stated: std::collections::BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::corpora::Corpora;
    use fathom_shared::tokens::{TokenCounter, Tokens};
    use fathom_shared::transcript::{EngineInfo, Failure, FailureKind, Transcript};

    use super::*;

    #[test]
    fn a_sample_that_cannot_be_made_is_told_of() {
        // Every byte is a token: nothing fits.
        let counter = TokenCounter::new("bytes", str::len, |text| (0..text.len()).collect());
        let corpora = Corpora::bundled();
        let kit = GeneratorContext {
            counter: &counter,
            corpora: &corpora,
        };
        let failed = |sample| ScoredTranscript {
            transcript: Transcript {
                sample,
                prompt_hash: None,
                prompt_tokens: None,
                engine: EngineInfo::default(),
                outcome: Outcome::Failed(Failure {
                    kind: FailureKind::Prompt,
                    message: "does not fit".to_owned(),
                }),
            },
            score: None,
        };
        for profile in fathom_shared::task::Profile::ALL {
            let spec = TaskSpec {
                profile,
                ..TaskSpec::new("vt", Tokens(300), 7)
            };
            let (rows, unmade) = records(&spec, kit, &[failed(0), failed(1)], 1);
            assert_eq!(rows, []);
            let [loss] = unmade.losses() else {
                panic!("{profile}: {unmade:?}")
            };
            assert_eq!((loss.what.as_str(), loss.rows), ("vt at 300", 2));
            let told = loss.to_string();
            // The original's worked example, of 500 tokens, has no room for bytes either.
            let expected = match profile {
                fathom_shared::task::Profile::Upstream => "the worked example of `vt` needs",
                fathom_shared::task::Profile::Stratified => "`vt` does not fit in 300 tokens",
            };
            assert!(told.contains(expected), "{told}");
        }
    }
}
