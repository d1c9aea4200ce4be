//! What is stored of a run besides its rows.

use fathom_shared::api::{RunSpec, RunStatus};
use fathom_shared::longbench::QuestionCard;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::EngineInfo;
use serde::{Deserialize, Serialize};

/// The run spec and what became of the run, as they are stored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(in crate::worker::engine::page_runs) struct RunHead {
    /// The run's number in this browser.
    pub(in crate::worker::engine::page_runs) id: i64,
    /// What the run is to do.
    #[serde(rename = "order")]
    pub(in crate::worker::engine::page_runs) run_spec: RunSpec,
    /// Which goes first.
    pub(in crate::worker::engine::page_runs) priority: i32,
    /// Who answers.
    pub(in crate::worker::engine::page_runs) engine: EngineInfo,
    /// Tokens that the model reads.
    pub(in crate::worker::engine::page_runs) context: Tokens,
    /// When it was started, in milliseconds since 1970 (UTC).
    pub(in crate::worker::engine::page_runs) created_ms: i64,
    /// Whether it may go on: `queued`, or what holds it.
    pub(in crate::worker::engine::page_runs) held: RunStatus,
    /// Why it failed.
    pub(in crate::worker::engine::page_runs) error: Option<String>,
    /// Of a run whose samples are asked one at a time, what is known of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::worker::engine::page_runs) by_hand: Option<AskedByHand>,
}

/// What is known of samples that are asked one at a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::worker::engine::page_runs) struct AskedByHand {
    /// SHA-256 of the questions' set, where they are questions.
    pub(in crate::worker::engine::page_runs) questions: Option<String>,
    /// The questions that were asked, without their texts.
    pub(in crate::worker::engine::page_runs) cards: Vec<QuestionCard>,
}

impl RunHead {
    /// Merges `other` into this run, if both are run by hand with the same model, texts, length and
    /// seed; returns whether it did. Existing cells keep their numbers.
    pub(in crate::worker::engine::page_runs) fn join(&mut self, other: &Self) -> bool {
        let (Some(mine), Some(theirs)) = (&mut self.by_hand, &other.by_hand) else {
            return false;
        };
        let (run_spec, new) = (&mut self.run_spec, &other.run_spec);
        let alike = mine.questions == theirs.questions
            && self.engine == other.engine
            && (&run_spec.model, &run_spec.texts, run_spec.mode)
                == (&new.model, &new.texts, new.mode)
            && (&run_spec.grid.lengths, &run_spec.grid.seeds)
                == (&new.grid.lengths, &new.grid.seeds)
            && run_spec.grid.first == new.grid.first
            && (mine.questions.is_some() || run_spec.grid.count == new.grid.count);
        let mut grid = run_spec.grid.clone();
        grid.count = grid.count.max(new.grid.count);
        for task in &new.grid.tasks {
            if !grid.tasks.contains(task) {
                grid.tasks.push(task.clone());
            }
        }
        if !alike || grid.check().is_err() {
            return false;
        }
        run_spec.grid = grid;
        for card in &theirs.cards {
            if mine.cards.iter().all(|known| known.number != card.number) {
                mine.cards.push(card.clone());
            }
        }
        true
    }
}
