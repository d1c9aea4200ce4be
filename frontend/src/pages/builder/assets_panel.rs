//! Who counts the tokens, and whose texts the samples are made of.

use fathom_shared::corpora::CorpusKind;
use fathom_shared::prompt::PromptMode;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::super::display;
use super::super::sample_query::{SampleQuery, SetSampleQuery};
use crate::protocol::{BuilderAsset, FormField};
use crate::state::builder::{BuilderState, TokenizerChoice};
use crate::ui::coded_text::{coded, coded_message};
use crate::ui::files::{FileButton, first};

/// More than the metadata of any model.
const HEADER_BYTES: f64 = 64.0 * 1024.0 * 1024.0;

/// The tokenizer that counts, and the texts that samples are made of.
#[component]
pub(super) fn AssetsPanel(ask: Memo<SampleQuery>, set_ask: SetSampleQuery) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let wrong = Memo::new(move |_| {
        builder.fault.with(|fault| {
            let mine = fault.as_ref().filter(|f| f.field == FormField::Tokenizer);
            mine.map(|fault| display::sentence(&fault.message))
        })
    });
    let misfit = Memo::new(move |_| {
        let misfit = builder.misfit.get();
        misfit.filter(|(text, _)| text.is_none()).map(|(_, m)| m)
    });
    let choose = move |choice: TokenizerChoice| {
        builder.forget_file();
        set_ask.run(counted_by(ask.get_untracked(), choice));
    };
    let pick = move |file: web_sys::File| {
        let choose = move |piece: &BuilderAsset| {
            let mut next = ask.get_untracked();
            if matches!(piece, BuilderAsset::Json { .. }) {
                next.mode = PromptMode::Completion;
            }
            TokenizerChoice::File.name().clone_into(&mut next.tokenizer);
            set_ask.run(next);
        };
        let name = file.name();
        let (piece, blob) = match name.strip_suffix(".gguf") {
            Some(stem) => {
                let head = file.slice_with_f64_and_f64(0.0, HEADER_BYTES.min(file.size()));
                let name = stem.to_owned();
                (BuilderAsset::Gguf { name }, head.ok())
            }
            None => (BuilderAsset::Json { name }, Some(file.into())),
        };
        read(builder, piece.clone(), None, blob, move || choose(&piece));
    };
    let file = move || {
        builder.worn.with(|worn| {
            worn.iter().find_map(|piece| match piece {
                BuilderAsset::Json { name } | BuilderAsset::Gguf { name } => Some(name.clone()),
                _ => None,
            })
        })
    };
    let option = move |choice: TokenizerChoice| {
        let chosen = move || ask.with(|ask| ask.tokenizer == choice.name());
        // Only a file that was picked can be chosen.
        let off = move || choice == TokenizerChoice::File && !chosen();
        view! { <option value=choice.name() selected=chosen disabled=off>{title(choice)}</option> }
    };
    view! {
        <section class="panel made-with" aria-labelledby="made-with-title">
            <h2 id="made-with-title">"Tokenizer and texts"</h2>
            <div class="field">
                <label for="tokenizer">"Tokenizer"</label>
                <select
                    id="tokenizer"
                    data-testid="tokenizer"
                    aria-invalid=move || wrong.with(Option::is_some).to_string()
                    aria-describedby="tokenizer-fault"
                    on:change:target=move |event| choose(TokenizerChoice::find(&event.target().value()).unwrap_or_default())
                >
                    {TokenizerChoice::ALL.map(option).collect_view()}
                </select>
                <p class="fault" role="alert" id="tokenizer-fault" data-testid="tokenizer-fault">
                    {move || wrong.get().or_else(|| misfit.get()).map(|fault| coded(&fault))}
                </p>
            </div>
            <p class="inline">
                <FileButton label="A tokenizer.json or a GGUF file…" id="tokenizer-file" accept=".json,.gguf" take=first(pick) />
                <span class="hint">{file}</span>
            </p>
            <details>
                <summary>"Your own texts"</summary>
                <ul class="texts">{CorpusKind::ALL.map(|text| view! { <TextRow text /> }).collect_view()}</ul>
            </details>
            <p class="hint">"Files stay in this browser, even after a reload, until you choose something else here. Links do not include them, and models are asked with the texts that come with Fathom."</p>
        </section>
    }
}

/// One text: the bundled one or the user's own, with a button to choose another.
#[component]
fn TextRow(text: CorpusKind) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let own = Memo::new(move |_| {
        builder.worn.with(|worn| {
            worn.iter().find_map(|piece| match piece {
                BuilderAsset::Own { text: of, name } if *of == text => Some(name.clone()),
                _ => None,
            })
        })
    });
    let misfit = Memo::new(move |_| {
        let misfit = builder.misfit.get();
        misfit.filter(|(of, _)| *of == Some(text)).map(|(_, m)| m)
    });
    let pick = move |file: web_sys::File| {
        let name = file.name();
        let piece = BuilderAsset::Own { text, name };
        read(builder, piece, Some(text), Some(file.into()), || {});
    };
    let id = text.flag().trim_start_matches("--");
    view! {
        <li>
            <p class="inline">
                <FileButton label=about(text).0 id accept=".json" take=first(pick) />
                <span class="hint">{about(text).1}</span>
            </p>
            {move || own.get().map(|name| view! {
                <p class="inline">
                    <span data-testid=format!("own-{id}")>{name}</span>
                    <button class="quiet" on:click=move |_| builder.put_away(text)>"Use the bundled text"</button>
                </p>
            })}
            <p class="fault" role="alert" data-testid=format!("{id}-fault")>{coded_message(misfit.into())}</p>
        </li>
    }
}

/// The form with another one counting; without a chat template there is no chat.
fn counted_by(ask: SampleQuery, choice: TokenizerChoice) -> SampleQuery {
    let mode = match choice {
        TokenizerChoice::Tiktoken(_) => PromptMode::Completion,
        TokenizerChoice::Model | TokenizerChoice::File => ask.mode,
    };
    let tokenizer = choice.name().to_owned();
    SampleQuery {
        mode,
        tokenizer,
        ..ask
    }
}

fn title(choice: TokenizerChoice) -> &'static str {
    match choice {
        TokenizerChoice::Model => "the model's own tokenizer",
        TokenizerChoice::Tiktoken(encoding) => encoding.name(),
        TokenizerChoice::File => "your own file",
    }
}

/// What it is called, and what its file looks like.
fn about(text: CorpusKind) -> (&'static str, &'static str) {
    match text {
        CorpusKind::Essay => ("Essays", "RULER's PaulGrahamEssays.json"),
        CorpusKind::Squad => ("Questions for qa_1", "SQuAD 2.0's JSON"),
        CorpusKind::Hotpotqa => ("Questions for qa_2", "HotpotQA's JSON, distractor setting"),
        CorpusKind::EnglishWords => ("Words for long cwe lists", "RULER's english_words.json"),
    }
}

/// Reads a picked file and hands it to the builder as `piece`.
fn read(
    builder: BuilderState,
    piece: BuilderAsset,
    text: Option<CorpusKind>,
    blob: Option<web_sys::Blob>,
    then: impl FnOnce() + 'static,
) {
    spawn_local(async move {
        let bytes = match blob {
            Some(blob) => JsFuture::from(blob.array_buffer()).await.ok(),
            None => None,
        };
        match bytes {
            Some(bytes) => builder.pick((piece, js_sys::Uint8Array::new(&bytes).into()), then),
            None => {
                let message = "The browser could not read the file. Was it moved?".to_owned();
                builder.misfit.try_set(Some((text, message)));
            }
        }
    });
}
