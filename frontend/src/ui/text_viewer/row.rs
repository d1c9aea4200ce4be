//! One visible line.

use std::ops::Range;
use std::sync::Arc;

use fathom_shared::lines::bytes_of;
use leptos::prelude::*;

use super::lines::{pieces, tokens};
use super::{Cuts, LINE_HEIGHT, Mark};

/// Everything that a line is drawn from.
#[derive(Clone)]
pub(super) struct Scene {
    /// Another scene has another number.
    pub(super) version: u64,
    pub(super) text: Arc<str>,
    pub(super) starts: Arc<[usize]>,
    pub(super) marks: Arc<[Mark]>,
    pub(super) cuts: Option<Arc<Cuts>>,
}

impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

/// Line `line` of the scene.
pub(super) fn row(scene: &Scene, line: usize, chosen: Signal<Option<usize>>) -> AnyView {
    let bytes = bytes_of(&scene.text, &scene.starts, line);
    let parts = pieces(&bytes, &scene.marks).into_iter().map(|piece| {
        let words = words(scene, piece.bytes);
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
    let top = line as f64 * LINE_HEIGHT;
    view! { <div class="row" style=format!("top:{top}px")>{parts.collect_view()}</div> }.into_any()
}

/// A piece of text, token by token where they are known.
fn words(scene: &Scene, bytes: Range<usize>) -> AnyView {
    let Some(cuts) = &scene.cuts else {
        return scene.text[bytes].to_owned().into_any();
    };
    let parts = tokens(&bytes, cuts).into_iter().map(|(bytes, number)| {
        let words = scene.text[bytes].to_owned();
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
