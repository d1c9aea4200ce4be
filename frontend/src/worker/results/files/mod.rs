//! Files of this and other programs as result sets. What kind a file is, its name says; of lines
//! the first one. Pure.

mod chunks; // RULER's chunk files and whole files of the same task

use std::collections::BTreeMap;

use fathom_shared::formats::longbench as predictions;
use fathom_shared::formats::stated_scores::StatedScores;
use fathom_shared::formats::{
    ImportedRows, LossReport, OtherProgram, RowDeduplicator, RowOrigin as Place, inspect, lm_eval,
    ruler,
};
use fathom_shared::results::{
    ResultOrigin, ResultSet, ResultSetBuilder, ResultSetInfo, setting_of_file,
};
use fathom_shared::score::ruler::metric;
use fathom_shared::tokens::Tokens;

/// What sets are called that no folder names.
pub(super) const UNNAMED: [&str; 2] = ["RULER predictions", "lm-evaluation-harness samples"];

/// As much of a JSON file is looked at to see whose it is.
const BEGINNING: usize = 64 << 10;

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum ResultFileKind {
    Ruler,
    LmEval,
    Inspect,
    Longbench,
    Set,
}

/// A set and what a reader should know of it: what could not be read, and scores that are not ours.
type ReadSet = (ResultSet, Vec<String>);

/// Reads files: RULER's predictions of one model come together, so do LongBench's settings. Of
/// several files one that cannot be read is left out, and the sets say so.
///
/// # Errors
/// A sentence that names the file, where none of them can be read.
pub(super) fn read(
    paths: &[String],
    length: Option<Tokens>,
    bytes: &[Vec<u8>],
) -> Result<Vec<ReadSet>, String> {
    let mut all = BTreeMap::<(ResultFileKind, String), Vec<(&str, &[u8])>>::new();
    let (mut sets, mut faults) = (Vec::new(), Vec::new());
    for (path, bytes) in paths.iter().zip(bytes) {
        let Some(kind) = kind(path, bytes) else {
            faults.push(unknown(path));
            continue;
        };
        if kind == ResultFileKind::Set {
            match serde_json::from_slice::<ResultSet>(bytes) {
                Ok(set) => sets.push((set, Vec::new())),
                Err(error) => faults.push(match OtherProgram::of(beginning(bytes)) {
                    Some(program) => not_read(path, program),
                    None => format!("{path} is no result set: {error}."),
                }),
            }
            continue;
        }
        // A list of LongBench v2's predictions is JSON, as is much else.
        let other = path
            .ends_with(".json")
            .then(|| OtherProgram::of(beginning(bytes)));
        if let (ResultFileKind::Longbench, Some(program)) = (kind, other.flatten()) {
            faults.push(not_read(path, program));
            continue;
        }
        let group = group(kind, path);
        all.entry((kind, group)).or_default().push((path, bytes));
    }
    for ((kind, name), files) in all {
        match together(kind, &name, length, &files) {
            Ok(set) => sets.push(set),
            Err(fault) => faults.push(fault),
        }
    }
    let Some((_, told)) = sets.first_mut() else {
        return match faults.into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(sets),
        };
    };
    told.extend(faults.into_iter().map(|fault| format!("skipped {fault}")));
    Ok(sets)
}

/// What is read, for whoever gave something else.
const READ: &str = "expected predictions of RULER or LongBench v2 (*.jsonl), \
     samples of lm-evaluation-harness (samples_*.jsonl), a log of Inspect (*.eval, *.json) or \
     a result set (*.json)";

fn unknown(path: &str) -> String {
    format!("{path}: got this file, {READ}.")
}

fn not_read(path: &str, program: OtherProgram) -> String {
    format!("{path}: got {program}; {READ}.")
}

fn beginning(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(BEGINNING)]
}

fn kind(path: &str, bytes: &[u8]) -> Option<ResultFileKind> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.ends_with(".eval") {
        return Some(ResultFileKind::Inspect);
    }
    if name.ends_with(".json") {
        let beginning = beginning(bytes);
        let list = beginning.trim_ascii_start().starts_with(b"[");
        return Some(match inspect::is_log(beginning) {
            true => ResultFileKind::Inspect,
            false if list => ResultFileKind::Longbench,
            false => ResultFileKind::Set,
        });
    }
    if lm_eval::task_of_file(name).is_some() {
        return Some(ResultFileKind::LmEval);
    }
    if !name.ends_with(".jsonl") {
        return None;
    }
    let first = bytes
        .split(|byte| *byte == b'\n')
        .find(|line| !line.is_empty());
    let first = first.and_then(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
    match first {
        Some(line) if line.get("_id").is_some() => Some(ResultFileKind::Longbench),
        // Whatever it is, RULER's reader says what is wrong with it.
        _ => Some(ResultFileKind::Ruler),
    }
}

