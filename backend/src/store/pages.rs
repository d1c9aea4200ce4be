//! Reads a run's samples, in pages or one by one.

use fathom_shared::api::RowView;
use fathom_shared::run::{SampleKey, ScoredTranscript};
use fathom_shared::score::Score;

use super::decode::{SampleRow, place, score, scored, small};
use super::{Store, StoreError};

/// The score of a sample, and the source text that it shares with others.
pub type StoredScore = (Option<f64>, Option<String>);

/// A run's recent pace.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RecentPace {
    /// Number of answers considered.
    pub answers: u32,
    /// Tokens of all these answers except the oldest.
    pub tokens: u64,
    /// Milliseconds from the oldest to now.
    pub ms: i64,
}

impl Store {
    /// A run's samples after `after`, sorted by cell and number, at most `limit`.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn rows(
        &self,
        run: i64,
        after: Option<SampleKey>,
        limit: u32,
    ) -> Result<Vec<RowView>, StoreError> {
        let (cell, sample) = after.map_or((-1, -1), |place| {
            (i64::from(place.cell), i64::from(place.sample))
        });
        let rows: Vec<SampleRow> = sqlx::query_as(self.sql(
            "SELECT {row} FROM rows WHERE run = $1 AND (cell, sample) > ($2, $3)
             ORDER BY cell, sample LIMIT $4",
        ))
        .bind(run)
        .bind(cell)
        .bind(sample)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("read a run's samples", e))?;
        Ok(rows.iter().map(SampleRow::view).collect())
    }

    /// The samples stored after the run's `seq` had this value, in that order, at most `limit`;
    /// with the seq of the last of them.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn stored_after(
        &self,
        run: i64,
        seq: i64,
        limit: u32,
    ) -> Result<(Vec<RowView>, i64), StoreError> {
        let rows: Vec<SampleRow> = sqlx::query_as(self.sql(
            "SELECT {row} FROM rows WHERE run = $1 AND state > 1 AND seq > $2
             ORDER BY seq LIMIT $3",
        ))
        .bind(run)
        .bind(seq)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("read what was answered", e))?;
        let last = rows.last().map_or(seq, |row| row.seq);
        Ok((rows.iter().map(SampleRow::view).collect(), last))
    }

    /// One sample: its state and its answer.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRow`], a failing database, or an unreadable row.
    pub async fn row(
        &self,
        run: i64,
        at: SampleKey,
    ) -> Result<(RowView, Option<ScoredTranscript>), StoreError> {
        let doing = |e| self.fault("read a sample", e);
        let row: Option<SampleRow> = sqlx::query_as(
            self.sql("SELECT {row} FROM rows WHERE run = $1 AND cell = $2 AND sample = $3"),
        )
        .bind(run)
        .bind(i64::from(at.cell))
        .bind(i64::from(at.sample))
        .fetch_optional(&self.pool)
        .await
        .map_err(doing)?;
        let row = row.ok_or(StoreError::NoSuchRow { run, place: at })?;
        let texts: Option<(String, Option<String>)> = sqlx::query_as(
            "SELECT transcript_json, score_json FROM transcripts
             WHERE run = $1 AND cell = $2 AND sample = $3",
        )
        .bind(run)
        .bind(i64::from(at.cell))
        .bind(i64::from(at.sample))
        .fetch_optional(&self.pool)
        .await
        .map_err(doing)?;
        let kept = texts.map(|(transcript, score)| scored(&transcript, score.as_deref()));
        Ok((row.view(), kept.transpose()?))
    }

    /// The transcripts of a cell, in the order of its samples.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn transcripts(
        &self,
        run: i64,
        cell: u32,
    ) -> Result<Vec<ScoredTranscript>, StoreError> {
        let texts: Vec<(String, Option<String>)> = sqlx::query_as(
            "SELECT transcript_json, score_json FROM transcripts NATURAL JOIN rows
             WHERE run = $1 AND cell = $2 AND state > 1 ORDER BY sample",
        )
        .bind(run)
        .bind(i64::from(cell))
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("read a cell's answers", e))?;
        texts
            .iter()
            .map(|(transcript, score)| scored(transcript, score.as_deref()))
            .collect()
    }

    /// Score and source of every sample with an answer or failure; a failure has neither.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scores(&self, run: i64) -> Result<Vec<(SampleKey, StoredScore)>, StoreError> {
        let rows: Vec<(i64, i64, Option<f64>, Option<String>)> = sqlx::query_as(
            "SELECT cell, sample, score, source FROM rows WHERE run = $1 AND state > 1
             ORDER BY cell, sample",
        )
        .bind(run)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("read a run's scores", e))?;
        let scores = rows.into_iter();
        Ok(scores
            .map(|(cell, sample, score, source)| (place(cell, sample), (score, source)))
            .collect())
    }

    /// The complete score of every sample with an answer or failure; a failure has no score.
    ///
    /// # Errors
    /// The database fails, or a score cannot be read.
    pub async fn judged(&self, run: i64) -> Result<Vec<(SampleKey, Option<Score>)>, StoreError> {
        let rows: Vec<(i64, i64, Option<String>)> = sqlx::query_as(
            "SELECT cell, sample, score_json FROM transcripts NATURAL JOIN rows
             WHERE run = $1 AND state > 1 ORDER BY cell, sample",
        )
        .bind(run)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("read a run's scores", e))?;
        let judged = rows.iter().map(|(cell, sample, text)| {
            let score = text.as_deref().map(score).transpose()?;
            Ok((place(*cell, *sample), score))
        });
        judged.collect()
    }

    /// How many samples of each cell are still open.
    ///
    /// # Errors
    /// The database fails.
    pub async fn open_by_cell(&self, run: i64) -> Result<Vec<(u32, u32)>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT cell, COUNT(*) FROM rows WHERE run = $1 AND state < 2 GROUP BY cell",
        )
        .bind(run)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("count what is open", e))?;
        let counted = rows.into_iter();
        Ok(counted.map(|(cell, n)| (small(cell), small(n))).collect())
    }

    /// The pace of a run's last 50 answers; `None` for fewer than two.
    ///
    /// # Errors
    /// The database fails.
    pub async fn recent(&self, run: i64) -> Result<Option<RecentPace>, StoreError> {
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(self.sql(
            "SELECT tokens, COALESCE(stored_ms, 0), {now} FROM rows
             WHERE run = $1 AND state > 1 AND seq > 0 ORDER BY seq DESC LIMIT 50",
        ))
        .bind(run)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("read a run's pace", e))?;
        let (Some(&(_, _, now)), Some(&(_, oldest, _)), 2..) =
            (rows.first(), rows.last(), rows.len())
        else {
            return Ok(None);
        };
        let tokens: i64 = rows[..rows.len() - 1].iter().map(|row| row.0).sum();
        Ok(Some(RecentPace {
            answers: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            tokens: u64::try_from(tokens).unwrap_or_default(),
            ms: now - oldest,
        }))
    }
}
