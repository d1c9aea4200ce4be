//! Exports a run's rows to other programs' formats: samples are made again from the spec and
//! combined with their answers.

mod cells; // names of a run's cells in exported files
mod longbench; // exports answers to LongBench v2's questions

use std::collections::BTreeMap;

use crate::formats::ruler::predictions;
use crate::formats::{
    EvalRow, ExportFile, ExportInfo, ExportedFiles, FormatError, LossReport, RowAnswer, RowId,
    inspect, lm_eval,
};
use crate::json::python;
use crate::run::{RunGrid, SampleStream, ScoredTranscript};
use crate::task::{GenerateError, GeneratorContext, Sample};
use crate::tokens::Tokens;
use crate::transcript::Outcome;
pub use cells::ExportCell;
use cells::export_cells;
pub use longbench::longbench_file;

/// A format made from rows; LongBench's is made from questions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportProgram {
    /// RULER's predictions.
    Ruler,
    /// Samples and results of lm-evaluation-harness.
    LmEval,
    /// Logs of Inspect.
    Inspect,
}

/// Why rows cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The length is unknown, but RULER's folders are named by length.
    #[error("task `{task}`: its context length is not known; give it with --length")]
    NoLength {
        /// The task.
        task: String,
    },
    /// The format cannot represent the rows.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A number cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl ExportProgram {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ruler, Self::LmEval, Self::Inspect];

    /// The name on the command line and in file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ruler => "ruler",
            Self::LmEval => "lm-eval",
            Self::Inspect => "inspect",
        }
    }

    /// The files for `rows`.
    ///
    /// # Errors
    /// [`ExportError`]: the format cannot represent a row.
    pub fn files(
        self,
        rows: &[EvalRow],
        writing: &ExportInfo,
    ) -> Result<ExportedFiles, ExportError> {
        Ok(match self {
            Self::Ruler => as_ruler(rows, &writing.model)?,
            Self::LmEval => lm_eval::write(rows, writing)?,
            Self::Inspect => inspect::write(rows, writing)?,
        })
    }

    /// The cells of a run that go into one file: those of a task at a length with all seeds, or all
    /// cells if a file contains all lengths.
    pub fn groups(self, grid: &RunGrid) -> Vec<Vec<ExportCell>> {
        let cells = export_cells(grid);
        let size = match self {
            Self::LmEval => cells.len(),
            Self::Ruler | Self::Inspect => grid.seeds.len(),
        };
        cells.chunks(size.max(1)).map(<[_]>::to_vec).collect()
    }
}

