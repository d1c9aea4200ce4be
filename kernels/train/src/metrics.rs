//! The loss curve as JSON lines: one line for each step and for each evaluation.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::evaluation::EvaluationScore;

/// A line of the file. `seconds` is the one thing in it that does not follow from the stage.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MetricsLine {
    /// A step.
    Step {
        /// Its number, from 1.
        step: u64,
        /// Tokens seen with it.
        tokens: u64,
        /// Tokens of a sequence.
        length: usize,
        /// The weighted loss, in nats.
        loss: f32,
        /// The mean loss of answer tokens, in nats.
        answer_loss: f32,
        /// The share of answer tokens that were the likeliest.
        answer_accuracy: f32,
        /// The length of the gradient before clipping.
        gradient_norm: f64,
        /// The share of the learning rates.
        rate_share: f64,
        /// Seconds that it took, with its data.
        seconds: f32,
    },
    /// An evaluation.
    Evaluation {
        /// After this step.
        step: u64,
        /// Tokens seen.
        tokens: u64,
        /// What was measured.
        scores: Vec<EvaluationScore>,
    },
}

impl MetricsLine {
    fn step(&self) -> u64 {
        match self {
            Self::Step { step, .. } | Self::Evaluation { step, .. } => *step,
        }
    }
}

/// The open file.
#[derive(Debug)]
pub(crate) struct MetricsFile {
    file: File,
}

impl MetricsFile {
    /// Opens the file; what it holds after step `last` is cut off, as is a line that was only begun.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub(crate) fn open(path: &Path, last: u64) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)?;
        let mut reader = BufReader::new(&file);
        let (mut kept, mut line) = (0, String::new());
        loop {
            line.clear();
            let read = reader.read_line(&mut line)?;
            let parsed = serde_json::from_str::<MetricsLine>(&line);
            if !line.ends_with('\n') || !parsed.is_ok_and(|line| line.step() <= last) {
                break;
            }
            kept += read as u64;
        }
        file.set_len(kept)?;
        file.seek(io::SeekFrom::Start(kept))?;
        Ok(Self { file })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn append(&mut self, line: &MetricsLine) -> io::Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.file.write_all(text.as_bytes())
    }
}

/// The lines of a file.
///
/// # Errors
/// The file cannot be read.
pub fn read_metrics(path: &Path) -> io::Result<Vec<MetricsLine>> {
    let lines = BufReader::new(File::open(path)?).lines();
    lines
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect()
}

/// Where a run's metrics are.
pub(crate) fn metrics_path(folder: &Path) -> PathBuf {
    folder.join("metrics.jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(step: u64) -> MetricsLine {
        MetricsLine::Evaluation {
            step,
            tokens: 100 * step,
            scores: Vec::new(),
        }
    }

    #[test]
    fn what_comes_after_the_state_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = metrics_path(folder.path());
        let mut file = MetricsFile::open(&path, 0).unwrap();
        for step in 1..=4 {
            file.append(&line(step)).unwrap();
        }
        OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"{\"kind\":\"st")
            .unwrap();
        let mut file = MetricsFile::open(&path, 2).unwrap();
        file.append(&line(3)).unwrap();
        assert_eq!(read_metrics(&path).unwrap(), [1, 2, 3].map(line));
    }
}
