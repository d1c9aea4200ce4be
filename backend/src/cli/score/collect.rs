//! Which files there are, and what their paths say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fathom_shared::formats::{
    EvalRow, ImportedRows, LossReport, RowOrigin, add_whole, inspect, lm_eval, ruler,
};
use fathom_shared::score::ruler::metric;
use fathom_shared::task::Metric;
use fathom_shared::tokens::Tokens;

use super::compressed;

/// As much of a JSON file is looked at to see whose it is.
const BEGINNING: u64 = 64 << 10;

/// Files that are read together: a log, a file of samples, a task's predictions with their chunks.
#[derive(Clone, Debug)]
pub(in crate::cli) struct FileGroup {
    pub(in crate::cli) kind: FileGroupKind,
    /// The folder as it was given, for people.
    shown: PathBuf,
    /// The same from the root, for what its parts mean.
    folder: PathBuf,
    task: String,
    files: Vec<String>,
    /// The whole file beside the chunks: RULER reads the chunks alone, and it may hold more.
    whole: Option<String>,
    /// Whether it was named, and not found in a folder: then it must be readable.
    pub(in crate::cli) named: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub(in crate::cli) struct FileGroups {
    pub(in crate::cli) sources: Vec<FileGroup>,
    /// What could not be looked at, a sentence each.
    pub(in crate::cli) skipped: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::cli) enum FileGroupKind {
    Ruler,
    LmEval,
    Inspect,
}

impl FileGroupKind {
    /// What a reader is told.
    pub(in crate::cli) fn says(self) -> &'static str {
        match self {
            Self::Ruler => "RULER predictions",
            Self::LmEval => "lm-evaluation-harness samples",
            Self::Inspect => "Inspect logs",
        }
    }

    /// The kind of a file, by its name; of JSON, which many programs write, by how it begins.
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        if name.ends_with(".eval") {
            return Some(Self::Inspect);
        }
        if name.ends_with(".json") {
            return is_inspect(path).then_some(Self::Inspect);
        }
        if lm_eval::task_of_file(name).is_some() {
            return Some(Self::LmEval);
        }
        name.ends_with(".jsonl").then_some(Self::Ruler)
    }
}

/// Whether a file of JSON is a log of Inspect.
pub(in crate::cli) fn is_inspect(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read =
        fs::File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning));
    read.is_ok() && inspect::is_log(&beginning)
}

/// Files by the folder that they lie in, from the root, with the folder as it was given; of each
/// file whether it was named.
type FilesByFolder = BTreeMap<(PathBuf, FileGroupKind), (PathBuf, BTreeMap<String, bool>)>;

fn add(found: &mut FilesByFolder, shown: &Path, kind: FileGroupKind, name: &str, named: bool) {
    let here = if shown.as_os_str().is_empty() {
        Path::new(".")
    } else {
        shown
    };
    let folder = fs::canonicalize(here).unwrap_or_else(|_| here.to_owned());
    let names = found.entry((folder, kind));
    let (_, names) = names.or_insert_with(|| (shown.to_owned(), BTreeMap::new()));
    *names.entry(name.to_owned()).or_default() |= named;
}

/// Every source in `paths`, each file once, in the order of their names.
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

/// Looks into a folder and all below it, into each once: a link may lead back up.
fn walk(top: &Path, found: &mut FilesByFolder, skipped: &mut Vec<String>) -> anyhow::Result<()> {
    let mut seen = BTreeSet::new();
    let mut open = vec![top.to_owned()];
    while let Some(folder) = open.pop() {
        let looked = look(&folder, &mut seen, found, skipped);
        match looked {
            Ok(below) => open.extend(below),
            Err(error) if folder == top => return Err(error),
            Err(error) => skipped.push(format!("skipped {error:#}")),
        }
    }
    Ok(())
}

/// Whether a name in a folder is that of results; of JSON only a file's content tells.
fn is_named_so(path: &Path, is_pred: bool) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| {
        (is_pred && name.ends_with(".jsonl"))
            || name.ends_with(".eval")
            || lm_eval::task_of_file(name).is_some()
    })
}

/// Adds the files of one folder; the folders in it come back.
fn look(
    folder: &Path,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut FilesByFolder,
    skipped: &mut Vec<String>,
) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("the folder `{}`: cannot be read", folder.display());
    let whole = fs::canonicalize(folder).with_context(context)?;
    let is_pred = whole.file_name().is_some_and(|name| name == "pred");
    let mut below = Vec::new();
    if !seen.insert(whole) {
        return Ok(below);
    }
    for entry in fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        // Through links; pipes and devices are no results.
        let meta = match fs::metadata(&path) {
            Ok(meta) => meta,
            Err(error) => {
                if is_named_so(&path, is_pred) {
                    skipped.push(format!("skipped `{}`: {error}", path.display()));
                }
                continue;
            }
        };
        if !meta.is_file() && is_named_so(&path, is_pred) {
            let path = path.display();
            skipped.push(match meta.is_dir() {
                true => format!("`{path}` is a folder, by its name expected to be a file; only what is in it is read"),
                false => format!("skipped `{path}`: a pipe or a device, expected a file"),
            });
        }
        if meta.is_dir() {
            below.push(path);
        } else if meta.is_file() {
            let name = path.file_name().and_then(|name| name.to_str());
            // RULER's data has the same ending as its predictions.
            let kind =
                FileGroupKind::of(&path).filter(|kind| is_pred || *kind != FileGroupKind::Ruler);
            if let (Some(name), Some(kind)) = (name, kind) {
                add(found, folder, kind, name, false);
            } else if compressed::holds(&path, |inner| is_named_so(inner, is_pred)) {
                skipped.push(format!("skipped {}", compressed::told(&path)));
            }
        }
    }
    Ok(below)
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

    /// How a row is scored: as RULER does its tasks, any other by `other`.
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

    /// Its first file, for messages.
    pub(in crate::cli) fn name(&self) -> String {
        let first = self.files.first().map_or("", String::as_str);
        self.shown.join(first).display().to_string()
    }

    /// The file in which lm-evaluation-harness sums up a file of samples, where it lies beside it.
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

    /// Whose rows belong into one table: above `{length}/pred` everything belongs together, other
    /// files go by their model.
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

    /// The task of predictions, as their file's name says it.
    pub(super) fn task(&self) -> &str {
        &self.task
    }

    /// The model as the path names it: `{model}/{benchmark}/{length}/pred`, or the folder itself.
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

    /// Reads all its files. One that cannot be read and was not named is left out, with a sentence
    /// in `skipped`.
    ///
    /// # Errors
    /// A file that was named and cannot be read.
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
        let bytes = fs::read(&path).with_context(named)?;
        let imported = match self.kind {
            FileGroupKind::Ruler => ruler::read(&bytes, &origin),
            FileGroupKind::LmEval => lm_eval::read(&bytes, &origin),
            FileGroupKind::Inspect => inspect::read(&bytes),
        };
        let mut imported = imported.with_context(named)?;
        imported.report.in_file(&path.display().to_string());
        Ok(imported)
    }
}
