//! The reader's saved settings.

use leptos::prelude::*;

const THEME: &str = "fathom.theme";

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word in the store and in `data-theme`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one after it on the switch.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    fn read() -> Self {
        match storage()
            .and_then(|kept| kept.get_item(THEME).ok()?)
            .as_deref()
        {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }
}

/// The settings, kept in the browser.
#[derive(Clone, Copy)]
pub(crate) struct PageSettings {
    /// Light or dark.
    pub(crate) theme: RwSignal<Theme>,
}

impl PageSettings {
    /// Reads the settings and keeps what changes.
    pub(crate) fn new() -> Self {
        let theme = RwSignal::new(Theme::read());
        Effect::new(move |_| {
            let theme = theme.get();
            if let Some(root) = document().document_element() {
                // A page without its attribute follows the system: nothing is lost.
                let _set = root.set_attribute("data-theme", theme.as_str());
            }
            if let Some(kept) = storage() {
                // A full or forbidden store forgets the choice, and that is all.
                let _kept = kept.set_item(THEME, theme.as_str());
            }
        });
        Self { theme }
    }
}

/// What the browser keeps for the page, where it keeps anything.
//
// Why not leptos-use (0.19): the page could use three of its functions, for storage (this one, 3
// lines), the clipboard (`ui/save.rs`, 8 lines) and an element's width (`ui/chart/plot.rs`, 33 lines).
// They would replace these 44 lines, which also handle browsers that refuse, by a dependency of every
// page. What it adds to the program `app` has not been measured; that program is near its budget
// (`docs/page-size.md`), and without the library it carries none of it.
pub(crate) fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
