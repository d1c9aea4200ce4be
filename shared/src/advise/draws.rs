//! How certain a verdict is: the evidence is redrawn many times from its intervals.

use serde::{Deserialize, Serialize};

use super::decide::{verdict, verdict_and_rules};
use super::derived_facts::{near, void};
use super::evidence::{
    ALIKE, Evidence, LongBenchFigure, LongBenchMode, PercentFigure, Z_95, paired_error,
};
use super::missing::{MissingKind, untried};
use super::step::AdaptationStep;
use super::thresholds::Thresholds;
use crate::stats::random::SplitMix;

/// The standard deviation with which a budget is drawn, as a fraction: costs are known no better.
const BUDGET: f64 = 0.1;

/// The share of draws that lead to a verdict.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictShare {
    /// The verdict; `None` if no rule decides.
    pub verdict: Option<AdaptationStep>,
    /// Its share of the draws.
    pub share: f64,
}

/// A random stream that depends only on the draw and on what is drawn: taking
/// one figure away leaves the draws of the others unchanged. Seeded with FNV-1a of the name.
pub(super) struct DrawStream(SplitMix);

impl DrawStream {
    pub(super) fn new(draw: u32, what: &str) -> Self {
        let mut state = 0xcbf2_9ce4_8422_2325_u64;
        for byte in what.bytes().chain(draw.to_le_bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(SplitMix::new(state))
    }

    /// A number below `n`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next()) * n as u128) >> 64) as usize
    }

