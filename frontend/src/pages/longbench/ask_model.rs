//! Putting the question to a model: here, directly and with a chain of thought side by side, or on
//! the server.

use fathom_shared::longbench::{ChoiceLetter, LongBenchSetting, QuestionCard};
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::{TaskSpec, longbench_v2};
use leptos::prelude::*;

use super::super::answer::shown;
use super::super::model_panel::ModelPanel;
use super::super::run_form::RunFormDialog;
use super::SetLongBenchQuery;
use super::model::LongBenchQuery;
use super::opened_question::OpenedQuestion;
use crate::protocol::{AnswerSetup, QuestionAnswer, QuestionRequest};
use crate::state::answer::AnswerState;
use crate::state::engine::{EngineState, ModelState};
use crate::state::library::QuestionOrigin;
use crate::state::question_queue::{QuestionInProgress, QuestionQueue};
use crate::state::server::ServerState;
use crate::ui::coded_text::coded;

/// The buttons that ask a model the open question, and its answers.
#[component]
pub(super) fn AskModelPanel(
    card: QuestionCard,
    opened: OpenedQuestion,
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
) -> impl IntoView {
    let (lab, server): (EngineState, ServerState) = (expect_context(), expect_context());
    let queue: QuestionQueue = expect_context();
    // The two that are compared, and what the address asks for besides.
    let ways = Memo::new(move |_| {
        let LongBenchQuery {
            setting, letters, ..
        } = look.get();
        let written = |setting| AnswerSetup {
            setting,
            letters: false,
        };
        let mut ways = vec![
            written(LongBenchSetting::Direct),
            written(LongBenchSetting::Cot),
        ];
        if !ways.contains(&written(setting)) {
            ways.push(written(setting));
        }
        if letters {
            ways.push(AnswerSetup { setting, letters });
        }
        ways
    });
    let ready = move || {
        lab.model
            .with(|model| matches!(model, ModelState::Ready(_)))
    };
    let context = move || match lab.model.get() {
        ModelState::Ready(model) => Some(model.context),
        _ => None,
    };
    let limit = move |setting: LongBenchSetting| {
        let look = look.get();
        LongBenchQuery { setting, ..look }.limit()
    };
    // A limit above what the model reads would only be refused after the prompt was made.
    let too_long = move || {
        let (context, limit) = (context()?, limit(LongBenchSetting::Direct).ok()?);
        (limit > context).then(|| {
            format!("The limit is {limit} tokens, but the loaded model can read only {context}. Lower the limit to ask it here.")
        })
    };
    let put = {
        let (card, set) = (card.clone(), opened.set.to_string());
        move |AnswerSetup { setting, letters }: AnswerSetup| {
            if let Ok(length) = limit(setting) {
                let put = QuestionRequest {
                    number: card.number,
                    setting,
                    letters,
                    length,
                    mode: PromptMode::Chat,
                };
                queue.put(set.clone(), card.clone(), put);
            }
        }
    };
    let both = {
        let put = put.clone();
        move |_| {
            for setting in [LongBenchSetting::Direct, LongBenchSetting::Cot] {
                put(AnswerSetup {
                    setting,
                    letters: false,
                });
            }
        }
    };
    let able = move || ready() && too_long().is_none() && !queue.busy.get();
    let own = Signal::derive(move || {
        let look = look.get();
        let spec = TaskSpec {
            set: longbench_v2::options(look.setting),
            ..TaskSpec::new(longbench_v2::ID, look.limit().ok()?, 0)
        };
        Some((spec, PromptMode::Chat))
    });
    let number = card.number;
    // The server's runs ask the server's questions; those of the page it has too.
    let on_server = opened.origin != QuestionOrigin::File;
    let columns = move || {
        let column = |way: AnswerSetup| {
            let (card, set, put) = (card.clone(), opened.set.to_string(), put.clone());
            let able = Signal::derive(move || able() && limit(way.setting).is_ok());
            view! { <AnswerColumn card set way able put=Callback::new(put) /> }
        };
        ways.get().into_iter().map(column).collect_view()
    };
    view! {
        <div class="panel asking">
            <h3>"Ask a model"</h3>
            <ModelPanel />
            {move || too_long().map(|note| view! { <p class="note" data-testid="too-long">{note}</p> })}
            <div class="inline">
                <button class="primary" data-testid="ask-both" disabled=move || !able() || limit(LongBenchSetting::Cot).is_err() on:click=both>
                    "Ask directly and with a chain of thought"
                </button>
                <button data-testid="cancel-ask" disabled=move || !queue.busy.get() on:click=move |_| queue.cancel()>"Cancel"</button>
                <label class="check">
                    <input type="checkbox" data-testid="letters" prop:checked=move || look.get().letters
                        on:change:target=move |event| {
                            let letters = event.target().checked();
                            set_look.run(LongBenchQuery { letters, ..look.get_untracked() });
                        } />
                    "Also ask for the most likely letter"
                </label>
                <Show when=move || on_server fallback=|| view! {
                    <span class="hint">"The server asks its own questions. To use this file there, start it with "<code>"fathom serve --questions FILE"</code>"."</span>
                }>
                    <RunFormDialog own sample=Signal::derive(move || Some(number)) />
                </Show>
                <Show when=move || !server.is_up()>
                    <span class="hint">"Longer prompts and endpoints need a server."</span>
                </Show>
            </div>
            {move || limit(LongBenchSetting::Cot).err().map(|fault| view! { <p class="hint">"With a chain of thought: "{fault}</p> })}
            <div class="answers">{columns}</div>
        </div>
    }
}

