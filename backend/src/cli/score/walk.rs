//! Looks for results in folders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fathom_shared::formats::{OtherProgram, lm_eval};

use super::compressed;
use super::file_kind::FileGroupKind;

/// Limits on the depth and number of folders: a link may lead to the whole file system.
const DEEPEST: usize = 64;
const MOST: usize = 20_000;

/// Files by absolute folder, together with the folder as it was given; each file says whether it
/// was given by name.
pub(super) type FilesByFolder =
    BTreeMap<(PathBuf, FileGroupKind), (PathBuf, BTreeMap<String, bool>)>;

pub(super) fn add(
    found: &mut FilesByFolder,
    shown: &Path,
    kind: FileGroupKind,
    name: &str,
    named: bool,
) {
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

/// Searches a folder and everything below it, each folder once, as a link may lead back up.
pub(super) fn walk(
    top: &Path,
    found: &mut FilesByFolder,
    skipped: &mut Vec<String>,
) -> anyhow::Result<()> {
    let mut seen = BTreeSet::new();
    let mut open = vec![top.to_owned()];
    while let Some(folder) = open.pop() {
        let deep = folder.components().count() > top.components().count() + DEEPEST;
        if deep || seen.len() >= MOST {
            let folder = folder.display();
            skipped.push(match deep {
                true => format!("skipped what is more than {DEEPEST} folders deep: `{folder}`"),
                false => format!("skipped `{folder}` and others: {MOST} folders were looked into"),
            });
            match deep {
                true => continue,
                false => break,
            }
        }
        let looked = look(&folder, &mut seen, found, skipped);
        match looked {
            Ok(below) => open.extend(below),
            Err(error) if folder == top => return Err(error),
            Err(error) => skipped.push(format!("skipped {error:#}")),
        }
    }
    Ok(())
}

/// Whether a file has the name of a results file; JSON can only be recognised by its content.
fn is_named_so(path: &Path, is_pred: bool) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| {
        (is_pred && name.ends_with(".jsonl"))
            || name.ends_with(".eval")
            || lm_eval::task_of_file(name).is_some()
    })
}

/// Adds the files of one folder and returns its subfolders.
fn look(
    folder: &Path,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut FilesByFolder,
    skipped: &mut Vec<String>,
) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("the folder `{}`: cannot be read", folder.display());
    let whole = fs::canonicalize(folder).with_context(context)?;
    let is_pred = whole.file_name().is_some_and(|name| name == "pred");
    let (mut below, mut told) = (Vec::new(), BTreeSet::new());
    if !seen.insert(whole) {
        return Ok(below);
    }
    for entry in fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        // Follow links; pipes and devices are not results.
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
                true => format!(
                    "`{path}` has the name of a file but is a folder; only its contents are read"
                ),
                false => format!("skipped `{path}`: a pipe or a device, expected a file"),
            });
        }
        if meta.is_dir() {
            below.push(path);
        } else if meta.is_file() {
            let name = path.file_name().and_then(|name| name.to_str());
            // RULER's data files have the same extension as its predictions.
            let kind =
                FileGroupKind::of(&path).filter(|kind| is_pred || *kind != FileGroupKind::Ruler);
            if let (Some(name), Some(kind)) = (name, kind) {
                add(found, folder, kind, name, false);
            } else if compressed::holds(&path, |inner| is_named_so(inner, is_pred)) {
                skipped.push(format!("skipped {}", compressed::told(&path)));
            } else if name.is_some_and(|name| name.ends_with(".json"))
                && let Some(program) = compressed::other_program(&path)
                // Totals lie beside every file of samples.
                && program != OtherProgram::LmEvalTotals
                && told.insert(program)
            {
                skipped.push(format!(
                    "skipped `{}` and its like: {program}",
                    path.display()
                ));
            }
        }
    }
    Ok(below)
}
