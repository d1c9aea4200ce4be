//! A figure that cannot be shown without its interval.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{Interval, IntervalMethod};
use crate::numbers::{ends, signed};

/// A mean, or a difference of two, as a fraction.
///
/// # Example
/// ```
/// use fathom_shared::stats::{Estimate, wilson::wilson};
/// let right = Estimate { value: 0.875, interval: wilson(7, 8) };
/// assert_eq!(right.percent(), "87.5 (95% 52.9–97.8 Wilson)");
/// let lost = Estimate { value: -0.02, interval: None };
/// assert_eq!(lost.points(), "-2.0 (no interval)");
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its 95% interval; `None` if there are too few scores for one.
    pub interval: Option<Interval>,
}

impl Estimate {
    /// A share as a percentage: `87.5 (95% 52.9–97.8 Wilson)`.
    pub fn percent(&self) -> String {
        let number = |value: f64, digits: usize| format!("{value:.digits$}");
        self.told(&number, "–", IntervalMethod::name)
    }

    /// A difference in percentage points, with its sign: `-2.0 (95% -6.0 to 0.0 bootstrap)`. If
    /// all pairs differ equally, Wilson's interval is for the share of pairs that may differ
    /// otherwise, and the text says so.
    pub fn points(&self) -> String {
        let method = |method| match method {
            IntervalMethod::Wilson => "Wilson, as all pairs changed alike",
            method => method.name(),
        };
        self.told(&signed, " to ", method)
    }

    fn told(
        &self,
        number: &dyn Fn(f64, usize) -> String,
        to: &str,
        method: fn(IntervalMethod) -> &'static str,
    ) -> String {
        let mut text = number(self.value * 100.0, 1);
        // Writing to a string does not fail.
        let _ = match self.interval {
            Some(found) => {
                let (low, high) = ends(found.low * 100.0, found.high * 100.0, number);
                write!(text, " (95% {low}{to}{high} {})", method(found.method))
            }
            None => write!(text, " (no interval)"),
        };
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::wilson::wilson;

    #[test]
    fn an_interval_has_two_ends_and_zero_no_sign() {
        let many = Estimate {
            value: 0.994,
            interval: wilson(994_000, 1_000_000),
        };
        assert_eq!(many.percent(), "99.4 (95% 99.38–99.41 Wilson)");
        let none = Estimate {
            value: -0.0003,
            interval: wilson(0, 20),
        };
        assert_eq!(
            none.points(),
            "0.0 (95% 0.0 to +16.1 Wilson, as all pairs changed alike)"
        );
    }
}
