//! The prompt with its evidence: the depth strip, the text and the facts about both.

mod answer_matches; // finds parts of an answer in the text
mod example; // finds the worked example of few-shot tasks
mod facts; // facts about a sample
mod marks; // highlights in a prompt
#[cfg(test)]
mod testing;

use std::ops::Range;
use std::sync::Arc;

use fathom_shared::prompt::Prompt;
use fathom_shared::task::Sample;
use leptos::prelude::*;

use crate::protocol::BuiltSample;
use crate::state::builder::BuilderState;
use crate::ui::strip::{Strip, StripLine};
use crate::ui::text_viewer::{TextMark, TextViewer, TokenBoundaries, layered};
pub(super) use answer_matches::{AnswerString, strings};
pub(super) use facts::{SampleFacts, SampleSources};
pub(super) use marks::step;
use marks::{kinds, marks, name};

/// Beyond what is on the screen, so much is cut into tokens at once.
const AROUND: usize = 12_000;

/// A prompt laid out for reading.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct PromptLayout {
    text: Arc<str>,
    marks: Arc<[TextMark]>,
    line: Arc<StripLine>,
    /// The byte of the text at which the sample's input begins: the line shows depths in it.
    start: usize,
    /// The bytes of the input at which the evidence begins.
    pieces: Arc<[usize]>,
}

impl PromptLayout {
    /// Lays out the prompt made of `sample`.
    pub(super) fn new(sample: &Sample, prompt: &Prompt) -> Self {
        let pieces = sample.evidence.iter().map(|piece| piece.bytes.start);
        let line = StripLine::new(&sample.evidence, sample.input.len(), sample.input_tokens.0);
        Self {
            text: prompt.text.as_str().into(),
            marks: marks(sample, prompt).into(),
            line: Arc::new(line),
            start: prompt.input.start,
            pieces: pieces.collect(),
        }
    }
}

/// The line and the text of a prompt. `piece` is the number of the evidence that is looked at;
/// with the keys `n` and `p` it becomes the next or the one before. `seen` is told the bytes of
/// the text on the screen; `cuts` tell tokens apart; what an answer holds of the text is marked as
/// `answered`; a byte of the sample's input put into `lead` is scrolled to.
#[component]
pub(super) fn DepthPanel(
    laid: Memo<PromptLayout>,
    #[prop(into)] piece: Signal<Option<usize>>,
    set_piece: Callback<Option<usize>>,
    #[prop(optional)] seen: RwSignal<Range<usize>>,
    #[prop(optional, into)] cuts: Signal<Option<Arc<TokenBoundaries>>>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] answered: Signal<Arc<[AnswerString]>>,
    #[prop(optional)] lead: RwSignal<Option<usize>>,
    #[prop(default = "The prompt")] label: &'static str,
) -> impl IntoView {
    let text = Memo::new(move |_| laid.with(|laid| laid.text.clone()));
    let marks: Memo<Arc<[TextMark]>> = Memo::new(move |_| {
        answered.with(|answered| {
            laid.with(|laid| match answered.is_empty() {
                true => laid.marks.clone(),
                false => {
                    let answered = answer_matches::marks(answered, laid.start);
                    layered(&[laid.marks.to_vec(), answered]).into()
                }
            })
        })
    });
    let line = Memo::new(move |_| laid.with(|laid| laid.line.clone()));
    let start = Memo::new(move |_| laid.with(|laid| laid.start));
    let jump = RwSignal::new(None);
    let seen_input = Signal::derive(move || {
        let (seen, start) = (seen.get(), start.get());
        seen.start.saturating_sub(start)..seen.end.saturating_sub(start)
    });
    let go = Callback::new(move |at: usize| jump.set(Some(start.get_untracked() + at)));
    let pick = Callback::new(move |number: usize| set_piece.run(Some(number)));

    // Towards the text: what is chosen is scrolled to, also when it comes by the address.
    Effect::new(move |_| {
        let at = |number: usize| laid.with(|laid| laid.pieces.get(number).copied());
        if let Some(at) = piece.get().and_then(at) {
            go.run(at);
        }
    });
    Effect::new(move |_| {
        if let Some(at) = lead.get() {
            go.run(at);
        }
    });
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let forward = match event.key().as_str() {
            "n" => true,
            "p" => false,
            _ => return,
        };
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        event.prevent_default();
        let count = laid.with_untracked(|laid| laid.pieces.len());
        set_piece.run(step(piece.get_untracked(), count, forward));
    };
    let legend = move || {
        let kinds = line.with(|line| marks.with(|marks| kinds(line, marks)));
        let entry =
            |kind: &'static str| view! { <li><mark data-kind=kind>{name(kind)}</mark></li> };
        kinds.into_iter().map(entry).collect_view()
    };
    view! {
        <ul class="legend" aria-label="Colour key">{legend}</ul>
        <div class="reading" aria-busy=move || busy.get().to_string() on:keydown=keys>
            <Strip line seen=seen_input chosen=piece jump=go pick />
            <TextViewer text marks cuts chosen=piece seen jump label />
        </div>
    }
}

/// The prompt that the builder made. With `tokens`, the tokens are told apart.
#[component]
pub(super) fn PromptReader(
    #[prop(into)] piece: Signal<Option<usize>>,
    set_piece: Callback<Option<usize>>,
    #[prop(optional, into)] tokens: Signal<bool>,
    #[prop(optional, into)] answered: Signal<Arc<[AnswerString]>>,
    #[prop(optional)] lead: RwSignal<Option<usize>>,
) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let built = builder.built;
    let laid = Memo::new(move |_| {
        let lay = |built: &Arc<BuiltSample>| PromptLayout::new(&built.sample, &built.prompt);
        built.with(|built| built.as_ref().map(lay).unwrap_or_default())
    });
    let seen = RwSignal::new(0_usize..0);

    // Towards the worker: where tokens begin around what is on the screen.
    let hash = Memo::new(move |_| {
        built.with(|built| built.as_ref().map(|built| built.prompt_hash.clone()))
    });
    let cut = Memo::new(move |_| {
        let cut = builder.cut.get().filter(|_| tokens.get())?;
        (Some(&cut.prompt_hash) == hash.get().as_ref()).then_some(cut)
    });
    let asked = StoredValue::new((None, 0..0));
    Effect::new(move |_| {
        let (seen, hash) = (seen.get(), hash.get());
        if !tokens.get() || seen.is_empty() || hash.is_none() {
            return;
        }
        let known = asked.with_value(|(of, bytes)| {
            *of == hash && bytes.start <= seen.start && seen.end <= bytes.end
        });
        if !known {
            let around = seen.start.saturating_sub(AROUND)..seen.end + AROUND;
            asked.set_value((hash, around.clone()));
            builder.look_at(around);
        }
    });
    let cuts = Signal::derive(move || {
        cut.get().map(|cut| {
            Arc::new(TokenBoundaries {
                bytes: cut.bytes.clone(),
                first: cut.first,
                starts: cut.starts.clone(),
            })
        })
    });
    view! { <DepthPanel laid piece set_piece seen cuts busy=builder.busy answered lead /> }
}
