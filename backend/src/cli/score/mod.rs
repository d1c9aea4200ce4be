//! `fathom score`.

pub(super) mod collect; // finds result files and reads task and length from their paths
mod compressed; // compressed files, which are reported but not read
pub(super) mod file_kind; // recognises result files by their names and first bytes
pub(super) mod longbench; // `fathom score --format longbench`
mod output; // writes the results
pub(super) mod read; // reads result files
mod table; // prints the result tables
mod totals; // lm-evaluation-harness's own totals beside ours
mod walk; // looking for results in folders

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use fathom_shared::formats::{EvalRow, RowAnswer};
use fathom_shared::score::ruler;
use fathom_shared::stats::lengths::RULER_THRESHOLD;
use fathom_shared::task;
use fathom_shared::tokens::Tokens;

use super::export::{ExportFormat, tell};
use super::output::check_folder;
use crate::errors::sentence;
use collect::FileGroup;
use read::{ReadNotes, ReadOptions};

/// Score predictions with RULER's or LongBench v2's own metrics, or convert them.
///
/// Reads RULER's predictions ({root}/{model}/{benchmark}/{length}/pred/{task}.jsonl, chunks too),
/// samples of lm-evaluation-harness (samples_{task}_*.jsonl) and logs of Inspect (*.eval, *.json).
/// In folders every such file is read; unreadable ones are skipped and listed. A row counts once,
/// thinking is not part of an answer, and scores stated in a file are compared with ours. The exit
/// code is nonzero if no file could be read or every row is a failure.
///
/// With --format longbench, reads LongBench v2's prediction files, and prints every group with its
/// interval and the table of its result.py.
///
/// Examples: fathom score results/my-model -o tables
///
/// fathom score --format longbench --compensated -o result.txt results/*.jsonl
#[derive(Debug, Args)]
pub(super) struct ScoreArgs {
    /// Files or folders
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
    /// Format of the files
    #[arg(long, value_enum, default_value_t = PredictionLayout::Ruler)]
    format: PredictionLayout,
    /// LongBench: in the original's table, an answer without a letter counts as a quarter
    #[arg(long)]
    compensated: bool,
    /// LongBench: take the letter from `response` again, whatever `pred` says
    #[arg(long)]
    extract: bool,
    /// The mean, in percent, that a length must reach to count as effective
    #[arg(long, value_name = "PERCENT", default_value_t = RULER_THRESHOLD, value_parser = percent)]
    threshold: f64,
    /// How to score tasks that are not RULER's
    #[arg(long, value_enum)]
    metric: Option<MetricName>,
    /// The context length of files whose path or content does not say it
    #[arg(long, value_name = "N", value_parser = super::spec::length)]
    length: Option<u32>,
    /// Folder to write into: summary.csv and submission.csv for every folder of RULER's
    /// predictions, as its evaluate.py writes them; with --to, the converted files. With --format
    /// longbench, the file for the original's table, its result.txt; `-` then means the standard
    /// output, and the groups go to standard error
    #[arg(short, long, value_name = "DIR|FILE")]
    output: Option<PathBuf>,
    /// Convert instead of making tables
    #[arg(long, value_enum, requires = "output")]
    to: Option<ExportFormat>,
    /// The model's name in converted files [default: what the files or their folders say]
    #[arg(long, value_name = "NAME", requires = "to")]
    model: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum PredictionLayout {
    /// RULER's predictions, lm-evaluation-harness, Inspect: recognised by their names
    Ruler,
    /// LongBench v2's predictions
    Longbench,
}

/// A metric for files that do not name one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum MetricName {
    /// The share of references found: string_match_all
    All,
    /// Whether any reference is found: string_match_part
    Part,
}

impl From<MetricName> for task::Metric {
    fn from(name: MetricName) -> Self {
        match name {
            MetricName::All => Self::StringMatchAll,
            MetricName::Part => Self::StringMatchPart,
        }
    }
}

fn percent(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(value),
        _ => Err(format!("`{text}` is not a number from 0 to 100")),
    }
}

/// A source with its rows. The inputs, which may be large, are kept only if requested.
struct ScoredSource {
    source: FileGroup,
    model: String,
    rows: Vec<EvalRow>,
    /// Indices of the rows kept, among all rows in its files.
    kept: Vec<usize>,
    /// The metric, if the task is not RULER's.
    metric: Option<task::Metric>,
}

