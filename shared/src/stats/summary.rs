//! A mean that cannot be shown without its n and interval.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Interval, Method, bootstrap::bootstrap, wilson::wilson};
use crate::run::Scored;

/// What a set of transcripts comes to. `asked = answered + failed + open`.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Samples ordered.
    pub asked: u32,
    /// Samples with a completion.
    pub answered: u32,
    /// Samples with a failure; they are not in the mean.
    pub failed: u32,
    /// Mean score of the answered samples, a fraction.
    pub mean: Option<f64>,
    /// Its 95% interval.
    pub interval: Option<Interval>,
}

/// Sums up `scored`, out of `asked` samples.
pub fn summarise<'a>(asked: u32, scored: impl IntoIterator<Item = &'a Scored>) -> Summary {
    let values = scored
        .into_iter()
        .map(|row| Some(row.score.as_ref()?.value));
    summarise_values(asked, values)
}

/// Sums up score values, out of `asked` samples; `None` is a failure.
pub fn summarise_values(asked: u32, scores: impl IntoIterator<Item = Option<f64>>) -> Summary {
    let (mut values, mut failed) = (Vec::new(), 0);
    for score in scores {
        match score {
            Some(value) => values.push(value),
            None => failed += 1,
        }
    }
    let answered = u32::try_from(values.len()).unwrap_or(u32::MAX);
    let mean = (answered > 0).then(|| values.iter().sum::<f64>() / f64::from(answered));
    let hits = u32::try_from(values.iter().filter(|value| **value == 1.0).count());
    let binary = values.iter().all(|value| *value == 0.0 || *value == 1.0);
    let interval = match hits {
        Ok(hits) if binary => wilson(hits, answered),
        _ => bootstrap(&values),
    };
    Summary {
        asked,
        answered,
        failed,
        mean,
        interval,
    }
}

impl fmt::Display for Summary {
    /// `87.5 (95% 52.9–97.8, n = 8)`, as percentages; failures are added when there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.mean, self.interval) {
            (None, _) => write!(f, "no answer yet")?,
            (Some(mean), None) => write!(f, "{:.1} (n = {})", mean * 100.0, self.answered)?,
            (
                Some(mean),
                Some(Interval {
                    low, high, method, ..
                }),
            ) => {
                let how = match method {
                    Method::Wilson => "Wilson",
                    Method::Bootstrap => "bootstrap",
                };
                write!(
                    f,
                    "{:.1} (95% {:.1}–{:.1} {how}, n = {})",
                    mean * 100.0,
                    low * 100.0,
                    high * 100.0,
                    self.answered
                )?;
            }
        }
        if self.failed > 0 {
            write!(f, ", {} failed", self.failed)?;
        }
        Ok(())
    }
}
