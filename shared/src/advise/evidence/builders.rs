//! Evidence from what is published, and from what was measured.

use std::collections::BTreeMap;

use super::{Adaptation, Evidence, LongBenchFigure, Reading, RulerFigure};
use crate::longbench::{LengthClass, Setting, task};
use crate::published::longbench::{self, Column};
use crate::published::ruler::{self, LENGTHS};
use crate::results::{Category, Cell, ResultSet};
use crate::stats::{Summary, summarise};

/// No published figures of that name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no published figures of `{got}`; like it: {like}", like = if self.like.is_empty() { "none".to_owned() } else { self.like.join(", ") })]
pub struct UnknownModel {
    /// What was asked for.
    pub got: String,
    /// Names that hold it.
    pub like: Vec<String>,
}

/// Names by which both leaderboards speak of one model: RULER's, then LongBench v2's with its date.
const SAME: [(&str, &str, &str); 8] = [
    ("Llama3.1 70B", "Llama 3.1 70B", "2024-07-23"),
    ("Llama3.1 8B", "Llama 3.1 8B", "2024-07-23"),
    (
        "Mistral-Large-2411 123B",
        "Mistral Large 24.11",
        "2024-11-24",
    ),
    ("Mistral-Large-2407 123B", "Mistral Large 2", "2024-07-24"),
    ("Command-R-plus-0824 104B", "Command R+", "2024-08-30"),
    ("Qwen3-235B-A22B 235B", "Qwen3-235B-A22B", "2025-04-29"),
    ("Qwen3-32B 32B", "Qwen3-32B", "2025-04-29"),
    ("Qwen3-30B-A3B 30B", "Qwen3-30B-A3B", "2025-04-29"),
];

impl Evidence {
    /// The published figures of a model, of both leaderboards where both speak of it.
    ///
    /// RULER's table has no figures by category and LongBench v2's none by domain: these stay
    /// missing. Variants with another window are other models: GLM-4-9B is not RULER's GLM4 with 1M.
    ///
    /// # Errors
    /// [`UnknownModel`] where neither has a line of that name.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::advise::Evidence;
    /// let evidence = Evidence::published("Llama3.1 8B")?;
    /// assert_eq!(evidence.ruler.len(), 6);
    /// assert_eq!(evidence.sources.len(), 2);
    /// # Ok::<(), fathom_shared::advise::evidence::UnknownModel>(())
    /// ```
    pub fn published(name: &str) -> Result<Self, UnknownModel> {
        let same = |one: &&(&str, &str, &str)| {
            one.0.eq_ignore_ascii_case(name) || one.1.eq_ignore_ascii_case(name)
        };
        let (first, second, date) = match SAME.iter().find(same) {
            Some((first, second, date)) => (*first, *second, Some(*date)),
            None => (name, name, None),
        };
        let ruler = ruler::find(first);
        let board = longbench::board();
        let longbench = board.into_iter().find(|line| {
            let named = line.model.eq_ignore_ascii_case(second)
                || format!("{} {}", line.model, line.date).eq_ignore_ascii_case(second);
            named && !line.date.is_empty() && date.is_none_or(|date| date == line.date)
        });
        if ruler.is_none() && longbench.is_none() {
            let wanted = name.to_ascii_lowercase();
            let mut like = Self::published_names();
            like.retain(|one| one.to_ascii_lowercase().contains(&wanted));
            return Err(UnknownModel {
                got: name.to_owned(),
                like,
            });
        }
        let mut evidence = Self {
            name: name.to_owned(),
            adaptation: Some(Adaptation::None),
            ..Self::default()
        };
        if let Some(line) = ruler {
            evidence.add_ruler(&line);
        }
        if let Some(line) = longbench {
            evidence.add_longbench(&line);
        }
        Ok(evidence)
    }

    /// Adds other evidence; where both know a thing, what is here stays.
    pub fn add(&mut self, other: Self) {
        if self.name.is_empty() {
            self.name = other.name;
        }
        self.sources.extend(other.sources);
        self.adaptation = self.adaptation.or(other.adaptation);
        self.claimed_window = self.claimed_window.or(other.claimed_window);
        // Figures of one length come from one place: a mean of others beside categories of ours
        // would be of another setting.
        let lengths: Vec<_> = self.ruler.iter().map(|one| one.length).collect();
        let ruler = other.ruler.into_iter();
        self.ruler
            .extend(ruler.filter(|one| !lengths.contains(&one.length)));
        for one in other.longbench {
            let known = self.longbench_at(one.reading, one.domain.as_deref(), one.length);
            if known.is_none() {
                self.longbench.push(one);
            }
        }
    }

