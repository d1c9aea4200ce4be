//! Tells waiting clients their place in the queue: a header says how many are ahead, and a stream begins
//! with a comment before its turn has come.

use std::pin::pin;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use axum::response::sse::Event as SseEvent;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::api_request::{ApiRequest, StreamMode};
use super::completion_stream::CompletionStream;
use super::envelope::{CompletionForm, events, failed, send, streamed};
use super::error::OpenAiError;
use super::{AppState, EngineTurn};

/// How many requests and samples of runs were before this one when it came.
const AHEAD: HeaderName = HeaderName::from_static("x-fathom-ahead");

/// So long a stream that has not begun may still be refused by its status.
const STATUS: Duration = Duration::from_secs(2);
/// How often it is said that the wait goes on.
const SAID: Duration = Duration::from_secs(10);

/// Answers `request` in the form `form` when its turn has come.
pub(super) async fn deliver<F: CompletionForm>(
    form: F,
    state: AppState,
    turn: EngineTurn,
    request: ApiRequest,
    delivery: StreamMode,
) -> Result<Response, OpenAiError> {
    let ahead = turn.ahead(&state.catalog.host());
    let model = request.model.clone();
    let mut begun = Box::pin(CompletionStream::begin(state, turn, request));
    let waited = match delivery.stream && ahead > 0 {
        true => timeout(STATUS, &mut begun).await.ok(),
        false => Some((&mut begun).await),
    };
    let mut response = match waited {
        Some(answering) => send(form, model, answering?, delivery).await?,
        None => streamed(async_stream::stream! {
            let wait = format!("waits behind {ahead} others");
            let answering = loop {
                yield Ok(SseEvent::default().comment(&wait));
                if let Ok(answering) = timeout(SAID, &mut begun).await {
                    break answering;
                }
            };
            match answering {
                Ok(answering) => {
                    let mut events = pin!(events(form, model, answering, delivery));
                    while let Some(event) = events.next().await {
                        yield event;
                    }
                }
                Err(error) => {
                    for event in failed(&error) {
                        yield event;
                    }
                }
            }
        }),
    };
    response
        .headers_mut()
        .insert(AHEAD, HeaderValue::from(ahead));
    Ok(response)
}
