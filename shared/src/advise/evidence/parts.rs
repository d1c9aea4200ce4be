//! LongBench v2 as a whole against its parts.

use super::{Evidence, EvidenceError, LongBenchFigure};
use crate::advise::facts::MULTI_DOCUMENT;
use crate::longbench::LengthClass;

/// Questions of LongBench v2. Source: arXiv 2412.15204, table 1.
const QUESTIONS: f64 = 503.0;
/// By length.
const LENGTHS: [(LengthClass, f64); 3] = [
    (LengthClass::Short, 180.0),
    (LengthClass::Medium, 215.0),
    (LengthClass::Long, 108.0),
];
/// By domain.
const DOMAINS: [(&str, f64); 6] = [
    ("Single-Document QA", 175.0),
    (MULTI_DOCUMENT, 125.0),
    ("Long In-context Learning", 81.0),
    ("Long-dialogue History Understanding", 39.0),
    ("Code Repository Understanding", 50.0),
    ("Long Structured Data Understanding", 33.0),
];
/// Points of rounding that are allowed.
const ROUNDING: f64 = 2.0;

impl Evidence {
    /// A share over all questions against those of its parts, asked the same way.
    ///
    /// # Formula
    /// With `q` questions in a part, the whole lies between `Σ q · value / 503` with the parts that
    /// are not known at 0, and the same with them at 100; two points are allowed, and, where not all
    /// questions were asked, the distance to the ends of the whole's interval.
    pub(super) fn check_parts(&self) -> Result<(), EvidenceError> {
        let whole = |one: &&LongBenchFigure| one.domain.is_none() && one.length.is_none();
        for all in self.longbench.iter().filter(whole) {
            let same = || {
                self.longbench
                    .iter()
                    .filter(|one| one.reading == all.reading)
            };
            let lengths = LENGTHS.map(|(length, questions)| {
                let part =
                    |one: &&LongBenchFigure| one.domain.is_none() && one.length == Some(length);
                (same().find(part).map(|one| one.value), questions)
            });
            let domains = DOMAINS.map(|(domain, questions)| {
                let part = |one: &&LongBenchFigure| {
                    one.domain.as_deref() == Some(domain) && one.length.is_none()
                };
                (same().find(part).map(|one| one.value), questions)
            });
            let figure = all.figure();
            let (low, high) = match figure.n {
                Some(n) if f64::from(n) < QUESTIONS => figure.interval(n),
                _ => (all.value, all.value),
            };
            for (part, parts) in [("length", &lengths[..]), ("domain", &domains[..])] {
                let sum = |unknown: f64| {
                    let parts = parts.iter();
                    let sum: f64 = parts
                        .map(|(value, questions)| value.unwrap_or(unknown) * questions)
                        .sum();
                    sum / QUESTIONS
                };
                let (least, most) = (sum(0.0), sum(100.0));
                if high < least - ROUNDING || low > most + ROUNDING {
                    return Err(EvidenceError::Parts {
                        reading: all.reading.name(),
                        part,
                        got: all.value,
                        low: least,
                        high: most,
                    });
                }
            }
        }
        Ok(())
    }
}
