//! Builds evidence from published figures, and merges evidence.

use super::{
    Evidence, LongBenchFigure, LongBenchMode, PercentFigure, PositionFixFigure, PositionFixMethod,
    PriorAdaptation, RulerFigure, WeightAccess,
};
use crate::advise::costs::ModelDimensions;
use crate::longbench::LengthClass;
use crate::published::longbench::{self, LeaderboardColumn};
use crate::published::ruler::{self, LENGTHS};
use crate::published::{ParameterCount, both, categories, meant_name, plain_name, same_name};
use crate::results::length_text;
use crate::stats::Interval;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// No published figures of that name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", self.says())]
pub struct UnknownPublishedModel {
    /// What was asked for.
    pub got: String,
    /// Names like it.
    pub like: Vec<String>,
}

impl UnknownPublishedModel {
    fn says(&self) -> String {
        let like = self.like.join(", ");
        match (self.got.trim().is_empty(), self.like.is_empty()) {
            (true, _) => "got an empty name, expected a model of RULER's or LongBench v2's leaderboard, such as `Llama 3.1 8B`".to_owned(),
            (_, true) => format!("no published figures of `{}`, and no name like it", self.got),
            _ => format!("no published figures of `{}`; like it: {like}", self.got),
        }
    }

    /// For a name in no table: the names that contain it, else those that share most of its words.
    pub(super) fn of(got: &str) -> Self {
        let known = Evidence::published_names();
        let wanted = plain_name(got);
        let holds = |one: &&String| plain_name(one).contains(&wanted);
        let mut like: Vec<String> = known.iter().filter(holds).cloned().collect();
        if like.is_empty() {
            let words = |name: &str| {
                let words = name.split(|one: char| !one.is_alphanumeric());
                let words = words.filter(|word| word.len() > 2);
                words.map(str::to_lowercase).collect::<Vec<_>>()
            };
            let asked = words(got);
            let shared = |one: &str| {
                let plain = plain_name(one);
                asked.iter().filter(|word| plain.contains(*word)).count()
            };
            let most = known.iter().map(|one| shared(one)).max().unwrap_or(0);
            let alike = known.iter().filter(|one| most > 0 && shared(one) == most);
            like = alike.take(8).cloned().collect();
        }
        if wanted.is_empty() {
            like.clear();
        }
        Self {
            got: got.to_owned(),
            like,
        }
    }
}

impl Evidence {
    /// The published figures of a model, from both leaderboards if both list it.
    ///
    /// RULER's table has no figures by category and LongBench v2's none by domain: these stay
    /// missing, except for a few models that others measured by category at 128K, three of them also with
    /// STRING. Variants with another window are other models: GLM-4-9B is not RULER's GLM4 with 1M.
    ///
    /// # Errors
    /// [`UnknownPublishedModel`] if neither has a line of that name.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::advise::Evidence;
    /// let evidence = Evidence::published("Llama3.1 8B")?;
    /// assert_eq!(evidence.ruler.len(), 9); // the mean at six lengths, three categories at 128K
    /// assert_eq!(evidence.sources.len(), 3);
    /// # Ok::<(), fathom_shared::advise::evidence::UnknownPublishedModel>(())
    /// ```
    pub fn published(name: &str) -> Result<Self, UnknownPublishedModel> {
        let same = |(ours, theirs): &(ruler::RulerTableLine, longbench::LeaderboardLine)| {
            same_name(&ours.name(), name) || same_name(theirs.model, name)
        };
        let (ruler, longbench) = match both().into_iter().find(same) {
            Some((ours, theirs)) => (Some(ours), Some(theirs)),
            None => (ruler::find(name), on_board(name)),
        };
        if ruler.is_none() && longbench.is_none() {
            let names = Self::published_names();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            return match meant_name(name, &names) {
                Some(meant) if meant != name => Self::published(meant),
                _ => Err(UnknownPublishedModel::of(name)),
            };
        }
        // The tables give no size for models whose makers do not publish the weights.
        let sizes = [
            ruler.as_ref().map(|line| line.params),
            longbench.as_ref().map(|line| line.params),
        ];
        let untold = sizes.iter().flatten().all(|params| params.is_empty());
        let closed = untold && is_closed(name);
        let mut evidence = Self {
            weights: closed.then_some(WeightAccess::Fixed),
            name: name.to_owned(),
            adaptation: Some(PriorAdaptation::None),
            ..Self::default()
        };
        if let Some(line) = ruler {
            evidence.add_ruler(&line);
        }
        if let Some(line) = longbench {
            evidence.add_longbench(&line);
        }
        evidence.add_categories(name);
        Ok(evidence)
    }

