//! Calibration of the advisor: situations whose true figures are known are
//! measured with few and with many samples, and the advisor is asked about each.
//!
//! `cargo xtask bench advise` runs it and prints a table: for each tenth of certainty, how many
//! situations fell into it, and in how many of them the verdict matched that of the true figures.

#![expect(clippy::print_stdout, reason = "a table for a reader")]

use fathom_shared::advise::evidence::{
    ErrorTolerance, LongBenchFigure, LongBenchMode, PercentFigure, PriorAdaptation, RulerFigure,
    Workload,
};
use fathom_shared::advise::{AdaptationStep, Evidence, Thresholds, shares};
use fathom_shared::stats::random::SplitMix;
use fathom_shared::stats::wilson::wilson;
use fathom_shared::task::RulerCategory;
use fathom_shared::tokens::Tokens;

const SITUATIONS: u32 = 6_000;

struct Chance(SplitMix);

impl Chance {
    fn unit(&mut self) -> f64 {
        ((self.0.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[(self.unit() * all.len() as f64) as usize % all.len()]
    }

    fn normal(&mut self) -> f64 {
        let (a, b) = (self.unit(), self.unit());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }
}

/// A situation as it truly is.
fn truth(chance: &mut Chance) -> Evidence {
    let mut evidence = Evidence {
        workload: Some(chance.one_of(&Workload::ALL)),
        tolerance: Some(chance.one_of(&[ErrorTolerance::SomeMisses, ErrorTolerance::HumanLevel])),
        adaptation: Some(chance.one_of(&[PriorAdaptation::None, PriorAdaptation::Extended])),
        target_window: Some(Tokens(131_072)),
        trained_window: Some(Tokens(131_072)),
        human: Some(exact(53.7 + 2.2 * chance.normal())),
        ..Evidence::default()
    };
    let short = [99.0, 96.0, 94.0, 92.0, 78.0];
    let lost = chance.between(0.0, 1.0);
    for (category, good) in RulerCategory::ALL.into_iter().zip(short) {
        let before: f64 = good + chance.between(-4.0, 1.0);
        let weight = if category == RulerCategory::SingleNeedle {
            12.0
        } else {
            45.0
        };
        let after = (before - lost * chance.between(0.0, weight)).clamp(1.0, 100.0);
        for (length, value) in [(4_096, before), (131_072, after)] {
            let figure = RulerFigure::of(Some(category), Tokens(length), exact(value));
            evidence.ruler.push(figure);
        }
    }
    let direct = chance.between(28.0, 58.0);
    let cot = (direct + chance.between(-2.0, 14.0)).min(75.0);
    for (reading, value) in [(LongBenchMode::Direct, direct), (LongBenchMode::Cot, cot)] {
        let one = LongBenchFigure::of(reading, (None, None), exact(value));
        evidence.longbench.push(one);
    }
    evidence
}

fn exact(value: f64) -> PercentFigure {
    PercentFigure {
        value,
        n: None,
        low: Some(value),
        high: Some(value),
    }
}

/// The same as it would be measured: each figure from `n` samples, the human baseline unchanged.
fn measured(truth: &Evidence, chance: &mut Chance) -> Evidence {
    let mut evidence = truth.clone();
    evidence.human = None;
    let samples = chance.one_of(&[20, 50, 100, 500]);
    for one in &mut evidence.ruler {
        let tasks = match one.category {
            Some(RulerCategory::SingleNeedle) => 3,
            Some(RulerCategory::MultiNeedle) => 5,
            Some(RulerCategory::MultiHop) => 1,
            _ => 2,
        };
        let figure = drawn(one.value, samples * tasks, chance);
        (one.value, one.n, one.low, one.high) = (figure.value, figure.n, figure.low, figure.high);
    }
    for one in &mut evidence.longbench {
        let figure = drawn(one.value, 503, chance);
        (one.value, one.n, one.low, one.high) = (figure.value, figure.n, figure.low, figure.high);
    }
    evidence
}

fn drawn(percent: f64, n: u32, chance: &mut Chance) -> PercentFigure {
    let hits = (0..n).filter(|_| chance.unit() * 100.0 < percent).count();
    let hits = u32::try_from(hits).unwrap_or(n);
    let value = f64::from(hits) / f64::from(n) * 100.0;
    let ends = wilson(hits, n);
    PercentFigure {
        value,
        n: Some(n),
        low: ends.map(|ends| (ends.low * 100.0).min(value)),
        high: ends.map(|ends| (ends.high * 100.0).max(value)),
    }
}

fn first(evidence: &Evidence, draws: u32) -> (Option<AdaptationStep>, f64) {
    let thresholds = Thresholds {
        draws,
        ..Thresholds::default()
    };
    let shares = shares(evidence, &thresholds);
    shares
        .first()
        .map_or((None, 0.0), |one| (one.verdict, one.share))
}

fn course(step: Option<AdaptationStep>) -> Option<AdaptationStep> {
    match step {
        Some(AdaptationStep::ContinueAndReason) => Some(AdaptationStep::ContinuePretraining),
        other => other,
    }
}

fn main() {
    let mut chance = Chance(SplitMix::new(18));
    let mut tenths = [(0_u32, 0_u32, 0.0_f64); 10];
    for _ in 0..SITUATIONS {
        let truth = truth(&mut chance);
        let (right, _) = first(&truth, 1);
        let (told, share) = first(&measured(&truth, &mut chance), 400);
        let tenth = ((share * 10.0) as usize).min(9);
        tenths[tenth].0 += 1;
        tenths[tenth].1 += u32::from(course(told) == course(right));
        tenths[tenth].2 += share;
    }
    println!("certainty | situations | mean certainty | right | 95% interval");
    println!("---|--:|--:|--:|--:");
    for (tenth, (all, right, sum)) in tenths.into_iter().enumerate() {
        if let Some(ends) = wilson(right, all) {
            println!(
                "{} to {}% | {all} | {:.0}% | {:.0}% | {:.0} to {:.0}%",
                tenth * 10,
                tenth * 10 + 10,
                sum / f64::from(all) * 100.0,
                f64::from(right) / f64::from(all) * 100.0,
                ends.low * 100.0,
                ends.high * 100.0
            );
        }
    }
}
