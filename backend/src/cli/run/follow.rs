//! Shows a run's progress.

use std::collections::BTreeMap;
use std::time::Duration;

use fathom_shared::api::{CurrentSample, RunEvent, RunStatus, RunView};
use fathom_shared::run::SampleKey;
use indicatif::ProgressBar;

use super::table::ScoreMatrix;
use crate::cli::terminal::{or_go_on, samples_bar, say, share};
use crate::errors::{chain, visible};
use crate::jobs::{Jobs, RunWatch};

/// How often the table is redrawn.
const DRAW: Duration = Duration::from_millis(250);

/// Draws the run until it ends, and returns how it ended.
pub(super) async fn follow(jobs: &Jobs, id: i64) -> anyhow::Result<RunStatus> {
    let mut seq = 0;
    let mut shown = RunDisplay::new(jobs.view(id).await?)?;
    'caught_up: loop {
        let RunWatch {
            mut events,
            current,
        } = jobs.watch(id).await;
        shown.event(&current);
        for (_, event) in jobs.since(id, &mut seq).await? {
            shown.event(&event);
        }
        // An event for a row and the event for its counts share a number, so only the number from
        // the store marks what has already been shown.
        let told = seq;
        let mut drawn = tokio::time::interval(DRAW);
        loop {
            if shown.run.status.is_final() {
                shown.bar.finish_and_clear();
                return Ok(shown.run.status);
            }
            let received = tokio::select! {
                received = events.recv() => received,
                _ = drawn.tick() => {
                    shown.draw()?;
                    continue;
                }
            };
            match received {
                Ok((Some(number), _)) if number <= told => {}
                Ok((number, event)) => {
                    seq = number.unwrap_or(seq);
                    shown.event(&event);
                }
                // The store is simply read again.
                Err(error) => {
                    tracing::debug!(error = chain(&error), "fell behind");
                    continue 'caught_up;
                }
            }
        }
    }
}

struct RunDisplay {
    run: RunView,
    matrix: ScoreMatrix,
    current: BTreeMap<SampleKey, CurrentSample>,
    bar: ProgressBar,
}

impl RunDisplay {
    fn new(run: RunView) -> anyhow::Result<Self> {
        let bar = samples_bar(run.counts.asked);
        let answered = run.counts.answered + run.counts.failed;
        if answered > 0 {
            let line = format!("run {} continues after {answered} samples", run.id);
            or_go_on(bar.suspend(|| say(line)))?;
        }
        Ok(Self {
            matrix: ScoreMatrix::new(&run.run_spec.grid),
            run,
            current: BTreeMap::new(),
            bar,
        })
    }

    fn event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Run { run } => {
                self.run = (**run).clone();
                let counts = self.run.counts;
                self.bar
                    .set_position(u64::from(counts.answered + counts.failed));
            }
            RunEvent::Rows { rows } => rows.iter().for_each(|row| self.matrix.add(row)),
            RunEvent::Current { current } => {
                let keyed = current.iter().map(|at| (at.place, at.clone()));
                self.current = keyed.collect();
            }
            RunEvent::Prefill { place, done, total } => {
                if let Some(current) = self.current.get_mut(place) {
                    (current.done, current.total) = (*done, *total);
                }
            }
            RunEvent::Token { .. } => {}
        }
    }

    /// Draws the live table on a terminal; elsewhere prints a line for every completed cell.
    fn draw(&mut self) -> anyhow::Result<()> {
        for line in self.matrix.whole() {
            or_go_on(self.bar.suspend(|| say(line)))?;
        }
        let mut message = String::new();
        if let Some(error) = &self.run.error {
            message.push_str(&visible(error));
        } else if let Some(current) = self.current.values().next() {
            message.push_str(&share(current.done, current.total));
        }
        if let Some(rate) = self.run.pace.tokens_per_s {
            message.push_str(&format!(", {rate:.0} tokens/s"));
        }
        if let Some(left) = self.run.pace.left_ms {
            let left = Duration::from_secs_f64(left.max(0.0) / 1000.0);
            message.push_str(&format!(", {} left", indicatif::HumanDuration(left)));
        }
        message.push('\n');
        message.push_str(&self.matrix.draw());
        self.bar.set_message(message);
        Ok(())
    }
}
