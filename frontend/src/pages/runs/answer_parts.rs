//! Which references an answer holds, and how the answer came about.

use std::sync::Arc;

use fathom_shared::api::{RowDetail, RowState};
use fathom_shared::run::ScoredTranscript;
use fathom_shared::transcript::{Completion, FinishReason, Outcome, TextlessAnswer};
use leptos::prelude::*;

use super::super::answer::in_one_piece;

/// What is known of an answer: the reasoning, the references found, what was cut, and its figures.
#[component]
pub(super) fn AnswerDetail(detail: Arc<RowDetail>) -> impl IntoView {
    let references = references(&detail);
    let scored = detail.scored.as_ref();
    let completion = scored.and_then(|scored| match &scored.transcript.outcome {
        Outcome::Completed(completion) => Some(completion),
        Outcome::Failed(_) => None,
    });
    let thinking = completion.and_then(|completion| completion.thinking.clone());
    let all = completion
        .and_then(Completion::textless)
        .map(|what| match what {
            TextlessAnswer::Thinking => {
                "The model wrote only its reasoning, so the answer is scored as empty."
            }
            TextlessAnswer::Empty => "The model wrote nothing, which is scored as empty.",
        });
    // The texts of an earlier try stay with a row that is to be asked again.
    let earlier = (detail.row.state == RowState::Open && scored.is_some())
        .then_some("This is an earlier attempt; the sample will be retried.");
    view! {
        <p class="hint">{earlier}</p>
        <p class="hint">{all}</p>
        {thinking.map(|text| view! {
            <details>
                <summary>"The model’s reasoning"</summary>
                <pre class="excerpt" data-testid="thinking">{text}</pre>
            </details>
        })}
        {(!references.is_empty()).then(|| view! {
            <h4>"Expected"</h4>
            <ul class="chips found" data-testid="found">{references.into_iter().map(reference).collect_view()}</ul>
        })}
        <p data-testid="cut">{cut(&detail)}</p>
        {scored.map(|scored| facts(scored, completion, detail.row.attempts))}
    }
}

/// The references, each with whether the answer holds it, where there is one.
fn references(detail: &RowDetail) -> Vec<(String, Option<bool>)> {
    let score = detail
        .scored
        .as_ref()
        .and_then(|scored| scored.score.as_ref());
    let references = detail
        .made
        .iter()
        .flat_map(|(sample, _)| &sample.references);
    let found = |at: usize| score.and_then(|score| score.found.get(at).copied());
    let numbered = references.enumerate();
    numbered
        .map(|(at, reference)| (reference.clone(), found(at)))
        .collect()
}

fn reference((text, found): (String, Option<bool>)) -> impl IntoView {
    let (state, says) = match found {
        Some(true) => ("found", "✓ found"),
        Some(false) => ("missed", "✕ missed"),
        None => ("open", ""),
    };
    view! { <li data-state=state><code>{text}</code> " " <span>{says}</span></li> }
}

/// What of the sample the model did not get to read.
fn cut(detail: &RowDetail) -> &'static str {
    let outcome = detail
        .scored
        .as_ref()
        .map(|scored| &scored.transcript.outcome);
    match (outcome, &detail.unmade) {
        (_, Some(_)) => "",
        (Some(Outcome::Completed(_)), None) => {
            "Nothing was cut: the model was given the full prompt below, as its SHA-256 confirms."
        }
        (Some(Outcome::Failed(_)), None) => "Nothing was cut, but no answer was received.",
        (None, None) => "Nothing will be cut: the model will be given the full prompt below.",
    }
}

fn facts(
    scored: &ScoredTranscript,
    completion: Option<&Completion>,
    attempts: u32,
) -> impl IntoView + use<> {
    let transcript = &scored.transcript;
    let read = transcript.prompt_tokens;
    let mut facts: Vec<(&str, String)> = Vec::new();
    if let Some(read) = read {
        facts.push(("Read", format!("{read:#} tokens")));
    }
    if let Some(done) = completion {
        let ended = match done.finish {
            FinishReason::Stop => "finished on its own",
            FinishReason::Length => "stopped at its token limit",
        };
        facts.push(("Wrote", format!("{} tokens, {ended}", done.tokens)));
        let seconds = |ms: f64| format!("{:.1} s", ms / 1000.0);
        let (reading, writing) = (done.timings.prefill_ms, done.timings.decode_ms);
        let times = match in_one_piece(done) {
            true => format!("{} in total", seconds(reading + writing)),
            false => format!("{} reading, {} writing", seconds(reading), seconds(writing)),
        };
        facts.push(("Took", times));
        if let Some(usage) = done.usage {
            let told = format!("{} read, {} written", usage.prompt, usage.completion);
            facts.push(("Counted by the endpoint", told));
        }
    }
    let engine = &transcript.engine;
    let by = [&engine.model, &engine.engine, &engine.device];
    let by: Vec<&str> = by
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    facts.push(("Answered by", by.join(", ")));
    if attempts > 1 {
        facts.push(("Attempts", attempts.to_string()));
    }
    if let Some(hash) = &transcript.prompt_hash {
        facts.push(("SHA-256 of the prompt", hash.clone()));
    }
    let fact = |(name, value): (&'static str, String)| {
        view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
    };
    view! { <dl class="facts" data-testid="sample-facts">{facts.into_iter().map(fact).collect_view()}</dl> }
}
