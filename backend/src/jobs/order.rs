//! Whether an order can be carried out, as far as that can be known before it begins.

use fathom_shared::api::NewRun;
use fathom_shared::task::GenerateError;
use fathom_shared::tokens::Tokens;

/// The most samples of one run.
pub const MOST_SAMPLES: u32 = 10_000;
/// The last sample there may be. Sample `k` needs those before it, so a far one costs as much as
/// all of them.
pub const LAST_SAMPLE: u32 = 100_000;

/// Why an order is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OrderError {
    /// The spec itself.
    #[error(transparent)]
    Spec(#[from] GenerateError),
    /// None or too many.
    #[error("count is {got}; a run has 1 to {MOST_SAMPLES} samples")]
    Count {
        /// The number asked for.
        got: u32,
    },
    /// Samples that are too far down the stream.
    #[error("first is {first} and count is {count}; the last sample there may be is {LAST_SAMPLE}")]
    Far {
        /// The first sample asked for.
        first: u32,
        /// How many.
        count: u32,
    },
    /// Longer than the model reads.
    #[error("max_seq_length is {got} tokens, but model `{model}` reads at most {context}")]
    Length {
        /// The length asked for.
        got: Tokens,
        /// The model.
        model: String,
        /// Its context.
        context: Tokens,
    },
}

/// Checks what needs no model.
///
/// # Errors
/// [`OrderError`], naming what was got and expected.
pub fn check(order: &NewRun) -> Result<(), OrderError> {
    order.spec.validate()?;
    let (first, count) = (order.first, order.count);
    if !(1..=MOST_SAMPLES).contains(&count) {
        return Err(OrderError::Count { got: count });
    }
    match first.checked_add(count - 1) {
        Some(last) if last <= LAST_SAMPLE => Ok(()),
        _ => Err(OrderError::Far { first, count }),
    }
}

/// Checks the length against what the model reads. The template's own tokens come on top, so that
/// a sample of just this length may still fail; the engine then says by how much.
///
/// # Errors
/// [`OrderError::Length`].
pub fn check_length(order: &NewRun, model: &str, context: Tokens) -> Result<(), OrderError> {
    let got = order.spec.max_seq_length;
    if got > context {
        let model = model.to_owned();
        return Err(OrderError::Length {
            got,
            model,
            context,
        });
    }
    Ok(())
}