/// The rows of a cell, and those left out: a sample that cannot be made has no references. `make`
/// makes a sample by its number, within the time limit.
pub fn eval_rows(
    cell: &ExportCell,
    generator_context: GeneratorContext<'_>,
    scored: &[ScoredTranscript],
    make: &dyn Fn(&mut SampleStream<'_>, u32) -> Result<Sample, GenerateError>,
) -> (Vec<EvalRow>, LossReport) {
    let spec = &cell.spec;
    let mut stream = SampleStream::new(spec.clone(), generator_context);
    let mut rows = Vec::with_capacity(scored.len());
    let mut unmade = LossReport::default();
    cell.tell_name(scored.len(), &mut unmade);
    for answered in scored {
        match make(&mut stream, answered.transcript.sample) {
            Ok(sample) => rows.push(eval_row(cell, sample, answered)),
            // It failed for the same reason when it was asked.
            Err(error) => {
                let what = format!("{} at {}", spec.task, spec.max_seq_length);
                unmade.note(&what, &format!("the sample cannot be made: {error}"));
            }
        }
    }
    (rows, unmade)
}

fn eval_row(cell: &ExportCell, sample: Sample, answered: &ScoredTranscript) -> EvalRow {
    EvalRow {
        task: cell.name.clone(),
        length: Some(cell.spec.max_seq_length),
        id: RowId::Number(i64::from(sample.number)),
        epoch: cell.epoch,
        index: Some(sample.index),
        input: Some(sample.input),
        answer_prefix: Some(sample.answer_prefix),
        references: sample.references,
        answer: match &answered.transcript.outcome {
            Outcome::Completed(completion) => RowAnswer::Text(completion.text.clone()),
            Outcome::Failed(failure) => RowAnswer::Failed(failure.message.clone()),
        },
        prompt_and_answer: Some(sample.length),
        stated: BTreeMap::new(),
    }
}

/// `{model}/synthetic/{length}/pred/{task}.jsonl`, formatted as by Python.
fn as_ruler(rows: &[EvalRow], model: &str) -> Result<ExportedFiles, ExportError> {
    let mut tasks = BTreeMap::<(&str, Tokens), Vec<EvalRow>>::new();
    for row in rows {
        let length = row.length.ok_or_else(|| ExportError::NoLength {
            task: row.task.clone(),
        })?;
        tasks
            .entry((&row.task, length))
            .or_default()
            .push(row.clone());
    }
    let mut exported = ExportedFiles::default();
    for ((task, length), rows) in tasks {
        let (rows, report) = predictions(&rows);
        let mut bytes = Vec::new();
        for row in rows {
            python::write(&mut bytes, &row)?;
            bytes.push(b'\n');
        }
        let (model, task) = (part(model), part(task));
        exported.files.push(ExportFile {
            path: format!("{model}/synthetic/{}/pred/{task}.jsonl", length.0),
            bytes,
        });
        exported.report.absorb(report);
    }
    Ok(exported)
}

/// The most bytes in one part of a path: systems allow 255, and an extension is added.
const PART: usize = 200;

/// A name as one part of a path, without control characters for terminals.
fn part(name: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let other = |c: char| matches!(c, '/' | '\\' | ':') || c.is_control() || turns(c);
    let mut part: String = name
        .chars()
        .map(|c| if other(c) { '_' } else { c })
        .collect();
    part.truncate(part.floor_char_boundary(PART));
    if part.trim_matches('.').is_empty() {
        return "unnamed".to_owned();
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpora::Corpora;
    use crate::run::TaskChoice;
    use crate::task::{Metric, Profile, TaskSpec};
    use crate::tokens::TokenCounter;
    use crate::transcript::{EngineInfo, FailureKind};

    #[test]
    fn a_name_is_one_part_of_a_path() {
        for (name, want) in [
            ("Qwen/Qwen3-8B", "Qwen_Qwen3-8B"),
            ("a\u{1b}[31mb\u{202e}\n", "a_[31mb__"),
            ("..", "unnamed"),
            ("模型", "模型"),
        ] {
            assert_eq!(part(name), want, "{name:?}");
        }
        assert_eq!(part(&"ü".repeat(300)).len(), PART);
    }

    #[test]
    fn a_sample_that_cannot_be_made_is_told_of() {
        // Every byte is a token, so nothing fits.
        let counter = TokenCounter::new("bytes", str::len, |text| (0..text.len()).collect());
        let corpora = Corpora::bundled();
        let generator_context = GeneratorContext {
            counter: &counter,
            corpora: &corpora,
        };
        let failed = |sample| {
            let (info, kind) = (EngineInfo::default(), FailureKind::Prompt);
            ScoredTranscript::unasked(sample, &info, kind, "does not fit".to_owned())
        };
        for profile in Profile::ALL {
            let spec = TaskSpec {
                profile,
                ..TaskSpec::new("vt", Tokens(300), 7)
            };
            let scored = [failed(0), failed(1)];
            let cell = &export_cells(&RunGrid::of(spec, 0, 2))[0];
            let (rows, unmade) = eval_rows(cell, generator_context, &scored, &|s, n| s.sample(n));
            assert_eq!(rows, []);
            let [loss] = unmade.losses() else {
                panic!("{profile}: {unmade:?}")
            };
            assert_eq!((loss.what.as_str(), loss.rows), ("vt at 300", 2));
            let told = loss.to_string();
            // The original's worked example of 500 tokens cannot hold the bytes either.
            let expected = match profile {
                Profile::Upstream => "the worked example of `vt` needs",
                Profile::Stratified => "`vt` does not fit in 300 tokens",
            };
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn cells_that_become_one_file_are_made_together() {
        let mut grid = RunGrid::of(TaskSpec::new("vt", Tokens(4096), 1), 0, 1);
        grid.lengths.push(Tokens(8192));
        grid.seeds.push(2);
        let sizes = |program: ExportProgram| {
            let groups = program.groups(&grid);
            groups.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(ExportProgram::Ruler), [2, 2]);
        assert_eq!(sizes(ExportProgram::LmEval), [4]);
        let cells = export_cells(&grid);
        assert_eq!((cells[0].epoch, cells[1].epoch), (1, 2));
    }

    #[test]
    fn a_task_that_stands_twice_has_a_path_for_each() {
        let mut grid = RunGrid::of(TaskSpec::new("vt", Tokens(4096), 1), 0, 1);
        let mut hops = TaskChoice::new("vt");
        hops.set.insert("num_hops".to_owned(), "2".to_owned());
        grid.tasks.push(hops);
        grid.tasks.push(TaskChoice::new("qa_1"));
        let row = |cell: &ExportCell| EvalRow {
            task: cell.name.clone(),
            length: Some(cell.spec.max_seq_length),
            id: RowId::Number(0),
            epoch: cell.epoch,
            index: None,
            input: Some(String::new()),
            answer_prefix: None,
            references: vec!["12345".to_owned()],
            answer: RowAnswer::Text("12345".to_owned()),
            prompt_and_answer: None,
            stated: BTreeMap::new(),
        };
        for program in ExportProgram::ALL {
            let mut paths = Vec::new();
            for group in program.groups(&grid) {
                let rows: Vec<EvalRow> = group.iter().map(row).collect();
                let metrics = group.iter().map(ExportCell::named_metric);
                let writing = ExportInfo {
                    model: "m".to_owned(),
                    metric: None,
                    metrics: metrics.collect::<Result<_, _>>().unwrap(),
                    at: crate::formats::UnixSeconds(0),
                };
                for (name, metric) in &writing.metrics {
                    assert_eq!(*metric == Metric::StringMatchPart, name == "qa_1");
                }
                let files = program.files(&rows, &writing).unwrap().files;
                paths.extend(files.into_iter().map(|file| file.path));
            }
            let named = |name: &str| paths.iter().filter(|path| path.contains(name)).count();
            let apart = match program {
                ExportProgram::Ruler | ExportProgram::LmEval => "vt-num_hops-2",
                ExportProgram::Inspect => "_vt-num-hops-2_",
            };
            assert_eq!(named(apart), 1, "{paths:?}");
            let different: std::collections::BTreeSet<&String> = paths.iter().collect();
            assert_eq!(different.len(), paths.len(), "{paths:?}");
        }
    }
}