    /// Above 0 and below 1.
    fn unit(&mut self) -> f64 {
        ((self.0.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let (a, b) = (self.unit(), self.unit());
        libm::sqrt(-2.0 * libm::log(a)) * libm::cos(std::f64::consts::TAU * b)
    }
}

/// How often each verdict follows when the figures are drawn from their intervals, most frequent
/// first; what is missing stays unknown.
///
/// # Formula
/// Each figure is drawn from a normal distribution around its value, below it with the spread of
/// the interval's lower half and above it with that of the upper (half-width / 1.96), widened by
/// `thresholds.blur`, and cut to 0 to 100; a category at a longer length together with its shortest,
/// the more the less they differ. Answers with a chain of thought are drawn together with
/// direct ones: by their paired gain if it is known, else with a correlation of one half. Figures
/// that carry no verdict (as good without the text, or below chance) are not drawn; a budget is drawn
/// within a tenth, as costs are known no better. The seed is fixed.
pub fn shares(evidence: &Evidence, thresholds: &Thresholds) -> Vec<VerdictShare> {
    survey(evidence, thresholds).0
}

/// The same, and how often each rule fires, by its index among all rules.
pub(super) fn survey(
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> (Vec<VerdictShare>, Vec<f64>) {
    let draws = thresholds.draws.max(1);
    let mut counts: Vec<(Option<AdaptationStep>, u32)> = Vec::new();
    let mut fired: Vec<u32> = Vec::new();
    for draw in 0..draws {
        let drawn = drawn(evidence, thresholds, draw);
        let (step, fires) = verdict_and_rules(&drawn, thresholds);
        let step = tried(step, &drawn, thresholds, draw);
        fired.resize(fires.len(), 0);
        for (sum, fires) in fired.iter_mut().zip(fires) {
            *sum += u32::from(fires);
        }
        match counts.iter_mut().find(|(one, _)| *one == step) {
            Some((_, count)) => *count += 1,
            None => counts.push((step, 1)),
        }
    }
    // One course is reported in its more frequent form.
    counts.sort_by_key(|(step, count)| (std::cmp::Reverse(*count), *step));
    let mut shares: Vec<VerdictShare> = Vec::new();
    for (step, count) in counts {
        let part = f64::from(count) / f64::from(draws);
        match shares
            .iter_mut()
            .find(|one| AdaptationStep::same(one.verdict, step))
        {
            Some(one) => one.share += part,
            None => shares.push(VerdictShare {
                verdict: step,
                share: part,
            }),
        }
    }
    shares.sort_by(|a, b| b.share.total_cmp(&a.share));
    // To three decimals, so that they stay the same when printed and read back.
    let part = |count: u32| libm::round(1_000.0 * f64::from(count) / f64::from(draws)) / 1_000.0;
    (shares, fired.into_iter().map(part).collect())
}

/// The most remedies that may follow each other without having been measured.
const UNTRIED: u32 = 3;

/// The verdict of a draw. If it is a remedy that nobody measured, the verdict after one of its
/// possible outcomes, each equally likely, so that no verdict is more certain than its remedy.
fn tried(
    step: Option<AdaptationStep>,
    drawn: &Evidence,
    thresholds: &Thresholds,
    draw: u32,
) -> Option<AdaptationStep> {
    let (mut step, mut evidence) = (step, None::<Evidence>);
    for _ in 0..UNTRIED {
        let now = evidence.as_ref().unwrap_or(drawn);
        let Some(gap) = untried(step, now, thresholds) else {
            break;
        };
        let mut options = gap.options(now, thresholds);
        if options.is_empty() {
            break;
        }
        let key = format!("tried {}", gap.key());
        let chosen = DrawStream::new(draw, &key).below(options.len());
        let told = options.swap_remove(chosen).1;
        step = verdict(&told, thresholds);
        evidence = Some(told);
    }
    step
}

/// The share of draws with this verdict when missing figures are drawn too, from the two ends of
/// their ranges, each equally likely: the most cautious way to say that they could be anything.
/// Never above the share on what was measured.
pub(super) fn with_missing(
    evidence: &Evidence,
    thresholds: &Thresholds,
    step: Option<AdaptationStep>,
    measured: f64,
) -> f64 {
    let draws = thresholds.draws.max(1);
    let all = agreeing(evidence, thresholds, step);
    (f64::from(all) / f64::from(draws)).min(measured)
}

/// The number of draws with this verdict when missing figures are drawn too.
pub(super) fn agreeing(
    evidence: &Evidence,
    thresholds: &Thresholds,
    step: Option<AdaptationStep>,
) -> u32 {
    let agree = (0..thresholds.draws.max(1)).filter(|draw| {
        let drawn = drawn(evidence, thresholds, *draw);
        let whole = completed(drawn, thresholds, *draw);
        AdaptationStep::same(verdict(&whole, thresholds), step)
    });
    u32::try_from(agree.count()).unwrap_or(u32::MAX)
}

/// The evidence with every gap filled.
pub(super) fn completed(mut evidence: Evidence, thresholds: &Thresholds, draw: u32) -> Evidence {
    for gap in MissingKind::ALL {
        if !gap.is_open(&evidence, thresholds) {
            continue;
        }
        let mut options = gap.options(&evidence, thresholds);
        if !options.is_empty() {
            let chosen = DrawStream::new(draw, gap.key()).below(options.len());
            evidence = options.swap_remove(chosen).1;
        }
    }
    evidence
}

/// The evidence with every figure drawn.
pub(super) fn drawn(evidence: &Evidence, thresholds: &Thresholds, draw: u32) -> Evidence {
    let mut evidence = evidence.clone();
    let z = |key: &str| DrawStream::new(draw, key).normal();
    draw_fixes(&mut evidence, thresholds, &z);
    draw_lengths(&mut evidence, thresholds, &z);
    for one in &mut evidence.by_depth {
        let key = format!("depth {} {}", one.depth, one.length);
        one.value = value(one.figure(), thresholds, z(&key));
    }
    draw_questions(&mut evidence, thresholds, &z);
    draw_short_texts(&mut evidence, thresholds, &z);
    if let Some(budget) = &mut evidence.budget_gpu_hours {
        *budget *= libm::exp(BUDGET * z("budget"));
    }
    let people = PercentFigure::new(thresholds.human, thresholds.human_n);
    let key = match evidence.human {
        Some(_) => "people",
        None => "human",
    };
    evidence.drawn_people = Some(value(people, thresholds, z(key)));
    let before = &mut evidence.before;
    let single: [(&str, &mut Option<PercentFigure>); 5] = [
        ("human", &mut evidence.human),
        ("production", &mut evidence.production),
        ("before retrieval", &mut before.retrieval),
        ("before hard", &mut before.hard),
        ("before longbench", &mut before.longbench),
    ];
    for (key, figure) in single {
        if let Some(one) = figure {
            one.value = value(*one, thresholds, z(key));
        }
    }
    evidence
}

/// RULER: a category's figure at a longer length is drawn together with that at the shortest, the
/// more so the less they differ. What is alike at both lengths was most likely lost at neither, and
/// otherwise one of five categories would be drawn worse by chance in most draws.
///
/// # Formula
/// `z = ρ z₀ + √(1 − ρ²) z₁` with `ρ = max(0, 1 − |d| / 2 s)`, for the difference `d` of the two
/// figures and its standard error `s`.
fn draw_lengths(evidence: &mut Evidence, thresholds: &Thresholds, z: &dyn Fn(&str) -> f64) {
    let measured = evidence.ruler.clone();
    let shortest = |category| {
        let same = measured.iter().filter(move |one| one.category == category);
        same.min_by_key(|one| one.length)
    };
    for one in &mut evidence.ruler {
        let own = z(&format!("ruler {:?} {}", one.category, one.length));
        let first = shortest(one.category).filter(|first| first.length < one.length);
        let together = first.map(|first| {
            let key = format!("ruler {:?} {}", first.category, first.length);
            let alike = alike(first.figure(), one.figure(), thresholds);
            alike * z(&key) + libm::sqrt(1.0 - alike * alike) * own
        });
        one.value = value(one.figure(), thresholds, together.unwrap_or(own));
    }
}

/// A figure with a position fix is drawn together with that without it, as in [`draw_lengths`]: what is
/// alike with and without it was most likely not restored.
fn draw_fixes(evidence: &mut Evidence, thresholds: &Thresholds, z: &dyn Fn(&str) -> f64) {
    for fix in &mut evidence.position_fix {
        let own = z(&format!(
            "fix {:?} {:?} {}",
            fix.method, fix.category, fix.length
        ));
        let mut without = evidence.ruler.iter();
        let without =
            without.find(|one| one.category == fix.category && near(one.length, fix.length));
        let together = without.map(|one| {
            let key = format!("ruler {:?} {}", one.category, one.length);
            let alike = alike(one.figure(), fix.figure(), thresholds);
            alike * z(&key) + libm::sqrt(1.0 - alike * alike) * own
        });
        fix.value = value(fix.figure(), thresholds, together.unwrap_or(own));
    }
}

/// Short texts before and after an adaptation are the same texts: if sampling error alone may
/// explain their difference, the difference stays as measured, and shows no loss.
fn draw_short_texts(evidence: &mut Evidence, thresholds: &Thresholds, z: &dyn Fn(&str) -> f64) {
    let (z_before, own) = (z("before short"), z("short"));
    let pair = evidence.before.short_context.zip(evidence.short_context);
    let alike = pair.map_or(0.0, |(before, now)| {
        let error = paired_error(before, now, thresholds.assumed_n);
        match (before.value - now.value).abs() < Z_95 * error {
            true => 1.0,
            false => ALIKE,
        }
    });
    if let Some(now) = &mut evidence.short_context {
        let z = alike * z_before + libm::sqrt(1.0 - alike * alike) * own;
        now.value = value(*now, thresholds, z);
    }
    if let Some(before) = &mut evidence.before.short_context {
        before.value = value(*before, thresholds, z_before);
    }
}

/// The assumed correlation between the errors of two figures: higher the less they differ.
fn alike(a: PercentFigure, b: PercentFigure, thresholds: &Thresholds) -> f64 {
    let spread = |figure: PercentFigure| figure.standard_error(thresholds.assumed_n);
    let error = libm::hypot(spread(a), spread(b)).max(1e-9);
    (1.0 - (a.value - b.value).abs() / (2.0 * error)).max(0.0)
}

/// LongBench v2: every way of answering one part shares its questions.
fn draw_questions(evidence: &mut Evidence, thresholds: &Thresholds, z: &dyn Fn(&str) -> f64) {
    let own = libm::sqrt(1.0 - ALIKE);
    let readings = [
        LongBenchMode::Direct,
        LongBenchMode::Cot,
        LongBenchMode::NoContext,
    ];
    let void = readings.map(|reading| (reading, void(evidence, thresholds, reading)));
    for one in &mut evidence.longbench {
        if void.contains(&(one.reading, true)) {
            continue;
        }
        let questions = format!("questions {:?} {:?}", one.domain, one.length);
        let key = format!("{questions} {:?}", one.reading);
        let z = libm::sqrt(ALIKE) * z(&questions) + own * z(&key);
        one.value = value(one.figure(), thresholds, z);
    }
    let Some(gain) = evidence.thinking_gain else {
        return;
    };
    let half = if z("gain") < 0.0 {
        gain.value - gain.low
    } else {
        gain.high - gain.value
    };
    let gained = gain.value + z("gain") * half / Z_95;
    let direct = evidence.longbench_at(LongBenchMode::Direct, None, None);
    let whole = |one: &&mut LongBenchFigure| {
        one.reading == LongBenchMode::Cot && one.domain.is_none() && one.length.is_none()
    };
    let thought = evidence.longbench.iter_mut().find(whole);
    if let (Some(direct), Some(thought)) = (direct, thought) {
        thought.value = (direct + gained).clamp(0.0, 100.0);
    }
}

fn value(figure: PercentFigure, thresholds: &Thresholds, z: f64) -> f64 {
    let (value, (low, high)) = (figure.value, figure.interval(thresholds.assumed_n));
    let half = if z < 0.0 { value - low } else { high - value };
    // A figure that was set as a possible answer to a gap is not blurred.
    let exact = figure.low == Some(value) && figure.high == Some(value);
    let blur = if exact { 0.0 } else { thresholds.blur };
    let spread = libm::hypot(half / Z_95, blur);
    (value + z * spread).clamp(0.0, 100.0)
}
