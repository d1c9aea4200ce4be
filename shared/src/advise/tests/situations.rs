//! Situations, put together from a few words.

use crate::advise::evidence::{
    DepthFigure, ErrorTolerance, LongBenchFigure, LongBenchMode, PercentFigure, PositionFixFigure,
    PositionFixMethod, PriorAdaptation, RulerFigure, TrainingCorpus, Workload,
};
use crate::advise::{Advice, Evidence, Thresholds, advise};
use crate::longbench::LengthClass;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

pub(super) const K: u32 = 1_024;

/// RULER by category: single needle, several, chains, counts.
pub(super) const GOOD: [f64; 4] = [99.5, 97.0, 95.0, 93.0];
pub(super) const CHAINS_LOST: [f64; 4] = [99.5, 93.0, 55.0, 45.0];
pub(super) const ALL_LOST: [f64; 4] = [60.0, 50.0, 30.0, 20.0];

/// The advice, by few draws.
pub(super) fn told(evidence: &Evidence) -> Advice {
    let few = Thresholds {
        draws: 200,
        ..Thresholds::default()
    };
    advise(evidence, &few)
}

/// The same with own hold-outs, and what people reach on them.
pub(super) fn with_own(evidence: &Evidence, own: f64, people: Option<f64>) -> Evidence {
    let mut evidence = evidence.clone();
    evidence.production = Some(PercentFigure::new(own, 300));
    evidence.human = people.map(|people| PercentFigure::new(people, 200));
    evidence
}

/// A workload, the window it needs and the one there is.
pub(super) fn work(workload: Workload, target: u32, window: u32) -> Evidence {
    Evidence {
        workload: Some(workload),
        target_window: Some(Tokens(target * K)),
        trained_window: Some(Tokens(window * K)),
        tolerance: Some(ErrorTolerance::SomeMisses),
        adaptation: Some(PriorAdaptation::None),
        ..Evidence::default()
    }
}

impl Evidence {
    pub(super) fn at(mut self, length: u32, categories: [f64; 4]) -> Self {
        for (category, value) in RulerCategory::ALL.into_iter().zip(categories) {
            self.ruler.push(RulerFigure {
                category: Some(category),
                length: Tokens(length * K),
                tasks: None,
                value,
                n: Some(500),
                low: None,
                high: None,
            });
        }
        self
    }

    pub(super) fn mean(mut self, length: u32, value: f64) -> Self {
        self.ruler.push(RulerFigure {
            category: None,
            length: Tokens(length * K),
            tasks: None,
            value,
            n: Some(6_500),
            low: None,
            high: None,
        });
        self
    }

    pub(super) fn asked(self, reading: LongBenchMode, value: f64) -> Self {
        self.asked_of(reading, None, None, value)
    }

    pub(super) fn long(self, value: f64) -> Self {
        self.asked_of(LongBenchMode::Direct, None, Some(LengthClass::Long), value)
    }

    pub(super) fn asked_of(
        mut self,
        reading: LongBenchMode,
        domain: Option<&str>,
        length: Option<LengthClass>,
        value: f64,
    ) -> Self {
        self.longbench.push(LongBenchFigure {
            reading,
            domain: domain.map(str::to_owned),
            length,
            value,
            n: Some(503),
            low: None,
            high: None,
        });
        self
    }

    /// LongBench v2 direct and with a chain of thought.
    pub(super) fn answers(self, direct: f64, cot: f64) -> Self {
        self.asked(LongBenchMode::Direct, direct)
            .asked(LongBenchMode::Cot, cot)
    }

    pub(super) fn after(mut self, adaptation: PriorAdaptation) -> Self {
        self.adaptation = Some(adaptation);
        self
    }

    pub(super) fn had(mut self, needle: f64, hard: f64, longbench: f64) -> Self {
        self.before.retrieval = Some(PercentFigure::new(needle, 500));
        self.before.hard = Some(PercentFigure::new(hard, 500));
        self.before.longbench = Some(PercentFigure::new(longbench, 503));
        self
    }

    pub(super) fn bearing(mut self, tolerance: ErrorTolerance) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    pub(super) fn holdouts(mut self, value: f64) -> Self {
        self.production = Some(PercentFigure::new(value, 500));
        self.human = Some(PercentFigure::new(53.7, 503));
        self
    }

    pub(super) fn fixed(mut self, length: u32, categories: [f64; 4]) -> Self {
        for (category, value) in RulerCategory::ALL.into_iter().zip(categories) {
            self.position_fix.push(PositionFixFigure {
                method: PositionFixMethod::String,
                category: Some(category),
                length: Tokens(length * K),
                value,
                n: Some(500),
                low: None,
                high: None,
            });
        }
        self
    }

    pub(super) fn found(mut self, length: u32, depths: [f64; 5]) -> Self {
        for (place, value) in (0_u8..).zip(depths) {
            self.by_depth.push(DepthFigure {
                depth: 10.0 + 20.0 * f64::from(place),
                length: Tokens(length * K),
                value,
                n: Some(200),
                low: None,
                high: None,
            });
        }
        self
    }

    pub(super) fn with(mut self, corpus: TrainingCorpus) -> Self {
        self.corpus = Some(corpus);
        self
    }

    pub(super) fn budget(mut self, gpu_hours: f64) -> Self {
        self.budget_gpu_hours = Some(gpu_hours);
        self
    }

    pub(super) fn shorts(mut self, before: f64, now: f64) -> Self {
        self.before.short_context = Some(PercentFigure::new(before, 1_000));
        self.short_context = Some(PercentFigure::new(now, 1_000));
        self
    }
}
