//! `fathom score --format longbench`: the original's table, and our own with intervals.

use std::path::{Path, PathBuf};

use anyhow::Context;
use fathom_shared::formats::longbench;
use fathom_shared::longbench::{AnswerTally, Prediction, report};

use super::super::output;
use super::super::terminal::{say, warn};
use super::compressed;
use super::ensure_answered;
use super::table::aligned;
use crate::named_file::{self, LARGE};

/// How prediction files are read and reported.
pub(super) struct PredictionOptions<'a> {
    pub(super) files: &'a [PathBuf],
    /// In the original's table, an answer without a letter counts as a quarter.
    pub(super) compensated: bool,
    /// Extract the letter again from the text.
    pub(super) extract: bool,
    /// The file that the original calls `result.txt`.
    pub(super) output: Option<&'a Path>,
}

impl PredictionOptions<'_> {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let mut lines = Vec::new();
        let (mut shown, mut failures) = (String::new(), Vec::new());
        for path in self.files {
            compressed::refuse(path)?;
            let answers = read(path, self.extract)?;
            let name = name(path);
            let judged: Vec<_> = answers.iter().map(|answer| answer.judged).collect();
            lines.push(report::line(&name, &judged, self.compensated));
            shown.push_str(&format!("{name}\n{}\n", show(&answers)));
            failures.extend(answers.into_iter().map(|answer| answer.failure));
        }
        let table = report::table(lines);
        if let Some(path) = self.output {
            output::write(path, |out| Ok(out.write_all(table.as_bytes())?))?;
        }
        match self.output.is_some_and(output::is_stdout) {
            // Only the file's contents go to the standard output.
            true => warn(shown.trim_end()).context("cannot write to standard error")?,
            false => say(format!("{shown}{table}"))?,
        }
        ensure_answered(failures.iter().map(Option::as_deref))
    }
}

/// The predictions of a file, each question once; reports what was left out.
pub(in crate::cli) fn read(path: &Path, again: bool) -> anyhow::Result<Vec<Prediction>> {
    let named = || format!("`{}`", path.display());
    let bytes = named_file::read(path, LARGE).with_context(named)?;
    let read = longbench::read(&bytes, again).with_context(named)?;
    anyhow::ensure!(!read.rows.is_empty(), "{} holds no predictions", named());
    for loss in read.report.losses() {
        warn(format!("{}: {}", named(), loss.of_import()))
            .context("cannot write to standard error")?;
    }
    Ok(read.rows)
}

/// The name in the table: the file name up to its last period.
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
    for (group, tally) in AnswerTally::groups(answers) {
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
