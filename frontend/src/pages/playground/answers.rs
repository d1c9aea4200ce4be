//! Both answers, side by side.

use fathom_shared::api::NewRun;
use fathom_shared::transcript::Outcome;
use leptos::prelude::*;

use super::super::ask::{Ask, SetAsk};
use crate::state::answer::Answer;
use crate::state::builder::Builder;
use crate::state::lab::{Lab, Model};
use crate::state::server::{Presence, Server};
use crate::ui::field::TextField;

#[component]
pub(super) fn Answers(ask: Memo<Ask>, set_ask: SetAsk) -> impl IntoView {
    let lab: Lab = expect_context();
    let server: Server = expect_context();
    let builder: Builder = expect_context();
    let built = builder.built;
    let sample = Memo::new(move |_| ask.with(|ask| ask.order().map(|order| order.sample).ok()));

    // An answer is shown beside the prompt that it belongs to, and no other.
    let here = Memo::new(move |_| {
        let (hash, answer) = lab.answer.get();
        let mine = built.with(|built| {
            built
                .as_ref()
                .is_some_and(|built| built.prompt_hash == hash)
        });
        if mine { answer } else { Answer::Idle }
    });
    let there = Memo::new(move |_| {
        let Some(sample) = sample.get() else {
            return Answer::Idle;
        };
        server.run.with(|run| {
            run.as_ref()
                .map_or(Answer::Idle, |(_, run)| run.answer(sample))
        })
    });
    let ready = move || {
        let loaded = lab.model.with(|model| matches!(model, Model::Ready(_)));
        let idle = lab.answer.with(|(_, answer)| !answer.is_running());
        loaded && idle && built.with(Option::is_some) && builder.fault.with(Option::is_none)
    };
    let run_here = move |_| {
        if let Some(built) = built.get_untracked() {
            lab.ask(built);
        }
    };
    let up = move || {
        server
            .presence
            .with(|presence| matches!(presence, Presence::Up(_)))
    };
    let followed = move || {
        server
            .run
            .with(|run| run.as_ref().is_some_and(|(_, run)| !run.is_final()))
    };
    let has_model = move || server.models.with(|models| !models.is_empty());
    let run_there = move |_| {
        let asked = ask.get_untracked();
        let (Ok(order), Ok(count)) = (asked.order(), asked.count()) else {
            return;
        };
        let Some(model) = server
            .models
            .with_untracked(|models| models.first().map(|m| m.id.clone()))
        else {
            return;
        };
        let order = NewRun {
            spec: order.spec,
            first: order.sample,
            count,
            model,
            mode: order.mode,
        };
        server.order(order, move |id| {
            set_ask.run(Ask {
                run: Some(id),
                ..asked
            });
        });
    };
    let count_fault =
        Signal::derive(move || ask.with(|ask| ask.count().err().map(|fault| fault.message)));
    let server_note = move || match server.presence.get() {
        Presence::Unknown => Some("Looking for a server…".to_owned()),
        Presence::Down(message) => Some(message),
        Presence::Up(_) if !has_model() => {
            Some("The server has no model; `fathom model pull` gets one.".to_owned())
        }
        Presence::Up(_) => None,
    };
    let summary = move || {
        server.run.with(|run| {
            let run = run.as_ref()?.1.run.as_ref()?;
            let s = &run.summary;
            Some(format!(
                "Run {}, {}: asked {}, answered {}, failed {}. Score {s}.",
                run.id,
                run.status.as_str(),
                s.asked,
                s.answered,
                s.failed
            ))
        })
    };
    let same = move || {
        let (here, there) = (here.get(), there.get());
        (here.state() == "done" && there.state() == "done").then(|| here.text() == there.text())
    };
    view! {
        <div class="answers">
            <article class="answer" aria-labelledby="here-title">
                <h3 id="here-title">"In this browser"</h3>
                <div class="inline">
                    <button class="primary" data-testid="run-here" disabled=move || !ready() on:click=run_here>"Run here"</button>
                    <button
                        data-testid="cancel-here"
                        disabled=move || !here.with(Answer::is_running)
                        on:click=move |_| lab.cancel()
                    >
                        "Cancel"
                    </button>
                </div>
                {shown(here, "here")}
            </article>
            <article class="answer" aria-labelledby="server-title">
                <h3 id="server-title">"On the server"</h3>
                <TextField label="Samples" id="count" numeric=true fault=count_fault
                    value=Signal::derive(move || ask.with(|ask| ask.count.clone()))
                    on_input=move |text| set_ask.run(Ask { count: text, ..ask.get_untracked() }) />
                <div class="inline">
                    <button
                        class="primary"
                        data-testid="run-server"
                        disabled=move || !(up() && has_model() && !followed() && built.with(Option::is_some))
                        on:click=run_there
                    >
                        "Run on the server"
                    </button>
                    <button data-testid="cancel-server" disabled=move || !followed() on:click=move |_| server.cancel()>
                        "Cancel"
                    </button>
                </div>
                {move || server_note().map(|note| view! { <p class="hint">{note}</p> })}
                {move || server.fault.get().map(|fault| view! { <p class="fault" role="alert" data-testid="server-fault">{fault}</p> })}
                {shown(there, "server")}
                {move || summary().map(|text| view! { <p class="hint" data-testid="summary">{text}</p> })}
            </article>
        </div>
        <p class="same" data-testid="same" role="status" data-same=move || same().map(|same| same.to_string())>
            {move || match same() {
                Some(true) => "Both engines gave the same answer.",
                Some(false) => "The answers differ.",
                None => "",
            }}
        </p>
    }
}

