-- A run is data: what was ordered, where it stands, who answers. Times are milliseconds since
-- 1970 (UTC), as integers, so that no text format and no time zone can differ.
CREATE TABLE runs (
    -- AUTOINCREMENT: an id that a page has kept is never given to another run.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The order as JSON (`shared::api::NewRun`): spec, first, count, model, mode. It is read and
    -- compared as a whole, never searched by field, and written by one serialiser, so equal
    -- orders are equal texts.
    order_json TEXT NOT NULL,
    -- The worker's queue is this column: a run is taken up by going from queued to running.
    status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'cancelled', 'failed')),
    -- The sentence that says why, there exactly where the run failed.
    error TEXT CHECK ((status = 'failed') = (error IS NOT NULL)),
    -- Who answers, as JSON (`shared::transcript::EngineInfo`): the model's hash is known when the
    -- run is ordered, the device when the worker takes it up.
    engine_json TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

-- The worker asks for the oldest queued run; finished ones are many and of no interest to it.
CREATE INDEX runs_queued ON runs (id) WHERE status = 'queued';

-- One answered or failed sample. Transcript and score stand in one row, so that there is never
-- one without the other.
CREATE TABLE rows (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    sample INTEGER NOT NULL CHECK (sample >= 0),
    -- The transcript as JSON (`shared::transcript::Transcript`): kept whole, so that it can be
    -- scored again. The prompt is not in it; spec, seed and number make it again, and the hash
    -- proves it.
    transcript_json TEXT NOT NULL,
    -- The score's value once more as a number, for the list of runs, which needs no texts.
    -- Absent for a failure.
    score REAL,
    -- The score as JSON (`shared::score::Score`), with the version of the scorer.
    score_json TEXT CHECK ((score IS NULL) = (score_json IS NULL)),
    stored_ms INTEGER NOT NULL,
    -- A sample is answered once; the key also gives the rows in the samples' order.
    PRIMARY KEY (run, sample)
) STRICT, WITHOUT ROWID;
