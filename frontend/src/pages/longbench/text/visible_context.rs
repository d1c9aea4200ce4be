//! What a model would see of the text: the setting, the limit, what is left out.

use fathom_shared::longbench::LongBenchSetting;
use fathom_shared::longbench::viewer::VisibleContext;
use fathom_shared::prompt::PromptMode;
use leptos::prelude::*;

use super::super::super::display;
use super::super::SetLongBenchQuery;
use super::super::model::LongBenchQuery;
use super::marks::gaps;
use crate::protocol::QuestionRequest;
use crate::state::library::{QuestionLibrary, QuestionOrigin};
use crate::state::server::ServerState;
use crate::ui::coded_text::{coded, coded_message};
use crate::ui::field::TextField;

/// The settings, with the word that goes before a number and what they mean.
const SETTINGS: [(&str, &str); 6] = [
    ("direct", "the text, then the question"),
    ("cot", "think first, then answer"),
    ("no-context", "without the text"),
    ("rag", "the best chunks, by BM25"),
    ("embed", "the best chunks, by a server's embeddings"),
    ("tail", "only the end of the text"),
];

/// The setting and the token limit, and how much of the text a model reads under them.
#[component]
pub(super) fn VisibleContextPanel(
    number: u32,
    origin: QuestionOrigin,
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
    seen: RwSignal<Option<Result<VisibleContext, String>>>,
    bytes: Signal<usize>,
    go: Callback<usize>,
) -> impl IntoView {
    let (library, server): (QuestionLibrary, ServerState) = (expect_context(), expect_context());
    let put = Memo::new(move |_| {
        let look = look.get();
        look.limit().map(|length| QuestionRequest {
            number,
            setting: look.setting,
            letters: false,
            length,
            mode: PromptMode::Chat,
        })
    });
    let busy = RwSignal::new(false);
    // Towards whoever has the text: what is seen follows from the address.
    Effect::new(move |_| {
        let Ok(wanted) = put.get() else {
            return seen.set(None);
        };
        let model = server
            .models
            .with(|models| models.first().map(|model| model.id.clone()));
        if origin == QuestionOrigin::Server && model.is_none() {
            return;
        }
        busy.set(true);
        library.seen(wanted.clone(), model, move |got| {
            if put.try_get_untracked() == Some(Ok(wanted)) {
                seen.set(Some(got));
                busy.set(false);
            }
        });
    });
    let limit_fault = Signal::derive(move || put.get().err());
    let change = move |setting: LongBenchSetting| {
        let look = look.get_untracked();
        set_look.run(LongBenchQuery { setting, ..look });
    };
    let word = move || {
        let setting = look.get().setting.to_string();
        setting.split(':').next().unwrap_or_default().to_owned()
    };
    let amount = move || {
        let setting = look.get().setting.to_string();
        setting.split_once(':').map(|(_, number)| number.to_owned())
    };
    let unit = move || match look.get().setting {
        LongBenchSetting::Rag { .. } | LongBenchSetting::Embed { .. } => "Chunks",
        _ => "Tokens from the end",
    };
    let amount_fault = RwSignal::new(None::<String>);
    let type_amount = move |text: String| match format!("{}:{}", word(), text.trim()).parse() {
        Ok(setting) => {
            amount_fault.set(None);
            change(setting);
        }
        Err(error) => amount_fault.set(Some(format!("{error}."))),
    };
    let told = move || {
        seen.with(|seen| match seen {
            Some(Ok(seen)) => Some(says(seen, bytes.get())),
            Some(Err(message)) => Some(message.clone()),
            None => None,
        })
    };
    let coded_told = move || told().map(|told| coded(&told));
    let first = move || {
        seen.with(|seen| {
            let seen = seen.as_ref()?.as_ref().ok()?;
            gaps(seen, bytes.get()).first().cloned()
        })
    };
    view! {
        <div class="seen-row" aria-busy=move || busy.get().to_string()>
            <div class="field">
                <label for="setting">"Setting"</label>
                <select id="setting" data-testid="setting" on:change:target=move |event| {
                    amount_fault.set(None);
                    if let Ok(setting) = event.target().value().parse() {
                        change(setting);
                    }
                }>
                    {SETTINGS.map(|(name, about)| view! {
                        <option value=name selected=move || word() == name>{format!("{about} ({name})")}</option>
                    }).into_iter().collect_view()}
                </select>
            </div>
            <Show when=move || amount().is_some()>
                <div class="field short">
                    <label for="amount">{unit}</label>
                    <input id="amount" data-testid="amount" type="text" inputmode="numeric"
                        prop:value=move || amount().unwrap_or_default()
                        on:change:target=move |event| type_amount(event.target().value()) />
                    <p class="fault" role="alert">{coded_message(amount_fault.into())}</p>
                </div>
            </Show>
            <div class="short">
                <TextField label="Limit (tokens)" id="limit" numeric=true fault=limit_fault
                    value=Signal::derive(move || look.get().limit)
                    on_input=move |limit| set_look.run(LongBenchQuery { limit, ..look.get_untracked() }) />
            </div>
            <p class="hint" role="status" data-testid="seen">
                {coded_told}
                {move || first().map(|gap| view! {
                    " "
                    <button class="quiet inline-link" data-testid="to-cut" on:click=move |_| go.run(gap.start)>"Go to the start of the cut"</button>
                    <Show when=move || gap.end.abs_diff(bytes.get()) != 0>
                        <button class="quiet inline-link" on:click=move |_| go.run(gap.end)>"Go to the end of the cut"</button>
                    </Show>
                })}
            </p>
        </div>
    }
}

/// What is seen, in a sentence.
fn says(seen: &VisibleContext, bytes: usize) -> String {
    let tokens = seen.tokens;
    let shown: usize = seen.shown.iter().map(std::ops::Range::len).sum();
    let share = display::percent(shown as f64 / bytes.max(1) as f64);
    let cut = match seen.before {
        Some(before) => {
            format!(" The full prompt would have {before:#}; its middle is left out.")
        }
        None => String::new(),
    };
    format!("The model reads {tokens:#} tokens, including {share}% of the text.{cut}")
}

#[cfg(test)]
mod tests {
    use fathom_shared::tokens::Tokens;

    use super::*;

    #[test]
    fn what_is_cut_is_said() {
        let seen = |before| VisibleContext {
            shown: vec![0..250, 750..1000],
            picked: Vec::new(),
            tokens: Tokens(8064),
            before,
        };
        assert_eq!(
            says(&seen(Some(Tokens(20_000))), 1000),
            "The model reads 8,064 tokens, including 50% of the text. The full prompt would have 20,000; its middle is left out."
        );
        assert!(says(&seen(None), 1000).ends_with("of the text."));
        for (word, _) in SETTINGS {
            assert!(word.parse::<LongBenchSetting>().is_ok());
        }
    }
}
