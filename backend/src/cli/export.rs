//! Rows into other programs' files: all of them, or none.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use fathom_shared::formats::ruler::predictions;
use fathom_shared::formats::{
    EvalRow, ExportFile, ExportInfo, ExportedFiles, LossReport, inspect, lm_eval,
};
use fathom_shared::json::python;
use fathom_shared::tokens::Tokens;

use super::terminal::warn;
use crate::whole_file;

/// Whose files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ExportFormat {
    /// RULER's predictions
    Ruler,
    /// Samples and results of lm-evaluation-harness
    LmEval,
    /// Logs of Inspect
    Inspect,
}

/// The files that `rows` become.
pub(super) fn exported(
    rows: &[EvalRow],
    format: ExportFormat,
    writing: &ExportInfo,
) -> anyhow::Result<ExportedFiles> {
    Ok(match format {
        ExportFormat::Ruler => as_ruler(rows, &writing.model)?,
        ExportFormat::LmEval => lm_eval::write(rows, writing)?,
        ExportFormat::Inspect => inspect::write(rows, writing)?,
    })
}

/// Files that are complete before the first of them appears.
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
            "cannot write into `{}`: it is no folder",
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

/// `{model}/synthetic/{length}/pred/{task}.jsonl`, written as Python writes it.
fn as_ruler(rows: &[EvalRow], model: &str) -> anyhow::Result<ExportedFiles> {
    let mut tasks = BTreeMap::<(&str, Tokens), Vec<EvalRow>>::new();
    for row in rows {
        let length = row.length.with_context(|| {
            format!(
                "task `{}`: its context length is not known; --length says it",
                row.task
            )
        })?;
        tasks
            .entry((&row.task, length))
            .or_default()
            .push(row.clone());
    }
    let mut exported = ExportedFiles::default();
    for ((task, length), rows) in tasks {
        let (rows, report) = predictions(&rows);
        let mut bytes = Vec::new();
        for row in rows {
            python::write(&mut bytes, &row)?;
            bytes.push(b'\n');
        }
        let (model, task) = (part(model), part(task));
        exported.files.push(ExportFile {
            path: format!("{model}/synthetic/{}/pred/{task}.jsonl", length.0),
            bytes,
        });
        exported.report.absorb(report);
    }
    Ok(exported)
}

/// A name as one part of a path.
fn part(name: &str) -> String {
    let part = name.replace(['/', '\\', ':'], "_");
    if part.trim_matches('.').is_empty() {
        return "unnamed".to_owned();
    }
    part
}

/// Says on stderr what was left behind.
pub(super) fn tell(what: &str, report: &LossReport) -> anyhow::Result<()> {
    for loss in report.losses() {
        warn(format!("{what} {loss}")).context("cannot write to standard error")?;
    }
    Ok(())
}
