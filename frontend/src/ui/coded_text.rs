//! Messages with code marks: what stands between backticks is shown as code.

use leptos::prelude::*;

/// The text, with every part between backticks in a `code` element.
pub(crate) fn coded(text: &str) -> Vec<AnyView> {
    let element = |(is_code, part): (bool, &str)| {
        let part = part.to_owned();
        match is_code {
            true => view! { <code>{part}</code> }.into_any(),
            false => part.into_any(),
        }
    };
    parts(text).into_iter().map(element).collect()
}

/// A message that comes and goes, shown like [`coded`].
pub(crate) fn coded_message(message: Signal<Option<String>>) -> impl Fn() -> Option<Vec<AnyView>> {
    move || message.with(|message| message.as_deref().map(coded))
}

/// The parts of a text, each with whether it is code. A backtick without a partner is text.
fn parts(text: &str) -> Vec<(bool, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`')
        && let Some((code, behind)) = after.split_once('`')
    {
        parts.push((false, before));
        parts.push((true, code));
        rest = behind;
    }
    parts.push((false, rest));
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(
            parts("`far` is no length, expected `4K`."),
            [
                (true, "far"),
                (false, " is no length, expected "),
                (true, "4K"),
                (false, "."),
            ]
        );
        assert_eq!(parts("one ` alone"), [(false, "one ` alone")]);
        assert!(parts("").is_empty());
    }
}
