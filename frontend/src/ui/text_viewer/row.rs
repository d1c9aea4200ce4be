//! One visible line.

use std::ops::Range;
use std::sync::Arc;

use leptos::prelude::*;

use super::lines::{pieces, tokens};
use super::{TextBody, TextMark, TokenBoundaries};

/// Everything that a line is drawn from.
#[derive(Clone)]
pub(super) struct LineContext {
    /// Another scene has another number.
    pub(super) version: u64,
    pub(super) body: TextBody,
    marks: Arc<[TextMark]>,
    cuts: Option<Arc<TokenBoundaries>>,
}

impl PartialEq for LineContext {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

impl LineContext {
    /// The one that comes after `before`.
    pub(super) fn after(
        before: Option<&Self>,
        body: TextBody,
        marks: Arc<[TextMark]>,
        cuts: Option<Arc<TokenBoundaries>>,
    ) -> Self {
        Self {
            version: before.map_or(0, |before| before.version + 1),
            body,
            marks,
            cuts,
        }
    }
}

/// Line `line` of the scene.
pub(super) fn row(scene: &LineContext, line: usize, chosen: Signal<Option<usize>>) -> AnyView {
    let top = format!("top:calc({line} * var(--row))");
    let Some((bytes, text)) = scene.body.line(line) else {
        return view! { <div class="row" data-waits="true" style=top></div> }.into_any();
    };
    let start = bytes.start;
    let parts = pieces(&bytes, &scene.marks).into_iter().map(|piece| {
        let words = words(scene, piece.bytes, start, text);
        let Some(mark) = piece.span.map(|span| &scene.marks[span]) else {
            return words;
        };
        let number = mark.piece;
        let current = move || (number.is_some() && chosen.get() == number).then_some("true");
        view! {
            <mark data-kind=mark.kind aria-current=current title=mark.says.clone()>{words}</mark>
        }
        .into_any()
    });
    view! { <div class="row" style=top>{parts.collect_view()}</div> }.into_any()
}

/// A piece of a line that begins at `start`, token by token where they are known.
fn words(scene: &LineContext, bytes: Range<usize>, start: usize, line: &str) -> AnyView {
    // A mark may end within a character where two texts were mixed up; nothing is shown then.
    let cut = |bytes: Range<usize>| {
        let text = line.get(bytes.start - start..bytes.end - start);
        text.unwrap_or_default().to_owned()
    };
    let Some(cuts) = &scene.cuts else {
        return cut(bytes).into_any();
    };
    let parts = tokens(&bytes, cuts).into_iter().map(|(bytes, number)| {
        let words = cut(bytes);
        match number {
            None => words.into_any(),
            Some(number) => view! {
                <span class="token" data-odd=(number % 2 == 1).to_string() title=format!("token {number}")>{words}</span>
            }
            .into_any(),
        }
    });
    parts.collect_view().into_any()
}
