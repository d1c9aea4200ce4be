//! The answers of a run as other programs' records: samples made again from the spec, beside what
//! was answered.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use fathom_shared::api::RunView;
use fathom_shared::corpora::Corpora;
use fathom_shared::formats::{Answer, LossReport, Row, RowId, Stamp, Writing};
use fathom_shared::run::Scored;
use fathom_shared::task::{Kit, Profile, Sample, TaskSpec};
use fathom_shared::tokens::Counter;
use fathom_shared::transcript::Outcome;

use super::export::{Format, Staged, exported};
use crate::catalog::Catalog;
use crate::store::Store;

/// Writes a run's answers below `folder`, cell by cell so that only one cell's texts are in
/// memory, and says what the format cannot hold.
pub(super) async fn write(
    store: &Store,
    catalog: &Catalog,
    run: &RunView,
    format: Format,
    folder: &Path,
) -> anyhow::Result<LossReport> {
    let mut staged = Staged::new(folder)?;
    let mut report = LossReport::default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.context("the clock is before 1970")?.as_secs();
    let groups = groups(run, format);
    for group in groups {
        let mut rows = Vec::new();
        let mut metric = None;
        for (number, spec) in group {
            let scored = store.transcripts(run.id, number).await?;
            metric = Some(spec.metric()?);
            let (catalog, order, seeds) = (
                catalog.clone(),
                run.order.clone(),
                run.order.grid.seeds.clone(),
            );
            let made = tokio::task::spawn_blocking(move || {
                let (counter, _) = catalog.reader(&order)?;
                let seed = seeds.iter().position(|seed| *seed == spec.random_seed);
                let epoch = u32::try_from(seed.unwrap_or(0)).unwrap_or(0) + 1;
                records(&spec, &counter, &scored, epoch)
            });
            rows.extend(made.await??);
        }
        let writing = Writing {
            model: run.order.model.clone(),
            metric,
            at: Stamp(u32::try_from(seconds)?),
        };
        let exported = exported(&rows, format, &writing)?;
        for file in exported.files {
            staged.add(Path::new(&file.path), &file.bytes)?;
        }
        report.absorb(exported.report);
    }
    staged.publish()?;
    Ok(report)
}

/// The cells that become one file: those of a task at a length under all seeds, or, where a file
/// holds all lengths, all of them.
fn groups(run: &RunView, format: Format) -> Vec<Vec<(u32, TaskSpec)>> {
    let cells: Vec<(u32, TaskSpec)> = (0..).zip(run.order.grid.cells()).collect();
    let size = match format {
        Format::LmEval => cells.len(),
        Format::Ruler | Format::Inspect => run.order.grid.seeds.len(),
    };
    cells.chunks(size.max(1)).map(<[_]>::to_vec).collect()
}

fn records(
    spec: &TaskSpec,
    counter: &Counter<'_>,
    scored: &[Scored],
    epoch: u32,
) -> anyhow::Result<Vec<Row>> {
    let corpora = Corpora::default();
    let kit = Kit {
        counter,
        corpora: &corpora,
    };
    let mut stream = match spec.rules() {
        Profile::Upstream => Some((0, spec.samples(kit)?)),
        Profile::Stratified => None,
    };
    let mut rows = Vec::with_capacity(scored.len());
    for answered in scored {
        let number = answered.transcript.sample;
        let sample = match &mut stream {
            Some((next, samples)) => loop {
                let sample = samples.next().context("the spec has fewer samples")?;
                *next += 1;
                if *next > number {
                    break sample;
                }
            },
            None => spec.sample(number, kit),
        };
        match sample {
            Ok(sample) => rows.push(record(spec, sample, answered, epoch)),
            // It failed when it was asked, for the same reason, and has no references.
            Err(error) => tracing::warn!(sample = number, %error, "sample left out"),
        }
    }
    Ok(rows)
}

fn record(spec: &TaskSpec, sample: Sample, answered: &Scored, epoch: u32) -> Row {
    Row {
        task: spec.task.clone(),
        length: Some(spec.max_seq_length),
        id: RowId::Number(i64::from(sample.number)),
        epoch,
        index: Some(sample.index),
        input: Some(sample.input),
        answer_prefix: Some(sample.answer_prefix),
        references: sample.references,
        answer: match &answered.transcript.outcome {
            Outcome::Completed(completion) => Answer::Text(completion.text.clone()),
            Outcome::Failed(failure) => Answer::Failed(failure.message.clone()),
        },
        prompt_and_answer: Some(sample.length),
        stated: std::collections::BTreeMap::new(),
    }
}
