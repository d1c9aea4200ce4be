//! Which figures are too uncertain for a verdict, and how many samples would settle them.

use serde::{Deserialize, Serialize};

use super::benchmarks::tasks_in;
use super::decide::verdict;
use super::derived_facts::void;
use super::evidence::{Evidence, LongBenchMode, PercentFigure};
use super::sentences::named;
use super::step::AdaptationStep;
use super::thresholds::Thresholds;
use crate::numbers::{count, tenths};
use crate::tokens::Tokens;

/// The most samples that are asked for: a figure that needs more is too close to call.
const MOST: u32 = 5_000;
/// With fewer samples than this no figure is too close to call.
const FEW: u32 = 100;
/// The samples that are then asked for before looking again.
const AGAIN: u32 = 500;
/// The fewest additional samples that are asked for, as the number is an estimate.
const FEWEST: u32 = 10;
/// A turn nearer than this, in points, is treated as this far away.
const NEAREST: f64 = 0.05;

/// A figure whose interval allows more than one verdict.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnsettledFigure {
    /// What was measured.
    pub what: String,
    /// Percent.
    pub value: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The value at which the verdict turns.
    pub turn: f64,
    /// The verdict below it.
    pub below: Option<AdaptationStep>,
    /// The verdict above it.
    pub above: Option<AdaptationStep>,
    /// Samples behind the figure; the assumed number if none is given.
    pub n: u32,
    /// Whether that number is assumed.
    #[serde(default)]
    pub assumed: bool,
    /// Whether a chain of thought comes before each answer.
    #[serde(default)]
    pub thinks: bool,
    /// Samples with which the interval would lie on one side of the turn; `None` if it would take more
    /// than 5,000, or more than there are.
    pub wanted: Option<u32>,
    /// Questions that the benchmark has of this kind; `None` if any number can be generated.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Its length, for RULER's figures.
    pub length: Option<Tokens>,
    /// Tasks that the figure is a mean of.
    pub tasks: u32,
}

impl UnsettledFigure {
    /// How many more samples are needed.
    pub fn more(&self) -> Option<u32> {
        let least = FEWEST.max(self.n / 10);
        let more = self.wanted?.saturating_sub(self.n).max(least);
        let left = self.limit.map(|limit| limit.saturating_sub(self.n));
        Some(left.map_or(more, |left| more.min(left)))
    }
}

impl UnsettledFigure {
    /// In words: the interval, the verdicts on both sides of the turn, how many samples would settle it.
    pub fn says(&self) -> String {
        let samples = match self.more() {
            Some(more) => format!(
                "about {} more samples would narrow it down",
                count(more.into())
            ),
            None if self.limit.is_some() => format!(
                "more samples cannot settle it: LongBench v2 has only {} questions of this kind",
                count(self.limit.unwrap_or_default().into())
            ),
            None => format!(
                "it would take more than {} samples to settle it",
                count(self.n.max(MOST).into())
            ),
        };
        format!(
            "{} is {:.1} (95% interval {}, n = {}{}): below {:.1} the verdict is \"{}\", above it \"{}\"; {samples}.",
            self.what,
            self.value,
            tenths(self.low, self.high),
            count(self.n.into()),
            if self.assumed {
                " assumed, as none was given"
            } else {
                ""
            },
            self.turn,
            named(self.below),
            named(self.above),
        )
    }
}

pub(super) type SetFigure = Box<dyn Fn(&mut Evidence, f64)>;

/// A figure of the evidence, and how to change it.
pub(super) struct FigureSetter {
    pub what: String,
    pub figure: PercentFigure,
    /// Whether its number of samples was given.
    told: bool,
    pub length: Option<Tokens>,
    pub tasks: u32,
    pub limit: Option<u32>,
    pub thinks: bool,
    pub set: SetFigure,
}

/// The figures for which the verdict differs between the two ends of the interval, each changed alone,
/// the least certain first.
///
/// # Formula
/// With the turn at distance `d` from the value and the interval's half-width `h` at `n` samples,
/// `n · (h / d)²` samples bring the half-width down to `d`.
pub(super) fn unsettled(evidence: &Evidence, thresholds: &Thresholds) -> Vec<UnsettledFigure> {
    let mut all: Vec<UnsettledFigure> = figures(evidence, thresholds)
        .iter()
        .filter_map(|one| unsettled_one(one, evidence, thresholds))
        .collect();
    all.sort_by(|a, b| {
        let far = |one: &UnsettledFigure| (one.turn - one.value).abs() / (one.high - one.low);
        far(a).total_cmp(&far(b))
    });
    all
}

/// The figures with fewer than 100 samples, the fewest first, each to get four times as many, which
/// halves its interval. They are asked for if only several figures together allow more than one
/// verdict.
pub(super) fn thin(evidence: &Evidence, thresholds: &Thresholds) -> Vec<WantedSamples> {
    let all = figures(evidence, thresholds).into_iter();
    let thin = all.filter_map(|one| {
        let n = one.figure.n.filter(|n| *n < FEW)?;
        let wanted = n.saturating_mul(4).min(one.limit.unwrap_or(u32::MAX));
        (wanted > n).then_some(WantedSamples {
            what: one.what,
            n,
            wanted,
            assumed: false,
            length: one.length,
            tasks: one.tasks,
            thinks: one.thinks,
        })
    });
    let mut thin: Vec<WantedSamples> = thin.collect();
    thin.sort_by_key(|one| one.n);
    thin
}

