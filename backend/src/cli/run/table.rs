//! Prints runs as text tables.

use std::collections::{BTreeMap, BTreeSet};

use fathom_shared::api::{RowState, RowView, RunDetail, RunEstimate};
use fathom_shared::run::{RunGrid, TaskChoice};
use fathom_shared::score::summarise;
use fathom_shared::stats::Summary;
use fathom_shared::task::Metric;
use fathom_shared::tokens::Tokens;
use indicatif::{HumanBytes, HumanCount, HumanDuration};

use crate::cli::terminal::say;
use crate::store::StoredScore;

/// The scores of one task at one length, with their sources, by cell and sample.
type ScoresByKey = BTreeMap<(u32, u32), StoredScore>;

/// A table of tasks × lengths that fills up during the run.
pub(super) struct ScoreMatrix {
    tasks: Vec<String>,
    metrics: Vec<Metric>,
    lengths: Vec<Tokens>,
    seeds: usize,
    /// Number of samples asked of one task at one length.
    asked: u32,
    /// Indexed by sample, as a retry replaces the earlier score.
    scores: BTreeMap<usize, ScoresByKey>,
    told: BTreeSet<usize>,
    /// The cell texts; made again only for cells with new scores, as intervals are slow to compute.
    texts: BTreeMap<usize, String>,
}