    /// Adds other evidence; if both have a value, the existing one is kept.
    pub fn add(&mut self, other: Self) {
        if self.name.is_empty() {
            self.name = other.name;
        }
        self.sources.extend(other.sources);
        self.adaptation = self.adaptation.or(other.adaptation);
        self.weights = self.weights.or(other.weights);
        self.claim(other.claimed_window, other.claimed_by);
        self.size(other.model, other.model_by);
        // The figures of one length come from one source: another source's mean beside our categories
        // would be of another setting.
        let lengths: Vec<_> = self.ruler.iter().map(|one| one.length).collect();
        let ruler = other.ruler.into_iter();
        self.ruler
            .extend(ruler.filter(|one| !lengths.contains(&one.length)));
        if self.position_fix.is_empty() {
            let fixes = other.position_fix.into_iter();
            let fixes = fixes.filter(|one| !lengths.contains(&one.length));
            self.position_fix = fixes.collect();
        }
        self.thinking_gain = self.thinking_gain.or(other.thinking_gain);
        if self.by_depth.is_empty() {
            self.by_depth = other.by_depth;
        }
        for one in other.longbench {
            let known = self.longbench_at(one.reading, one.domain.as_deref(), one.length);
            if known.is_none() {
                self.longbench.push(one);
            }
        }
    }

