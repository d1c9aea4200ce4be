//! Leases: each sample goes to one worker, whose lease is renewed by progress and ended by an
//! answer.
//! ¶ A lease and not a lock, because its holder may die or hang; the sample then becomes free when
//! the lease expires. A late answer from the former holder is refused, so a row is never written
//! twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fathom_shared::run::{SampleKey, ScoredTranscript};
use fathom_shared::transcript::{Outcome, TextlessAnswer, Timings};

use super::decode::{failure_name, json, place, small};
use super::{Store, StoreError};

/// A worker that takes leases: a name that no other process uses, and how long a lease lasts.
#[derive(Clone, Debug)]
pub struct LeaseHolder {
    name: Arc<str>,
    lease: Duration,
    taken: Arc<AtomicU64>,
}

impl LeaseHolder {
    /// A worker with this name.
    pub fn new(name: &str, lease: Duration) -> Self {
        Self {
            name: name.into(),
            lease,
            taken: Arc::default(),
        }
    }

    /// How long a sample stays with a worker that shows no progress.
    pub fn lease(&self) -> Duration {
        self.lease
    }

    fn next(&self) -> String {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        format!("{}/{number}", self.name)
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX)
    }
}

/// A sample that this worker has leased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// The run.
    pub run: i64,
    /// The sample.
    pub place: SampleKey,
    /// How many workers leased it before and did not come back, counted since the sample's last
    /// stored failure.
    pub abandoned: u32,
    owner: String,
}

impl Store {
    /// Leases one sample of a run: first one whose worker is gone, then the next open one. Returns
    /// `None` if there is none, or the run is held. The returned lease is on disk: SQLite reports a
    /// changed row before the change is committed.
    ///
    /// # Errors
    /// The disk is full, or the database fails.
    pub async fn claim(&self, run: i64, worker: &LeaseHolder) -> Result<Option<Lease>, StoreError> {
        let doing = |e| self.fault("take up a sample", e);
        let owner = worker.next();
        let mut tx = self.begin().await?;
        for (expired, candidates) in [
            (
                true,
                "UPDATE rows SET state = 1, attempts = attempts + 1, owner = $2,
                 lease_until_ms = {now} + $3
             WHERE (run, cell, sample) = (
                 SELECT run, cell, sample FROM rows
                 WHERE run = $1 AND state = 1 AND lease_until_ms < {now}
                     AND EXISTS (SELECT 1 FROM runs WHERE id = $1 AND hold = '' AND error IS NULL)
                 ORDER BY lease_until_ms LIMIT 1 {skip})
             RETURNING cell, sample, attempts",
            ),
            (
                false,
                "UPDATE rows SET state = 1, attempts = attempts + 1, owner = $2,
                 lease_until_ms = {now} + $3
             WHERE (run, cell, sample) = (
                 SELECT run, cell, sample FROM rows
                 WHERE run = $1 AND state = 0
                     AND EXISTS (SELECT 1 FROM runs WHERE id = $1 AND hold = '' AND error IS NULL)
                 ORDER BY cell, sample LIMIT 1 {skip})
             RETURNING cell, sample, attempts",
            ),
        ] {
            let taken: Option<(i64, i64, i64)> = sqlx::query_as(self.sql(candidates))
                .bind(run)
                .bind(&owner)
                .bind(worker.millis())
                .fetch_optional(&mut *tx)
                .await
                .map_err(doing)?;
            if let Some((cell, sample, attempts)) = taken {
                tx.commit().await.map_err(doing)?;
                let place = place(cell, sample);
                let abandoned = if expired { small(attempts - 1) } else { 0 };
                return Ok(Some(Lease {
                    run,
                    place,
                    abandoned,
                    owner,
                }));
            }
        }
        Ok(None)
    }

    /// Renews the lease after progress: the sample stays with its worker for another period.
    ///
    /// # Errors
    /// [`StoreError::Lost`] if the sample was taken away, a full disk, or a failing database.
    pub async fn renew(&self, lease: &Lease, worker: &LeaseHolder) -> Result<(), StoreError> {
        let done = sqlx::query(self.sql(
            "UPDATE rows SET lease_until_ms = {now} + $5
             WHERE run = $1 AND cell = $2 AND sample = $3 AND state = 1 AND owner = $4",
        ))
        .bind(lease.run)
        .bind(i64::from(lease.place.cell))
        .bind(i64::from(lease.place.sample))
        .bind(&lease.owner)
        .bind(worker.millis())
        .execute(&self.pool)
        .await
        .map_err(|e| self.fault("renew a lease", e))?;
        lost_if(done.rows_affected() == 0, lease)
    }

