//! What is known of a sample: its lengths, and what it was made of.

use std::sync::Arc;

use fathom_shared::task::OmittedSpan;
use fathom_shared::text_source::TextSource;
use leptos::prelude::*;

use super::super::display;
use crate::protocol::BuiltSample;

/// The lengths, counts and sources of the sample `built`.
#[component]
pub(in super::super) fn SampleFacts(
    #[prop(into)] built: Signal<Option<Arc<BuiltSample>>>,
) -> impl IntoView {
    move || {
        built.with(|built| {
            built.as_deref().map(|built| {
                view! {
                    <dl class="facts">
                        <div><dt>"Prompt"</dt><dd><b data-testid="prompt-tokens">{format!("{:#}", built.prompt_tokens)}</b>" tokens"</dd></div>
                        <div>
                            <dt>"Sample only"</dt>
                            <dd><b data-testid="input-tokens">{format!("{:#}", built.sample.input_tokens)}</b>" tokens"</dd>
                        </div>
                        <div>
                            <dt>"Including room for the answer"</dt>
                            <dd><b data-testid="length-tokens">{format!("{:#}", built.sample.length)}</b>" tokens"</dd>
                        </div>
                        <div><dt>"Evidence to find"</dt><dd>{found(built)}</dd></div>
                        <div><dt>"Tokenizer"</dt><dd>{built.tokenizer.clone()}</dd></div>
                        <div><dt>"Expected"</dt><dd class="mono">{expected(built)}</dd></div>
                    </dl>
                    <SampleSources sources=built.sample.sources.clone() cut=built.sample.cut />
                }
            })
        })
    }
}

/// The texts a sample was made of, which of them are stand-ins for the benchmark's own, and what
/// was cut.
#[component]
pub(in super::super) fn SampleSources(
    sources: Vec<TextSource>,
    cut: Option<OmittedSpan>,
) -> impl IntoView {
    let cut = cut.map(|cut| {
        let (whole, missing) = (cut.tokens, display::bytes(cut.bytes as u64));
        let told = format!(
            "Too long: the middle of the {whole} tokens is cut out, {missing} at byte {}.",
            cut.at
        );
        view! { <p class="hint" data-testid="cut">{told}</p> }
    });
    let sources = (!sources.is_empty()).then(|| {
        let source = |source: TextSource| {
            let hash = format!("SHA-256 {}", source.sha256);
            let stand_in = source.bundled.then(|| {
                view! { <em class="stand-in">"bundled stand-in, not the benchmark's own text"</em> }
            });
            view! { <li><span title=hash>{source.name}</span> " " {stand_in}</li> }
        };
        view! {
            <div class="sources" data-testid="sources">
                <span>"Source texts:"</span>
                <ul>{sources.into_iter().map(source).collect_view()}</ul>
            </div>
        }
    });
    (sources, cut)
}

fn found(built: &BuiltSample) -> String {
    match built
        .sample
        .evidence
        .iter()
        .filter(|piece| piece.gold)
        .count()
    {
        1 => "1 evidence span".to_owned(),
        count => format!("{count} evidence spans"),
    }
}

/// The references, as far as a line has room.
fn expected(built: &BuiltSample) -> String {
    const SHOWN: usize = 5;
    let references = &built.sample.references;
    let shown = references.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    match references.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
