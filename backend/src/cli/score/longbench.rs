//! `fathom score --format longbench`: the original's table, and ours with intervals.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use fathom_shared::longbench::{Prediction, Tally, report};

use super::super::whole_file;
use super::table::aligned;

/// How files of predictions are read and reported.
pub(super) struct Reporting<'a> {
    pub(super) files: &'a [PathBuf],
    /// An answer without a letter counts for a quarter in the original's table.
    pub(super) compensated: bool,
    /// Take the letter again from the text.
    pub(super) extract: bool,
    /// The file that the original calls `result.txt`.
    pub(super) output: Option<&'a Path>,
}

impl Reporting<'_> {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let mut lines = Vec::new();
        let mut shown = String::new();
        for path in self.files {
            let answers = read(path, self.extract)?;
            let name = name(path);
            let judged: Vec<_> = answers.iter().map(|answer| answer.judged).collect();
            lines.push(report::line(&name, &judged, self.compensated));
            shown.push_str(&format!("{name}\n{}\n", show(&answers)));
        }
        let table = report::table(lines);
        if let Some(output) = self.output {
            whole_file::write(output, |out| Ok(out.write_all(table.as_bytes())?))?;
        }
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{shown}{table}").and_then(|()| out.flush());
        written.context("cannot write to standard output")
    }
}

/// One object a line, as the original writes; or all in one list, which it reads as well. With
/// `again` the letter is taken from the text.
pub(in crate::cli) fn read(path: &Path, again: bool) -> anyhow::Result<Vec<Prediction>> {
    let named = || format!("`{}`", path.display());
    let file = fs::File::open(path).with_context(named)?;
    let mut answers = Vec::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(named)?;
        if number == 0 && line.trim_start().starts_with('[') {
            return read_list(path, again);
        }
        if line.trim().is_empty() {
            continue;
        }
        let answer = Prediction::read(&line, again);
        answers.push(answer.with_context(|| format!("{}, line {}", named(), number + 1))?);
    }
    anyhow::ensure!(!answers.is_empty(), "{} holds no predictions", named());
    Ok(answers)
}

fn read_list(path: &Path, again: bool) -> anyhow::Result<Vec<Prediction>> {
    let named = || format!("`{}`", path.display());
    let text = fs::read_to_string(path).with_context(named)?;
    let rows: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(&text).with_context(named)?;
    anyhow::ensure!(!rows.is_empty(), "{} holds no predictions", named());
    let rows = rows.iter().enumerate().map(|(number, row)| {
        let answer = Prediction::of(row, again);
        answer.with_context(|| format!("{}, row {}", named(), number + 1))
    });
    rows.collect()
}

/// The name in the table: that of the file, without what follows its last period.
pub(in crate::cli) fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn show(answers: &[Prediction]) -> String {
    let mut lines = vec![
        [
            "questions",
            "right",
            "95% interval",
            "asked",
            "answered",
            "unparsed",
            "failed",
        ]
        .map(str::to_owned),
    ];
    for (group, tally) in Tally::groups(answers) {
        let (share, interval) = match tally.accuracy() {
            Some((share, interval)) => (
                format!("{:.1}", share * 100.0),
                format!("{:.1}–{:.1}", interval.low * 100.0, interval.high * 100.0),
            ),
            None => <(String, String)>::default(),
        };
        lines.push([
            group.to_string(),
            share,
            interval,
            tally.asked.to_string(),
            tally.answered().to_string(),
            tally.unparsed.to_string(),
            tally.failed.to_string(),
        ]);
    }
    aligned(&lines)
}
