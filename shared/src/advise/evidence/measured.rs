//! Evidence from what was measured: runs and files of results.

use std::collections::BTreeMap;

use super::builders::percent;
use super::{
    DepthFigure, Evidence, LongBenchFigure, LongBenchMode, PercentFigure, RulerFigure,
    ThinkingGain, Z_95,
};
use crate::formats::RowId;
use crate::longbench::{LengthClass, LongBenchSetting};
use crate::results::{ResultCell, ResultSet};
use crate::score::{SourcedScore, summarise};
use crate::stats::Summary;
use crate::stats::wilson::wilson;
use crate::task::{RulerCategory, asks_questions};

impl Evidence {
    /// Adds what was measured: RULER by category and length, each the mean of its tasks' means,
    /// with its interval; LongBench v2 by way of answering, whole, by domain and for long texts; what
    /// a chain of thought adds question by question; needles by depth at the longest length. RULER's
    /// tasks with other options than its own do not count.
    pub fn add_results(&mut self, set: &ResultSet) {
        if self.name.is_empty() {
            self.name.clone_from(&set.about.model);
        }
        self.sources.push(format!("measured: {}", set.about.name));
        if let Some((window, by)) = set.about.origin.window(&set.about.name) {
            self.claim(Some(window), by);
        }
        let means = set.means();
        for length in set.lengths() {
            for category in RulerCategory::ALL {
                let summary = means.category(category, length);
                if let Some(figure) = figure(&summary) {
                    let of = |cell: &&ResultCell| RulerCategory::of(&cell.task) == Some(category);
                    let measured = set.ruler_at(length).filter(of).count() as u32;
                    let all = category.tasks().count() as u32;
                    self.ruler.push(RulerFigure {
                        tasks: (measured < all).then_some(measured),
                        ..RulerFigure::of(Some(category), length, figure)
                    });
                }
            }
        }
        for cell in &set.cells {
            if let Some(reading) = reading(cell) {
                self.add_questions(cell, reading);
            }
        }
        self.add_depths(set);
        self.add_gain(set);
    }

    fn add_questions(&mut self, cell: &ResultCell, reading: LongBenchMode) {
        let mut parts =
            BTreeMap::<(Option<&str>, Option<LengthClass>), Vec<SourcedScore<'_>>>::new();
        for sample in &cell.samples {
            let score = (sample.score, sample.cluster.as_deref());
            let mut add = |part| parts.entry(part).or_default().push(score);
            add((None, None));
            if let Some(tags) = &sample.question {
                if let Some(domain) = &tags.domain {
                    add((Some(domain), None));
                }
                if tags.length == Some(LengthClass::Long) {
                    add((None, Some(LengthClass::Long)));
                }
            }
        }
        for ((domain, length), scores) in parts {
            let asked = u32::try_from(scores.len()).unwrap_or(u32::MAX);
            let summary = summarise(asked, cell.metric, scores);
            if let Some(figure) = figure(&summary) {
                let part = (domain.map(str::to_owned), length);
                self.add_question_figure(LongBenchFigure::of(reading, part, figure));
            }
        }
    }

    /// Of two figures of one kind the first counts; of several retrievals, the best one.
    fn add_question_figure(&mut self, new: LongBenchFigure) {
        let known = self.longbench.iter_mut().find(|one| {
            one.reading == new.reading && one.domain == new.domain && one.length == new.length
        });
        match known {
            None => self.longbench.push(new),
            Some(old) if new.reading == LongBenchMode::Rag && new.value > old.value => *old = new,
            Some(_) => {}
        }
    }

