//! A run's details: its pace and the summaries of its cells, computed once for all clients.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fathom_shared::api::{CellView, RunDetail, RunPace, RunStatus, RunView};
use fathom_shared::run::{RunGrid, TaskChoice};
use fathom_shared::score::summarise;
use fathom_shared::task::Metric;

use super::Jobs;
use crate::store::{StoreError, StoredScore};

/// Runs whose details are kept in memory.
const KEPT: usize = 64;

/// How old the details of a running run may be: its pace and its workers change without a stored
/// event.
const FRESH: Duration = Duration::from_millis(500);

/// Details by run, valid until something happens to the run.
#[derive(Default)]
pub(super) struct DetailCache {
    kept: Mutex<HashMap<i64, Arc<CachedDetail>>>,
    making: tokio::sync::Mutex<()>,
}

struct CachedDetail {
    detail: Arc<RunDetail>,
    made: Instant,
    /// The scores behind each cell: summaries of unchanged scores are not computed again.
    scores: Vec<Vec<StoredScore>>,
}

impl Jobs {
    /// Runs before `before`, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn list(&self, before: Option<i64>, limit: u32) -> Result<Vec<RunView>, StoreError> {
        let mut runs = self.store.runs(before, limit).await?;
        for run in &mut runs {
            self.amend(run).await?;
        }
        Ok(runs)
    }

    /// One run.
    ///
    /// # Errors
    /// There is no such run, or the database fails.
    pub async fn view(&self, id: i64) -> Result<RunView, StoreError> {
        let mut run = self.store.view(id).await?;
        self.amend(&mut run).await?;
        Ok(run)
    }

    /// One run with the summaries of its cells.
    ///
    /// # Errors
    /// There is no such run, or the database fails.
    pub async fn detail(&self, id: i64) -> Result<Arc<RunDetail>, StoreError> {
        let seq = self.store.seq(id).await?;
        if let Some(kept) = self.details.fresh(id, seq) {
            return Ok(kept);
        }
        // One caller computes them while the others wait.
        let _making = self.details.making.lock().await;
        if let Some(kept) = self.details.fresh(id, seq) {
            return Ok(kept);
        }
        let before = self.details.get(id);
        let run = self.view(id).await?;
        let mut scores = vec![Vec::new(); run.run_spec.grid.len()];
        for (place, score) in self.store.scores(id).await? {
            if let Some(cell) = scores.get_mut(place.cell as usize) {
                cell.push(score);
            }
        }
        let old = before.clone();
        let worked_out =
            tokio::task::spawn_blocking(move || summed_up(run, scores, old.as_deref()));
        // Only a panic ends it early, and nothing in it can panic; the old figures were true when
        // computed.
        let kept = match (worked_out.await, before) {
            (Ok(kept), _) => Arc::new(kept),
            (Err(_), Some(kept)) => kept,
            (Err(_), None) => return Err(StoreError::NoSuchRun { id }),
        };
        self.details.put(id, Arc::clone(&kept));
        Ok(Arc::clone(&kept.detail))
    }

    /// Adds what only this process knows, and what is true only at this moment.
    async fn amend(&self, run: &mut RunView) -> Result<(), StoreError> {
        // A thread may still be pausing after a refused write when others have already finished the
        // run.
        if !run.status.is_final()
            && let Some(why) = self.live.stalled(run.id)
        {
            run.error = Some(why);
        }
        if run.error.is_none() {
            run.error = self.reason(run).await?;
        }
        if run.status == RunStatus::Queued && run.error.is_none() {
            let (engine, model) = (run.run_spec.engine.to_string(), &run.run_spec.model);
            run.error = self.hands.unserved(&engine, model);
        }
        if run.status == RunStatus::Running {
            run.pace = self.pace(run).await?;
        }
        run.pace.cost = self.cost(&run.run_spec.engine, run.prompt_tokens, run.answer_tokens);
        Ok(())
    }

    async fn pace(&self, run: &RunView) -> Result<RunPace, StoreError> {
        let Some(recent) = self
            .store
            .recent(run.id)
            .await?
            .filter(|recent| recent.ms > 0)
        else {
            return Ok(RunPace::default());
        };
        let tokens_per_s = recent.tokens as f64 * 1000.0 / recent.ms as f64;
        let lengths: Vec<f64> = cell_lengths(&run.run_spec.grid);
        let open = self.store.open_by_cell(run.id).await?;
        let left: f64 = open
            .iter()
            .filter_map(|(cell, n)| Some(lengths.get(*cell as usize)? * f64::from(*n)))
            .sum();
        Ok(RunPace {
            tokens_per_s: Some(tokens_per_s),
            left_ms: (tokens_per_s > 0.0).then(|| left * 1000.0 / tokens_per_s),
            cost: None,
        })
    }
}

fn cell_lengths(grid: &RunGrid) -> Vec<f64> {
    grid.cells()
        .map(|spec| f64::from(spec.max_seq_length.0))
        .collect()
}

fn summed_up(
    run: RunView,
    scores: Vec<Vec<StoredScore>>,
    old: Option<&CachedDetail>,
) -> CachedDetail {
    let count = run.run_spec.grid.count;
    let metrics: Vec<Metric> = run
        .run_spec
        .grid
        .tasks
        .iter()
        .map(TaskChoice::metric)
        .collect();
    let each = (scores.len() / metrics.len().max(1)).max(1);
    let specs = run.run_spec.grid.cells().enumerate();
    let cells = specs
        .map(|(number, spec)| {
            let same = old.filter(|old| old.scores.get(number) == Some(&scores[number]));
            let summary = match same.and_then(|old| old.detail.cells.get(number)) {
                Some(cell) => cell.summary,
                None => {
                    // Cells are numbered task by task.
                    let metric = metrics.get(number / each).copied().unwrap_or_default();
                    let scores = scores[number].iter();
                    let scores = scores.map(|(score, source)| (*score, source.as_deref()));
                    summarise(count, metric, scores)
                }
            };
            CellView {
                task: spec.task,
                length: spec.max_seq_length,
                seed: spec.random_seed,
                summary,
            }
        })
        .collect();
    CachedDetail {
        detail: Arc::new(RunDetail { run, cells }),
        made: Instant::now(),
        scores,
    }
}

impl DetailCache {
    fn get(&self, id: i64) -> Option<Arc<CachedDetail>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&id).cloned()
    }

    /// The kept details, if nothing has happened to the run since `seq`.
    fn fresh(&self, id: i64, seq: i64) -> Option<Arc<RunDetail>> {
        let kept = self.get(id)?;
        let run = &kept.detail.run;
        let fresh = run.status.is_final() || kept.made.elapsed() < FRESH;
        (run.seq >= seq && fresh).then(|| Arc::clone(&kept.detail))
    }

    fn put(&self, id: i64, detail: Arc<CachedDetail>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT
            && let Some(oldest) = kept.keys().min().copied()
        {
            kept.remove(&oldest);
        }
        kept.insert(id, detail);
    }
}
