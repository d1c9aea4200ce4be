//! One part of a page alone: presented on a wall, or embedded in another page.
//!
//! ```text
//! ?present=NAME, ?embed=NAME --address--> Stage --> the part carries `data-on-stage`,
//!                                                   style/stage.css hides everything else
//! ```

mod address; // the part that is shown alone, as URL parameters
mod frame; // what surrounds the part: keys, a button to leave, a link to the page
mod tools; // the buttons that present a part and copy its embed code

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use wasm_bindgen::prelude::*;

pub(crate) use address::StageMode;
use address::StagedPart;
pub(crate) use frame::StageFrame;
pub(crate) use tools::StageTools;

#[wasm_bindgen]
extern "C" {
    /// Fills the screen, or leaves it; `index.html` has it.
    #[wasm_bindgen(js_name = fathomFullScreen)]
    fn full_screen(on: bool);
}

/// Which part of the page is shown alone, if one is.
#[derive(Clone, Copy)]
pub(crate) struct Stage {
    part: Memo<Option<StagedPart>>,
    /// The page's own address, with another part alone or with none.
    address: Callback<Option<StagedPart>, String>,
    /// The address of the whole page.
    whole: Memo<String>,
    go: Callback<(String, bool)>,
}

impl Stage {
    /// As the address says it; called within the router.
    pub(crate) fn new() -> Self {
        let (query, location) = (use_query_map(), use_location());
        let navigate = use_navigate();
        let part = Memo::new(move |_| query.with(|query| address::read(|key| query.get(key))));
        let address = Callback::new(move |part: Option<StagedPart>| {
            let pairs: Vec<(String, String)> = query.with_untracked(|query| {
                let pairs = query.into_iter();
                pairs
                    .map(|(name, value)| (name.to_string(), value.to_owned()))
                    .collect()
            });
            let part = part.as_ref().map(|(mode, name)| (*mode, name.as_str()));
            let path = location.pathname.get_untracked();
            format!("{path}{}", address::query(pairs, part))
        });
        let go = Callback::new(move |(to, replace): (String, bool)| {
            let options = NavigateOptions {
                // The path is whole already.
                resolve: false,
                replace,
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&to, options);
        });
        let whole = Memo::new(move |_| {
            query.track();
            location.pathname.track();
            address.run(None)
        });
        Self {
            part,
            address,
            whole,
            go,
        }
    }

    /// How the page shows one of its parts alone, if it does.
    fn mode(self) -> Option<StageMode> {
        self.part.with(|part| part.as_ref().map(|(mode, _)| *mode))
    }

    /// How the part of that name is shown alone, if it is.
    pub(crate) fn mode_of(self, name: &str) -> Option<StageMode> {
        let mine = |(mode, shown): &StagedPart| (shown == name).then_some(*mode);
        self.part.with(|part| part.as_ref().and_then(mine))
    }

    /// The attribute that marks the part of that name for style sheets.
    pub(crate) fn mark(self, name: &str) -> Option<&'static str> {
        self.mode_of(name).map(|_| "")
    }

    /// The path `to` of the same page, which goes on showing the part alone.
    pub(crate) fn keep(self, to: String) -> String {
        self.part
            .with_untracked(|part| address::kept(to, part.as_ref()))
    }

    /// The address of the page that shows only the part of that name.
    fn address_of(self, mode: StageMode, name: String) -> String {
        self.address.run(Some((mode, name)))
    }

    fn present(self, name: String) {
        let to = self.address_of(StageMode::Present, name);
        self.go.run((to, false));
        full_screen(true);
    }

    fn leave(self) {
        let name = self
            .part
            .with_untracked(|part| part.as_ref().map(|part| part.1.clone()));
        self.go.run((self.whole.get_untracked(), true));
        full_screen(false);
        // The focus goes back to the buttons that presented it.
        request_animation_frame(move || frame::focus_tools(&name.unwrap_or_default()));
    }

    /// Presents the part before or after, in the order of the page.
    fn step(self, forward: bool) {
        let names = frame::names();
        let next = self.part.with_untracked(|part| {
            let name = part.as_ref().map_or("", |(_, name)| name.as_str());
            address::step(&names, name, forward).cloned()
        });
        if let Some(next) = next {
            let to = self.address_of(StageMode::Present, next);
            self.go.run((to, true));
        }
    }
}
