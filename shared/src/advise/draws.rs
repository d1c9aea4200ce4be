//! How sure a verdict is: the evidence drawn again and again from its intervals.

use super::Thresholds;
use super::advice::{Certainty, verdict};
use super::completions::Gap;
use super::evidence::{Evidence, Figure};
use super::rules::Step;
use crate::stats::random::SplitMix;

/// Half the width of a 95% interval in standard deviations.
const Z_95: f64 = 1.959_963_984_540_054;

/// A stream of numbers that depends on the draw and on what is drawn, not on what else is: taking
/// one figure away leaves the draws of the others as they are. It begins with FNV-1a of the name.
pub(super) struct Chance(SplitMix);

impl Chance {
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

/// # Formula
/// Each figure is drawn from a normal distribution around its value, below it with the spread of
/// the interval's lower half and above it with that of the upper (half-width / 1.96), cut to 0 to
/// 100. Whatever is missing is drawn from the two ends of what it could be, each as likely: it
/// could be anything, and this is the least kind way to say so. `share` is never above `measured`.
/// The seed is fixed.
pub(super) fn certainty(
    evidence: &Evidence,
    thresholds: &Thresholds,
    step: Option<Step>,
) -> Certainty {
    let draws = thresholds.draws.max(1);
    let (mut full, mut measured) = (0_u32, 0_u32);
    if step.is_some() {
        for draw in 0..draws {
            let drawn = drawn(evidence, thresholds, draw);
            measured += u32::from(Step::same(verdict(&drawn, thresholds), step));
            full += u32::from(agrees(drawn, thresholds, draw, step));
        }
    }
    let part = |count: u32| f64::from(count) / f64::from(draws);
    Certainty {
        share: part(full.min(measured)),
        measured: part(measured),
        draws,
    }
}

/// Whether the verdict is this one, whatever is missing being drawn.
fn agrees(drawn: Evidence, thresholds: &Thresholds, draw: u32, step: Option<Step>) -> bool {
    Step::same(
        verdict(&completed(drawn, thresholds, draw), thresholds),
        step,
    )
}

/// Draws of all in which the verdict is this one.
#[cfg(test)]
pub(super) fn agreeing(evidence: &Evidence, thresholds: &Thresholds, step: Option<Step>) -> u32 {
    let all = 0..thresholds.draws;
    let agree = all.filter(|draw| {
        let drawn = drawn(evidence, thresholds, *draw);
        agrees(drawn, thresholds, *draw, step)
    });
    u32::try_from(agree.count()).unwrap_or(u32::MAX)
}

/// The evidence with every gap filled.
pub(super) fn completed(mut evidence: Evidence, thresholds: &Thresholds, draw: u32) -> Evidence {
    for gap in Gap::ALL {
        if !gap.is_open(&evidence, thresholds) {
            continue;
        }
        let mut options = gap.options(&evidence, thresholds);
        if !options.is_empty() {
            let chosen = Chance::new(draw, gap.key()).below(options.len());
            evidence = options.swap_remove(chosen).1;
        }
    }
    evidence
}

fn drawn(evidence: &Evidence, thresholds: &Thresholds, draw: u32) -> Evidence {
    let mut evidence = evidence.clone();
    let n = thresholds.assumed_n;
    for one in &mut evidence.ruler {
        let key = format!("ruler {:?} {}", one.category, one.length);
        one.value = value(one.figure(), n, draw, &key);
    }
    for one in &mut evidence.longbench {
        let key = format!(
            "longbench {:?} {:?} {:?}",
            one.reading, one.domain, one.length
        );
        one.value = value(one.figure(), n, draw, &key);
    }
    let before = &mut evidence.before;
    let single: [(&str, &mut Option<Figure>); 7] = [
        ("human", &mut evidence.human),
        ("production", &mut evidence.production),
        ("short", &mut evidence.short_context),
        ("before retrieval", &mut before.retrieval),
        ("before hard", &mut before.hard),
        ("before longbench", &mut before.longbench),
        ("before short", &mut before.short_context),
    ];
    for (key, figure) in single {
        if let Some(one) = figure {
            one.value = value(*one, n, draw, key);
        }
    }
    evidence
}

fn value(figure: Figure, assumed: u32, draw: u32, key: &str) -> f64 {
    let (value, (low, high)) = (figure.value, figure.interval(assumed));
    let z = Chance::new(draw, key).normal();
    let half = if z < 0.0 { value - low } else { high - value };
    (value + z * half / Z_95).clamp(0.0, 100.0)
}
