//! Reads result files, one source after the other, and every row once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fathom_shared::formats::stated_scores::StatedScores;
use fathom_shared::formats::{ImportedRows, Loss, LossReport, RowDeduplicator};
use fathom_shared::score::ruler;
use fathom_shared::task::Metric;
use fathom_shared::tokens::Tokens;

use super::super::terminal::warn;
use super::collect::{FileGroup, find};
use super::file_kind::FileGroupKind;
use super::{table, totals};

/// How files are read.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct ReadOptions {
    /// The length for files that do not state it.
    pub(in crate::cli) length: Option<Tokens>,
    /// The metric for tasks that are not RULER's.
    pub(in crate::cli) metric: Option<Metric>,
    /// The model's name, which overrides the files.
    pub(in crate::cli) model: Option<String>,
    /// Whether all sources form one set, so that no two series may have the same cell.
    pub(in crate::cli) one_set: bool,
}

/// One source that has been read.
pub(in crate::cli) struct ReadGroup {
    pub(in crate::cli) source: FileGroup,
    pub(in crate::cli) model: String,
    pub(in crate::cli) imported: ImportedRows,
    /// Indices of the rows kept, among all rows in its files.
    pub(in crate::cli) kept: Vec<usize>,
}

/// Notes for the reader besides the rows.
#[derive(Debug, Default)]
pub(in crate::cli) struct ReadNotes {
    report: LossReport,
    skipped: Vec<String>,
    stated: StatedScores,
    /// One sentence for each total that differs from ours.
    totals: Vec<String>,
}

impl ReadNotes {
    /// Writes the notes to standard error.
    pub(in crate::cli) fn tell(&self) -> anyhow::Result<()> {
        for sentence in self.said() {
            warn(sentence)?;
        }
        Ok(())
    }

    /// The notes, one sentence each.
    pub(in crate::cli) fn said(&self) -> Vec<String> {
        let differences = self.stated.differences();
        let losses = self.report.losses().iter();
        let mut said = self.skipped.clone();
        said.extend(differences.iter().map(ToString::to_string));
        said.extend(self.totals.iter().cloned());
        said.extend(losses.map(Loss::of_import));
        said
    }
}

impl ReadOptions {
    /// Reads everything in `paths` and passes it to `take`, source by source.
    ///
    /// # Errors
    /// A file given by name cannot be read; no file in a folder can be read; two sources contain
    /// the same row with different contents.
    pub(in crate::cli) fn each(
        &self,
        paths: &[PathBuf],
        mut take: impl FnMut(ReadGroup) -> anyhow::Result<()>,
    ) -> anyhow::Result<ReadNotes> {
        let found = find(paths)?;
        let mut told = ReadNotes {
            skipped: found.skipped,
            ..ReadNotes::default()
        };
        let mut series = BTreeMap::<String, (RowDeduplicator, Vec<String>)>::new();
        let mut cells = BTreeMap::<(String, Option<Tokens>), (String, String)>::new();
        let mut read = 0;
        for source in found.sources {
            let before = told.skipped.len();
            let Some((model, mut imported)) = self.read(&source, &mut told.skipped)? else {
                continue;
            };
            if imported.rows.is_empty() {
                // If it is a log, its report may say why.
                let report = imported.report.losses().iter();
                let notices = report.filter(|loss| loss.is_notice());
                let why: Vec<String> = notices.map(|loss| loss.why.clone()).collect();
                let name = source.name();
                let empty = match why.is_empty() {
                    true => format!("`{name}`: the file holds no rows"),
                    false => format!("`{name}`: the file holds no rows: {}", why.join("; ")),
                };
                anyhow::ensure!(!source.named, empty);
                if told.skipped.len() == before {
                    told.skipped.push(format!("skipped {empty}"));
                }
                continue;
            }
            let name = source.series(&model);
            if self.one_set {
                for row in &imported.rows {
                    let cell = (row.task.clone(), row.length);
                    let (task, length) = cell.clone();
                    let first = cells.entry(cell);
                    let (first, other) = first.or_insert_with(|| (name.clone(), source.name()));
                    anyhow::ensure!(*first == name, both(other, &source.name(), &task, length));
                }
            }
            let (once, names) = series.entry(name).or_default();
            let kept = once.keep(&mut imported, source.kind == FileGroupKind::Ruler);
            imported.report.in_file(&source.name());
            let kept = kept.map_err(|conflict| {
                let other = names.get(conflict.source as usize);
                let other = other.map_or("another file", String::as_str);
                anyhow::anyhow!(both(other, &source.name(), &conflict.task, conflict.length))
            })?;
            names.push(source.name());
            for row in &imported.rows {
                if let Some(metric) = ruler::metric(&row.task).or(self.metric) {
                    told.stated.add(row, metric);
                }
            }
            if let Some(path) = source.totals() {
                let rows = &imported.rows;
                told.totals
                    .extend(totals::differing(&path, rows, self.metric));
            }
            told.report.absorb(std::mem::take(&mut imported.report));
            read += 1;
            take(ReadGroup {
                source,
                model,
                imported,
                kept,
            })?;
        }
        if read == 0 {
            let why = told
                .skipped
                .first()
                .map_or("nothing was found", String::as_str);
            anyhow::bail!("no file could be read: {why}");
        }
        Ok(told)
    }

    /// Reads a source again, and only the rows that were kept.
    ///
    /// # Errors
    /// A file can no longer be read.
    pub(in crate::cli) fn again(
        &self,
        source: &FileGroup,
        kept: &[usize],
    ) -> anyhow::Result<ImportedRows> {
        let read = self.read(source, &mut Vec::new())?;
        let (_, mut imported) = read.unwrap_or_default();
        let mut rows: Vec<_> = imported.rows.into_iter().map(Some).collect();
        let kept = kept.iter().filter_map(|at| rows.get_mut(*at)?.take());
        imported.rows = kept.collect();
        Ok(imported)
    }

    /// The model and the rows of a source; `None` if its task cannot be scored and the source was
    /// only found in a folder.
    fn read(
        &self,
        source: &FileGroup,
        skipped: &mut Vec<String>,
    ) -> anyhow::Result<Option<(String, ImportedRows)>> {
        let mut imported = source.read(skipped)?;
        for row in &mut imported.rows {
            row.length = row.length.or(self.length);
            match source.metric_of(row, self.metric) {
                Ok(_) => {}
                Err(error) if source.named => return Err(error),
                Err(error) => {
                    skipped.push(format!("skipped {error:#}"));
                    return Ok(None);
                }
            }
        }
        let model = self.model.clone().or(imported.model.take());
        Ok(Some((model.unwrap_or_else(|| source.model()), imported)))
    }
}

fn both(first: &str, second: &str, task: &str, length: Option<Tokens>) -> String {
    let length = table::length(length);
    format!("`{first}` and `{second}` both have {task} at {length}; give one of them")
}
