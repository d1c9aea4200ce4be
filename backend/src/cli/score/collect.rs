//! Finds result files, and reads task and length from their paths.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fathom_shared::formats::{
    EvalRow, ImportedRows, LossReport, RowOrigin, add_whole, inspect, lm_eval, ruler,
};
use fathom_shared::score::ruler::metric;
use fathom_shared::task::Metric;
use fathom_shared::tokens::Tokens;

use super::compressed;
use super::file_kind::FileGroupKind;
use super::walk::{FilesByFolder, add, walk};
use crate::named_file::{self, LARGE};

/// Files that are read together: a log, a file of samples, or a task's predictions with their
/// chunks.
#[derive(Clone, Debug)]
pub(in crate::cli) struct FileGroup {
    pub(in crate::cli) kind: FileGroupKind,
    /// The folder as it was given, for messages.
    shown: PathBuf,
    /// The same folder as an absolute path, whose components are parsed.
    folder: PathBuf,
    task: String,
    files: Vec<String>,
    /// The unchunked file beside the chunks: RULER reads only the chunks, but this file may hold
    /// more rows.
    whole: Option<String>,
    /// Whether it was given by name and not found in a folder: then it must be readable.
    pub(in crate::cli) named: bool,
}

/// What a search found.
#[derive(Debug, Default)]
pub(in crate::cli) struct FileGroups {
    pub(in crate::cli) sources: Vec<FileGroup>,
    /// One sentence for each path that could not be examined.
    pub(in crate::cli) skipped: Vec<String>,
}

/// Every source in `paths`, each file once, sorted by name.
pub(in crate::cli) fn find(paths: &[PathBuf]) -> anyhow::Result<FileGroups> {
    let mut all = FilesByFolder::new();
    let mut skipped = Vec::new();
    for path in paths {
        let shown = path.display();
        let meta = fs::metadata(path).with_context(|| format!("cannot read `{shown}`"))?;
        if meta.is_dir() {
            let mut found = FilesByFolder::new();
            walk(path, &mut found, &mut skipped)?;
            anyhow::ensure!(
                !found.is_empty(),
                "`{shown}` holds no pred/*.jsonl, samples_*.jsonl, *.eval or JSON log of Inspect{}",
                skipped
                    .iter()
                    .map(|why| format!("; {why}"))
                    .collect::<String>()
            );
            for ((_, kind), (shown, names)) in found {
                for name in names.keys() {
                    add(&mut all, &shown, kind, name, false);
                }
            }
        } else {
            let kind = FileGroupKind::of(path).ok_or_else(|| compressed::unknown(path))?;
            let name = path.file_name().and_then(|name| name.to_str());
            let folder = path.parent().unwrap_or(Path::new(""));
            add(&mut all, folder, kind, name.unwrap_or_default(), true);
        }
    }
    Ok(FileGroups {
        sources: all.into_iter().flat_map(sources).collect(),
        skipped,
    })
}

fn sources(
    ((folder, kind), (shown, names)): ((PathBuf, FileGroupKind), (PathBuf, BTreeMap<String, bool>)),
) -> Vec<FileGroup> {
    let tasks = match kind {
        FileGroupKind::Ruler => {
            let names: Vec<&str> = names.keys().map(String::as_str).collect();
            ruler::merge_chunks(&names)
        }
        FileGroupKind::LmEval | FileGroupKind::Inspect => names
            .keys()
            .map(|name| {
                let task = lm_eval::task_of_file(name).unwrap_or_default();
                (task.to_owned(), vec![name.clone()])
            })
            .collect(),
    };
    tasks
        .into_iter()
        .map(|(task, files)| {
            let whole = format!("{task}.jsonl");
            let beside = kind == FileGroupKind::Ruler
                && names.contains_key(&whole)
                && !files.contains(&whole);
            FileGroup {
                kind,
                shown: shown.clone(),
                folder: folder.clone(),
                whole: beside.then_some(whole),
                named: files.iter().any(|file| names.get(file) == Some(&true)),
                task,
                files,
            }
        })
        .collect()
}