/// A figure of which more samples are wanted.
#[derive(Clone)]
pub(super) struct WantedSamples {
    pub what: String,
    /// Samples there are.
    pub n: u32,
    /// Samples there have to be.
    pub wanted: u32,
    /// Whether the number of samples is assumed.
    pub assumed: bool,
    pub length: Option<Tokens>,
    pub tasks: u32,
    pub thinks: bool,
}

impl UnsettledFigure {
    /// The samples that are wanted of it; `None` if no number of them would settle it.
    pub(super) fn wish(&self) -> Option<WantedSamples> {
        self.wanted.filter(|wanted| *wanted > self.n)?;
        let wanted = self.n.saturating_add(self.more()?);
        Some(WantedSamples {
            what: self.what.clone(),
            n: self.n,
            wanted,
            assumed: self.assumed,
            length: self.length,
            tasks: self.tasks,
            thinks: self.thinks,
        })
    }
}

fn unsettled_one(
    one: &FigureSetter,
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> Option<UnsettledFigure> {
    let at = |value: f64| {
        let mut changed = evidence.clone();
        (one.set)(&mut changed, value);
        verdict(&changed, thresholds)
    };
    let figure = one.figure;
    let (from, to) = figure.interval(thresholds.assumed_n);
    // Today's verdict lies on one side of the turn: of two turns, the nearer one counts.
    let now = at(figure.value);
    let turn_towards = |end: f64| {
        if AdaptationStep::same(at(end), now) {
            return None;
        }
        let (mut kept, mut turned) = (figure.value, end);
        while (turned - kept).abs() > 0.05 {
            let middle = f64::midpoint(kept, turned);
            match AdaptationStep::same(at(middle), now) {
                true => kept = middle,
                false => turned = middle,
            }
        }
        Some((f64::midpoint(kept, turned), at(turned)))
    };
    let far = |turn: f64| (turn - figure.value).abs();
    let turns = [turn_towards(from), turn_towards(to)];
    let nearest = turns.into_iter().flatten();
    let (turn, other) = nearest.min_by(|a, b| far(a.0).total_cmp(&far(b.0)))?;
    let (below, above) = match turn < figure.value {
        true => (other, now),
        false => (now, other),
    };
    let half = if turn < figure.value {
        figure.value - from
    } else {
        to - figure.value
    };
    let n = figure.n.unwrap_or(thresholds.assumed_n).max(1);
    let away = (turn - figure.value).abs().max(NEAREST);
    let wanted = f64::from(n) * (half / away).max(1.0).powi(2);
    // With few samples the distance to the turn is not known either: ask for enough to look again.
    let wanted = match wanted > f64::from(MOST) && n < FEW {
        true => f64::from(AGAIN),
        false => wanted,
    };
    // If less than half of a benchmark was asked, the rest is worth asking in any case.
    let rest = one.limit.filter(|limit| n <= limit / 2).map(f64::from);
    let wanted = rest.map_or(wanted, |limit| wanted.min(limit));
    // To two digits: it is an estimate.
    let unit = 10_f64.powi((wanted.log10().floor() as i32 - 1).max(0));
    let wanted = ((wanted / unit).ceil() * unit) as u32;
    let wanted = match rest {
        Some(_) => wanted.min(one.limit.unwrap_or(wanted)),
        None => wanted,
    };
    Some(UnsettledFigure {
        what: one.what.clone(),
        value: figure.value,
        low: from,
        high: to,
        turn,
        below,
        above,
        n,
        assumed: !one.told,
        thinks: one.thinks,
        wanted: (wanted <= one.limit.unwrap_or(MOST.max(n))).then_some(wanted),
        limit: one.limit,
        length: one.length,
        tasks: one.tasks,
    })
}

/// Every figure that carries a verdict.
pub(super) fn figures(evidence: &Evidence, thresholds: &Thresholds) -> Vec<FigureSetter> {
    let mut all: Vec<FigureSetter> = Vec::new();
    for (at, one) in evidence.ruler.iter().enumerate() {
        all.push(FigureSetter {
            what: one.what(),
            figure: one.figure(),
            told: one.n.is_some(),
            length: Some(one.length),
            tasks: tasks_in(one.category),
            limit: None,
            thinks: false,
            set: Box::new(move |evidence, value| evidence.ruler[at].value = value),
        });
    }
    // Figures that carry no verdict are left out.
    let questions = evidence.longbench.iter().enumerate();
    for (at, one) in questions.filter(|(_, one)| !void(evidence, thresholds, one.reading)) {
        all.push(FigureSetter {
            what: one.what(),
            figure: one.figure(),
            told: one.n.is_some(),
            length: None,
            tasks: 1,
            limit: Some(one.questions()),
            thinks: one.reading == LongBenchMode::Cot,
            set: Box::new(move |evidence, value| evidence.longbench[at].value = value),
        });
    }
    for (at, one) in evidence.position_fix.iter().enumerate() {
        all.push(FigureSetter {
            what: one.what(),
            figure: one.figure(),
            told: one.n.is_some(),
            length: Some(one.length),
            tasks: tasks_in(one.category),
            limit: None,
            thinks: false,
            set: Box::new(move |evidence, value| evidence.position_fix[at].value = value),
        });
    }
    if let Some(figure) = evidence.production {
        all.push(FigureSetter {
            what: "own hold-outs".to_owned(),
            figure,
            told: figure.n.is_some(),
            length: None,
            tasks: 1,
            limit: None,
            thinks: false,
            set: Box::new(|evidence, value| {
                if let Some(own) = &mut evidence.production {
                    own.value = value;
                }
            }),
        });
    }
    all
}
