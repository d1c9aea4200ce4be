//! An answer as it comes: where it stands, its text, its score.

use fathom_shared::run::SampleKey;
use fathom_shared::transcript::{Completion, Outcome};
use leptos::prelude::*;

use crate::protocol::RunKey;
use crate::state::answer::AnswerState;
use crate::state::run_state::RunState;
use crate::state::server::SampleDetail;

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
    let says = move || answer.with(says);
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

/// Whether an answer came as a whole: which part of its time was reading, nobody knows.
pub(super) fn in_one_piece(done: &Completion) -> bool {
    done.tokens.0 > 1 && done.timings.decode_ms < 1.0
}

fn says(answer: &AnswerState) -> String {
    let rate =
        |rate: Option<f64>| rate.map_or_else(String::new, |rate| format!(", {rate:.1} tokens/s"));
    match answer {
        AnswerState::Idle => "Not asked yet.".to_owned(),
        AnswerState::Queued => "Waiting.".to_owned(),
        AnswerState::Prefill { done, total } => format!("Reading: {done} of {total} tokens."),
        AnswerState::Decoding { tokens, .. } => {
            format!("Writing: {tokens} tokens{}.", rate(answer.rate()))
        }
        AnswerState::Stored => "Answered; the text is on its way.".to_owned(),
        AnswerState::Over(scored) => match &scored.transcript.outcome {
            Outcome::Failed(failure) => {
                format!("No answer: {}.", failure.message.trim_end_matches('.'))
            }
            Outcome::Completed(done) => {
                let read = scored.transcript.prompt_tokens.unwrap_or_default();
                let paced = |pace: Option<f64>| rate(pace.filter(|_| !in_one_piece(done)));
                format!(
                    "Read {read} tokens{}; wrote {}{}. {}",
                    paced(done.timings.prefill_rate(read)),
                    done.tokens,
                    paced(done.timings.decode_rate(done.tokens)),
                    scored.transcript.engine.device,
                )
            }
        },
    }
}
