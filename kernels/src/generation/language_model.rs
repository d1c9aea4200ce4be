//! What the loop needs of a model in memory: tokens in, logits out.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;

use crate::model::logprobs::log_softmax;
use crate::model::sampler::{GreedyToken, Sampler};

/// Weights on a device, with a KV cache.
pub trait LanguageModel: Debug {
    /// The context window in tokens: prompt and answer together.
    fn context(&self) -> usize;

    /// Tokens that are read together. A prefix read in whole chunks from the first token on gives
    /// bit-identical results in every text that contains it; other divisions round differently.
    fn chunk(&self) -> usize;

    /// Reserves space for `room` tokens in all; returns `true` if the cache was emptied by that.
    ///
    /// # Errors
    /// The device does not have enough memory.
    fn reserve(&mut self, room: usize) -> Result<bool, ModelStop>;

    /// Forgets all but the first `len` tokens.
    fn rewind(&mut self, len: usize);

    /// Reads `ids` after the cached tokens and returns the logits that follow the last of them.
    /// Reports after each chunk how many are read; passes the logits after every token to `each`,
    /// if given. In a browser, the future waits for the adapter; elsewhere it is ready when first
    /// polled, or blocks.
    ///
    /// # Errors
    /// `cancel` was set: tokens reported as read stay in the cache. The device fails, or the logits
    /// are not numbers: then the cache is useless until [`rewind`](Self::rewind) to 0.
    fn read<'a>(
        &'a mut self,
        ids: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
        each: Option<EachLogits<'a>>,
    ) -> LogitsFuture<'a>;

    /// Reads `ids` as [`read`](Self::read) and returns the likeliest tokens that follow, one after
    /// another, the lowest id of equals: at least one, at most `most`, as many as the model writes in one
    /// go, each with the log-probabilities of the `top` likeliest at its place. All but the last of them
    /// are then in the cache too.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    fn read_greedy<'a>(
        &'a mut self,
        ids: &'a [u32],
        (_most, top): (usize, usize),
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
    ) -> TokensFuture<'a> {
        let logits = self.read(ids, cancel, done, None);
        Box::pin(async move {
            let logits = logits.await?;
            let id = Sampler::greedy().sample(&logits);
            let top = match top {
                0 => Vec::new(),
                top => log_softmax(&logits, id, top).1,
            };
            Ok(vec![GreedyToken { id, top }])
        })
    }

    /// Reads `ids` as [`read`](Self::read) and returns the natural logarithms of the probabilities that
    /// each token of `next` follows them.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    fn read_logprobs<'a>(
        &'a mut self,
        ids: &'a [u32],
        next: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
    ) -> LogprobsFuture<'a> {
        let logits = self.read(ids, cancel, done, None);
        Box::pin(async move {
            let logits = logits.await?;
            let logprobs = next.iter().map(|id| log_softmax(&logits, *id, 0).0);
            Ok(logprobs.collect())
        })
    }
}

/// Receives the logits after each token, one after another.
pub type EachLogits<'a> = &'a mut (dyn FnMut(&[f32]) + 'a);

/// The logits after the last token, once they are computed.
pub type LogitsFuture<'a> = ModelFuture<'a, Vec<f32>>;

/// The tokens that follow, once they are chosen.
pub type TokensFuture<'a> = ModelFuture<'a, Vec<GreedyToken>>;

/// The log-probabilities of tokens that may follow, once they are computed.
pub type LogprobsFuture<'a> = ModelFuture<'a, Vec<f64>>;

type ModelFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, ModelStop>> + 'a>>;

/// Why a model stopped early.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ModelStop {
    /// The caller cancelled it.
    Cancelled,
    /// The device was lost.
    Lost(String),
    /// It failed.
    Failed(String),
}

impl ModelStop {
    /// The error for values that are not numbers, computed in the part `place` of a model.
    pub fn not_numbers(place: &str) -> Self {
        Self::Failed(format!(
            "the model has no answer: {place} gives values that are no numbers (NaN or infinite)"
        ))
    }
}
