//! Exports rows to other programs' formats: all of them, or none.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use fathom_shared::formats::LossReport;
use fathom_shared::results::exported::ExportProgram;

use super::terminal::warn;
use crate::whole_file;

/// The program whose format is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ExportFormat {
    /// RULER's predictions
    Ruler,
    /// Samples and results of lm-evaluation-harness
    LmEval,
    /// Logs of Inspect
    Inspect,
}

impl From<ExportFormat> for ExportProgram {
    fn from(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Ruler => Self::Ruler,
            ExportFormat::LmEval => Self::LmEval,
            ExportFormat::Inspect => Self::Inspect,
        }
    }
}

/// Files that are all complete before the first of them appears.
pub(super) struct StagedFiles {
    folder: PathBuf,
    stage: tempfile::TempDir,
    paths: Vec<PathBuf>,
}

impl StagedFiles {
    pub(super) fn new(folder: &Path) -> anyhow::Result<Self> {
        let named = || format!("cannot write into `{}`", folder.display());
        let is_other = fs::metadata(folder).is_ok_and(|there| !there.is_dir());
        anyhow::ensure!(
            !is_other,
            "cannot write into `{}`: it is not a folder",
            folder.display()
        );
        fs::create_dir_all(folder).with_context(named)?;
        let stage = tempfile::Builder::new()
            .prefix(".fathom-")
            .tempdir_in(folder)
            .with_context(named)?;
        Ok(Self {
            folder: folder.to_owned(),
            stage,
            paths: Vec::new(),
        })
    }

    pub(super) fn add(&mut self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        let staged = self.stage.path().join(path);
        let named = || format!("cannot write `{}`", self.folder.join(path).display());
        if let Some(folder) = staged.parent() {
            fs::create_dir_all(folder).with_context(named)?;
        }
        let mut file = fs::File::create_new(&staged).with_context(named)?;
        std::io::Write::write_all(&mut file, bytes).with_context(named)?;
        file.sync_all().with_context(named)?;
        self.paths.push(path.to_owned());
        Ok(())
    }

    pub(super) fn publish(self) -> anyhow::Result<()> {
        for path in &self.paths {
            let to = self.folder.join(path);
            let named = || format!("cannot write `{}`", to.display());
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder).with_context(named)?;
            }
            whole_file::put(&self.stage.path().join(path), &to).with_context(named)?;
        }
        Ok(())
    }
}

/// Lists on stderr what was left out and what was renamed.
pub(super) fn tell(report: &LossReport) -> anyhow::Result<()> {
    for loss in report.losses() {
        warn(loss.of_export()).context("cannot write to standard error")?;
    }
    Ok(())
}
