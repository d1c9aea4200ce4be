//! Checks LongBench v2 as a whole against its parts.

use super::{Evidence, EvidenceError, LongBenchFigure};
use crate::advise::benchmarks::{DOMAINS, questions, questions_of};
use crate::longbench::LengthClass;

/// LongBench v2's classes of length.
const LENGTHS: [LengthClass; 3] = [LengthClass::Short, LengthClass::Medium, LengthClass::Long];
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
            let lengths = LENGTHS.map(|length| {
                let part =
                    |one: &&LongBenchFigure| one.domain.is_none() && one.length == Some(length);
                let questions = questions_of(None, Some(length));
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
                Some(n) if n < questions() => figure.interval(n),
                _ => (all.value, all.value),
            };
            for (part, parts) in [("length", &lengths[..]), ("domain", &domains[..])] {
                let sum = |unknown: f64| {
                    let parts = parts.iter();
                    let sum: f64 = parts
                        .map(|(value, count)| value.unwrap_or(unknown) * f64::from(*count))
                        .sum();
                    sum / f64::from(questions())
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
