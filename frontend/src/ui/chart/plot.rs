//! The drawing of a chart, whose points are reached by mouse, touch or keys.

use std::sync::Arc;

use fathom_shared::chart::{
    ChartMark, ChartPoint, ChartView, Drawing, Figure, KeyDirection, draw, inner, step,
};
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::ResizeObserver;

use super::OpenHref;

/// From so many pixels away a mark is pointed at.
const REACH: f64 = 22.0;

/// Keeps `width` and `height` at what `room` has.
pub(super) fn watch_size(room: NodeRef<Div>, width: RwSignal<f64>, height: RwSignal<f64>) {
    let watching = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(node) = room.get() else {
            return;
        };
        let measure = {
            let node = node.clone();
            move || {
                let sides = [(node.client_width(), width), (node.client_height(), height)];
                for (now, known) in sides {
                    let now = f64::from(now);
                    // The chart may have gone before the frame came.
                    let differs = |known: f64| (now - known).abs() > 0.5;
                    if now > 0.0 && known.try_get_untracked().is_some_and(differs) {
                        known.set(now);
                    }
                }
            }
        };
        measure();
        // In the next frame: a change of size while sizes are told of is reported as an error.
        let on_resize =
            Closure::<dyn FnMut()>::new(move || request_animation_frame(measure.clone()));
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref());
        if let Ok(observer) = observer {
            observer.observe(&node);
            watching.set_value(Some((observer, on_resize)));
        }
    });
    on_cleanup(move || {
        watching.update_value(|watching| {
            if let Some((observer, _)) = watching.take() {
                observer.disconnect();
            }
        });
    });
}

/// The drawing of a chart, with its points reachable by keyboard.
#[component]
pub(super) fn Plot(
    figure: Signal<Arc<Figure>>,
    view: Memo<ChartView>,
    open: Option<OpenHref>,
) -> impl IntoView {
    let drawing: Memo<Arc<Drawing>> =
        Memo::new(move |_| Arc::new(view.with(|view| figure.with(|figure| draw(figure, view)))));
    // The mark that is looked at, by its number in the drawing.
    let at = RwSignal::new(None::<usize>);
    Effect::new(move |_| {
        drawing.track();
        at.set(None);
    });
    let node = NodeRef::<Div>::new();
    let looked = Memo::new(move |_| {
        let mark = drawing.with(|drawing| drawing.marks.get(at.get()?).copied())?;
        figure.with(|figure| {
            let series = figure.series.get(mark.series)?;
            Some((mark, series.points.get(mark.point)?.clone()))
        })
    });
    let go = move || {
        let href = looked.with_untracked(|looked| looked.as_ref()?.1.href.clone());
        if let (Some(open), Some(href)) = (open, href) {
            open.run(href);
        }
    };
    let walk = move |event: KeyboardEvent| {
        let key = event.key();
        match (key.as_str(), KeyDirection::of_key(&key)) {
            ("Escape", _) => {
                at.set(None);
                if let Some(node) = node.get_untracked() {
                    // A plot that is gone has no focus, and that is all.
                    let _left = node.blur();
                }
            }
            ("Enter", _) => go(),
            (_, Some(way)) => {
                event.prevent_default();
                let next = drawing.with_untracked(|drawing| {
                    figure.with_untracked(|figure| match at.get_untracked() {
                        Some(at) => step(figure, drawing, at, way),
                        None => (!drawing.marks.is_empty()).then_some(0),
                    })
                });
                at.set(next);
            }
            _ => {}
        }
    };
    let point = move |event: PointerEvent| {
        let Some(node) = node.get_untracked() else {
            return;
        };
        let room = node.get_bounding_client_rect();
        let (x, y) = (
            f64::from(event.client_x()) - room.left(),
            f64::from(event.client_y()) - room.top(),
        );
        let near = drawing.with_untracked(|drawing| drawing.nearest(x, y, REACH));
        if near != at.get_untracked() {
            at.set(near);
        }
    };
    let picture = move || {
        drawing.with(|drawing| {
            let Drawing {
                width, height, em, ..
            } = **drawing;
            format!(
                r#"<svg class="fathom-chart" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}" font-size="{em}" aria-hidden="true">{}</svg>"#,
                inner(drawing)
            )
        })
    };
    let id = Memo::new(move |_| figure.with(|figure| figure.id.clone()));
    let leads = move || looked.with(|l| l.as_ref().is_some_and(|l| l.1.href.is_some()));
    view! {
        <div
            class="plot"
            data-testid="plot"
            data-leads=move || (open.is_some() && leads()).to_string()
            role="application"
            aria-roledescription="chart"
            aria-labelledby=move || format!("{}-title", id.get())
            aria-describedby=move || format!("{0}-about {0}-keys", id.get())
            tabindex="0"
            node_ref=node
            on:keydown=walk
            on:pointermove=point
            on:pointerdown=point
            on:pointerleave=move |_| at.set(None)
            on:focus=move |_| if at.get_untracked().is_none() {
                at.set(drawing.with_untracked(|drawing| (!drawing.marks.is_empty()).then_some(0)));
            }
            on:blur=move |_| at.set(None)
            on:click=move |_| go()
        >
            <div class="picture" inner_html=picture></div>
            {move || looked.get().map(|(mark, _)| view! { <span class="ring" aria-hidden="true" style=ring(mark)></span> })}
            <p class="tip" role="status" data-testid="tip" style=move || looked.with(|looked| {
                let view = view.get();
                looked.as_ref().map(|(mark, _)| beside(*mark, view.width))
            })>{move || looked.get().map(|(_, point)| says(&point, open.is_some()))}</p>
            <p class="sr-only" id=move || format!("{}-keys", id.get())>
                "Use the left and right arrow keys to move between points, up and down to switch series, and Escape to leave."
            </p>
        </div>
    }
}

