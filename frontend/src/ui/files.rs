//! Files of the reader's, picked by a button or dropped on a panel.

use leptos::html::Input;
use leptos::prelude::*;
use web_sys::{File, FileList};

/// A panel that takes files dropped on it; `titled` is the id of its title.
#[component]
pub(crate) fn DropPanel(
    #[prop(optional)] class: &'static str,
    titled: &'static str,
    take: Callback<FileList>,
    children: Children,
) -> impl IntoView {
    let over = RwSignal::new(false);
    view! {
        <section
            class=format!("panel {class}")
            aria-labelledby=titled
            data-over=move || over.get().to_string()
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| {
                event.prevent_default();
                over.set(false);
                if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
                    take.run(files);
                }
            }
        >
            {children()}
        </section>
    }
}

/// A button that opens the browser's file dialog: for one file, for `many`, or for a `folder`.
#[component]
pub(crate) fn FileButton(
    label: &'static str,
    id: &'static str,
    take: Callback<FileList>,
    #[prop(optional)] accept: &'static str,
    #[prop(optional)] many: bool,
    #[prop(optional)] folder: bool,
    #[prop(optional, into)] primary: Signal<bool>,
) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    if folder {
        // No attribute of the language's own, but of every browser's.
        Effect::new(move |_| {
            if let Some(input) = input.get() {
                // A browser without it offers files.
                let _set = input.set_attribute("webkitdirectory", "");
            }
        });
    }
    view! {
        <label class="file-button" class:primary=primary>
            {label}
            <input
                class="sr-only"
                type="file"
                accept=(!accept.is_empty()).then_some(accept)
                multiple={many || folder}
                data-testid=id
                node_ref=input
                on:change:target=move |event| {
                    if let Some(files) = event.target().files() {
                        take.run(files);
                    }
                    // The same file may be picked again after it was mended.
                    event.target().set_value("");
                }
            />
        </label>
    }
}

/// The first of `files`, where one is wanted.
pub(crate) fn first(take: impl Fn(File) + Send + Sync + 'static) -> Callback<FileList> {
    Callback::new(move |files: FileList| {
        if let Some(file) = files.get(0) {
            take(file);
        }
    })
}
