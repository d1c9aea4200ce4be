//! How figures stand in the tables of tests.

use fathom_shared::stats::Estimate;
use leptos::prelude::*;

/// A p-value, as far as it means anything.
pub(super) fn p(p: f64) -> String {
    match p {
        little if little < 0.001 => "< 0.001".to_owned(),
        p => format!("{p:.3}"),
    }
}

/// A share in percent, its interval small behind it: `87.5 (52.9–97.8)`.
pub(super) fn percent(of: Estimate) -> impl IntoView + use<> {
    let rest = of.interval.map(|found| {
        let (low, high) = (found.low * 100.0, found.high * 100.0);
        format!(" ({low:.1}–{high:.1})")
    });
    let value = format!("{:.1}", of.value * 100.0);
    view! { {value}<small>{rest}</small> }
}

/// A difference in points, likewise: `-2.0 (-6.0 to +0.0)`.
pub(super) fn points(of: Estimate) -> impl IntoView + use<> {
    let rest = of.interval.map(|found| {
        let (low, high) = (found.low * 100.0, found.high * 100.0);
        format!(" ({low:+.1} to {high:+.1})")
    });
    let value = format!("{:+.1}", of.value * 100.0);
    view! { {value}<small>{rest}</small> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_claim_no_more_than_they_can() {
        assert_eq!(
            [0.000_04, 0.0412, 1.0].map(p),
            ["< 0.001", "0.041", "1.000"]
        );
    }
}