    /// Where everything comes from: the sources of figures, then who says window and size.
    pub fn told_by(&self) -> Vec<String> {
        let mut told = self.sources.clone();
        if let Some(window) = self.claimed_window.filter(|_| !self.claimed_by.is_empty()) {
            told.push(format!(
                "Claimed window: {} tokens ({})",
                length_text(window),
                self.claimed_by
            ));
        }
        if !self.model_by.is_empty() {
            let shape = match self.model.as_ref().map(|model| model.shape_by.as_str()) {
                Some(by) if !by.is_empty() => format!("its layers and heads: {by}"),
                _ => "layers and attention width estimated from it".to_owned(),
            };
            told.push(format!("Size, for costs: {}; {shape}", self.model_by));
        }
        told
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

    /// Takes a claimed window if none is known.
    pub(super) fn claim(&mut self, window: Option<Tokens>, by: String) {
        if self.claimed_window.is_none() && window.is_some() {
            (self.claimed_window, self.claimed_by) = (window, by);
        }
    }

    /// Takes a size if none is known.
    fn size(&mut self, model: Option<ModelDimensions>, by: String) {
        if self.model.is_none() && model.is_some() {
            (self.model, self.model_by) = (model, by);
        }
    }

    /// Takes the size from a table. The shape is an estimate from the active parameters.
    fn size_of_table(&mut self, model: &str, params: &str, table: &str) {
        let Some(size) = ParameterCount::of(model, params) else {
            return;
        };
        let active = match size.source {
            "" => String::new(),
            source => format!("; active ones: {source}"),
        };
        let by = format!("{}, {table}{active}", size.says());
        let known = ModelDimensions::of_known(&format!("{model} {params}"), size.active);
        let model = ModelDimensions {
            name: String::new(),
            ..known.with_total(size.total)
        };
        self.size(Some(model), by);
    }

    fn add_ruler(&mut self, line: &ruler::RulerTableLine) {
        self.claim(Some(line.claimed), ruler::SOURCE.to_owned());
        self.size_of_table(line.model, line.params, ruler::SOURCE);
        let by = if line.reported_by_others {
            ", as the model's makers report"
        } else {
            ""
        };
        self.sources
            .push(format!("RULER: {}{by} ({})", line.name(), ruler::SOURCE));
        for length in LENGTHS {
            if let Some(share) = line.share(length) {
                let figure = percent(share, line.samples(), line.interval(length));
                self.ruler.push(RulerFigure::of(None, length, figure));
            }
        }
    }

    /// RULER by category, if others measured it; with STRING as a position fix that was tried. The eight
    /// tasks with needles have one mean there, which also follows from the mean of all thirteen.
    fn add_categories(&mut self, name: &str) {
        let told = |value: f64| PercentFigure {
            value,
            n: None,
            low: None,
            high: None,
        };
        let lines = categories::find(name);
        for line in &lines {
            let parts = [
                (Some(RulerCategory::MultiHop), line.multi_hop),
                (Some(RulerCategory::Aggregation), line.aggregation),
                (
                    Some(RulerCategory::QuestionAnswering),
                    line.question_answering,
                ),
                (None, line.mean),
            ];
            for (category, value) in parts {
                let length = line.length;
                let known = self.ruler.iter();
                let mut known =
                    known.filter(|one| one.category == category && one.length == length);
                match line.string {
                    true => self.position_fix.push(PositionFixFigure::of(
                        PositionFixMethod::String,
                        category,
                        length,
                        told(value),
                    )),
                    false if known.next().is_none() => {
                        self.ruler
                            .push(RulerFigure::of(category, length, told(value)));
                    }
                    false => {}
                }
            }
        }
        if let Some(line) = lines.first() {
            self.sources.push(format!(
                "RULER by category: {} ({})",
                line.model, line.source
            ));
        }
    }

    fn add_longbench(&mut self, line: &longbench::LeaderboardLine) {
        self.claim(ruler::window(line.context), longbench::SOURCE.to_owned());
        self.size_of_table(line.model, line.params, longbench::SOURCE);
        self.sources.push(format!(
            "LongBench v2: {} {} ({})",
            line.model,
            line.date,
            longbench::SOURCE
        ));
        for (reading, cot) in [(LongBenchMode::Direct, false), (LongBenchMode::Cot, true)] {
            for (column, length) in [
                (LeaderboardColumn::Overall, None),
                (
                    LeaderboardColumn::Length(LengthClass::Long),
                    Some(LengthClass::Long),
                ),
            ] {
                if let Some(share) = line.share(column, cot) {
                    let figure = PercentFigure::new(share * 100.0, column.questions());
                    self.longbench
                        .push(LongBenchFigure::of(reading, (None, length), figure));
                }
            }
        }
    }
}

/// The beginnings of names of models whose makers do not publish the weights. For other models without
/// a size in any table, this is not known.
const CLOSED: [&str; 8] = [
    "gemini", "gpt4", "gpt5", "o1", "o3", "claude", "grok", "glm4plus",
];

fn is_closed(name: &str) -> bool {
    let name = plain_name(name.rsplit('/').next().unwrap_or(name));
    CLOSED.iter().any(|maker| name.starts_with(maker))
}

/// The line of LongBench v2's table with that name, with its date if the name occurs twice.
fn on_board(name: &str) -> Option<longbench::LeaderboardLine> {
    longbench::board().into_iter().find(|line| {
        let named = same_name(line.model, name)
            || same_name(&format!("{} {}", line.model, line.date), name);
        named && !line.date.is_empty()
    })
}

/// A fraction and its interval in percent; rounding leaves the value within.
pub(super) fn percent(share: f64, n: Option<u32>, ends: Option<Interval>) -> PercentFigure {
    let value = share * 100.0;
    PercentFigure {
        value,
        n,
        low: ends.map(|ends| (ends.low * 100.0).min(value)),
        high: ends.map(|ends| (ends.high * 100.0).max(value)),
    }
}