/// The answer in one setting: the reasoning, the text, and whether it is correct.
#[component]
fn AnswerColumn(
    card: QuestionCard,
    set: String,
    way: AnswerSetup,
    able: Signal<bool>,
    put: Callback<AnswerSetup>,
) -> impl IntoView {
    let setting = way.setting;
    let (queue, lab): (QuestionQueue, EngineState) = (expect_context(), expect_context());
    let mine = {
        let (card, set) = (card.clone(), set.clone());
        move |entry: &&QuestionInProgress| {
            entry.set == set && entry.card.id == card.id && entry.way() == way
        }
    };
    let entry = Memo::new(move |_| {
        let all = queue.all.get();
        all.iter().rev().find(&mine).cloned()
    });
    // What an earlier visit left, until it is asked again.
    let record = {
        let card = card.clone();
        Memo::new(move |_| {
            let about = |answer: &&QuestionAnswer| answer.is_about(&set, &card, way);
            lab.answers
                .with(|all| all.iter().rev().find(about).cloned())
        })
    };
    let thoughts = Memo::new(move |_| {
        entry
            .get()
            .map_or(AnswerState::Idle, |entry| entry.thoughts)
    });
    let answer = Memo::new(move |_| entry.get().map_or(AnswerState::Idle, |entry| entry.answer));
    let thinks = setting == LongBenchSetting::Cot;
    let name = match setting {
        LongBenchSetting::Direct => "Direct answer".to_owned(),
        LongBenchSetting::Cot => "With a chain of thought".to_owned(),
        LongBenchSetting::NoContext => "Without the text".to_owned(),
        LongBenchSetting::Rag { top } => format!("With the best {top} chunks"),
        LongBenchSetting::Embed { top } => format!("With the closest {top} chunks"),
        LongBenchSetting::Tail { tokens } => format!("With the last {tokens} tokens"),
    };
    let name = match way.letters {
        true => format!("{name}, most likely letter"),
        false => name,
    };
    let word = way.to_string();
    let place = match (setting, way.letters) {
        (_, true) => "letters",
        (LongBenchSetting::Direct, _) => "direct",
        (LongBenchSetting::Cot, _) => "cot",
        _ => "other",
    };
    let fault = move || entry.get().and_then(|entry| entry.fault);
    let verdict = move || {
        let letter = match entry.get() {
            Some(entry) if entry.is_over() && entry.fault.is_none() => {
                let failed = entry.answer.state() != "done";
                (!failed).then(|| entry.letter())
            }
            Some(_) => None,
            None => record
                .get()
                .and_then(|record| record.response.is_ok().then_some(record.letter)),
        };
        letter.map(|letter| judged(letter, card.answer))
    };
    let before = move || {
        entry.with(Option::is_none).then(|| record.get()).flatten().map(|record| {
            let text = match record.response {
                Ok(text) => text,
                Err(message) => format!("No answer: {message}"),
            };
            view! {
                <p class="hint">{format!("Answered earlier in this browser by {} at {} tokens.", record.model, record.length)}</p>
                <pre class="text" aria-label="Answer from an earlier visit">{text}</pre>
            }
        })
    };
    view! {
        <article class="answer" data-testid=format!("column-{place}") data-setting=word>
            <h4>{name}</h4>
            <button data-testid=format!("ask-{place}") disabled=move || !able.get() on:click=move |_| put.run(way)>"Ask here"</button>
            {move || fault().map(|fault| view! { <p class="fault" role="alert">{coded(&fault)}</p> })}
            <Show when=move || thinks && thoughts.with(|thoughts| *thoughts != AnswerState::Idle)>
                <details open>
                    <summary>"The model’s reasoning"</summary>
                    {shown(thoughts, "thoughts")}
                </details>
            </Show>
            <Show when=move || entry.with(Option::is_some)>
                {shown(answer, place)}
            </Show>
            {before}
            {move || verdict().map(|(kind, says)| view! {
                <p class="verdict" data-testid=format!("verdict-{place}") data-verdict=kind>{says}</p>
            })}
        </article>
    }
}

fn judged(letter: Option<ChoiceLetter>, right: ChoiceLetter) -> (&'static str, String) {
    match letter {
        None => (
            "unparsed",
            "No letter was found in the answer: it counts as wrong.".to_owned(),
        ),
        Some(letter) if letter == right => ("right", format!("{letter}: right (n = 1).")),
        Some(letter) => ("wrong", format!("{letter}: wrong (n = 1).")),
    }
}
