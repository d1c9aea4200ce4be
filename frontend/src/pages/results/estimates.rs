//! How figures stand in the tables of tests.

use fathom_shared::stats::Estimate;
use leptos::prelude::*;

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