/// An answer with its state, score and pace.
fn shown(answer: Memo<Answer>, place: &'static str) -> impl IntoView {
    let says = move || answer.with(says);
    let failed = move || answer.with(|answer| matches!(answer.state(), "failed"));
    let share = move || match answer.get() {
        Answer::Prefill { done, total } if total.0 > 0 => {
            Some(f64::from(done.0) / f64::from(total.0))
        }
        _ => None,
    };
    let score = move || {
        answer.with(|answer| {
            let score = answer.scored()?.score.as_ref()?;
            Some(format!("{:.0}", score.value * 100.0))
        })
    };
    view! {
        <p
            class="status"
            class:fault=failed
            data-testid=format!("status-{place}")
            data-state=move || answer.with(Answer::state)
            role="status"
        >
            {says}
        </p>
        {move || share().map(|share| view! { <progress prop:value=share max="1" aria-label="Reading the prompt"></progress> })}
        <pre class="text" data-testid=format!("answer-{place}") aria-label="Answer">
            {move || answer.with(|answer| answer.text().to_owned())}
        </pre>
        {move || score().map(|score| view! {
            <p class="score">
                <b data-testid=format!("score-{place}")>{score}</b>
                <span class="hint">" of 100, this one sample (n = 1)"</span>
            </p>
        })}
    }
}

fn says(answer: &Answer) -> String {
    let rate =
        |rate: Option<f64>| rate.map_or_else(String::new, |rate| format!(", {rate:.1} tokens/s"));
    match answer {
        Answer::Idle => "Not asked yet.".to_owned(),
        Answer::Queued => "Waiting.".to_owned(),
        Answer::Prefill { done, total } => format!("Reading: {done} of {total} tokens."),
        Answer::Decoding { tokens, .. } => {
            format!("Writing: {tokens} tokens{}.", rate(answer.rate()))
        }
        Answer::Over(scored) => match &scored.transcript.outcome {
            Outcome::Failed(failure) => {
                format!("No answer: {}.", failure.message.trim_end_matches('.'))
            }
            Outcome::Completed(done) => {
                let read = scored.transcript.prompt_tokens.unwrap_or_default();
                format!(
                    "Read {read} tokens{}; wrote {}{}. {}",
                    rate(done.timings.prefill_rate(read)),
                    done.tokens,
                    rate(done.timings.decode_rate(done.tokens)),
                    scored.transcript.engine.device,
                )
            }
        },
    }
}