/// What files that belong together have in common.
fn group(kind: ResultFileKind, path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match kind {
        ResultFileKind::Ruler => {
            // `{model}/{benchmark}/{length}/pred`
            let parts: Vec<&str> = folder.split('/').filter(|part| *part != "pred").collect();
            let above = match parts.split_last() {
                Some((length, above)) if length.parse::<u32>().is_ok() => above,
                _ => &parts,
            };
            let above = match above {
                [above @ .., "synthetic"] => above,
                above => above,
            };
            let model = above.last().copied().unwrap_or_default();
            match model {
                "" => UNNAMED[0].to_owned(),
                model => model.to_owned(),
            }
        }
        ResultFileKind::Longbench => {
            let stem = name.trim_end_matches(".jsonl").trim_end_matches(".json");
            let suffix = setting_of_file(stem).suffix();
            stem.strip_suffix(&suffix).unwrap_or(stem).to_owned()
        }
        ResultFileKind::LmEval => match folder.rsplit('/').next() {
            None | Some("") => UNNAMED[1].to_owned(),
            Some(folder) => folder.to_owned(),
        },
        ResultFileKind::Inspect | ResultFileKind::Set => name.to_owned(),
    }
}

fn together(
    kind: ResultFileKind,
    name: &str,
    length: Option<Tokens>,
    files: &[(&str, &[u8])],
) -> Result<ReadSet, String> {
    let mut gathered = ResultSetBuilder::default();
    let mut report = LossReport::default();
    let (mut once, mut stated) = (RowDeduplicator::default(), StatedScores::default());
    let (mut told, mut first) = (Vec::new(), None::<String>);
    let (mut model, mut read) = (None, 0);
    let mut take = |mut imported: ImportedRows| {
        let kept = once.keep(&mut imported, kind == ResultFileKind::Ruler);
        kept.map_err(|_| "another file has the same rows with different answers".to_owned())?;
        for row in &imported.rows {
            let metric = metric(&row.task).unwrap_or_default();
            stated.add(row, metric);
            gathered.add(row, metric);
        }
        model = model.take().or(imported.model);
        report.absorb(imported.report);
        Ok(())
    };
    let took: Vec<(&str, Result<(), String>)> = match kind {
        ResultFileKind::Longbench => {
            let all = files.iter();
            all.map(|(path, bytes)| (*path, predicted(path, bytes, &mut gathered, &mut report)))
                .collect()
        }
        ResultFileKind::Ruler => {
            let all = chunks::with_whole(files, |path, bytes| imported(kind, path, length, bytes));
            let all = all.into_iter();
            all.map(|(path, read)| (path, read.and_then(&mut take)))
                .collect()
        }
        _ => {
            let all = files.iter();
            all.map(|(path, bytes)| {
                let read = imported(kind, path, length, bytes);
                (*path, read.and_then(&mut take))
            })
            .collect()
        }
    };
    for (path, took) in took {
        match took {
            Ok(()) => read += 1,
            Err(why) => {
                let fault = format!("{path}: {why}.");
                told.push(format!("skipped {fault}"));
                first.get_or_insert(fault);
            }
        }
    }
    if let (0, Some(fault)) = (read, first) {
        return Err(fault);
    }
    let format = match kind {
        ResultFileKind::Ruler => "RULER predictions",
        ResultFileKind::LmEval => "lm-evaluation-harness samples",
        ResultFileKind::Inspect => "Inspect log",
        ResultFileKind::Longbench => "LongBench v2 predictions",
        ResultFileKind::Set => "result set",
    };
    let about = ResultSetInfo {
        name: name.to_owned(),
        model: model.unwrap_or_default(),
        origin: ResultOrigin::File {
            format: format.to_owned(),
        },
    };
    told.extend(stated.differences().iter().map(ToString::to_string));
    told.extend(report.losses().iter().map(ToString::to_string));
    Ok((gathered.set(about), told))
}

fn imported(
    kind: ResultFileKind,
    path: &str,
    length: Option<Tokens>,
    bytes: &[u8],
) -> Result<ImportedRows, String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let origin = match kind {
        ResultFileKind::LmEval => Place {
            task: lm_eval::task_of_file(name).unwrap_or_default().to_owned(),
            length: None,
        },
        _ => {
            let mut above = folder.rsplit('/').filter(|part| *part != "pred");
            let told = above.next().and_then(|part| part.parse().ok()).map(Tokens);
            let tasks = ruler::merge_chunks(&[name]);
            Place {
                task: tasks.into_iter().next().unwrap_or_default().0,
                length: told.or(length),
            }
        }
    };
    let read = match kind {
        ResultFileKind::LmEval => lm_eval::read(bytes, &origin),
        ResultFileKind::Inspect => inspect::read(bytes),
        _ => ruler::read(bytes, &origin),
    };
    read.map_err(|error| error.to_string())
}

fn predicted(
    path: &str,
    bytes: &[u8],
    gathered: &mut ResultSetBuilder,
    report: &mut LossReport,
) -> Result<(), String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.trim_end_matches(".jsonl").trim_end_matches(".json");
    let setting = setting_of_file(stem);
    let read = predictions::read(bytes, false).map_err(|error| error.to_string())?;
    for prediction in &read.rows {
        gathered.add_prediction(prediction, setting);
    }
    report.absorb(read.report);
    Ok(())
}

#[cfg(test)]
mod tests;
