//! A run's rows as other programs' files: samples made again from the spec, beside what was
//! answered.

mod longbench; // answers to LongBench v2's questions

use std::collections::BTreeMap;

use crate::formats::ruler::predictions;
use crate::formats::{
    EvalRow, ExportFile, ExportInfo, ExportedFiles, FormatError, LossReport, RowAnswer, RowId,
    inspect, lm_eval,
};
use crate::json::python;
use crate::run::{RunGrid, SampleStream, ScoredTranscript};
use crate::task::{GenerateError, GeneratorContext, Sample, TaskSpec};
use crate::tokens::Tokens;
use crate::transcript::Outcome;
pub use longbench::longbench_file;

/// Whose files, made of rows; LongBench's are made of questions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportProgram {
    /// RULER's predictions.
    Ruler,
    /// Samples and results of lm-evaluation-harness.
    LmEval,
    /// Logs of Inspect.
    Inspect,
}

/// Why rows become no files.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// RULER's files lie in a folder of their length.
    #[error("task `{task}`: its context length is not known; --length says it")]
    NoLength {
        /// The task.
        task: String,
    },
    /// The format does not hold them.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A number that JSON does not hold.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl ExportProgram {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ruler, Self::LmEval, Self::Inspect];

    /// The word on the command line and in names of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ruler => "ruler",
            Self::LmEval => "lm-eval",
            Self::Inspect => "inspect",
        }
    }

    /// The files that `rows` become.
    ///
    /// # Errors
    /// [`ExportError`]: a row that the format does not hold.
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

    /// The cells of a run that become one file, by their numbers: those of a task at a length under
    /// all seeds, or, where a file holds all lengths, all of them.
    pub fn groups(self, grid: &RunGrid) -> Vec<Vec<(u32, TaskSpec)>> {
        let cells: Vec<(u32, TaskSpec)> = (0..).zip(grid.cells()).collect();
        let size = match self {
            Self::LmEval => cells.len(),
            Self::Ruler | Self::Inspect => grid.seeds.len(),
        };
        cells.chunks(size.max(1)).map(<[_]>::to_vec).collect()
    }
}

/// The rows of a cell, and those that have none: a sample that cannot be made has no references.
/// `make` makes a sample by its number, within the time that it may take.
pub fn eval_rows(
    spec: &TaskSpec,
    kit: GeneratorContext<'_>,
    scored: &[ScoredTranscript],
    epoch: u32,
    make: &dyn Fn(&mut SampleStream<'_>, u32) -> Result<Sample, GenerateError>,
) -> (Vec<EvalRow>, LossReport) {
    let mut stream = SampleStream::new(spec.clone(), kit);
    let mut rows = Vec::with_capacity(scored.len());
    let mut unmade = LossReport::default();
    for answered in scored {
        match make(&mut stream, answered.transcript.sample) {
            Ok(sample) => rows.push(eval_row(spec, sample, answered, epoch)),
            // It failed when it was asked, for the same reason.
            Err(error) => {
                let what = format!("{} at {}", spec.task, spec.max_seq_length);
                unmade.note(&what, &format!("the sample cannot be made: {error}"));
            }
        }
    }
    (rows, unmade)
}

/// Which of the grid's seeds a cell has, counted from 1: what other programs call an epoch.
pub fn epoch(grid: &RunGrid, spec: &TaskSpec) -> u32 {
    let mut seeds = grid.seeds.iter();
    let seed = seeds.position(|seed| *seed == spec.random_seed);
    u32::try_from(seed.unwrap_or(0)).unwrap_or(0) + 1
}

fn eval_row(spec: &TaskSpec, sample: Sample, answered: &ScoredTranscript, epoch: u32) -> EvalRow {
    EvalRow {
        task: spec.task.clone(),
        length: Some(spec.max_seq_length),
        id: RowId::Number(i64::from(sample.number)),
        epoch,
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

/// `{model}/synthetic/{length}/pred/{task}.jsonl`, written as Python writes it.
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

/// A name as one part of a path.
fn part(name: &str) -> String {
    let part = name.replace(['/', '\\', ':'], "_");
    if part.trim_matches('.').is_empty() {
        return "unnamed".to_owned();
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpora::Corpora;
    use crate::task::Profile;
    use crate::tokens::TokenCounter;
    use crate::transcript::{EngineInfo, FailureKind};

    #[test]
    fn a_sample_that_cannot_be_made_is_told_of() {
        // Every byte is a token: nothing fits.
        let counter = TokenCounter::new("bytes", str::len, |text| (0..text.len()).collect());
        let corpora = Corpora::bundled();
        let kit = GeneratorContext {
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
            let (rows, unmade) = eval_rows(&spec, kit, &scored, 1, &|s, n| s.sample(n));
            assert_eq!(rows, []);
            let [loss] = unmade.losses() else {
                panic!("{profile}: {unmade:?}")
            };
            assert_eq!((loss.what.as_str(), loss.rows), ("vt at 300", 2));
            let told = loss.to_string();
            // The original's worked example, of 500 tokens, has no room for bytes either.
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
        let cells: Vec<TaskSpec> = grid.cells().collect();
        assert_eq!((epoch(&grid, &cells[0]), epoch(&grid, &cells[1])), (1, 2));
    }
}