impl ScoreMatrix {
    pub(super) fn new(grid: &RunGrid) -> Self {
        let seeds = grid.seeds.len();
        Self {
            tasks: grid.names(),
            metrics: grid.tasks.iter().map(TaskChoice::metric).collect(),
            lengths: grid.lengths.clone(),
            seeds,
            asked: grid.count * u32::try_from(seeds).unwrap_or(u32::MAX),
            scores: BTreeMap::new(),
            told: BTreeSet::new(),
            texts: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, row: &RowView) {
        if matches!(row.state, RowState::Answered | RowState::Failed) {
            let at = row.place.cell as usize / self.seeds.max(1);
            let cell = self.scores.entry(at).or_default();
            let score = (row.score, row.source.clone());
            cell.insert((row.place.cell, row.place.sample), score);
            self.texts.remove(&at);
        }
    }

    /// One line for each task and length completed since the last call.
    pub(super) fn whole(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for (at, scores) in &self.scores {
            if scores.len() == self.asked as usize && self.told.insert(*at) {
                let summary = self.summary(*at, scores);
                let (task, length) = self.name(*at);
                lines.push(format!("{task} at {length}: {summary}"));
            }
        }
        lines
    }

    fn summary(&self, at: usize, scores: &ScoresByKey) -> Summary {
        let metric = self.metrics.get(at / self.lengths.len()).copied();
        let scores = scores.values();
        let scores = scores.map(|(score, source)| (*score, source.as_deref()));
        summarise(self.asked, metric.unwrap_or_default(), scores)
    }

    fn name(&self, at: usize) -> (&str, Tokens) {
        let (task, length) = (at / self.lengths.len(), at % self.lengths.len());
        let task = self.tasks.get(task).map_or("", String::as_str);
        (task, self.lengths.get(length).copied().unwrap_or_default())
    }

    /// The table: means in percent with their 95% intervals and numbers of scores.
    pub(super) fn draw(&mut self) -> String {
        for (at, scores) in &self.scores {
            if !self.texts.contains_key(at) {
                let text = cell(&self.summary(*at, scores));
                self.texts.insert(*at, text);
            }
        }
        let none = format!("· 0/{}", self.asked);
        let wide = self.tasks.iter().map(String::len).max().unwrap_or(0);
        let mut text = format!("{:wide$}", "");
        for length in &self.lengths {
            text.push_str(&format!(" {:>22}", length.to_string()));
        }
        for (row, task) in self.tasks.iter().enumerate() {
            text.push_str(&format!("\n{task:wide$}"));
            for column in 0..self.lengths.len() {
                let told = self.texts.get(&(row * self.lengths.len() + column));
                text.push_str(&format!(" {:>22}", told.unwrap_or(&none)));
            }
        }
        text
    }
}

/// `87.5 (53–98) 8/20 1!`: eight scores out of twenty samples, and one failure.
fn cell(summary: &Summary) -> String {
    let percent = |share: f64| share * 100.0;
    let mean = summary.mean.map(percent);
    let mean = mean.map_or_else(|| "·".to_owned(), |mean| format!("{mean:.1}"));
    let interval = summary.interval.map_or_else(String::new, |found| {
        format!(" ({:.0}–{:.0})", percent(found.low), percent(found.high))
    });
    let failed = match summary.failed {
        0 => String::new(),
        failed => format!(" {failed}!"),
    };
    format!("{mean}{interval} {}/{}{failed}", summary.n, summary.asked)
}

/// Prints every cell with its n and interval, the run's progress, and the notes.
pub(in crate::cli) fn print(detail: &RunDetail, notes: &[String]) -> anyhow::Result<()> {
    let RunDetail { run, cells } = detail;
    let names = run.run_spec.grid.names();
    let wide = names.iter().map(String::len).max().unwrap_or(0);
    // Cells are numbered task by task.
    let each = cells.len() / names.len().max(1);
    for (number, cell) in cells.iter().enumerate() {
        let name = names.get(number / each.max(1)).unwrap_or(&cell.task);
        let seed = match run.run_spec.grid.seeds.len() {
            1 => String::new(),
            _ => format!(" seed {}", cell.seed),
        };
        let length = cell.length.to_string();
        say(format!("{name:wide$} {length:>7}{seed}  {}", cell.summary))?;
    }
    let counts = run.counts;
    say(format!(
        "run {}, {} on {} with {}: asked {}, answered {}, failed {}, open {}",
        run.id,
        run.status.as_str(),
        run.run_spec.engine,
        run.run_spec.model,
        counts.asked,
        counts.answered,
        counts.failed,
        counts.open()
    ))?;
    if let Some(texts) = &run.run_spec.texts {
        say(format!("made from texts with SHA-256 {texts}"))?;
    }
    notes.iter().try_for_each(say)?;
    Ok(())
}

/// Prints how much work a run is.
pub(super) fn estimate(estimate: &RunEstimate) -> anyhow::Result<()> {
    let tokens = |n: u64| HumanCount(n).to_string();
    let mut text = format!(
        "{} samples, at most {} prompt tokens and {} answer tokens",
        HumanCount(u64::from(estimate.samples)),
        tokens(estimate.prompt_tokens),
        tokens(estimate.answer_tokens)
    );
    if let Some(bytes) = estimate.memory_bytes {
        text.push_str(&format!(", {} of memory", HumanBytes(bytes)));
    }
    if let Some(ms) = estimate.ms {
        let time = std::time::Duration::from_secs_f64(ms.max(0.0) / 1000.0);
        text.push_str(&format!(
            ", about {} of one engine at the pace of {} earlier answers",
            HumanDuration(time),
            estimate.pace_n
        ));
    }
    if let Some(cost) = &estimate.cost {
        text.push_str(&format!(", about {:.2} {}", cost.amount, cost.currency));
    }
    if let Some(room) = estimate.room {
        text.push_str(&format!(
            "; the longest samples leave {room:#} tokens of the window free; if a chat template adds more than that, they fail"
        ));
    }
    Ok(say(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_its_interval_and_its_n() {
        let of = |scores: &[Option<f64>]| {
            let scores = scores.iter().map(|score| (*score, None));
            cell(&summarise(20, Metric::StringMatchAll, scores))
        };
        let right = [Some(1.0), Some(1.0), Some(0.0), Some(1.0), None];
        assert_eq!(of(&right), "75.0 (30–95) 4/20 1!");
        assert_eq!(of(&[Some(0.5)]), "50.0 1/20");
        assert_eq!(of(&[None]), "· 0/20 1!");
    }
}