    /// Gives a sample back unanswered.
    ///
    /// # Errors
    /// The disk is full, or the database fails; the lease then expires by itself.
    pub async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE rows SET state = 0, attempts = attempts - 1, owner = NULL,
                 lease_until_ms = NULL
             WHERE run = $1 AND cell = $2 AND sample = $3 AND state = 1 AND owner = $4",
        )
        .bind(lease.run)
        .bind(i64::from(lease.place.cell))
        .bind(i64::from(lease.place.sample))
        .bind(&lease.owner)
        .execute(&self.pool)
        .await
        .map_err(|e| self.fault("give a sample back", e))?;
        Ok(())
    }

    /// Stores transcript and score of a leased sample, and updates the run's totals: all or
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError::Lost`] if the sample was taken away, [`StoreError::Full`], or a failing
    /// database; the lease is kept.
    pub async fn answer(&self, lease: &Lease, row: &ScoredTranscript) -> Result<(), StoreError> {
        let doing = |e| self.fault("keep an answer", e);
        let SampleKey { cell, sample } = lease.place;
        let told = TranscriptColumns::of(row);
        let score_json = row.score.as_ref().map(|score| json(score, "the score"));
        let score_json = score_json.transpose()?;
        let transcript_json = json(&row.transcript, "the transcript")?;
        let source = row.score.as_ref().and_then(|score| score.source.clone());
        let mut tx = self.begin().await?;
        let seq: Option<i64> = sqlx::query_scalar(
            "UPDATE runs SET seq = seq + 1, answered = answered + $2, failed = failed + $3,
                 prompt_tokens = prompt_tokens + $4, answer_tokens = answer_tokens + $5,
                 busy_ms = busy_ms + $6
             WHERE id = $1 AND hold <> 'cancelled' RETURNING seq",
        )
        .bind(lease.run)
        .bind(i64::from(told.failure.is_none()))
        .bind(i64::from(told.failure.is_some()))
        .bind(told.read)
        .bind(told.written)
        .bind(told.ms)
        .fetch_optional(&mut *tx)
        .await
        .map_err(doing)?;
        lost_if(seq.is_none(), lease)?;
        let done = sqlx::query(self.sql(
            // Every parameter has a value, so that a prepared statement keeps its types.
            "UPDATE rows SET state = $5, owner = NULL, lease_until_ms = NULL,
                 score = CASE WHEN $5 = 2 THEN $6 ELSE NULL END,
                 failure = NULLIF($7, ''), tokens = $8, stored_ms = {now}, seq = $9,
                 textless = NULLIF($10, ''), source = NULLIF($11, ''), end_alone = $12
             WHERE run = $1 AND cell = $2 AND sample = $3 AND state = 1 AND owner = $4",
        ))
        .bind(lease.run)
        .bind(i64::from(cell))
        .bind(i64::from(sample))
        .bind(&lease.owner)
        .bind(if told.failure.is_none() { 2_i64 } else { 3 })
        .bind(row.score.as_ref().map_or(0.0, |score| score.value))
        .bind(told.failure.unwrap_or_default())
        .bind(told.read + told.written)
        .bind(seq.unwrap_or_default())
        .bind(told.textless)
        .bind(source.unwrap_or_default())
        .bind(i64::from(told.end_alone))
        .execute(&mut *tx)
        .await
        .map_err(doing)?;
        // Returning here rolls back the counts above.
        lost_if(done.rows_affected() == 0, lease)?;
        sqlx::query(
            "INSERT INTO transcripts (run, cell, sample, transcript_json, score_json)
             VALUES ($1, $2, $3, $4, NULLIF($5, ''))
             ON CONFLICT (run, cell, sample) DO UPDATE SET
                 transcript_json = excluded.transcript_json, score_json = excluded.score_json",
        )
        .bind(lease.run)
        .bind(i64::from(cell))
        .bind(i64::from(sample))
        .bind(transcript_json)
        .bind(score_json.unwrap_or_default())
        .execute(&mut *tx)
        .await
        .map_err(doing)?;
        tx.commit().await.map_err(doing)
    }
}

fn lost_if(lost: bool, lease: &Lease) -> Result<(), StoreError> {
    let Lease { run, place, .. } = *lease;
    match lost {
        true => Err(StoreError::Lost { run, place }),
        false => Ok(()),
    }
}

/// The columns derived from a transcript.
struct TranscriptColumns {
    failure: Option<String>,
    /// A word, or empty.
    textless: &'static str,
    end_alone: bool,
    read: i64,
    written: i64,
    ms: i64,
}

impl TranscriptColumns {
    fn of(row: &ScoredTranscript) -> Self {
        let read = row.transcript.prompt_tokens.unwrap_or_default();
        let (mut textless, mut end_alone) = ("", false);
        let (failure, read, written, ms) = match &row.transcript.outcome {
            Outcome::Completed(completion) => {
                let Timings {
                    prefill_ms,
                    decode_ms,
                } = completion.timings;
                textless = completion.textless().map_or("", TextlessAnswer::as_str);
                end_alone = completion.thinking_end_alone;
                (None, read.0, completion.tokens.0, prefill_ms + decode_ms)
            }
            // For a failure, it is not known how much was read.
            Outcome::Failed(failure) => (failure_name(failure.kind), 0, 0, 0.0),
        };
        Self {
            ms: ms as i64,
            failure,
            textless,
            end_alone,
            read: i64::from(read),
            written: i64::from(written),
        }
    }
}
