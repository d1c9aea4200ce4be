//! What the loop needs of a model in memory: tokens in, logits out.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;

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
    /// ¶ # Errors
    /// `cancel` was set: tokens reported as read stay in the cache. The device fails, or the logits
    /// are not numbers: then the cache is useless until [`rewind`](Self::rewind) to 0.
    fn read<'a>(
        &'a mut self,
        ids: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
        each: Option<EachLogits<'a>>,
    ) -> LogitsFuture<'a>;
}

/// Receives the logits after each token, one after another.
pub type EachLogits<'a> = &'a mut (dyn FnMut(&[f32]) + 'a);

/// The logits after the last token, once they are computed.
pub type LogitsFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<f32>, ModelStop>> + 'a>>;

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
