//! Putting the question to a model: here, directly and with a chain of thought side by side, or on
//! the server.

use fathom_shared::longbench::{Card, Letter, Setting};
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::{TaskSpec, longbench_v2};
use leptos::prelude::*;

use super::super::answer::shown;
use super::super::hand_off::HandOff;
use super::super::model_panel::ModelPanel;
use super::SetLook;
use super::model::Look;
use super::question::Opened;
use crate::protocol::Put;
use crate::state::answer::Answer;
use crate::state::lab::{Lab, Model};
use crate::state::library::Origin;
use crate::state::records::{Record, Records, Way};
use crate::state::server::Server;
use crate::state::trials::{Trial, Trials};

#[component]
pub(super) fn Asking(
    card: Card,
    opened: Opened,
    look: Memo<Look>,
    set_look: SetLook,
) -> impl IntoView {
    let (lab, server): (Lab, Server) = (expect_context(), expect_context());
    let trials: Trials = expect_context();
    // The two that are compared, and what the address asks for besides.
    let ways = Memo::new(move |_| {
        let Look {
            setting, letters, ..
        } = look.get();
        let written = |setting| Way {
            setting,
            letters: false,
        };
        let mut ways = vec![written(Setting::Direct), written(Setting::Cot)];
        if !ways.contains(&written(setting)) {
            ways.push(written(setting));
        }
        if letters {
            ways.push(Way { setting, letters });
        }
        ways
    });
    let ready = move || lab.model.with(|model| matches!(model, Model::Ready(_)));
    let context = move || match lab.model.get() {
        Model::Ready(model) => Some(model.context),
        _ => None,
    };
    let limit = move |setting: Setting| {
        let look = look.get();
        Look { setting, ..look }.limit()
    };
    // A limit above what the model reads would only be refused after the prompt was made.
    let too_long = move || {
        let (context, limit) = (context()?, limit(Setting::Direct).ok()?);
        (limit > context).then(|| {
            format!("The limit is {limit} tokens, but the loaded model reads {context}: lower the limit to ask it here.")
        })
    };
    let put = {
        let (card, set) = (card.clone(), opened.set.to_string());
        move |Way { setting, letters }: Way| {
            if let Ok(length) = limit(setting) {
                let put = Put {
                    number: card.number,
                    setting,
                    letters,
                    length,
                    mode: PromptMode::Chat,
                };
                trials.put(set.clone(), card.clone(), put);
            }
        }
    };
    let both = {
        let put = put.clone();
        move |_| {
            for setting in [Setting::Direct, Setting::Cot] {
                put(Way {
                    setting,
                    letters: false,
                });
            }
        }
    };
    let able = move || ready() && too_long().is_none() && !trials.busy.get();
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
    let on_server = opened.origin != Origin::File;
    let columns = move || {
        let column = |way: Way| {
            let (card, set, put) = (card.clone(), opened.set.to_string(), put.clone());
            let able = Signal::derive(move || able() && limit(way.setting).is_ok());
            view! { <Column card set way able put=Callback::new(put) /> }
        };
        ways.get().into_iter().map(column).collect_view()
    };
    view! {
        <div class="panel asking">
            <h3>"Ask a model"</h3>
            <ModelPanel />
            {move || too_long().map(|note| view! { <p class="note" data-testid="too-long">{note}</p> })}
            <div class="inline">
                <button class="primary" data-testid="ask-both" disabled=move || !able() || limit(Setting::Cot).is_err() on:click=both>
                    "Ask directly and with a chain of thought"
                </button>
                <button data-testid="cancel-ask" disabled=move || !trials.busy.get() on:click=move |_| trials.cancel()>"Cancel"</button>
                <label class="check">
                    <input type="checkbox" data-testid="letters" prop:checked=move || look.get().letters
                        on:change:target=move |event| {
                            let letters = event.target().checked();
                            set_look.run(Look { letters, ..look.get_untracked() });
                        } />
                    "The likeliest letter too"
                </label>
                <Show when=move || on_server fallback=|| view! {
                    <span class="hint">"A server asks its own questions: give it this file by "<code>"fathom serve --questions FILE"</code>"."</span>
                }>
                    <HandOff own sample=Signal::derive(move || Some(number)) />
                </Show>
                <Show when=move || !server.is_up()>
                    <span class="hint">"Longer prompts and endpoints need a server."</span>
                </Show>
            </div>
            {move || limit(Setting::Cot).err().map(|fault| view! { <p class="hint">"With a chain of thought: "{fault}</p> })}
            <div class="answers">{columns}</div>
        </div>
    }
}

