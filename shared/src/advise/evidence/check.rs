//! What is wrong with evidence.

use super::{Evidence, Figure};
use crate::advise::bill::named as named_hardware;
use crate::advise::costs::hardware;

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
    #[error("all shares are at most 1, as fractions are: expected percentages from 0 to 100")]
    Fractions,
    /// An interval that does not hold its value.
    #[error(
        "{what}: got the interval {low} to {high} around {value}, expected low <= value <= high"
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
    /// Hardware that is not listed.
    #[error("hardware: got `{got}`, expected one of {known}")]
    Hardware {
        /// Its name.
        got: String,
        /// The names.
        known: String,
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

impl Evidence {
    /// Looks for figures that cannot be: [`advise`](crate::advise::advise) takes any, but what it
    /// says of such ones means nothing.
    ///
    /// # Errors
    /// The first figure outside its scale, fractions in place of percentages, an interval that
    /// does not hold its value, `n = 0`, or a window, budget or size that is not above zero.
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
        let values = || figures.iter().map(|(_, one)| one.value);
        if values().any(|one| one > 0.0 && one <= 1.0) && values().all(|one| one <= 1.0) {
            return Err(EvidenceError::Fractions);
        }
        if let Some(got) = self
            .hardware
            .clone()
            .filter(|one| named_hardware(one).is_none())
        {
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
        ];
        for (what, got) in names.into_iter().zip(windows).chain(others) {
            if let Some(got) = got.filter(|got| !(*got > 0.0 && got.is_finite())) {
                let what = what.to_owned();
                return Err(EvidenceError::NotPositive { what, got });
            }
        }
        Ok(())
    }

    /// Every figure with the name of what was measured, those of a user's own last.
    pub fn figures(&self) -> Vec<(String, Figure)> {
        let ruler = self.ruler.iter().map(|one| (one.what(), one.figure()));
        let longbench = self.longbench.iter().map(|one| (one.what(), one.figure()));
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
        ruler.chain(longbench).chain(single).collect()
    }
}