impl FileGroup {
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How a row is scored: RULER's tasks by their own metric, any other by `other`.
    pub(in crate::cli) fn metric_of(
        &self,
        row: &EvalRow,
        other: Option<Metric>,
    ) -> anyhow::Result<Metric> {
        metric(&row.task).or(other).with_context(|| {
            format!(
                "`{}`: unknown task `{}`; RULER's tasks are {}, any other needs --metric",
                self.name(),
                row.task,
                fathom_shared::task::ruler::tasks()
                    .map(|task| task.id())
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        })
    }

    /// The name of its first file, for messages.
    pub(in crate::cli) fn name(&self) -> String {
        let first = self.files.first().map_or("", String::as_str);
        self.shown.join(first).display().to_string()
    }

    /// The results file that lm-evaluation-harness wrote beside a file of samples, if there is one.
    pub(super) fn totals(&self) -> Option<PathBuf> {
        let name = self
            .files
            .first()
            .filter(|_| self.kind == FileGroupKind::LmEval)?;
        let (_, time) = name.strip_suffix(".jsonl")?.rsplit_once('_')?;
        let path = self.shown.join(format!("results_{time}.json"));
        path.is_file().then_some(path)
    }

    /// The length in a path `{length}/pred`.
    fn length(&self) -> Option<Tokens> {
        let name = self.folder.parent()?.file_name()?.to_str()?;
        name.parse().ok().map(Tokens)
    }

    /// The series whose rows go into one table: everything above `{length}/pred` is one series;
    /// other files are grouped by model.
    pub(super) fn series(&self, model: &str) -> String {
        let folder = self.series_folder();
        folder.unwrap_or_else(|| format!("{model} in {}", self.folder.display()))
    }

    fn series_folder(&self) -> Option<String> {
        if self.kind != FileGroupKind::Ruler {
            return None;
        }
        let up = if self.length().is_some() { 2 } else { 0 };
        let shown = self.shown.ancestors().nth(up);
        let shown = shown.filter(|folder| !folder.as_os_str().is_empty());
        let folder = shown.or_else(|| self.folder.ancestors().nth(up));
        folder.map(|folder| folder.display().to_string())
    }

    /// The task of predictions, taken from the file name.
    pub(super) fn task(&self) -> &str {
        &self.task
    }

    /// The model according to the path `{model}/{benchmark}/{length}/pred`, or the folder itself.
    pub(in crate::cli) fn model(&self) -> String {
        let up = match self.kind {
            FileGroupKind::Ruler if self.length().is_some() => 3,
            _ => 0,
        };
        let named = self.folder.ancestors().nth(up).and_then(Path::file_name);
        named.map_or_else(
            || "model".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Reads all its files. A file that was not given by name and cannot be read is left out, and
    /// `skipped` gets a sentence about it.
    ///
    /// # Errors
    /// A file that was given by name cannot be read.
    pub(in crate::cli) fn read(&self, skipped: &mut Vec<String>) -> anyhow::Result<ImportedRows> {
        let mut all = ImportedRows::default();
        for file in &self.files {
            match self.read_file(file) {
                Ok(imported) => {
                    if imported.rows.is_empty() && self.files.len() > 1 {
                        all.report
                            .absorb(self.notice(file, "the file holds no rows"));
                    }
                    all.model = all.model.or(imported.model);
                    all.rows.extend(imported.rows);
                    all.report.absorb(imported.report);
                }
                Err(error) if self.named => return Err(error),
                Err(error) => skipped.push(format!("skipped {error:#}")),
            }
        }
        if let Some(file) = &self.whole {
            match self.read_file(file) {
                Ok(whole) if all.rows.is_empty() => {
                    let told = "read, as the chunks beside the file hold no rows";
                    all.report.absorb(self.notice(file, told));
                    all.report.absorb(whole.report);
                    all.rows = whole.rows;
                }
                Ok(whole) => {
                    let name = self.shown.join(file).display().to_string();
                    add_whole(&mut all, whole, &name);
                }
                Err(error) => skipped.push(format!("skipped {error:#}")),
            }
        }
        Ok(all)
    }

    /// A sentence about one of the files.
    fn notice(&self, file: &str, sentence: &str) -> LossReport {
        let mut report = LossReport::default();
        report.note_sentence("file", sentence, 0);
        report.in_file(&self.shown.join(file).display().to_string());
        report
    }

    fn read_file(&self, file: &str) -> anyhow::Result<ImportedRows> {
        let origin = RowOrigin {
            task: self.task.clone(),
            length: (self.kind == FileGroupKind::Ruler)
                .then(|| self.length())
                .flatten(),
        };
        let path = self.shown.join(file);
        let named = || format!("`{}`", path.display());
        let bytes = named_file::read(&path, LARGE).with_context(named)?;
        let imported = match self.kind {
            FileGroupKind::Ruler => ruler::read(&bytes, &origin),
            FileGroupKind::LmEval => lm_eval::read(&bytes, &origin),
            FileGroupKind::Inspect => inspect::read(&bytes),
        };
        let mut imported = match imported {
            Ok(imported) => imported,
            Err(error) => {
                let error = match compressed::other_program(&path) {
                    Some(program) => anyhow::anyhow!("{error}: it is {program}"),
                    None => error.into(),
                };
                return Err(error.context(named()));
            }
        };
        imported.report.in_file(&path.display().to_string());
        Ok(imported)
    }
}
