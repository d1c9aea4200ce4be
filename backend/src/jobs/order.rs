//! Whether an order can be carried out, as far as that can be known before it begins.

use fathom_shared::api::Order;
use fathom_shared::corpora::Corpora;
use fathom_shared::run::GridError;
use fathom_shared::tokens::Tokens;

use crate::engine::EngineKey;

/// Why an order is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OrderError {
    /// The grid itself.
    #[error(transparent)]
    Grid(#[from] GridError),
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
    /// For texts that are not here.
    #[error(
        "the order is for texts with SHA-256 {got}, but those of this Fathom have {here}; leave `texts` out, or use the version of Fathom that has them"
    )]
    Texts {
        /// Those of the order.
        got: String,
        /// Those that samples would be made of.
        here: String,
    },
}

/// SHA-256 of what the samples of an order would be made of here.
pub fn texts_of(order: &Order, corpora: &Corpora) -> String {
    let tasks = order.grid.tasks.iter();
    corpora.sha256_for(tasks.map(|choice| choice.task.as_str()))
}

/// Notes in the order which texts its samples are made of.
///
/// # Errors
/// [`OrderError::Texts`] where it names others.
pub fn note_texts(order: &mut Order, here: &str) -> Result<(), OrderError> {
    match order.texts.get_or_insert_with(|| here.to_owned()) {
        got if got == here => Ok(()),
        got => Err(OrderError::Texts {
            got: got.clone(),
            here: here.to_owned(),
        }),
    }
}

impl From<&Order> for EngineKey {
    fn from(order: &Order) -> Self {
        Self {
            kind: order.engine.clone(),
            model: order.model.clone(),
            rope: order.rope.clone(),
            kv: order.kv,
        }
    }
}

/// Checks the grid, and its lengths against what the model reads. The template's own tokens come
/// on top, so that a sample of just this length may still fail; the engine then says by how much.
///
/// # Errors
/// [`OrderError`], naming what was got and expected.
pub fn check(order: &Order, context: Tokens) -> Result<(), OrderError> {
    order.grid.check()?;
    match order.grid.lengths.iter().max() {
        // Positions of one's own choice reach as far as they are stretched.
        Some(got) if *got > context && order.rope.is_none() => Err(OrderError::Length {
            got: *got,
            model: order.model.clone(),
            context,
        }),
        _ => Ok(()),
    }
}
