//! Writes a run's answers as LongBench v2 prediction files.

use std::path::Path;

use fathom_shared::api::RunView;
use fathom_shared::formats::LossReport;
use fathom_shared::results::exported::longbench_file;

use super::export::StagedFiles;
use crate::catalog::Catalog;
use crate::store::Store;

/// Writes one file below `folder` for each setting of the run, with the original's file names, and
/// reports what is not part of LongBench's format.
pub(super) async fn write(
    store: &Store,
    catalog: &Catalog,
    run: &RunView,
    folder: &Path,
) -> anyhow::Result<LossReport> {
    catalog.check_texts(&run.run_spec)?;
    let mut staged = StagedFiles::new(folder)?;
    let mut report = LossReport::default();
    let questions = catalog.corpora().questions();
    for (number, spec) in (0..).zip(run.run_spec.grid.cells()) {
        let scored = store.transcripts(run.id, number).await?;
        let (grid, model) = (&run.run_spec.grid, &run.run_spec.model);
        let file = longbench_file(grid, &spec, model, questions, &scored, &mut report)?;
        if let Some(file) = file {
            staged.add(Path::new(&file.path), &file.bytes)?;
        }
    }
    staged.publish()?;
    Ok(report)
}
