//! Checks whether a run spec can be carried out, as far as that can be known in advance.

use fathom_shared::api::RunSpec;
use fathom_shared::corpora::Corpora;
use fathom_shared::run::{GridError, TaskChoice};
use fathom_shared::task::asks_questions;
use fathom_shared::tokens::Tokens;

use crate::engine::EngineKey;

/// Why a run spec is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RunSpecError {
    /// The grid itself is invalid.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// The length exceeds the model's context window.
    #[error("max_seq_length is {got} tokens, but model `{model}` reads at most {context}")]
    Length {
        /// The length asked for.
        got: Tokens,
        /// The model.
        model: String,
        /// Its context window.
        context: Tokens,
    },
    /// The run asks for questions that are not here.
    #[error(
        "the run asks for {count} questions from number {first} on, but `{set}` has {has}, counted from 0"
    )]
    Questions {
        /// The first requested question.
        first: u32,
        /// How many questions are requested.
        count: u32,
        /// The question set that is here.
        set: String,
        /// How many questions it has.
        has: usize,
    },
    /// The setting needs embeddings, and no endpoint for them is configured.
    #[error(
        "the setting embed needs an endpoint for embeddings: name one in the configuration, as [embeddings]"
    )]
    Embeddings,
    /// The run needs texts that are not here.
    #[error(
        "the run needs texts with SHA-256 {got}, but this version of Fathom has {here}; leave `texts` out, or use the version that has them"
    )]
    Texts {
        /// The texts named in the run spec.
        got: String,
        /// The texts that samples would be made of here.
        here: String,
    },
}

/// SHA-256 of the texts that a run spec's samples would be made of here.
pub fn texts_of(run_spec: &RunSpec, corpora: &Corpora) -> String {
    let mut tasks = run_spec.grid.tasks.iter();
    corpora.sha256_with(tasks.any(|choice| asks_questions(&choice.task)))
}

/// Records in the run spec which texts its samples are made of.
///
/// # Errors
/// [`RunSpecError::Texts`] if it already names others.
pub fn note_texts(run_spec: &mut RunSpec, here: &str) -> Result<(), RunSpecError> {
    match run_spec.texts.get_or_insert_with(|| here.to_owned()) {
        got if got == here => Ok(()),
        got => Err(RunSpecError::Texts {
            got: got.clone(),
            here: here.to_owned(),
        }),
    }
}

/// Checks the LongBench questions that a run spec asks for against those that are here.
///
/// # Errors
/// [`RunSpecError::Questions`] and [`RunSpecError::Embeddings`].
fn check_questions(run_spec: &RunSpec, corpora: &Corpora) -> Result<(), RunSpecError> {
    let mine = run_spec.grid.tasks.iter();
    let mine: Vec<&TaskChoice> = mine.filter(|one| asks_questions(&one.task)).collect();
    if mine.is_empty() {
        return Ok(());
    }
    let (questions, first, count) = (
        corpora.questions(),
        run_spec.grid.first,
        run_spec.grid.count,
    );
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
    fn from(run_spec: &RunSpec) -> Self {
        Self {
            kind: run_spec.engine.clone(),
            model: run_spec.model.clone(),
            rope: run_spec.rope.clone(),
            kv: run_spec.kv,
        }
    }
}

/// Checks a run spec's samples: the grid, and the texts and questions that the samples are made of,
/// which it records in the spec.
///
/// # Errors
/// [`RunSpecError`], naming the actual and the expected value.
pub fn check_samples(run_spec: &mut RunSpec, corpora: &Corpora) -> Result<(), RunSpecError> {
    run_spec.grid.check()?;
    let texts = texts_of(run_spec, corpora);
    note_texts(run_spec, &texts)?;
    check_questions(run_spec, corpora)
}

/// Checks a run spec's lengths against the context window. A chat template adds its own tokens, so
/// a sample of exactly this length may still fail: the estimate warns of that in advance, and the
/// engine's error says by how much.
/// the engine by how much.
///
/// # Errors
/// [`RunSpecError::Length`].
pub fn check_length(run_spec: &RunSpec, context: Tokens) -> Result<(), RunSpecError> {
    match run_spec.grid.lengths.iter().max() {
        // Custom RoPE scaling reaches as far as it stretches the positions.
        Some(got) if *got > context && run_spec.rope.is_none() => Err(RunSpecError::Length {
            got: *got,
            model: run_spec.model.clone(),
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
    use crate::jobs::tests::new_run;

    #[test]
    fn questions_that_are_not_here_are_refused() {
        let corpora = Corpora::bundled();
        let of = |setting: LongBenchSetting, first: u32, count: u32| {
            let mut run_spec = new_run(count).run_spec;
            run_spec.grid.first = first;
            run_spec.grid.tasks = vec![TaskChoice {
                set: longbench_v2::options(setting),
                ..TaskChoice::new(longbench_v2::ID)
            }];
            check_questions(&run_spec, &corpora).map_err(|error| error.to_string())
        };
        assert_eq!(of(LongBenchSetting::Direct, 4, 20), Ok(()));
        assert_eq!(
            of(LongBenchSetting::Direct, 5, 20).unwrap_err(),
            "the run asks for 20 questions from number 5 on, but `Fathom samples, not LongBench v2` has 24, counted from 0"
        );
        let nobody = of(LongBenchSetting::Embed { top: 4 }, 0, 1).unwrap_err();
        assert!(nobody.contains("[embeddings]"), "{nobody}");
        // Other tasks can make any number of samples.
        assert_eq!(check_questions(&new_run(500).run_spec, &corpora), Ok(()));
    }
}
