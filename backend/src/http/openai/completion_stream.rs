//! From a request to what the engine says, piece by piece. The engine works on a thread of its own
//! and stops when the client has gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fathom_shared::transcript::{EngineInfo, FinishReason};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::spawn_blocking;

use super::EngineTurn;
use super::api_request::ApiRequest;
use super::error::OpenAiError;
use super::token_text::TokenText;
use crate::data::models::ModelError;
use crate::engine::{Engine, EngineHost, GenerationEvent, LocalEngine, finish_reason};
use crate::errors::chain;
use crate::http::AppState;

/// What happens to the prompt number `index`.
#[derive(Debug)]
pub(super) enum PromptEvent {
    /// New text, with the tokens that begin in it.
    Text {
        index: usize,
        text: String,
        tokens: Vec<TokenText>,
    },
    /// The answer is whole.
    Done {
        index: usize,
        finish: FinishReason,
        /// Tokens written.
        tokens: u32,
    },
    /// There is no answer, and none to the prompts after it.
    Failed(OpenAiError),
}

/// An engine at work; it stops when this is dropped.
#[derive(Debug)]
pub(super) struct CompletionStream {
    pub(super) engine: EngineInfo,
    /// Tokens of each prompt.
    pub(super) prompts: Vec<usize>,
    events: UnboundedReceiver<PromptEvent>,
    _stop: StopOnDrop,
}

#[derive(Debug)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The engine is there and the prompts fit.
type EngineReady = (EngineInfo, Vec<usize>);

impl CompletionStream {
    /// Waits for its turn and for the engine, and until it is known that every prompt fits.
    pub(super) async fn begin(
        state: AppState,
        turn: EngineTurn,
        request: ApiRequest,
    ) -> Result<Self, OpenAiError> {
        let stop = StopOnDrop(Arc::default());
        let cancel = Arc::clone(&stop.0);
        let (models, host) = (state.catalog.models().clone(), state.catalog.host());
        let id = request.key.model.clone();
        spawn_blocking(move || models.find(&id)).await??;
        let turn = turn.wait().await?;
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let (sender, events) = unbounded_channel();
        spawn_blocking(move || {
            let _turn = turn;
            let mut completion_sender = CompletionSender {
                ready: Some(ready),
                sender,
                cancel,
            };
            if let Err(error) = completion_sender.work(&host, &request) {
                completion_sender.fail(error);
            }
        });
        let (engine, prompts) = is_ready
            .await
            .map_err(|gone| OpenAiError::Internal(gone.into()))??;
        Ok(Self {
            engine,
            prompts,
            events,
            _stop: stop,
        })
    }

    /// What happens next; nothing after the last prompt's end, or after a failure.
    pub(super) async fn next(&mut self) -> Option<PromptEvent> {
        self.events.recv().await
    }
}

/// Where the engine's thread puts down what it has.
struct CompletionSender {
    ready: Option<tokio::sync::oneshot::Sender<Result<EngineReady, OpenAiError>>>,
    sender: UnboundedSender<PromptEvent>,
    cancel: Arc<AtomicBool>,
}

impl CompletionSender {
    fn work(&mut self, host: &EngineHost, request: &ApiRequest) -> Result<(), OpenAiError> {
        let cancel = Arc::clone(&self.cancel);
        let mut waits = || !cancel.load(Ordering::Relaxed);
        let done = host.with(
            &request.key,
            &mut waits,
            |engine: &mut Engine| match engine.local() {
                Some(local) => self.answer(local, request),
                None => Err(OpenAiError::Model(format!(
                    "`{}` does not take tokens",
                    request.model
                ))),
            },
        );
        // `None` if the client has gone before it began: no model is loaded then.
        done.map(|done| done.unwrap_or(Ok(())))
            .unwrap_or_else(|error| {
                Err(match error.downcast::<ModelError>() {
                    Ok(error) => OpenAiError::from(*error),
                    // A loader's sentence: it names the model and what does not fit.
                    Err(error) => OpenAiError::Unusable(chain(error.as_ref())),
                })
            })
    }

    fn answer(&mut self, local: &mut LocalEngine, request: &ApiRequest) -> Result<(), OpenAiError> {
        let prompts = request.prompts.tokens(local)?;
        for (_, ids) in &prompts {
            local.fits(ids.len(), request.room(local, ids.len()))?;
        }
        if let Some(ready) = self.ready.take() {
            let lengths = prompts.iter().map(|(_, ids)| ids.len()).collect();
            // Nobody waits any more: `cancel` says so too.
            let _gone = ready.send(Ok((local.info().clone(), lengths)));
        }
        for (index, (text, ids)) in prompts.into_iter().enumerate() {
            self.write(local, request, index, text, &ids)?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        local: &mut LocalEngine,
        request: &ApiRequest,
        index: usize,
        prompt: String,
        ids: &[u32],
    ) -> Result<(), OpenAiError> {
        let words = Arc::clone(local.tokenizer());
        let tell = |text: String, tokens| {
            let gone = self.sender.send(PromptEvent::Text {
                index,
                text,
                tokens,
            });
            if gone.is_err() {
                self.cancel.store(true, Ordering::Relaxed);
            }
        };
        let shift = match request.echo {
            true => prompt.chars().count(),
            false => 0,
        };
        let mut prompt = Some(prompt).filter(|_| request.echo);
        if !request.settings.prompt_logprobs
            && let Some(prompt) = prompt.take()
        {
            tell(prompt, Vec::new());
        }
        let mut hear = |heard: GenerationEvent<'_>| match heard {
            GenerationEvent::Prefill { .. } => (),
            GenerationEvent::Prompt(tokens) => tell(
                prompt.take().unwrap_or_default(),
                TokenText::all(tokens, &words, 0),
            ),
            GenerationEvent::Text { text, tokens } => {
                tell(text.to_owned(), TokenText::all(tokens, &words, shift));
            }
        };
        let room = request.room(local, ids.len());
        let written = local.write(ids, room, &request.settings, &self.cancel, &mut hear)?;
        let _gone = self.sender.send(PromptEvent::Done {
            index,
            finish: finish_reason(written.finish),
            tokens: written.tokens,
        });
        Ok(())
    }

    fn fail(&mut self, error: OpenAiError) {
        // Whoever is gone needs no reason.
        match self.ready.take() {
            Some(ready) => drop(ready.send(Err(error))),
            None => drop(self.sender.send(PromptEvent::Failed(error))),
        }
    }
}
