//! Writes the results: all of them, or none.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use fathom_shared::formats::ruler::{RulerTableColumn, submission_csv, summary_csv, summary_name};
use fathom_shared::formats::{EvalRow, ExportInfo, LossReport, UnixSeconds};
use fathom_shared::results::exported::ExportProgram;
use fathom_shared::score::ruler::{RulerTally, metric, order};
use fathom_shared::task::Metric;

use super::super::export::{ExportFormat, StagedFiles};
use super::ScoredSource;
use super::file_kind::FileGroupKind;

/// The time of writing, and the metric of tasks that are not RULER's.
pub(super) struct OutputOptions {
    pub(super) seconds: u32,
    pub(super) metric: Option<Metric>,
}

/// Writes the tables of `evaluate.py` for every folder of predictions. Below `folder`, each gets
/// the part of its path that the folders do not share.
pub(super) fn tables(folder: &Path, reads: &[ScoredSource]) -> anyhow::Result<()> {
    let mut preds = BTreeMap::<&Path, Vec<&ScoredSource>>::new();
    for read in reads
        .iter()
        .filter(|read| read.source.kind == FileGroupKind::Ruler)
    {
        let failures = read.failures();
        let rows = if failures == 1 {
            "row has"
        } else {
            "rows have"
        };
        anyhow::ensure!(
            failures == 0,
            "`{}`: {failures} {rows} no answer (`pred` is null), where the original stops; its tables cannot be written",
            read.source.name()
        );
        preds.entry(read.source.folder()).or_default().push(read);
    }
    anyhow::ensure!(
        !preds.is_empty(),
        "--output: RULER's tables are made of RULER's predictions and none were given; --to converts"
    );
    let shared = shared_part(&preds.keys().copied().collect::<Vec<_>>());
    let mut staged = StagedFiles::new(folder)?;
    for (pred, mut reads) in preds {
        reads.sort_by_key(|read| order(read.source.task()));
        let below: PathBuf = pred.components().skip(shared).filter(named).collect();
        let columns: Vec<RulerTableColumn> = reads.iter().filter_map(|read| column(read)).collect();
        let rows = reads.iter().flat_map(|read| &read.rows);
        let summary = summary_csv(&columns);
        staged.add(&below.join(summary_name(&columns)), summary.as_bytes())?;
        let submission = submission_csv(rows);
        staged.add(&below.join("submission.csv"), submission.as_bytes())?;
    }
    staged.publish()
}

fn column(read: &ScoredSource) -> Option<RulerTableColumn> {
    let task = read.source.task().to_owned();
    let mut tally = RulerTally::default();
    for row in &read.rows {
        // Both were checked before.
        let metric = metric(&row.task).or(read.metric)?;
        tally.add(metric, row.answer.text()?, &row.references);
    }
    Some(RulerTableColumn {
        task,
        score: tally.score(),
    })
}

/// How many leading components all paths share; for a single path, all of them.
fn shared_part(paths: &[&Path]) -> usize {
    let Some((first, rest)) = paths.split_first() else {
        return 0;
    };
    let shared = |other: &&Path| {
        let pairs = first.components().zip(other.components());
        pairs.take_while(|(a, b)| a == b).count()
    };
    let all = first.components().count();
    rest.iter().map(shared).min().unwrap_or(all)
}

/// Whether a component names a folder below.
fn named(component: &Component<'_>) -> bool {
    matches!(component, Component::Normal(_))
}

/// Rewrites every source in another format. Rows are read again group by group, so that only one
/// group's texts are in memory. For lm-evaluation-harness, which has one results file, a group is a
/// model.
pub(super) fn convert(
    folder: &Path,
    format: ExportFormat,
    now: OutputOptions,
    reads: &[ScoredSource],
    again: &dyn Fn(&ScoredSource) -> anyhow::Result<Vec<EvalRow>>,
) -> anyhow::Result<LossReport> {
    let mut groups = BTreeMap::<(&str, String), Vec<&ScoredSource>>::new();
    for read in reads {
        let first = read.rows.first();
        let (task, length) =
            first.map_or((String::new(), None), |row| (row.task.clone(), row.length));
        let group = match format {
            // That format has one file for all lengths of a task.
            ExportFormat::LmEval => String::new(),
            ExportFormat::Ruler | ExportFormat::Inspect => {
                format!("{task} {length:?} {}", read.source.name())
            }
        };
        groups.entry((&read.model, group)).or_default().push(read);
    }
    let mut report = LossReport::default();
    let mut staged = StagedFiles::new(folder)?;
    for ((model, _), sources) in groups {
        let mut rows = Vec::new();
        for read in sources {
            rows.extend(again(read)?);
        }
        let writing = ExportInfo {
            model: model.to_owned(),
            metric: now.metric,
            metrics: BTreeMap::new(),
            at: UnixSeconds(now.seconds),
        };
        let exported = ExportProgram::from(format).files(&rows, &writing)?;
        for file in exported.files {
            staged.add(Path::new(&file.path), &file.bytes)?;
        }
        report.absorb(exported.report);
    }
    staged.publish()?;
    Ok(report)
}