impl ScoreArgs {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        if self.format == PredictionLayout::Longbench {
            let other = self.metric.is_some() || self.length.is_some() || self.to.is_some();
            anyhow::ensure!(
                !other,
                "--metric, --length and --to are not for --format longbench"
            );
            let reporting = longbench::PredictionOptions {
                files: &self.files,
                compensated: self.compensated,
                extract: self.extract,
                output: self.output.as_deref(),
            };
            return reporting.run();
        }
        let only = self.compensated || self.extract;
        anyhow::ensure!(
            !only,
            "--compensated and --extract are for --format longbench"
        );
        if let Some(folder) = &self.output {
            check_folder(folder).context("-o")?;
        }
        let reading = self.reading();
        let (reads, told) = self.reads(&reading)?;
        match (&self.output, self.to) {
            (Some(folder), Some(format)) => {
                // Reads the files a second time; the first time showed that they are valid.
                let again = |read: &ScoredSource| Ok(reading.again(&read.source, &read.kept)?.rows);
                let written = output::convert(folder, format, self.writing()?, &reads, &again)?;
                told.tell()?;
                return tell(&written);
            }
            (Some(folder), None) => output::tables(folder, &reads)?,
            (None, _) => {}
        }
        table::print(&reads, self)?;
        told.tell()?;
        let rows = reads.iter().flat_map(|read| &read.rows);
        ensure_answered(rows.map(|row| match &row.answer {
            RowAnswer::Failed(why) => Some(why.as_str()),
            RowAnswer::Text(_) => None,
        }))
    }

    fn reading(&self) -> ReadOptions {
        ReadOptions {
            length: self.length.map(Tokens),
            metric: self.other_metric(),
            model: self.model.clone(),
            one_set: false,
        }
    }

    /// The rows of all files, without their inputs, and notes for the reader.
    fn reads(&self, reading: &ReadOptions) -> anyhow::Result<(Vec<ScoredSource>, ReadNotes)> {
        let mut reads = Vec::new();
        let told = reading.each(&self.files, |got| {
            let mut rows = got.imported.rows;
            rows.iter_mut().for_each(|row| row.input = None);
            reads.push(ScoredSource {
                source: got.source,
                model: got.model,
                rows,
                kept: got.kept,
                metric: reading.metric,
            });
            Ok(())
        })?;
        Ok((reads, told))
    }

    fn metric_of(&self, row: &EvalRow) -> Option<task::Metric> {
        ruler::metric(&row.task).or(self.other_metric())
    }

    fn other_metric(&self) -> Option<task::Metric> {
        self.metric.map(task::Metric::from)
    }

    fn writing(&self) -> anyhow::Result<output::OutputOptions> {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seconds = u32::try_from(now.context("the clock is before 1970")?.as_secs())?;
        Ok(output::OutputOptions {
            seconds,
            metric: self.other_metric(),
        })
    }
}

/// If every row is a failure, nothing was measured: the exit code must show it, and the error names
/// the most common reason.
fn ensure_answered<'a>(rows: impl Iterator<Item = Option<&'a str>>) -> anyhow::Result<()> {
    let (mut all, mut reasons) = (0, BTreeMap::<_, u32>::new());
    for failure in rows {
        let Some(why) = failure else { return Ok(()) };
        all += 1;
        *reasons.entry(why).or_default() += 1;
    }
    let commonest = reasons.into_iter().max_by_key(|(_, alike)| *alike);
    match (commonest, all) {
        (None, _) => Ok(()),
        (Some((why, _)), 1) => anyhow::bail!("the one row is a failure: {}", sentence(why)),
        (Some((why, alike)), all) => {
            let alike = match alike == all {
                true => String::new(),
                false => format!(", {alike} of them alike"),
            };
            anyhow::bail!("all {all} rows are failures{alike}: {}", sentence(why))
        }
    }
}

impl ScoredSource {
    /// Names the series; rows of one series go into one table.
    fn series(&self) -> String {
        self.source.series(&self.model)
    }

    fn failures(&self) -> usize {
        let failed = |row: &&EvalRow| matches!(row.answer, RowAnswer::Failed(_));
        self.rows.iter().filter(failed).count()
    }
}

#[cfg(test)]
pub(crate) mod tests;
