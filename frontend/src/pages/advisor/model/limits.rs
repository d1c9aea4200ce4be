//! Thresholds, as the address says them.

use std::collections::BTreeMap;

use fathom_shared::advise::Thresholds;

use super::AdvisorForm;
use super::text::{WHOLE, number};

/// More draws than this would only make the reader wait.
const DRAWS: u32 = 100_000;

impl AdvisorForm {
    /// The limits that are not the usual, as `name:value`.
    pub(in crate::pages::advisor) fn limits(&self) -> BTreeMap<String, String> {
        let pairs = self
            .get("limits")
            .split(',')
            .filter_map(|pair| pair.split_once(':'));
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// The same with another value of one limit; the usual where it is empty.
    pub(in crate::pages::advisor) fn with_limit(self, name: &str, value: &str) -> Self {
        let mut limits = self.limits();
        limits.remove(name);
        let value = value.replace([',', ':'], "");
        if !value.is_empty() {
            limits.insert(name.to_owned(), value);
        }
        let pairs: Vec<_> = limits
            .iter()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        self.with("limits", pairs.join(","))
    }

    pub(super) fn thresholds(&self, keep: &mut impl FnMut(&str, &str)) -> Thresholds {
        let mut thresholds = Thresholds::default();
        for (name, text) in self.limits() {
            let mut all = serde_json::to_value(thresholds).unwrap_or_default();
            let whole = all.get(&name).is_some_and(serde_json::Value::is_u64);
            let value = match whole {
                true => text.trim().parse::<u32>().ok().map(Into::into),
                false => number(&text).map(Into::into),
            };
            if let Some((place, value)) = all.get_mut(&name).zip(value) {
                *place = value;
                if let Ok(next) = serde_json::from_value::<Thresholds>(all)
                    && next.draws <= DRAWS
                {
                    thresholds = next;
                    continue;
                }
            }
            keep(
                &format!("limit-{name}"),
                &format!(
                    "Got `{text}`, expected {}.",
                    if whole { WHOLE } else { "a number" }
                ),
            );
        }
        thresholds
    }
}

/// Every threshold with its usual value.
pub(in crate::pages::advisor) fn usual() -> Vec<(String, String)> {
    let all = serde_json::to_value(Thresholds::default()).unwrap_or_default();
    let all = all.as_object().cloned().unwrap_or_default();
    all.into_iter()
        .map(|(name, value)| (name, value.to_string()))
        .collect()
}
