//! Which files there are, and what their paths say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fathom_shared::formats::{Imported, Origin, Row, inspect, lm_eval, ruler};
use fathom_shared::score::ruler::{TASKS, metric};
use fathom_shared::task::Metric;
use fathom_shared::tokens::Tokens;

/// Folders deeper than this are not looked into: a link could lead back up.
const DEPTH: usize = 16;

/// Files that are read together: a log, a file of samples, a task's predictions with their chunks.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Source {
    pub(in crate::cli) kind: Kind,
    /// The folder as it was given, for people.
    shown: PathBuf,
    /// The same from the root, for what its parts mean.
    folder: PathBuf,
    task: String,
    files: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::cli) enum Kind {
    Ruler,
    LmEval,
    Inspect,
}

impl Kind {
    /// What a reader is told.
    pub(in crate::cli) fn says(self) -> &'static str {
        match self {
            Self::Ruler => "RULER predictions",
            Self::LmEval => "lm-evaluation-harness samples",
            Self::Inspect => "Inspect logs",
        }
    }

    fn of(name: &str) -> Option<Self> {
        if name.ends_with(".eval") {
            return Some(Self::Inspect);
        }
        if lm_eval::task_of_file(name).is_some() {
            return Some(Self::LmEval);
        }
        name.ends_with(".jsonl").then_some(Self::Ruler)
    }
}

/// Files by the folder that they lie in, from the root, with the folder as it was given.
type Found = BTreeMap<(PathBuf, Kind), (PathBuf, BTreeSet<String>)>;

fn add(found: &mut Found, shown: &Path, kind: Kind, name: &str) {
    let here = if shown.as_os_str().is_empty() {
        Path::new(".")
    } else {
        shown
    };
    let folder = fs::canonicalize(here).unwrap_or_else(|_| here.to_owned());
    let names = found.entry((folder, kind));
    let (_, names) = names.or_insert_with(|| (shown.to_owned(), BTreeSet::new()));
    names.insert(name.to_owned());
}

/// Every source in `paths`, each file once, in the order of their names.
pub(in crate::cli) fn find(paths: &[PathBuf]) -> anyhow::Result<Vec<Source>> {
    let mut all = Found::new();
    for path in paths {
        let shown = path.display();
        let meta = fs::metadata(path).with_context(|| format!("cannot read `{shown}`"))?;
        let mut found = Found::new();
        if meta.is_dir() {
            walk(path, DEPTH, &mut found)?;
            anyhow::ensure!(
                !found.is_empty(),
                "`{shown}` holds no pred/*.jsonl, samples_*.jsonl or *.eval"
            );
        } else {
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.unwrap_or_default();
            let kind = Kind::of(name)
                .with_context(|| format!("`{shown}`: got this name, expected *.jsonl or *.eval"))?;
            add(
                &mut found,
                path.parent().unwrap_or(Path::new("")),
                kind,
                name,
            );
        }
        for (key, (shown, names)) in found {
            let entry = all.entry(key);
            let (_, all) = entry.or_insert_with(|| (shown, BTreeSet::new()));
            all.extend(names);
        }
    }
    Ok(all.into_iter().flat_map(sources).collect())
}

fn walk(folder: &Path, depth: usize, found: &mut Found) -> anyhow::Result<()> {
    let context = || format!("cannot read the folder `{}`", folder.display());
    let whole = fs::canonicalize(folder).with_context(context)?;
    let is_pred = whole.file_name().is_some_and(|name| name == "pred");
    for entry in fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.is_dir() {
            if depth > 0 {
                walk(&path, depth - 1, found)?;
            }
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str());
        // RULER's data has the same ending as its predictions.
        let kind = name.and_then(Kind::of);
        let kind = kind.filter(|kind| is_pred || *kind != Kind::Ruler);
        if let (Some(name), Some(kind)) = (name, kind) {
            add(found, folder, kind, name);
        }
    }
    Ok(())
}

fn sources(
    ((folder, kind), (shown, names)): ((PathBuf, Kind), (PathBuf, BTreeSet<String>)),
) -> Vec<Source> {
    let tasks = match kind {
        Kind::Ruler => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            ruler::merge_chunks(&names)
        }
        Kind::LmEval | Kind::Inspect => names
            .into_iter()
            .map(|name| {
                let task = lm_eval::task_of_file(&name).unwrap_or_default();
                (task.to_owned(), vec![name])
            })
            .collect(),
    };
    tasks
        .into_iter()
        .map(|(task, files)| Source {
            kind,
            shown: shown.clone(),
            folder: folder.clone(),
            task,
            files,
        })
        .collect()
}

impl Source {
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How a row is scored: as RULER does its tasks, any other by `other`.
    pub(in crate::cli) fn metric_of(
        &self,
        row: &Row,
        other: Option<Metric>,
    ) -> anyhow::Result<Metric> {
        metric(&row.task).or(other).with_context(|| {
            format!(
                "`{}`: unknown task `{}`; RULER's tasks are {}, any other needs --metric",
                self.name(),
                row.task,
                TASKS.map(|(task, _)| task).join(", ")
            )
        })
    }

    /// Its first file, for messages.
    pub(in crate::cli) fn name(&self) -> String {
        let first = self.files.first().map_or("", String::as_str);
        self.shown.join(first).display().to_string()
    }

    /// The length in a path `{length}/pred`.
    fn length(&self) -> Option<Tokens> {
        let name = self.folder.parent()?.file_name()?.to_str()?;
        name.parse().ok().map(Tokens)
    }

    /// Above `{length}/pred` everything belongs together; other files go by their model.
    pub(super) fn series(&self) -> Option<String> {
        if self.kind != Kind::Ruler {
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
            Kind::Ruler if self.length().is_some() => 3,
            _ => 0,
        };
        let named = self.folder.ancestors().nth(up).and_then(Path::file_name);
        named.map_or_else(
            || "model".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Reads all its files.
    pub(in crate::cli) fn read(&self) -> anyhow::Result<Imported> {
        let origin = Origin {
            task: self.task.clone(),
            length: (self.kind == Kind::Ruler).then(|| self.length()).flatten(),
        };
        let mut all = Imported::default();
        for file in &self.files {
            let path = self.shown.join(file);
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
            let imported = match self.kind {
                Kind::Ruler => ruler::read(&bytes, &origin),
                Kind::LmEval => lm_eval::read(&bytes, &origin),
                Kind::Inspect => inspect::read(&bytes),
            };
            let imported = imported.with_context(|| format!("`{}`", path.display()))?;
            all.model = all.model.or(imported.model);
            all.rows.extend(imported.rows);
            all.report.absorb(imported.report);
        }
        Ok(all)
    }
}
