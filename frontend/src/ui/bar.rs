//! A share as a bar with its interval.

use leptos::prelude::*;

/// A share, a fraction, out of `n`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct ShareBar {
    pub(crate) share: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    pub(crate) n: u32,
}

impl ShareBar {
    /// For people: `53.7 (49.3–58.0, n = 503)`.
    pub(crate) fn says(&self) -> String {
        let percent = |share: f64| format!("{:.1}", share * 100.0);
        let n = self.n;
        match (self.low, self.high) {
            (Some(low), Some(high)) => format!(
                "{} ({}–{}, n = {n})",
                percent(self.share),
                percent(low),
                percent(high)
            ),
            _ => format!("{} (n = {n})", percent(self.share)),
        }
    }
}

/// The bar, on a scale from 0 to 1 with a line at `chance`.
#[component]
pub(crate) fn ShareBars(bar: ShareBar, chance: f64) -> impl IntoView {
    let percent = |share: f64| format!("{:.2}%", share * 100.0);
    let whisker = bar.low.zip(bar.high).map(|(low, high)| {
        let style = format!("left:{};width:{}", percent(low), percent(high - low));
        view! { <i class="whisker" style=style></i> }
    });
    let says = bar.says();
    let (figure, rest) = says.split_once(' ').unwrap_or((&says, ""));
    view! {
        <span class="share">
            <span class="figure"><b>{figure.to_owned()}</b><small>{rest.to_owned()}</small></span>
            <span class="track" aria-hidden="true">
                <i class="fill" style=format!("width:{}", percent(bar.share))></i>
                <i class="chance" style=format!("left:{}", percent(chance))></i>
                {whisker}
            </span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_its_n_and_interval() {
        let bar = ShareBar {
            share: 0.537,
            low: Some(0.4934),
            high: Some(0.5801),
            n: 503,
        };
        assert_eq!(bar.says(), "53.7 (49.3–58.0, n = 503)");
    }
}
