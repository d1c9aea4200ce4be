//! What every engine on this machine offers: tokens in, logits out.

use std::fmt::Debug;
use std::sync::atomic::AtomicBool;

/// Weights on a device with a cache of keys and values.
pub(super) trait LanguageModel: Debug + Send {
    /// Tokens the model reads, prompt and answer together.
    fn context(&self) -> usize;

    /// Tokens that are read together. A beginning read in whole chunks, from the first token on, is
    /// the same to the bit in every text that has it; other pieces have other roundings.
    fn chunk(&self) -> usize;

    /// Makes room for `room` tokens in all; `true` when what was held is gone.
    ///
    /// # Errors
    /// The device has no memory.
    fn reserve(&mut self, room: usize) -> Result<bool, ModelStop>;

    /// Forgets all but the first `len` tokens.
    fn rewind(&mut self, len: usize);

    /// Reads `ids` after what is held and returns the logits that follow the last of them. Reports
    /// how many are read; hands the logits after every token to `each` where that is wanted.
    ///
    /// # Errors
    /// A failing device, logits that are no numbers, or `cancel`; what is held is then good for nothing but
    /// [`rewind`](Self::rewind) to 0.
    fn read(
        &mut self,
        ids: &[u32],
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
        each: LogitsCallback<'_>,
    ) -> Result<Vec<f32>, ModelStop>;
}

/// Who takes the logits after every token, where someone does.
pub(super) type LogitsCallback<'a> = Option<&'a mut dyn FnMut(&[f32])>;

/// Why a model stopped before it was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ModelStop {
    /// Someone stopped it.
    Cancelled,
    /// The device went away.
    Lost(String),
    /// It failed.
    Failed(String),
}

impl ModelStop {
    /// What the part `place` of a model computes is not a number.
    pub(super) fn not_numbers(place: &str) -> Self {
        Self::Failed(format!(
            "the model has no answer: {place} gives values that are no numbers (NaN or infinite)"
        ))
    }
}

impl From<candle_core::Error> for ModelStop {
    fn from(error: candle_core::Error) -> Self {
        Self::Failed(format!("candle failed: {error}"))
    }
}
