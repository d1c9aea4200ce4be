//! Which figures are too uncertain for a verdict, and how many samples would settle them.

use serde::{Deserialize, Serialize};

use super::Thresholds;
use super::decide::verdict;
use super::evidence::{Evidence, LongBenchFigure, PercentFigure};
use super::facts::{MULTI_DOCUMENT, void};
use super::rules::AdaptationStep;
use crate::longbench::LengthClass;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// More than this many samples are not asked for: the figure is too close to call.
pub(super) const MOST: u32 = 5_000;
/// With fewer samples than these no figure is too close to call: this many times as many tell more.
const FEW: u32 = 100;
const AGAIN: u32 = 500;
/// Fewer more are not asked for: how many are wanted is an estimate.
const FEWEST: u32 = 10;
/// A turn nearer than this, in points, counts as this far away.
const NEAREST: f64 = 0.05;

/// A figure whose interval holds more than one verdict.
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
    /// Samples behind the figure; the assumed number where none is told.
    pub n: u32,
    /// Samples with which the interval would lie on one side of the turn; nothing where more than
    /// 5,000, or than there are, would be needed.
    pub wanted: Option<u32>,
    /// Questions that the benchmark has of this kind; nothing where any number can be made.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Its length, for RULER's figures.
    pub length: Option<Tokens>,
    /// Tasks that the figure is a mean of.
    pub tasks: u32,
}

impl UnsettledFigure {
    /// Samples that are lacking.
    pub fn more(&self) -> Option<u32> {
        let least = FEWEST.max(self.n / 10);
        let more = self.wanted?.saturating_sub(self.n).max(least);
        let left = self.limit.map(|limit| limit.saturating_sub(self.n));
        Some(left.map_or(more, |left| more.min(left)))
    }
}

type SetFigure = Box<dyn Fn(&mut Evidence, f64)>;

struct FigureSetter {
    what: String,
    figure: PercentFigure,
    length: Option<Tokens>,
    tasks: u32,
    limit: Option<u32>,
    set: SetFigure,
}

/// The figures at whose two ends the verdict is not the same, each changed alone, the least certain
/// first.
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
    let (mut low, mut high) = figure.interval(thresholds.assumed_n);
    let (from, to) = (low, high);
    let (below, above) = (at(low), at(high));
    if AdaptationStep::same(below, above) {
        return None;
    }
    while high - low > 0.05 {
        let middle = f64::midpoint(low, high);
        match AdaptationStep::same(at(middle), below) {
            true => low = middle,
            false => high = middle,
        }
    }
    let turn = f64::midpoint(low, high);
    let half = if turn < figure.value {
        figure.value - from
    } else {
        to - figure.value
    };
    let n = figure.n.unwrap_or(thresholds.assumed_n).max(1);
    let away = (turn - figure.value).abs().max(NEAREST);
    let wanted = f64::from(n) * (half / away).max(1.0).powi(2);
    // Where there are few, how far the turn is away is not known either: enough to look again.
    let wanted = match wanted > f64::from(MOST) && n < FEW {
        true => f64::from(AGAIN),
        false => wanted,
    };
    // To two digits: it is an estimate.
    let unit = 10_f64.powi((wanted.log10().floor() as i32 - 1).max(0));
    let wanted = ((wanted / unit).ceil() * unit) as u32;
    Some(UnsettledFigure {
        what: one.what.clone(),
        value: figure.value,
        low: from,
        high: to,
        turn,
        below,
        above,
        n,
        wanted: (wanted <= one.limit.unwrap_or(MOST.max(n))).then_some(wanted),
        limit: one.limit,
        length: one.length,
        tasks: one.tasks,
    })
}

fn figures(evidence: &Evidence, thresholds: &Thresholds) -> Vec<FigureSetter> {
    let mut all: Vec<FigureSetter> = Vec::new();
    for (at, one) in evidence.ruler.iter().enumerate() {
        all.push(FigureSetter {
            what: one.what(),
            figure: one.figure(),
            length: Some(one.length),
            tasks: tasks(one.category),
            limit: None,
            set: Box::new(move |evidence, value| evidence.ruler[at].value = value),
        });
    }
    // What carries no verdict settles none.
    let questions = evidence.longbench.iter().enumerate();
    for (at, one) in questions.filter(|(_, one)| !void(evidence, thresholds, one.reading)) {
        all.push(FigureSetter {
            what: one.what(),
            figure: one.figure(),
            length: None,
            tasks: 1,
            limit: Some(asked_at_most(one)),
            set: Box::new(move |evidence, value| evidence.longbench[at].value = value),
        });
    }
    for (at, one) in evidence.position_fix.iter().enumerate() {
        all.push(FigureSetter {
            what: one.what(),
            figure: one.figure(),
            length: Some(one.length),
            tasks: tasks(one.category),
            limit: None,
            set: Box::new(move |evidence, value| evidence.position_fix[at].value = value),
        });
    }
    if let Some(figure) = evidence.production {
        all.push(FigureSetter {
            what: "own hold-outs".to_owned(),
            figure,
            length: None,
            tasks: 1,
            limit: None,
            set: Box::new(|evidence, value| {
                if let Some(own) = &mut evidence.production {
                    own.value = value;
                }
            }),
        });
    }
    all
}

/// Questions of LongBench v2 in a part. Source: arXiv 2412.15204, table 1 and its lengths.
fn asked_at_most(part: &LongBenchFigure) -> u32 {
    let domain = match part.domain.as_deref() {
        Some("Single-Document QA") => 175,
        Some(MULTI_DOCUMENT) => 125,
        Some("Long In-context Learning") => 81,
        Some("Long-dialogue History Understanding") => 39,
        Some("Code Repository Understanding") => 50,
        Some("Long Structured Data Understanding") => 33,
        _ => 503,
    };
    let length = match part.length {
        Some(LengthClass::Short) => 180,
        Some(LengthClass::Medium) => 215,
        Some(LengthClass::Long) => 108,
        None => 503,
    };
    domain.min(length)
}

fn tasks(category: Option<RulerCategory>) -> u32 {
    match category {
        None => 13,
        Some(RulerCategory::SingleNeedle) => 3,
        Some(RulerCategory::MultiNeedle) => 5,
        Some(RulerCategory::MultiHop) => 1,
        Some(RulerCategory::Aggregation | RulerCategory::QuestionAnswering) => 2,
    }
}
