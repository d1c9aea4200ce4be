//! The buttons beside a part of a page: present it, embed it.

use fathom_shared::chart::escape;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Stage, StageMode};
use crate::ui::save;

/// The buttons that present the part `name` and copy the HTML that embeds it in another page.
#[component]
pub(crate) fn StageTools(
    #[prop(into)] name: Signal<String>,
    /// What the part is called for a reader who does not see it.
    #[prop(into)]
    title: Signal<String>,
) -> impl IntoView {
    let stage: Stage = expect_context();
    let code = RwSignal::new(None::<(String, bool)>);
    let embed = move |_| {
        let path = stage.address_of(StageMode::Embed, name.get_untracked());
        let html = iframe(&origin(), &path, &title.get_untracked());
        spawn_local(async move {
            let copied = save::copy(&html).await;
            code.set(Some((html, copied)));
        });
    };
    let copied = move || {
        let (html, copied) = code.get()?;
        let says = match copied {
            true => "Copied. Paste it into your page.",
            false => "Copy this into your page:",
        };
        Some(view! {
            <span role="status">{says}</span>
            <input readonly aria-label="Embed code" data-testid="embed-code" value=html />
        })
    };
    view! {
        <span class="stage-tools">
            <button class="quiet" data-testid=move || format!("present-{}", name.get())
                title="Show this alone and large; arrow keys step, Escape leaves"
                on:click=move |_| stage.present(name.get_untracked())>"Present"</button>
            <button class="quiet" data-testid=move || format!("embed-{}", name.get())
                title="Copy the HTML that shows this in another page" on:click=embed>"Embed"</button>
            {copied}
        </span>
    }
}

fn origin() -> String {
    // A page without an address of its own cannot be embedded; its path is still right.
    window().location().origin().unwrap_or_default()
}

fn iframe(origin: &str, path: &str, title: &str) -> String {
    let (src, title) = (escape(&format!("{origin}{path}")), escape(title));
    format!(
        r#"<iframe src="{src}" title="{title}" width="800" height="520" style="border:0" loading="lazy"></iframe>"#
    )
}

#[cfg(test)]
mod tests {
    use super::iframe;

    #[test]
    fn the_code_is_html_whatever_the_title() {
        let code = iframe(
            "https://a.example",
            "/?pair=1&embed=gap",
            "The <gap> \"here\"",
        );
        assert!(
            code.starts_with(
                r#"<iframe src="https://a.example/?pair=1&amp;embed=gap" title="The &lt;gap&gt; "#
            ),
            "{code}"
        );
        assert_eq!(code.matches('<').count(), 2, "{code}");
    }
}
