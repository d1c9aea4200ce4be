//! Result sets of runs, kept in memory until something happens to the run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use fathom_shared::api::RunSpec;
use fathom_shared::corpora::Corpora;
use fathom_shared::longbench::QuestionCard;
use fathom_shared::results::{ResultOrigin, ResultSet, ResultSetInfo, of_run};
use fathom_shared::tokens::Tokens;

use super::Jobs;
use super::run_spec::{note_texts, texts_of};
use crate::store::{Store, StoreError};

/// Runs whose sets are kept in memory; the largest take some 20 MB.
const KEPT: usize = 8;

/// Result sets by run, with the run's seq at which they were computed.
#[derive(Default)]
pub(super) struct ResultSetCache {
    kept: Mutex<HashMap<i64, (i64, Arc<ResultSet>)>>,
}

impl Jobs {
    /// The results of a run so far. Questions of LongBench v2 have their tags if `corpora` contains
    /// the run's questions; `window` returns the window that the run's model claims, and may block.
    ///
    /// # Errors
    /// There is no such run, the database fails, or a row cannot be read.
    pub async fn results(
        &self,
        id: i64,
        corpora: &Arc<Corpora>,
        window: impl FnOnce(&RunSpec) -> Option<Tokens> + Send + 'static,
    ) -> Result<Arc<ResultSet>, StoreError> {
        let seq = self.store.seq(id).await?;
        let kept = &self.results.kept;
        let known = kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .cloned();
        if let Some((_, set)) = known.filter(|(of, _)| *of == seq) {
            return Ok(set);
        }
        let set = Arc::new(result_set(&self.store, id, corpora, window).await?);
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT
            && let Some(oldest) = kept.keys().min().copied()
        {
            kept.remove(&oldest);
        }
        kept.insert(id, (seq, Arc::clone(&set)));
        Ok(set)
    }
}

/// The results of a run so far: [`Jobs::results`] without a queue.
///
/// # Errors
/// There is no such run, the database fails, or a row cannot be read.
pub async fn result_set(
    store: &Store,
    id: i64,
    corpora: &Arc<Corpora>,
    window: impl FnOnce(&RunSpec) -> Option<Tokens> + Send + 'static,
) -> Result<ResultSet, StoreError> {
    let run = store.run(id).await?;
    let rows = store.judged(id).await?;
    let same = note_texts(&mut run.run_spec.clone(), &texts_of(&run.run_spec, corpora)).is_ok();
    let corpora = Arc::clone(corpora);
    let made = tokio::task::spawn_blocking(move || {
        let about = ResultSetInfo {
            name: format!("run {id}"),
            model: run.run_spec.model.clone(),
            origin: ResultOrigin::Run {
                id,
                engine: run.run_spec.engine.to_string(),
                created_ms: run.created_ms,
                window: window(&run.run_spec),
            },
        };
        let none: &[QuestionCard] = &[];
        let cards = if same {
            corpora.questions().cards()
        } else {
            none
        };
        of_run(about, &run.run_spec.grid, cards, rows)
    });
    // Only a panic ends it early, and nothing in it can panic.
    made.await.map_err(|_| StoreError::NoSuchRun { id })
}
