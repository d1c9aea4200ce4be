//! Checks of evidence.

use super::{Evidence, PercentFigure};
use crate::advise::benchmarks::{TASKS, ruler_tasks};
use crate::advise::costs::{hardware, named};
use crate::numbers::{span, tenths};
use crate::results::length_text;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// Points that a mean may lie outside of what its categories allow.
const ROUNDING: f64 = 2.0;

/// What is wrong with evidence.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A share outside the scale.
    #[error("{what}: got {got}, expected a percentage from 0 to 100")]
    OutOfRange {
        /// The figure.
        what: String,
        /// Its value.
        got: f64,
    },
    /// All shares are at most 1.
    #[error("all shares are at most 1, like fractions: expected percentages from 0 to 100")]
    Fractions,
    /// An interval that does not hold its value.
    #[error(
        "{what}: got the interval {} around {value}, expected low <= value <= high",
        span(*low, *high, |one| one.to_string())
    )]
    Interval {
        /// The figure.
        what: String,
        /// Its value.
        value: f64,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// No samples.
    #[error("{what}: got n = 0, expected at least one sample")]
    NoSamples {
        /// The figure.
        what: String,
    },
    /// One figure, twice.
    #[error("{what} is given twice: {first} and {second}; keep one")]
    Twice {
        /// The figure.
        what: String,
        /// Its first value.
        first: f64,
        /// Its second value.
        second: f64,
    },
    /// A mean of all tasks that its categories do not allow.
    #[error(
        "RULER mean at {}: got {got:.1}, and the categories at that length allow {}; correct one of them",
        length_text(*length),
        tenths(*low, *high)
    )]
    Mean {
        /// The length.
        length: Tokens,
        /// The mean.
        got: f64,
        /// The least that its categories allow.
        low: f64,
        /// The most.
        high: f64,
    },
    /// Hardware that is not listed.
    #[error("hardware: got `{got}`, expected one of {known}")]
    Hardware {
        /// Its name.
        got: String,
        /// The names.
        known: String,
    },
    /// A share of LongBench v2 over all questions that its parts do not allow.
    #[error(
        "LongBench v2 {reading}, all questions: got {got:.1}, and its parts by {part} allow {}; correct one of them",
        allowed(*low, *high)
    )]
    Parts {
        /// How it was asked.
        reading: &'static str,
        /// Length or domain.
        part: &'static str,
        /// The share over all questions.
        got: f64,
        /// The least that its parts allow.
        low: f64,
        /// The most.
        high: f64,
    },
    /// A quantity that must be above zero.
    #[error("{what}: got {got}, expected a number above 0")]
    NotPositive {
        /// The quantity.
        what: String,
        /// Its value.
        got: f64,
    },
}

/// `30.2`, or `28.0 to 35.5`.
fn allowed(low: f64, high: f64) -> String {
    let (low, high) = (format!("{low:.1}"), format!("{high:.1}"));
    match low == high {
        true => low,
        false => format!("{low} to {high}"),
    }
}

