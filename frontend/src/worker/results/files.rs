//! Files of this and other programs as result sets. What kind a file is, its name says; of lines
//! the first one. Pure.

use std::collections::BTreeMap;

use fathom_shared::formats::{Imported, LossReport, Origin as Place, inspect, lm_eval, ruler};
use fathom_shared::longbench::Prediction;
use fathom_shared::results::{About, Gathered, Origin, ResultSet, setting_of_file};
use fathom_shared::score::ruler::metric;
use fathom_shared::tokens::Tokens;

/// What sets are called that no folder names.
pub(super) const UNNAMED: [&str; 2] = ["RULER predictions", "lm-evaluation-harness samples"];

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    Ruler,
    LmEval,
    Inspect,
    Longbench,
    Set,
}

/// A set and what could not be read of it.
type Read = (ResultSet, Vec<String>);

/// Reads files: RULER's predictions of one model come together, so do LongBench's settings.
///
/// # Errors
/// A sentence that names the file.
pub(super) fn read(
    paths: &[String],
    length: Option<Tokens>,
    bytes: &[Vec<u8>],
) -> Result<Vec<Read>, String> {
    let mut all = BTreeMap::<(Kind, String), Vec<(&str, &[u8])>>::new();
    let mut sets = Vec::new();
    for (path, bytes) in paths.iter().zip(bytes) {
        let kind = kind(path, bytes).ok_or_else(|| unknown(path))?;
        if kind == Kind::Set {
            let set: ResultSet = serde_json::from_slice(bytes)
                .map_err(|error| format!("{path} is no result set: {error}."))?;
            sets.push((set, Vec::new()));
            continue;
        }
        let group = group(kind, path);
        all.entry((kind, group)).or_default().push((path, bytes));
    }
    for ((kind, name), files) in all {
        sets.push(together(kind, &name, length, &files)?);
    }
    Ok(sets)
}

fn unknown(path: &str) -> String {
    format!(
        "{path}: got this file, expected predictions of RULER or LongBench v2 (*.jsonl), \
         samples of lm-evaluation-harness (samples_*.jsonl), a log of Inspect (*.eval) or a \
         result set (*.json)."
    )
}

fn kind(path: &str, bytes: &[u8]) -> Option<Kind> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.ends_with(".eval") {
        return Some(Kind::Inspect);
    }
    if name.ends_with(".json") {
        return Some(Kind::Set);
    }
    if lm_eval::task_of_file(name).is_some() {
        return Some(Kind::LmEval);
    }
    if !name.ends_with(".jsonl") {
        return None;
    }
    let first = bytes
        .split(|byte| *byte == b'\n')
        .find(|line| !line.is_empty());
    let first = first.and_then(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
    match first {
        Some(line) if line.get("_id").is_some() => Some(Kind::Longbench),
        // Whatever it is, RULER's reader says what is wrong with it.
        _ => Some(Kind::Ruler),
    }
}

