//! A figure that cannot be shown without its interval.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{Interval, IntervalMethod};

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
    /// Its 95% interval; nothing where a single score does not give one.
    pub interval: Option<Interval>,
}

impl Estimate {
    /// A share as a percentage: `87.5 (95% 52.9–97.8 Wilson)`.
    pub fn percent(&self) -> String {
        self.told(&|value| format!("{value:.1}"), "–", IntervalMethod::name)
    }

    /// A difference in percentage points, with its sign: `-2.0 (95% -6.0 to +0.0 bootstrap)`. Wilson's
    /// interval is here that of the share of pairs that differ from all others, which is said.
    pub fn points(&self) -> String {
        let method = |method| match method {
            IntervalMethod::Wilson => "Wilson of the share that may differ",
            method => method.name(),
        };
        self.told(&|value| format!("{value:+.1}"), " to ", method)
    }

    fn told(
        &self,
        number: &dyn Fn(f64) -> String,
        to: &str,
        method: fn(IntervalMethod) -> &'static str,
    ) -> String {
        let mut text = number(self.value * 100.0);
        // Writing to a string does not fail.
        let _ = match self.interval {
            Some(found) => write!(
                text,
                " (95% {}{to}{} {})",
                number(found.low * 100.0),
                number(found.high * 100.0),
                method(found.method)
            ),
            None => write!(text, " (no interval)"),
        };
        text
    }
}