impl Evidence {
    /// Looks for impossible figures: [`advise`](crate::advise::advise) accepts any, but what it
    /// says about them means nothing.
    ///
    /// # Errors
    /// The first figure outside its scale, fractions in place of percentages, an interval that
    /// does not hold its value, `n = 0`, one figure twice, a mean of RULER that its categories do not
    /// allow, a share of LongBench v2 that its parts do not allow, or a window, budget, size or number
    /// of devices that is not above zero.
    pub fn check(&self) -> Result<(), EvidenceError> {
        let figures = self.figures();
        for (what, one) in &figures {
            let (what, value) = (what.clone(), one.value);
            if !(0.0..=100.0).contains(&value) {
                return Err(EvidenceError::OutOfRange { what, got: value });
            }
            if one.n == Some(0) {
                return Err(EvidenceError::NoSamples { what });
            }
            let (low, high) = (one.low.unwrap_or(value), one.high.unwrap_or(value));
            if !(low <= value && value <= high) {
                return Err(EvidenceError::Interval {
                    what,
                    value,
                    low,
                    high,
                });
            }
        }
        self.check_twice()?;
        self.check_means()?;
        self.check_parts()?;
        let values = || figures.iter().map(|(_, one)| one.value);
        if values().any(|one| one > 0.0 && one <= 1.0) && values().all(|one| one <= 1.0) {
            return Err(EvidenceError::Fractions);
        }
        if let Some(got) = self.hardware.clone().filter(|one| named(one).is_none()) {
            let known: Vec<&str> = hardware().iter().map(|one| one.name.as_str()).collect();
            let known = known.join(", ");
            return Err(EvidenceError::Hardware { got, known });
        }
        let windows = [self.target_window, self.claimed_window, self.trained_window];
        let windows = windows.map(|window| window.map(|window| f64::from(window.0)));
        let names = ["target_window", "claimed_window", "trained_window"];
        let parameters = self.model.as_ref().map(|model| model.parameters);
        let others = [
            ("budget_gpu_hours", self.budget_gpu_hours),
            ("model.parameters", parameters),
            ("price_per_hour", self.price_per_hour),
            ("devices", self.devices.map(f64::from)),
        ];
        for (what, got) in names.into_iter().zip(windows).chain(others) {
            // A budget of no hours is common, and allowed.
            let none = what == "budget_gpu_hours" && got == Some(0.0);
            if let Some(got) = got.filter(|got| !(none || *got > 0.0 && got.is_finite())) {
                let what = what.to_owned();
                return Err(EvidenceError::NotPositive { what, got });
            }
        }
        Ok(())
    }

    /// Two figures for the same thing: which one counts would depend on their order.
    fn check_twice(&self) -> Result<(), EvidenceError> {
        let figures = self.figures();
        for (at, (what, second)) in figures.iter().enumerate() {
            if let Some((_, first)) = figures[..at].iter().find(|(other, _)| other == what) {
                return Err(EvidenceError::Twice {
                    what: what.clone(),
                    first: first.value,
                    second: second.value,
                });
            }
        }
        Ok(())
    }

    /// A mean of all tasks against the categories of the same length, two points of rounding and of
    /// other samples allowed.
    ///
    /// # Formula
    /// With `t` tasks in a category, the mean lies between `Σ t · value / 13` with the categories
    /// that are not known at 0, and the same with them at 100.
    fn check_means(&self) -> Result<(), EvidenceError> {
        for mean in self.ruler.iter().filter(|one| one.category.is_none()) {
            let (mut low, mut high, all) = (0.0, 0.0, f64::from(ruler_tasks()));
            for (category, tasks) in RulerCategory::ALL.into_iter().zip(*TASKS) {
                let mut same = self.ruler.iter();
                let same =
                    same.find(|one| one.category == Some(category) && one.length == mean.length);
                low += tasks * same.map_or(0.0, |one| one.value) / all;
                high += tasks * same.map_or(100.0, |one| one.value) / all;
            }
            if mean.value < low - ROUNDING || mean.value > high + ROUNDING {
                return Err(EvidenceError::Mean {
                    length: mean.length,
                    got: mean.value,
                    low,
                    high,
                });
            }
        }
        Ok(())
    }

    /// Every figure with the name of what was measured, those of a user's own last.
    pub fn figures(&self) -> Vec<(String, PercentFigure)> {
        let ruler = self.ruler.iter().map(|one| (one.what(), one.figure()));
        let longbench = self.longbench.iter().map(|one| (one.what(), one.figure()));
        let fixes = self.position_fix.iter();
        let fixes = fixes.map(|one| (one.what(), one.figure()));
        let depths = self.by_depth.iter().map(|one| (one.what(), one.figure()));
        let before = &self.before;
        let single = [
            ("human (people on the same questions)", self.human),
            ("production (own hold-outs)", self.production),
            ("short_context (short texts, today)", self.short_context),
            ("before.retrieval (single needle)", before.retrieval),
            ("before.hard (multi-hop or aggregation)", before.hard),
            ("before.longbench (LongBench v2 direct)", before.longbench),
            ("before.short_context (short texts)", before.short_context),
        ];
        let single = single
            .into_iter()
            .filter_map(|(what, figure)| Some((what.to_owned(), figure?)));
        ruler
            .chain(longbench)
            .chain(fixes)
            .chain(depths)
            .chain(single)
            .collect()
    }
}