    /// Every name that [`published`](Self::published) knows, RULER's first.
    pub fn published_names() -> Vec<String> {
        let ruler = ruler::board().into_iter().map(|line| line.name());
        let board = longbench::board();
        let dated = board.iter().filter(|line| !line.date.is_empty());
        let longbench = dated.map(|line| {
            let twice = board.iter().filter(|one| one.model == line.model).count() > 1;
            match twice {
                true => format!("{} {}", line.model, line.date),
                false => line.model.to_owned(),
            }
        });
        let mut names: Vec<String> = Vec::new();
        for name in ruler.chain(longbench) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn add_ruler(&mut self, line: &ruler::Line) {
        self.claimed_window = Some(line.claimed);
        let by = if line.reported_by_others {
            ", as the model's makers report"
        } else {
            ""
        };
        self.sources
            .push(format!("RULER: {}{by} ({})", line.name(), ruler::SOURCE));
        for length in LENGTHS {
            if let Some(share) = line.share(length) {
                let ends = line.interval(length);
                self.ruler.push(RulerFigure {
                    category: None,
                    length,
                    value: share * 100.0,
                    n: line.samples(),
                    low: ends.map(|ends| (ends.low * 100.0).min(share * 100.0)),
                    high: ends.map(|ends| (ends.high * 100.0).max(share * 100.0)),
                });
            }
        }
    }

    fn add_longbench(&mut self, line: &longbench::Line) {
        let window = ruler::window(line.context);
        self.claimed_window = self.claimed_window.or(window);
        self.sources.push(format!(
            "LongBench v2: {} {} ({})",
            line.model,
            line.date,
            longbench::SOURCE
        ));
        for (reading, cot) in [(Reading::Direct, false), (Reading::Cot, true)] {
            for (column, length) in [
                (Column::Overall, None),
                (Column::Length(LengthClass::Long), Some(LengthClass::Long)),
            ] {
                if let Some(share) = line.share(column, cot) {
                    self.longbench.push(LongBenchFigure {
                        reading,
                        domain: None,
                        length,
                        value: share * 100.0,
                        n: Some(column.questions()),
                        low: None,
                        high: None,
                    });
                }
            }
        }
    }

    /// Adds what was measured: RULER by category and length, each the mean of its tasks' means,
    /// with a stratified bootstrap interval; LongBench v2 by way of answering, whole, by domain
    /// and for long texts. RULER's tasks with other options than its own do not count.
    pub fn add_results(&mut self, set: &ResultSet) {
        if self.name.is_empty() {
            self.name.clone_from(&set.about.model);
        }
        self.sources.push(format!("measured: {}", set.about.name));
        let means = set.means();
        for length in set.lengths() {
            for category in Category::ALL {
                let summary = means.category(category, length);
                if let Some((value, low, high)) = figure(&summary) {
                    self.ruler.push(RulerFigure {
                        category: Some(category),
                        length,
                        value,
                        n: Some(summary.n),
                        low,
                        high,
                    });
                }
            }
        }
        for cell in &set.cells {
            if let Some(reading) = reading(cell) {
                self.add_questions(cell, reading);
            }
        }
    }

    fn add_questions(&mut self, cell: &Cell, reading: Reading) {
        let mut parts = BTreeMap::<(Option<&str>, Option<LengthClass>), Vec<Option<f64>>>::new();
        for sample in &cell.samples {
            let mut add = |part| parts.entry(part).or_default().push(sample.score);
            add((None, None));
            if let Some(tags) = &sample.question {
                if let Some(domain) = &tags.domain {
                    add((Some(domain), None));
                }
                if tags.length == LengthClass::Long {
                    add((None, Some(LengthClass::Long)));
                }
            }
        }
        for ((domain, length), scores) in parts {
            let asked = u32::try_from(scores.len()).unwrap_or(u32::MAX);
            let summary = summarise(asked, cell.metric, scores);
            if let Some(figure) = figure(&summary) {
                self.longbench.push(LongBenchFigure {
                    reading,
                    domain: domain.map(str::to_owned),
                    length,
                    value: figure.0,
                    n: Some(summary.n),
                    low: figure.1,
                    high: figure.2,
                });
            }
        }
    }
}

/// How a cell of LongBench v2 was asked; retrieved passages are another thing than the text.
fn reading(cell: &Cell) -> Option<Reading> {
    if cell.task != task::ID {
        return None;
    }
    let setting = cell
        .variant
        .split(", ")
        .find_map(|option| option.strip_prefix("setting="));
    match setting.map_or(Ok(Setting::Direct), str::parse) {
        Ok(Setting::Direct) => Some(Reading::Direct),
        Ok(Setting::Cot) => Some(Reading::Cot),
        Ok(Setting::NoContext) => Some(Reading::NoContext),
        Ok(Setting::Tail { .. }) => Some(Reading::TailOnly),
        _ => None,
    }
}

/// Value and interval in percent.
fn figure(summary: &Summary) -> Option<(f64, Option<f64>, Option<f64>)> {
    let value = summary.mean? * 100.0;
    let ends = summary.interval;
    let low = ends.map(|ends| (ends.low * 100.0).min(value));
    Some((value, low, ends.map(|ends| (ends.high * 100.0).max(value))))
}
