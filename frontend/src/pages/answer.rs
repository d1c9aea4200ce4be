//! An answer as it arrives: its progress, its text, its score.

use std::sync::Arc;

use fathom_shared::run::SampleKey;
use fathom_shared::transcript::{Completion, Outcome};
use leptos::prelude::*;

use super::reading::AnswerString;
use crate::protocol::RunKey;
use crate::state::answer::AnswerState;
use crate::state::run_state::RunState;
use crate::state::server::SampleDetail;
use crate::ui::coded_text::coded;

/// A stored answer, once its texts are there.
pub(super) fn stored(
    id: RunKey,
    run: &RunState,
    place: SampleKey,
    detail: Option<SampleDetail>,
) -> AnswerState {
    let mine =
        |detail: &SampleDetail| detail.run == id && Some(&detail.row) == run.row(place).as_ref();
    match detail.filter(mine).and_then(|detail| detail.got) {
        Some(Ok(detail)) => match &detail.scored {
            Some(scored) => AnswerState::Over(Box::new(scored.clone())),
            None => AnswerState::Stored,
        },
        _ => AnswerState::Stored,
    }
}

/// An answer with its state, score and pace.
pub(super) fn shown(answer: Memo<AnswerState>, place: &'static str) -> impl IntoView {
    linked(answer, place, Signal::default(), Callback::new(|_| {}))
}

/// The same, where what of it stands in the text that was asked leads there: `go` takes the byte of
/// the sample's input.
pub(super) fn linked(
    answer: Memo<AnswerState>,
    place: &'static str,
    strings: Signal<Arc<[AnswerString]>>,
    go: Callback<usize>,
) -> impl IntoView {
    let says = move || coded(&answer.with(says));
    let failed = move || answer.with(|answer| matches!(answer.state(), "failed"));
    let share = move || match answer.get() {
        AnswerState::Prefill { done, total } if total.0 > 0 => {
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
            data-state=move || answer.with(AnswerState::state)
            role="status"
        >
            {says}
        </p>
        {move || share().map(|share| view! { <progress prop:value=share max="1" aria-label="Reading the prompt"></progress> })}
        <pre class="text" data-testid=format!("answer-{place}") aria-label="Answer">
            {move || answer.with(|answer| strings.with(|strings| in_parts(answer.text(), strings, go)))}
        </pre>
        {move || answer.with(doubt).map(|says| view! {
            <p class="note" data-testid=format!("doubt-{place}")>{says}</p>
        })}
        {move || score().map(|score| view! {
            <p class="score">
                <b data-testid=format!("score-{place}")>{score}</b>
                <span class="hint">" out of 100, for this one sample (n = 1)"</span>
            </p>
        })}
    }
}

/// The text of an answer, cut at what of it stands in the text that was asked.
pub(super) fn in_parts(text: &str, strings: &[AnswerString], go: Callback<usize>) -> AnyView {
    if strings.is_empty() {
        return text.to_owned().into_any();
    }
    let (mut parts, mut at) = (Vec::new(), 0);
    for one in strings {
        // While another answer comes, the strings are still those of the last.
        let (Some(before), Some(words)) =
            (text.get(at..one.answer.start), text.get(one.answer.clone()))
        else {
            continue;
        };
        at = one.answer.end;
        let (kind, first, times) = (kind(one.expected), one.first, one.places.len());
        let title = match times {
            1 => "Appears once in the text: show where".to_owned(),
            times => format!("Appears {times} times in the text: show where"),
        };
        parts.push(before.to_owned().into_any());
        parts.push(
            view! {
                <button class="in-text" data-testid="in-text" data-kind=kind title=title on:click=move |_| go.run(first)>
                    {words.to_owned()}
                </button>
            }
            .into_any(),
        );
    }
    parts.push(text.get(at..).unwrap_or_default().to_owned().into_any());
    parts.into_any()
}

fn kind(expected: bool) -> &'static str {
    match expected {
        true => "right",
        false => "wrong",
    }
}

/// Whether an answer came as a whole: which part of its time was reading, nobody knows.
pub(super) fn in_one_piece(done: &Completion) -> bool {
    done.tokens.0 > 1 && done.timings.decode_ms < 1.0
}

/// What a reader of an answer should know that was parted without knowing where its thinking began.
fn doubt(answer: &AnswerState) -> Option<&'static str> {
    match &answer.scored()?.transcript.outcome {
        Outcome::Completed(done) if done.thinking_end_alone => Some(
            "The model’s reasoning has an end (such as </think>) and no beginning, so everything before the end was taken as reasoning and not scored. If the endpoint’s template does not open the reasoning, set opens_thinking = false for it in fathom.toml; if it does, set it to true.",
        ),
        _ => None,
    }
}

fn says(answer: &AnswerState) -> String {
    let rate =
        |rate: Option<f64>| rate.map_or_else(String::new, |rate| format!(", {rate:.1} tokens/s"));
    match answer {
        AnswerState::Idle => "Not asked yet.".to_owned(),
        AnswerState::Queued => "Waiting.".to_owned(),
        AnswerState::Prefill { done, total } => format!("Reading: {done:#} of {total:#} tokens."),
        AnswerState::Decoding { tokens, .. } => {
            format!("Writing: {tokens} tokens{}.", rate(answer.rate()))
        }
        AnswerState::Stored => "Answered; loading the text.".to_owned(),
        AnswerState::Over(scored) => match &scored.transcript.outcome {
            Outcome::Failed(failure) => {
                format!("No answer: {}.", failure.message.trim_end_matches('.'))
            }
            Outcome::Completed(done) => {
                let read = scored.transcript.prompt_tokens.unwrap_or_default();
                let paced = |pace: Option<f64>| rate(pace.filter(|_| !in_one_piece(done)));
                format!(
                    "Read {read:#} tokens{}; wrote {:#}{}. {}",
                    paced(done.timings.prefill_rate(read)),
                    done.tokens,
                    paced(done.timings.decode_rate(done.tokens)),
                    scored.transcript.engine.device,
                )
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::transcript::Timings;

    use super::*;

    #[test]
    fn reasoning_without_a_beginning_is_told_beside_the_answer() {
        let told = |thinking_end_alone| {
            doubt(&AnswerState::thought(Completion {
                thinking_end_alone,
                ..Completion::chosen(&[], Vec::new(), Timings::default())
            }))
        };
        assert_eq!(told(false), None);
        assert!(told(true).unwrap().contains("opens_thinking = false"));
        assert_eq!(doubt(&AnswerState::Stored), None);
    }
}
