//! How figures stand in the tables of tests.

use fathom_shared::numbers::{ends, signed};
use fathom_shared::stats::Estimate;
use leptos::prelude::*;

/// A share in percent, its interval small behind it: `87.5 (52.9–97.8)`.
pub(super) fn percent(of: Estimate) -> impl IntoView + use<> {
    let rest = of.interval.map(|found| {
        let told = |one: f64, digits: usize| format!("{one:.digits$}");
        let (low, high) = ends(found.low * 100.0, found.high * 100.0, told);
        format!(" ({low}–{high})")
    });
    let value = format!("{:.1}", of.value * 100.0);
    view! { {value}<small>{rest}</small> }
}

/// A difference in points, likewise: `-2.0 (-6.0 to 0.0)`.
pub(super) fn points(of: Estimate) -> impl IntoView + use<> {
    let rest = of.interval.map(|found| {
        let (low, high) = ends(found.low * 100.0, found.high * 100.0, signed);
        format!(" ({low} to {high})")
    });
    let value = signed(of.value * 100.0, 1);
    view! { {value}<small>{rest}</small> }
}
