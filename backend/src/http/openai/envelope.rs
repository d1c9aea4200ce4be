//! The JSON objects around the choices, whole or streamed.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::response::sse::{Event as SseEvent, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use fathom_shared::transcript::FinishReason;
use futures_util::Stream;
use serde_json::{Value, json};

use super::api_request::StreamMode;
use super::completion_stream::{CompletionStream, PromptEvent};
use super::error::OpenAiError;
use super::token_text::TokenText;

/// Often enough that no client takes the silence of a long prefill for the end.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Distinguishes the answers of this process.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The form of one kind of completion.
pub(super) trait CompletionForm: Send + Sync + 'static {
    /// Begins the ids.
    const ID: &'static str;
    /// `object` of a whole answer, and of a piece of one.
    const OBJECT: [&'static str; 2];

    /// A choice that is whole.
    fn whole(&self, choice: &CompletionChoice) -> Value;

    /// What a stream begins each choice with, where it does.
    fn first(&self) -> Option<Value>;

    /// New text of a choice.
    fn piece(&self, text: &str, tokens: &[TokenText]) -> Value;

    /// The end of a choice.
    fn last(&self) -> Value;
}

/// What is known of one answer.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct CompletionChoice {
    pub(super) text: String,
    pub(super) tokens: Vec<TokenText>,
    pub(super) finish: Option<FinishReason>,
    written: u32,
}

struct ResponseEnvelope {
    id: String,
    model: String,
    created: u64,
    fingerprint: String,
}

/// Sends what `answering` says in the form `form`.
pub(super) async fn send<F: CompletionForm>(
    form: F,
    model: String,
    mut answering: CompletionStream,
    delivery: StreamMode,
) -> Result<Response, OpenAiError> {
    let envelope = ResponseEnvelope::new(F::ID, model, &answering);
    if delivery.stream {
        return Ok(streamed(pieces(form, envelope, answering, delivery.usage)));
    }
    let mut choices = vec![CompletionChoice::default(); answering.prompts.len()];
    while let Some(event) = answering.next().await {
        match event {
            PromptEvent::Text {
                index,
                text,
                tokens,
            } => {
                choices[index].text.push_str(&text);
                choices[index].tokens.extend(tokens);
            }
            PromptEvent::Done {
                index,
                finish,
                tokens,
            } => {
                choices[index].finish = Some(finish);
                choices[index].written = tokens;
            }
            PromptEvent::Failed(error) => return Err(error),
        }
    }
    if choices.iter().any(|choice| choice.finish.is_none()) {
        return Err(OpenAiError::Internal(
            "the engine ended in the middle".into(),
        ));
    }
    let written = choices.iter().map(|choice| choice.written).sum();
    let whole = choices.iter().enumerate().map(|(index, choice)| {
        let mut whole = form.whole(choice);
        whole["index"] = json!(index);
        whole["finish_reason"] = json!(choice.finish.map(reason));
        whole
    });
    let mut body = envelope.around(F::OBJECT[0], whole.collect());
    body["usage"] = usage(&answering, written);
    Ok(Json(body).into_response())
}

/// The pieces of what `answering` says in the form `form`, for a stream that has begun.
pub(super) fn events<F: CompletionForm>(
    form: F,
    model: String,
    answering: CompletionStream,
    delivery: StreamMode,
) -> impl Stream<Item = Result<SseEvent, Infallible>> {
    let envelope = ResponseEnvelope::new(F::ID, model, &answering);
    pieces(form, envelope, answering, delivery.usage)
}

/// A stream with signs of life.
pub(super) fn streamed(
    events: impl Stream<Item = Result<SseEvent, Infallible>> + Send + 'static,
) -> Response {
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    events.into_response()
}

/// The last events of a stream in which something failed.
pub(super) fn failed(error: &OpenAiError) -> [Result<SseEvent, Infallible>; 2] {
    let error = SseEvent::default().data(error.body().to_string());
    [Ok(error), Ok(SseEvent::default().data("[DONE]"))]
}

fn pieces<F: CompletionForm>(
    form: F,
    envelope: ResponseEnvelope,
    mut answering: CompletionStream,
    with_usage: bool,
) -> impl Stream<Item = Result<SseEvent, Infallible>> {
    let wire = move |choices: Vec<Value>, usage: Value| {
        let mut body = envelope.around(F::OBJECT[1], choices);
        if with_usage {
            body["usage"] = usage;
        }
        Ok(SseEvent::default().data(body.to_string()))
    };
    let choice = |index: usize, mut piece: Value, finish: Option<FinishReason>| {
        piece["index"] = json!(index);
        piece["finish_reason"] = json!(finish.map(reason));
        vec![piece]
    };
    async_stream::stream! {
        let (mut written, mut begun) = (0, None);
        loop {
            // None where the engine's thread ended without a word after its last.
            let Some(event) = answering.next().await else {
                break;
            };
            if let PromptEvent::Text { index, .. } | PromptEvent::Done { index, .. } = &event
                && begun != Some(*index)
            {
                begun = Some(*index);
                if let Some(first) = form.first() {
                    yield wire(choice(*index, first, None), Value::Null);
                }
            }
            match event {
                PromptEvent::Text { index, text, tokens } => {
                    let piece = form.piece(&text, &tokens);
                    yield wire(choice(index, piece, None), Value::Null);
                }
                PromptEvent::Done { index, finish, tokens } => {
                    written += tokens;
                    yield wire(choice(index, form.last(), Some(finish)), Value::Null);
                }
                PromptEvent::Failed(error) => yield Ok(SseEvent::default().data(error.body().to_string())),
            }
        }
        if with_usage {
            yield wire(Vec::new(), usage(&answering, written));
        }
        yield Ok(SseEvent::default().data("[DONE]"));
    }
}

impl ResponseEnvelope {
    fn new(prefix: &str, model: String, answering: &CompletionStream) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let engine = &answering.engine;
        Self {
            id: format!("{prefix}-{:x}-{number}", now.as_nanos()),
            model,
            created: now.as_secs(),
            // Who answered: another engine or file may answer otherwise.
            fingerprint: format!("{} {:.12}", engine.engine, engine.model_sha256),
        }
    }

    fn around(&self, object: &str, choices: Vec<Value>) -> Value {
        json!({
            "id": self.id, "object": object, "created": self.created, "model": self.model,
            "system_fingerprint": self.fingerprint, "choices": choices,
        })
    }
}

fn usage(answering: &CompletionStream, written: u32) -> Value {
    let read: usize = answering.prompts.iter().sum();
    json!({
        "prompt_tokens": read, "completion_tokens": written,
        "total_tokens": read + written as usize,
    })
}

fn reason(finish: FinishReason) -> &'static str {
    match finish {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
    }
}