#[component]
fn Column(
    card: Card,
    set: String,
    way: Way,
    able: Signal<bool>,
    put: Callback<Way>,
) -> impl IntoView {
    let setting = way.setting;
    let (trials, records): (Trials, Records) = (expect_context(), expect_context());
    let mine = {
        let (card, set) = (card.clone(), set.clone());
        move |trial: &&Trial| trial.set == set && trial.card.id == card.id && trial.way() == way
    };
    let trial = Memo::new(move |_| {
        let all = trials.all.get();
        all.iter().rev().find(&mine).cloned()
    });
    // What an earlier visit left, until it is asked again.
    let record = {
        let card = card.clone();
        Memo::new(move |_| {
            let about = |record: &&Record| record.is_about(&set, &card, way);
            records
                .all
                .with(|all| all.iter().rev().find(about).cloned())
        })
    };
    let thoughts = Memo::new(move |_| trial.get().map_or(Answer::Idle, |trial| trial.thoughts));
    let answer = Memo::new(move |_| trial.get().map_or(Answer::Idle, |trial| trial.answer));
    let thinks = setting == Setting::Cot;
    let name = match setting {
        Setting::Direct => "Directly".to_owned(),
        Setting::Cot => "With a chain of thought".to_owned(),
        Setting::NoContext => "Without the text".to_owned(),
        Setting::Rag { top } => format!("With the best {top} pieces"),
        Setting::Embed { top } => format!("With the closest {top} pieces"),
        Setting::Tail { tokens } => format!("With the last {tokens} tokens"),
    };
    let name = match way.letters {
        true => format!("{name}, the likeliest letter"),
        false => name,
    };
    let word = way.to_string();
    let place = match (setting, way.letters) {
        (_, true) => "letters",
        (Setting::Direct, _) => "direct",
        (Setting::Cot, _) => "cot",
        _ => "other",
    };
    let fault = move || trial.get().and_then(|trial| trial.fault);
    let verdict = move || {
        let letter = match trial.get() {
            Some(trial) if trial.is_over() && trial.fault.is_none() => {
                let failed = trial.answer.state() != "done";
                (!failed).then(|| trial.letter())
            }
            Some(_) => None,
            None => record
                .get()
                .and_then(|record| record.response.is_ok().then_some(record.letter)),
        };
        letter.map(|letter| judged(letter, card.answer))
    };
    let before = move || {
        trial.with(Option::is_none).then(|| record.get()).flatten().map(|record| {
            let text = match record.response {
                Ok(text) => text,
                Err(message) => format!("No answer: {message}"),
            };
            view! {
                <p class="hint">{format!("Answered before in this browser by {} at {} tokens.", record.model, record.length)}</p>
                <pre class="text" aria-label="Answer of an earlier visit">{text}</pre>
            }
        })
    };
    view! {
        <article class="answer" data-testid=format!("column-{place}") data-setting=word>
            <h4>{name}</h4>
            <button data-testid=format!("ask-{place}") disabled=move || !able.get() on:click=move |_| put.run(way)>"Ask here"</button>
            {move || fault().map(|fault| view! { <p class="fault" role="alert">{fault}</p> })}
            <Show when=move || thinks && thoughts.with(|thoughts| *thoughts != Answer::Idle)>
                <details open>
                    <summary>"Its thoughts"</summary>
                    {shown(thoughts, "thoughts")}
                </details>
            </Show>
            <Show when=move || trial.with(Option::is_some)>
                {shown(answer, place)}
            </Show>
            {before}
            {move || verdict().map(|(kind, says)| view! {
                <p class="verdict" data-testid=format!("verdict-{place}") data-verdict=kind>{says}</p>
            })}
        </article>
    }
}

fn judged(letter: Option<Letter>, right: Letter) -> (&'static str, String) {
    match letter {
        None => (
            "unparsed",
            "No letter could be taken from it: that counts as wrong.".to_owned(),
        ),
        Some(letter) if letter == right => ("right", format!("{letter}: right (n = 1).")),
        Some(letter) => ("wrong", format!("{letter}: wrong (n = 1).")),
    }
}
