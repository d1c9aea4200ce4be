//! A run as other programs' files, in one archive.

use std::cell::RefCell;
use std::collections::BTreeMap;

use fathom_shared::formats::{ExportInfo, ExportedFiles, UnixSeconds, archive};
use fathom_shared::results::exported::{ExportProgram, eval_rows, longbench_file};
use fathom_shared::run::{RunGrid, SampleStream, ScoredTranscript};
use fathom_shared::task::GeneratorContext;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::super::EngineWorker;
use super::kept_run::{KeptRow, RunHead};
use super::made_with::{guarded, made_with};
use crate::protocol::{LONGBENCH, PageRunReply};

/// The files of a run, which are left in `beside`.
pub(super) async fn export(
    bench: &RefCell<EngineWorker>,
    id: i64,
    program: &str,
    beside: &mut JsValue,
) -> Result<PageRunReply, String> {
    let (head, rows) = {
        let bench = bench.borrow();
        let run = bench.runs.get(id)?;
        (run.head.clone(), run.rows().cloned().collect::<Vec<_>>())
    };
    let made_with = made_with(bench, &head.engine).await?;
    made_with.check(&head.run_spec)?;
    let generator_context = GeneratorContext {
        counter: &made_with.tokenizer.counter,
        corpora: &made_with.corpora,
    };
    let writing = ExportInfo {
        model: head.run_spec.model.clone(),
        metric: None,
        metrics: BTreeMap::new(),
        at: UnixSeconds((js_sys::Date::now() / 1000.0) as u32),
    };
    let mut known = ExportProgram::ALL.into_iter();
    let known = known.find(|one| one.name() == program);
    let exported = match known {
        Some(program) => exported(
            &head.run_spec.grid,
            &rows,
            program,
            generator_context,
            &writing,
        )?,
        None if program == LONGBENCH => predictions(&head, &rows, generator_context)?,
        None => return Err("This export format is unknown. Reload the page.".to_owned()),
    };
    let bytes = archive(&exported.files).map_err(|error| format!("{error}."))?;
    *beside = Uint8Array::from(&bytes[..]).into();
    let losses = exported.report.losses().iter().map(ToString::to_string);
    Ok(PageRunReply::Exported(losses.collect()))
}

/// LongBench's files, a file for each cell that asks its questions.
fn predictions(
    head: &RunHead,
    rows: &[KeptRow],
    generator_context: GeneratorContext<'_>,
) -> Result<ExportedFiles, String> {
    let mut all = ExportedFiles::default();
    let (grid, model) = (&head.run_spec.grid, &head.run_spec.model);
    let questions = generator_context.corpora.questions();
    for (number, spec) in (0..).zip(grid.cells()) {
        let scored = of_cell(rows, number);
        let report = &mut all.report;
        let file = longbench_file(grid, &spec, model, questions, &scored, report);
        all.files.extend(file.map_err(|error| format!("{error}."))?);
    }
    Ok(all)
}

fn of_cell(rows: &[KeptRow], number: u32) -> Vec<ScoredTranscript> {
    let rows = rows.iter().filter(|row| row.place.cell == number);
    rows.map(|row| row.row.clone()).collect()
}

fn exported(
    grid: &RunGrid,
    rows: &[KeptRow],
    program: ExportProgram,
    generator_context: GeneratorContext<'_>,
    writing: &ExportInfo,
) -> Result<ExportedFiles, String> {
    let mut all = ExportedFiles::default();
    for group in program.groups(grid) {
        let (mut made, mut metrics) = (Vec::new(), BTreeMap::new());
        for cell in group {
            let metric = cell.named_metric();
            metrics.extend([metric.map_err(|error| format!("{error}."))?]);
            let scored = of_cell(rows, cell.number);
            let make = |stream: &mut SampleStream<'_>, number| guarded(|| stream.sample(number));
            let (rows, unmade) = eval_rows(&cell, generator_context, &scored, &make);
            made.extend(rows);
            all.report.absorb(unmade);
        }
        let writing = ExportInfo {
            metrics,
            ..writing.clone()
        };
        let files = program.files(&made, &writing);
        let mut files = files.map_err(|error| format!("{error}."))?;
        all.files.append(&mut files.files);
        all.report.absorb(files.report);
    }
    Ok(all)
}
