//! The depth strip: where in the context the evidence is.

mod compact; // a small depth strip, for comparing samples side by side
mod geometry; // the layout of the depth strip
mod line; // the shapes of the depth strip

use std::ops::Range;
use std::sync::Arc;

use fathom_shared::tokens::Tokens;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

pub(crate) use compact::CompactStrip;
use geometry::{spread, ticks};
pub(crate) use line::{StripLine, kind};

/// The line from the surface (0 tokens) to the ground. `seen` are the bytes of the input on the
/// screen, `chosen` is the number of a piece; `jump` takes the byte to go to, `pick` a piece.
#[component]
pub(crate) fn Strip(
    #[prop(into)] line: Signal<Arc<StripLine>>,
    #[prop(into)] seen: Signal<Range<usize>>,
    #[prop(into)] chosen: Signal<Option<usize>>,
    jump: Callback<usize>,
    pick: Callback<usize>,
) -> impl IntoView {
    let slice = move || {
        let (top, height) = line.with(|line| line.depths.slice(&seen.get()));
        format!(
            "top:{:.2}%;height:{:.2}%",
            top * 100.0,
            (height * 100.0).max(0.6)
        )
    };
    let scale = move || {
        let total = line.with(|line| line.tokens);
        let tick = move |at: u32| {
            let top = f64::from(at) / f64::from(total.max(1)) * 100.0;
            view! { <span class="tick" style=format!("top:{top:.2}%")>{format!("{:#}", Tokens(at))}</span> }
        };
        ticks(total, 8).into_iter().map(tick).collect_view()
    };
    // The line itself is for the mouse; the marks on it are buttons for everybody.
    let dive = move |event: leptos::ev::MouseEvent| {
        let frame = event
            .current_target()
            .and_then(|line| line.dyn_into::<web_sys::Element>().ok())
            .map(|line| line.get_bounding_client_rect());
        if let Some(frame) = frame {
            let depth = (f64::from(event.client_y()) - frame.top()) / frame.height().max(1.0);
            jump.run(line.with(|line| line.depths.byte_at(depth)));
        }
    };
    let marks = move || {
        let line = line.get();
        let places: Vec<f64> = line.bins.iter().map(|bin| bin.depth).collect();
        let labels = spread(&places, 0.045);
        let mark = |(number, bin): (usize, &line::StripBin)| {
            let (kind, range) = (bin.kind, bin.first..bin.first + bin.count);
            let label = labels.as_ref().map(|labels| labels[number] * 100.0);
            let (says, first) = (bin.says(), bin.first);
            let current = move || chosen.get().filter(|at| range.contains(at)).map(|_| "true");
            view! {
                <li>
                    <button
                        class="mark"
                        data-testid="evidence"
                        data-kind=kind
                        aria-current=current
                        style=format!("top:{:.2}%", bin.depth * 100.0)
                        title=says.clone()
                        aria-label=says
                        on:click=move |event| {
                            event.stop_propagation();
                            pick.run(first);
                        }
                    ></button>
                    {label.filter(|_| kind != "other").map(|top| view! {
                        <span class="mark-label" data-kind=kind aria-hidden="true" style=format!("top:{top:.2}%")>
                            {bin.label.clone()}
                        </span>
                    })}
                </li>
            }
        };
        line.bins.iter().enumerate().map(mark).collect_view()
    };
    let crowded = move || line.with(|line| line.bins.len() > 60).to_string();
    view! {
        <div class="strip" data-testid="strip" role="group" aria-label="Depth of the evidence in the context">
            <div class="line" data-crowded=crowded on:click=dive>
                <span class="seen" style=slice></span>
                <div aria-hidden="true">{scale}</div>
                <ul>{marks}</ul>
            </div>
        </div>
    }
}
