//! A number with its n and interval, and what is wrong with one.

use serde::{Deserialize, Serialize};

use super::Evidence;
use crate::advise::bill::named as named_hardware;
use crate::advise::costs::hardware;
use crate::stats::wilson::wilson;

/// A share in percent.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Percent.
    pub value: f64,
    /// Samples behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// Lower end of a 95% interval, percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

impl Figure {
    /// A figure of `n` samples.
    pub fn new(value: f64, n: u32) -> Self {
        Self {
            value,
            n: Some(n),
            low: None,
            high: None,
        }
    }
}

/// The 95% interval of a figure: as told, else Wilson's for `n`, else Wilson's for `assumed`
/// samples. In percent, never without the value.
pub(in crate::advise) fn interval(
    value: f64,
    n: Option<u32>,
    told: (Option<f64>, Option<f64>),
    assumed: u32,
) -> (f64, f64) {
    if let (Some(low), Some(high)) = told {
        return (low.min(value), high.max(value));
    }
    let n = n.unwrap_or(assumed).max(1);
    let hits = (value.clamp(0.0, 100.0) / 100.0 * f64::from(n)).round();
    let wilson = wilson(hits as u32, n);
    let ends = wilson.map(|ends| (ends.low * 100.0, ends.high * 100.0));
    let (low, high) = ends.unwrap_or((value, value));
    (low.min(value), high.max(value))
}

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

type Named = (String, f64, Option<u32>, Option<f64>, Option<f64>);

impl Evidence {
    /// Looks for figures that cannot be: [`advise`](crate::advise::advise) takes any, but what it
    /// says of such ones means nothing.
    ///
    /// # Errors
    /// The first figure outside its scale, fractions in place of percentages, an interval that
    /// does not hold its value, `n = 0`, or a window, budget or size that is not above zero.
    pub fn check(&self) -> Result<(), EvidenceError> {
        let named = self.named();
        for (what, value, n, low, high) in &named {
            let (what, value) = (what.clone(), *value);
            if !(0.0..=100.0).contains(&value) {
                return Err(EvidenceError::OutOfRange { what, got: value });
            }
            if *n == Some(0) {
                return Err(EvidenceError::NoSamples { what });
            }
            let (low, high) = (low.unwrap_or(value), high.unwrap_or(value));
            if !(low <= value && value <= high) {
                return Err(EvidenceError::Interval {
                    what,
                    value,
                    low,
                    high,
                });
            }
        }
        let fraction = |(_, value, ..): &Named| *value > 0.0 && *value <= 1.0;
        if named.iter().any(fraction) && named.iter().all(|(_, value, ..)| *value <= 1.0) {
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

    fn named(&self) -> Vec<Named> {
        let ruler = self.ruler.iter().map(|one| {
            let category = one.category.map_or("all tasks", |category| category.name());
            let what = format!("RULER, {category} at {}", one.length);
            (what, one.value, one.n, one.low, one.high)
        });
        let longbench = self.longbench.iter().map(|one| {
            let domain = one.domain.as_deref().unwrap_or("all domains");
            let what = format!("LongBench v2 {}, {domain}", one.reading.name());
            (what, one.value, one.n, one.low, one.high)
        });
        let before = &self.before;
        let single = [
            ("human", self.human),
            ("production", self.production),
            ("short_context", self.short_context),
            ("before.retrieval", before.retrieval),
            ("before.hard", before.hard),
            ("before.longbench", before.longbench),
            ("before.short_context", before.short_context),
        ];
        let single = single.into_iter().filter_map(|(what, figure)| {
            let one = figure?;
            Some((what.to_owned(), one.value, one.n, one.low, one.high))
        });
        ruler.chain(longbench).chain(single).collect()
    }
}
