//! Exports a run's answers as other programs' records: samples are generated again from the spec
//! and written together with their answers.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use fathom_shared::api::RunView;
use fathom_shared::formats::{ExportInfo, LossReport, UnixSeconds};
use fathom_shared::results::exported::{ExportProgram, eval_rows};
use fathom_shared::run::SampleStream;
use fathom_shared::task::GeneratorContext;

use super::export::{ExportFormat, StagedFiles};
use crate::catalog::Catalog;
use crate::script_time;
use crate::store::Store;

/// Writes a run's answers below `folder`, cell by cell so that only one cell's texts are in memory,
/// and reports what the format cannot hold.
pub(super) async fn write(
    store: &Store,
    catalog: &Catalog,
    run: &RunView,
    format: ExportFormat,
    folder: &Path,
) -> anyhow::Result<LossReport> {
    catalog.check_texts(&run.run_spec)?;
    let mut staged = StagedFiles::new(folder)?;
    let mut report = LossReport::default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.context("the clock is before 1970")?.as_secs();
    let program = ExportProgram::from(format);
    for group in program.groups(&run.run_spec.grid) {
        let mut rows = Vec::new();
        let mut metrics = BTreeMap::new();
        for cell in group {
            let scored = store.transcripts(run.id, cell.number).await?;
            metrics.extend([cell.named_metric()?]);
            let (catalog, run_spec) = (catalog.clone(), run.run_spec.clone());
            let made = tokio::task::spawn_blocking(move || {
                let reader = catalog.reader(&run_spec.engine, &run_spec.model);
                let (counter, _) = reader.with_context(|| {
                    format!(
                        "the samples are made again by the tokenizer of `{}` on {}, which must be here",
                        run_spec.model, run_spec.engine
                    )
                })?;
                let generator_context = GeneratorContext {
                    counter: &counter,
                    corpora: catalog.corpora(),
                };
                let make = |stream: &mut SampleStream<'_>, number| {
                    script_time::bounded(|| stream.sample(number))
                };
                anyhow::Ok(eval_rows(&cell, generator_context, &scored, &make))
            });
            let (made, unmade) = made.await??;
            rows.extend(made);
            report.absorb(unmade);
        }
        let writing = ExportInfo {
            model: run.run_spec.model.clone(),
            metric: None,
            metrics,
            at: UnixSeconds(u32::try_from(seconds)?),
        };
        let exported = program.files(&rows, &writing)?;
        for file in exported.files {
            staged.add(Path::new(&file.path), &file.bytes)?;
        }
        report.absorb(exported.report);
    }
    staged.publish()?;
    Ok(report)
}
