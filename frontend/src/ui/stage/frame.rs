//! What surrounds a part that is shown alone: keys and the way back.

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use super::{Stage, StageMode, full_screen};

/// The names of the parts that the page can show alone, in its order.
pub(super) fn names() -> Vec<String> {
    let Ok(parts) = document().query_selector_all("[data-stage]") else {
        return Vec::new();
    };
    let parts = (0..parts.length()).filter_map(|at| parts.get(at)?.dyn_into::<Element>().ok());
    // What is folded away is not shown.
    let open = parts.filter(|part| matches!(part.closest("details:not([open])"), Ok(None)));
    open.filter_map(|part| part.get_attribute("data-stage"))
        .collect()
}

/// Puts the focus on the button that presents a part.
pub(super) fn focus_tools(name: &str) {
    let button = format!("[data-stage=\"{name}\"] .stage-tools button");
    if let Ok(Some(button)) = document().query_selector(&button) {
        // A button that cannot have it is as good as none.
        let _focused = button.unchecked_into::<HtmlElement>().focus();
    }
}

/// What surrounds a part that is presented alone: it listens to the keys and offers a way back to
/// the page.
#[component]
pub(crate) fn StageFrame() -> impl IntoView {
    let stage: Stage = expect_context();
    let mode = Memo::new(move |_| stage.mode());
    // Towards the document: style sheets hide what is not shown, and texts are measured again.
    Effect::new(move |_| {
        let mode = mode.get();
        if let Some(root) = document().document_element() {
            let name = "data-stage-mode";
            // Neither can fail: the name is one.
            let _set = match mode {
                Some(mode) => root.set_attribute(name, mode.word()),
                None => root.remove_attribute(name),
            };
        }
        request_animation_frame(|| {
            if let Ok(resized) = Event::new("resize") {
                let _heard = window().dispatch_event(&resized);
            }
        });
    });
    let presented = move || mode.get_untracked() == Some(StageMode::Present);
    let keys = window_event_listener(ev::keydown, move |event| {
        if presented() {
            pressed(stage, &event);
        }
    });
    // Where the screen was full, Escape leaves that, and no key is heard.
    let filled = window_event_listener(ev::fullscreenchange, move |_| {
        if presented() && document().fullscreen_element().is_none() {
            stage.leave();
        }
    });
    on_cleanup(move || {
        keys.remove();
        filled.remove();
    });
    let whole = stage.whole;
    view! {
        <Show when=move || mode.get() == Some(StageMode::Present)>
            <button class="quiet stage-leave" data-testid="leave" aria-label="Leave the presentation"
                title="Leave (Escape). Arrow keys step, F fills the screen." on:click=move |_| stage.leave()>"×"</button>
        </Show>
        <Show when=move || mode.get().is_some()>
            <p class="stage-missing" data-testid="stage-missing">
                "There is nothing to show under this name. " <a href=whole target="_blank">"Open the whole page"</a>
            </p>
        </Show>
        <Show when=move || mode.get() == Some(StageMode::Embed)>
            <p class="stage-foot"><a href=whole target="_blank" data-testid="open-whole">"Open in Fathom"</a></p>
        </Show>
    }
}

fn pressed(stage: Stage, event: &KeyboardEvent) {
    let modified = event.ctrl_key() || event.alt_key() || event.meta_key();
    if modified || event.default_prevented() || is_within(event, "input, select, textarea") {
        return;
    }
    // Remote controls of projectors send pages.
    let key = match event.key().as_str() {
        "ArrowRight" | "PageDown" => "ArrowRight",
        "ArrowLeft" | "PageUp" => "ArrowLeft",
        // A text is scrolled by its own keys.
        "ArrowUp" | "ArrowDown" if is_within(event, ".viewer, .scroll") => return,
        "ArrowUp" => "ArrowUp",
        "ArrowDown" => "ArrowDown",
        "Escape" => return stage.leave(),
        "f" => return full_screen(true),
        _ => return,
    };
    // The part may have a button for the key; else the part before or after is shown.
    let button = document().query_selector(&format!("[data-on-stage] [data-key={key}]"));
    match (button, key) {
        (Ok(Some(button)), _) => button.unchecked_into::<HtmlElement>().click(),
        (_, "ArrowRight") => stage.step(true),
        (_, "ArrowLeft") => stage.step(false),
        _ => return,
    }
    event.prevent_default();
}

fn is_within(event: &KeyboardEvent, selector: &str) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(target.closest(selector), Ok(Some(_))))
}