/// What files that belong together have in common.
fn group(kind: Kind, path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match kind {
        Kind::Ruler => {
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
        Kind::Longbench => {
            let stem = name.trim_end_matches(".jsonl");
            let suffix = setting_of_file(stem).suffix();
            stem.strip_suffix(&suffix).unwrap_or(stem).to_owned()
        }
        Kind::LmEval => match folder.rsplit('/').next() {
            None | Some("") => UNNAMED[1].to_owned(),
            Some(folder) => folder.to_owned(),
        },
        Kind::Inspect | Kind::Set => name.to_owned(),
    }
}

fn together(
    kind: Kind,
    name: &str,
    length: Option<Tokens>,
    files: &[(&str, &[u8])],
) -> Result<Read, String> {
    let mut gathered = Gathered::default();
    let mut report = LossReport::default();
    let mut model = None;
    for (path, bytes) in files {
        let wrong = |error: String| format!("{path}: {error}.");
        if kind == Kind::Longbench {
            predictions(path, bytes, &mut gathered).map_err(wrong)?;
            continue;
        }
        let imported = imported(kind, path, length, bytes).map_err(wrong)?;
        for row in &imported.rows {
            gathered.add(row, metric(&row.task).unwrap_or_default());
        }
        model = model.or(imported.model);
        report.absorb(imported.report);
    }
    let format = match kind {
        Kind::Ruler => "RULER predictions",
        Kind::LmEval => "lm-evaluation-harness samples",
        Kind::Inspect => "Inspect log",
        Kind::Longbench => "LongBench v2 predictions",
        Kind::Set => "result set",
    };
    let about = About {
        name: name.to_owned(),
        model: model.unwrap_or_default(),
        origin: Origin::File {
            format: format.to_owned(),
        },
    };
    let losses = report.losses().iter().map(ToString::to_string);
    Ok((gathered.set(about), losses.collect()))
}

fn imported(
    kind: Kind,
    path: &str,
    length: Option<Tokens>,
    bytes: &[u8],
) -> Result<Imported, String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let origin = match kind {
        Kind::LmEval => Place {
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
        Kind::LmEval => lm_eval::read(bytes, &origin),
        Kind::Inspect => inspect::read(bytes),
        _ => ruler::read(bytes, &origin),
    };
    read.map_err(|error| error.to_string())
}

fn predictions(path: &str, bytes: &[u8], gathered: &mut Gathered) -> Result<(), String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let setting = setting_of_file(name.trim_end_matches(".jsonl"));
    let text =
        std::str::from_utf8(bytes).map_err(|_| "got bytes that are not UTF-8, expected text")?;
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let prediction = Prediction::read(line, false)
            .map_err(|error| format!("line {}: {error}", number + 1))?;
        gathered.add_prediction(&prediction, setting);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::digest::digest;
    use super::*;
    use crate::worker::protocol::results::By;

    fn ruler_line(index: u32, answer: &str) -> String {
        format!(
            r#"{{"index": {index}, "pred": "{answer}", "input": "find 42", "outputs": ["42"], "others": {{}}, "truncation": -1, "length": 300}}"#
        )
    }

    fn question(id: u32, pred: &str, difficulty: &str) -> String {
        format!(
            r#"{{"_id": "q{id}", "domain": "Code", "difficulty": "{difficulty}", "length": "short", "answer": "A", "response": "(A)", "pred": {pred}, "judge": true}}"#
        )
    }

    #[test]
    fn files_of_one_model_come_together() {
        let paths = [
            "model-a/synthetic/4096/pred/niah_single_1.jsonl",
            "model-a/synthetic/8192/pred/niah_single_1.jsonl",
            "model-a/synthetic/4096/pred/vt-0.jsonl",
            "gpt.jsonl",
            "gpt_cot.jsonl",
        ];
        let bytes = [
            [ruler_line(0, "42"), ruler_line(1, "41")].join("\n"),
            ruler_line(0, "42"),
            ruler_line(0, "none"),
            [question(1, "\"A\"", "easy"), question(2, "\"B\"", "hard")].join("\n"),
            question(1, "\"A\"", "easy"),
        ]
        .map(String::into_bytes);
        let sets = read(&paths.map(str::to_owned), None, &bytes).unwrap();
        let names: Vec<&str> = sets
            .iter()
            .map(|(set, _)| set.about.name.as_str())
            .collect();
        assert_eq!(names, ["model-a", "gpt"]);
        let told = digest("file:model-a", &sets[0].0, sets[0].1.clone());
        let lengths: Vec<u32> = told.means.iter().map(|at| at.length.0).collect();
        assert_eq!(lengths, [4096, 8192]);
        assert_eq!(told.means[0].sum.mean, Some(0.25));
        assert_eq!(
            (told.gaps[0].length, told.gaps[0].gap.value),
            (Tokens(4096), 0.5)
        );
        let asked = digest("file:gpt", &sets[1].0, Vec::new()).questions;
        let ways: Vec<&str> = asked.iter().map(|asked| asked.variant.as_str()).collect();
        assert_eq!(ways, ["", "setting=cot"]);
        let overall = &asked[0].groups[0];
        assert_eq!(
            (overall.by, overall.n, overall.share),
            (By::Overall, 2, 0.5)
        );
    }

    #[test]
    fn a_length_that_no_path_says_is_the_readers() {
        let bytes = [ruler_line(0, "42").into_bytes()];
        let paths = ["vt.jsonl".to_owned()];
        let sets = read(&paths, Some(Tokens(512)), &bytes).unwrap();
        assert_eq!(sets[0].0.cells[0].length, Some(Tokens(512)));
        assert_eq!(sets[0].0.about.name, "RULER predictions");
        let sets = read(&paths, None, &bytes).unwrap();
        assert_eq!(sets[0].0.cells[0].length, None);
    }

    #[test]
    fn what_is_no_result_says_which_file() {
        let fault = |path: &str, text: &str| {
            let bytes = [text.as_bytes().to_vec()];
            read(&[path.to_owned()], None, &bytes).unwrap_err()
        };
        assert!(fault("notes.txt", "hello").starts_with("notes.txt: got this file, expected"));
        assert!(fault("vt.jsonl", "{}").starts_with("vt.jsonl: line 1: "));
        assert!(fault("x.json", "[1]").starts_with("x.json is no result set"));
        assert!(fault("gpt.jsonl", "{\"_id\": \"q\"}").contains("line 1: field"));
    }
}