    /// How often needles were found by depth, at the longest length of the set, in five parts.
    fn add_depths(&mut self, set: &ResultSet) {
        let needles = [RulerCategory::SingleNeedle, RulerCategory::MultiNeedle];
        let cells = set.cells.iter();
        let cells = cells
            .filter(|cell| RulerCategory::of(&cell.task).is_some_and(|one| needles.contains(&one)));
        let Some(length) = cells.clone().filter_map(|cell| cell.length).max() else {
            return;
        };
        let mut found = [(0_u32, 0_u32); DEPTHS as usize];
        for cell in cells.filter(|cell| cell.length == Some(length)) {
            for bin in set.depths(&cell.task, &cell.variant, DEPTHS) {
                let place = ((bin.from + bin.to) / 2.0 * f64::from(DEPTHS)) as usize;
                if bin.length == Some(length)
                    && let Some(sum) = found.get_mut(place)
                {
                    *sum = (sum.0 + bin.found, sum.1 + bin.total);
                }
            }
        }
        for (place, (hits, total)) in found.into_iter().enumerate() {
            if let Some(ends) = wilson(hits, total) {
                let value = f64::from(hits) / f64::from(total) * 100.0;
                self.by_depth.push(DepthFigure {
                    depth: (place as f64 + 0.5) * 100.0 / f64::from(DEPTHS),
                    length,
                    value,
                    n: Some(total),
                    low: Some((ends.low * 100.0).min(value)),
                    high: Some((ends.high * 100.0).max(value)),
                });
            }
        }
    }

    /// What a chain of thought adds, by the questions that were answered both ways.
    fn add_gain(&mut self, set: &ResultSet) {
        let of = |wanted| {
            let cells = set.cells.iter();
            let mut cells = cells.filter(|cell| reading(cell) == Some(wanted));
            cells.next()
        };
        let (Some(direct), Some(cot)) = (of(LongBenchMode::Direct), of(LongBenchMode::Cot)) else {
            return;
        };
        let scores: BTreeMap<&RowId, f64> = direct
            .samples
            .iter()
            .filter_map(|one| Some((&one.id, one.score?)))
            .collect();
        let pairs = cot
            .samples
            .iter()
            .filter_map(|one| Some(one.score? - scores.get(&one.id)?));
        let gains: Vec<f64> = pairs.collect();
        self.thinking_gain = ThinkingGain::of(&gains);
    }
}
/// The number of equal parts into which depth is divided.
const DEPTHS: u32 = 5;

impl ThinkingGain {
    /// From the differences of pairs, fractions; `None` for fewer than two.
    ///
    /// # Formula
    /// `d ± 1.96 √((b + c + 1 − (b − c)² / (n + 2)) / (n + 2)²)` with `d = (b − c) / (n + 2)` for `b`
    /// gained and `c` lost of `n` pairs, points. Source: Agresti and Min, Statistics in Medicine 24
    /// (2005) 729.
    fn of(differences: &[f64]) -> Option<Self> {
        let n = u32::try_from(differences.len()).ok().filter(|n| *n > 1)?;
        let (plain, wide) = (f64::from(n), f64::from(n) + 2.0);
        let gained: f64 = differences.iter().map(|one| one.max(0.0)).sum();
        let lost: f64 = differences.iter().map(|one| (-one).max(0.0)).sum();
        let value = (gained - lost) / plain * 100.0;
        let middle = (gained - lost) / wide * 100.0;
        let spread = gained + lost + 1.0 - (gained - lost) * (gained - lost) / wide;
        let half = Z_95 * libm::sqrt(spread.max(0.0)) / wide * 100.0;
        Some(Self {
            value,
            n,
            low: (middle - half).min(value),
            high: (middle + half).max(value),
        })
    }
}

/// How a cell of LongBench v2 was asked.
fn reading(cell: &ResultCell) -> Option<LongBenchMode> {
    if !asks_questions(&cell.task) {
        return None;
    }
    let setting = cell
        .variant
        .split(", ")
        .find_map(|option| option.strip_prefix("setting="));
    match setting.map_or(Ok(LongBenchSetting::Direct), str::parse) {
        Ok(LongBenchSetting::Direct) => Some(LongBenchMode::Direct),
        Ok(LongBenchSetting::Cot) => Some(LongBenchMode::Cot),
        Ok(LongBenchSetting::NoContext) => Some(LongBenchMode::NoContext),
        Ok(LongBenchSetting::Tail { .. }) => Some(LongBenchMode::TailOnly),
        Ok(LongBenchSetting::Rag { .. } | LongBenchSetting::Embed { .. }) => {
            Some(LongBenchMode::Rag)
        }
        _ => None,
    }
}

fn figure(summary: &Summary) -> Option<PercentFigure> {
    Some(percent(summary.mean?, Some(summary.n), summary.interval))
}
