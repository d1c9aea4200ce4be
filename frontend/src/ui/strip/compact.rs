//! A small depth strip, for comparing samples side by side.

use leptos::prelude::*;

use super::line::StripLine;

/// A depth strip without scale and buttons; `name` says which sample it belongs to.
#[component]
pub(crate) fn CompactStrip(line: StripLine, name: String) -> impl IntoView {
    let says = format!("{name}: {}", depths(&line));
    let marks = line.bins.into_iter().map(|bin| {
        let (top, title) = (bin.depth * 100.0, bin.says());
        view! { <span class="mark" data-kind=bin.kind style=format!("top:{top:.2}%") title=title></span> }
    });
    view! {
        <div class="strip slim" role="img" aria-label=says>
            <div class="line">{marks.collect_view()}</div>
        </div>
    }
}

/// In words: the first few depths.
fn depths(line: &StripLine) -> String {
    const SAID: usize = 8;
    let gold = || line.bins.iter().filter(|bin| bin.kind != "other");
    let said: Vec<_> = gold()
        .take(SAID)
        .map(|bin| format!("{:.0}%", bin.depth * 100.0))
        .collect();
    match gold().count() {
        0 => "no evidence".to_owned(),
        all if all > SAID => format!("evidence at depths {} and more", said.join(", ")),
        _ => format!("evidence at depths {}", said.join(", ")),
    }
}
