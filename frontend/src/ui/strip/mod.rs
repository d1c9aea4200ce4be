//! The sounding line: where in the context the evidence lies.

mod geometry;

use std::ops::Range;

use fathom_shared::task::{Evidence, EvidenceKind, Sample};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use geometry::{Depths, spread, ticks};

/// A word for what a piece of evidence is.
pub(crate) fn kind(evidence: &Evidence) -> &'static str {
    match (evidence.gold, &evidence.kind) {
        (true, EvidenceKind::Needle) => "needle",
        (true, _) => "hop",
        (false, _) => "other",
    }
}

/// The line from the surface (0 tokens) to the ground. `seen` are the bytes on the screen, `jump`
/// takes the byte to go to.
#[component]
pub(crate) fn Strip(
    #[prop(into)] sample: Signal<Option<Sample>>,
    #[prop(into)] seen: Signal<Range<usize>>,
    jump: impl Fn(usize) + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let depths = Memo::new(move |_| {
        sample.with(|sample| match sample {
            Some(s) => Depths::new(&s.evidence, s.input.len(), s.input_tokens.0),
            None => Depths::default(),
        })
    });
    let slice = move || {
        let (top, height) = depths.with(|depths| depths.slice(&seen.get()));
        format!(
            "top:{:.2}%;height:{:.2}%",
            top * 100.0,
            (height * 100.0).max(0.6)
        )
    };
    let scale = move || {
        let total = sample.with(|sample| sample.as_ref().map_or(0, |s| s.input_tokens.0));
        let tick = move |at: u32| {
            let top = f64::from(at) / f64::from(total.max(1)) * 100.0;
            view! { <span class="tick" style=format!("top:{top:.2}%")>{at}</span> }
        };
        ticks(total, 8).into_iter().map(tick).collect_view()
    };
    let go = jump.clone();
    // The line itself is for the mouse; the marks on it are buttons for everybody.
    let dive = move |event: leptos::ev::MouseEvent| {
        let line = event
            .current_target()
            .and_then(|line| line.dyn_into::<web_sys::Element>().ok());
        let Some(frame) = line.map(|line| line.get_bounding_client_rect()) else {
            return;
        };
        let depth = (f64::from(event.client_y()) - frame.top()) / frame.height().max(1.0);
        jump(depths.with(|depths| depths.byte_at(depth)));
    };
    let marks = move || {
        let evidence = sample.with(|s| s.as_ref().map(|s| s.evidence.clone()).unwrap_or_default());
        let depths = depths.get();
        let places: Vec<f64> = evidence.iter().map(|e| depths.of(e.bytes.start)).collect();
        let labels = spread(&places, 0.035);
        evidence
            .into_iter()
            .enumerate()
            .map(|(number, piece)| {
                let (place, jump) = (places[number], go.clone());
                let label = labels.as_ref().map(|labels| labels[number] * 100.0);
                let at = piece.bytes.start;
                let kind = kind(&piece);
                let says = format!(
                    "{kind} {}, token {}, depth {:.0}%",
                    piece.label, piece.tokens.start, place * 100.0
                );
                view! {
                    <li>
                        <button
                            class="mark"
                            data-testid="evidence"
                            data-kind=kind
                            style=format!("top:{:.2}%", place * 100.0)
                            title=says.clone()
                            aria-label=says
                            on:click=move |event| {
                                event.stop_propagation();
                                jump(at);
                            }
                        ></button>
                        {label.filter(|_| kind != "other").map(|top| view! {
                            <span class="mark-label" data-kind=kind aria-hidden="true" style=format!("top:{top:.2}%")>
                                {piece.label.clone()}
                            </span>
                        })}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <div class="strip" data-testid="strip" role="group" aria-label="Depth of the evidence in the context">
            <div class="line" on:click=dive>
                <span class="seen" style=slice></span>
                <div aria-hidden="true">{scale}</div>
                <ul>{marks}</ul>
            </div>
        </div>
    }
}