fn says(point: &ChartPoint, opens: bool) -> String {
    match point.href {
        Some(_) if opens => format!("{} Press Enter or click to open the samples.", point.says),
        _ => point.says.clone(),
    }
}

/// The ring around a mark.
fn ring(mark: ChartMark) -> String {
    let (x, y) = (mark.half.0 + 4.0, mark.half.1 + 4.0);
    format!(
        "left:{:.1}px;top:{:.1}px;width:{:.1}px;height:{:.1}px",
        mark.x - x,
        mark.y - y,
        2.0 * x,
        2.0 * y
    )
}

/// Where the tooltip of a mark is: towards the middle, so that it stays inside.
fn beside(mark: ChartMark, width: f64) -> String {
    let off = mark.half.1 + 10.0;
    let across = match mark.x > width / 2.0 {
        true => format!("right:{:.0}px", (width - mark.x - 24.0).max(0.0)),
        false => format!("left:{:.0}px", (mark.x - 24.0).max(0.0)),
    };
    // Above, unless that would cover what is above the chart.
    let down = match mark.y > 110.0 {
        true => format!("bottom:calc(100% - {:.0}px)", mark.y - off),
        false => format!("top:{:.0}px", mark.y + off),
    };
    format!("{across};{down}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_on_the_side_with_room() {
        let mark = |x, y| ChartMark {
            series: 0,
            point: 0,
            x,
            y,
            half: (4.0, 4.0),
        };
        assert_eq!(
            beside(mark(500.0, 200.0), 600.0),
            "right:76px;bottom:calc(100% - 186px)"
        );
        assert_eq!(beside(mark(10.0, 20.0), 600.0), "left:0px;top:34px");
        assert_eq!(
            ring(mark(10.0, 20.0)),
            "left:2.0px;top:12.0px;width:16.0px;height:16.0px"
        );
    }

    #[test]
    fn only_what_leads_somewhere_says_so() {
        let mut point = ChartPoint {
            says: "vt: 50.".to_owned(),
            ..ChartPoint::default()
        };
        assert_eq!(says(&point, true), "vt: 50.");
        point.href = Some("/runs/1".to_owned());
        assert_eq!(says(&point, false), "vt: 50.");
        assert!(says(&point, true).ends_with("to open the samples."));
    }
}
