//! Whether an order can be carried out, as far as that can be known before it begins.

use fathom_shared::api::RunSpec;
use fathom_shared::corpora::Corpora;
use fathom_shared::run::{GridError, TaskChoice};
use fathom_shared::task::asks_questions;
use fathom_shared::tokens::Tokens;

use crate::engine::EngineKey;

/// Why an order is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RunSpecError {
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
    /// For questions that are not here.
    #[error(
        "the order is for {count} questions from number {first} on, but `{set}` has {has}, counted from 0"
    )]
    Questions {
        /// The first of those asked for.
        first: u32,
        /// How many.
        count: u32,
        /// The questions that are here.
        set: String,
        /// How many these are.
        has: usize,
    },
    /// Pieces by embeddings, which nobody makes.
    #[error(
        "the setting embed needs somebody who makes embeddings: name one in the configuration, as [embeddings]"
    )]
    Embeddings,
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
pub fn texts_of(order: &RunSpec, corpora: &Corpora) -> String {
    let mut tasks = order.grid.tasks.iter();
    corpora.sha256_with(tasks.any(|choice| asks_questions(&choice.task)))
}

/// Notes in the order which texts its samples are made of.
///
/// # Errors
/// [`RunSpecError::Texts`] where it names others.
pub fn note_texts(order: &mut RunSpec, here: &str) -> Result<(), RunSpecError> {
    match order.texts.get_or_insert_with(|| here.to_owned()) {
        got if got == here => Ok(()),
        got => Err(RunSpecError::Texts {
            got: got.clone(),
            here: here.to_owned(),
        }),
    }
}

/// Checks what an order wants of LongBench's questions against those that are here.
///
/// # Errors
/// [`RunSpecError::Questions`] and [`RunSpecError::Embeddings`].
pub fn check_questions(order: &RunSpec, corpora: &Corpora) -> Result<(), RunSpecError> {
    let mine = order.grid.tasks.iter();
    let mine: Vec<&TaskChoice> = mine.filter(|one| asks_questions(&one.task)).collect();
    if mine.is_empty() {
        return Ok(());
    }
    let (questions, first, count) = (corpora.questions(), order.grid.first, order.grid.count);
    let has = questions.len();
    if first as usize + count as usize > has {
        let set = questions.source().name.clone();
        return Err(RunSpecError::Questions {
            first,
            count,
            set,
            has,
        });
    }
    let embeds = |one: &&TaskChoice| one.set.get("setting").is_some_and(|word| word == "embed");
    match corpora.embedder() {
        None if mine.iter().any(embeds) => Err(RunSpecError::Embeddings),
        _ => Ok(()),
    }
}

impl From<&RunSpec> for EngineKey {
    fn from(order: &RunSpec) -> Self {
        Self {
            kind: order.engine.clone(),
            model: order.model.clone(),
            rope: order.rope.clone(),
            kv: order.kv,
        }
    }
}

/// Checks the grid, and its lengths against what the model reads. A chat template's own tokens come
/// on top, so that a sample of just this length may still fail: the estimate says so
/// beforehand, and the engine by how much.
///
/// # Errors
/// [`RunSpecError`], naming what was got and expected.
pub fn check(order: &RunSpec, context: Tokens) -> Result<(), RunSpecError> {
    order.grid.check()?;
    match order.grid.lengths.iter().max() {
        // Positions of one's own choice reach as far as they are stretched.
        Some(got) if *got > context && order.rope.is_none() => Err(RunSpecError::Length {
            got: *got,
            model: order.model.clone(),
            context,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::longbench::LongBenchSetting;
    use fathom_shared::run::TaskChoice;
    use fathom_shared::task::longbench_v2;

    use super::*;
    use crate::jobs::tests::order;

    #[test]
    fn questions_that_are_not_here_are_refused() {
        let corpora = Corpora::bundled();
        let of = |setting: LongBenchSetting, first: u32, count: u32| {
            let mut order = order(count).order;
            order.grid.first = first;
            order.grid.tasks = vec![TaskChoice {
                set: longbench_v2::options(setting),
                ..TaskChoice::new(longbench_v2::ID)
            }];
            check_questions(&order, &corpora).map_err(|error| error.to_string())
        };
        assert_eq!(of(LongBenchSetting::Direct, 4, 20), Ok(()));
        assert_eq!(
            of(LongBenchSetting::Direct, 5, 20).unwrap_err(),
            "the order is for 20 questions from number 5 on, but `Fathom samples, not LongBench v2` has 24, counted from 0"
        );
        let nobody = of(LongBenchSetting::Embed { top: 4 }, 0, 1).unwrap_err();
        assert!(nobody.contains("[embeddings]"), "{nobody}");
        // Other tasks have as many samples as are wanted.
        assert_eq!(check_questions(&order(500).order, &corpora), Ok(()));
    }
}
