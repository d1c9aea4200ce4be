-- A run: what was ordered, and where it stands.
CREATE TABLE runs (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- in the page's address, so never given twice
    order_json    TEXT    NOT NULL,
    engine        TEXT    NOT NULL,                  -- of the order, for workers that look for work
    model         TEXT    NOT NULL,
    engine_json   TEXT    NOT NULL,                  -- who answers, with the model's SHA-256
    priority      INTEGER NOT NULL,
    hold          TEXT    NOT NULL DEFAULT '' CHECK (hold IN ('', 'paused', 'cancelled')),
    error         TEXT,                              -- why it cannot go on
    created_ms    INTEGER NOT NULL,
    asked         INTEGER NOT NULL,
    answered      INTEGER NOT NULL DEFAULT 0,        -- these five follow the rows, in the same transaction
    failed        INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    answer_tokens INTEGER NOT NULL DEFAULT 0,
    busy_ms       INTEGER NOT NULL DEFAULT 0,        -- reading and writing
    seq           INTEGER NOT NULL DEFAULT 0         -- rises with everything that happens to the run
);

-- One sample: the unit of work. Narrow, as a run's rows are read all at once.
CREATE TABLE rows (
    run            INTEGER NOT NULL REFERENCES runs (id),
    cell           INTEGER NOT NULL,
    sample         INTEGER NOT NULL,
    state          INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2, 3)), -- open, leased, answered, failed
    attempts       INTEGER NOT NULL DEFAULT 0,
    owner          TEXT,                             -- who has it while it is leased
    lease_until_ms INTEGER,                          -- renewed by progress; afterwards anyone may take it
    score          REAL,
    failure        TEXT,
    tokens         INTEGER NOT NULL DEFAULT 0,       -- read and written, for the pace
    stored_ms      INTEGER,
    seq            INTEGER NOT NULL DEFAULT 0,       -- of the run when it was stored
    PRIMARY KEY (run, cell, sample)
) WITHOUT ROWID;

CREATE INDEX rows_open ON rows (run, cell, sample) WHERE state = 0;
CREATE INDEX rows_leased ON rows (run, lease_until_ms) WHERE state = 1;
CREATE INDEX rows_stored ON rows (run, seq) WHERE state > 1;

-- The texts, apart from what is read in bulk.
CREATE TABLE transcripts (
    run             INTEGER NOT NULL,
    cell            INTEGER NOT NULL,
    sample          INTEGER NOT NULL,
    transcript_json TEXT    NOT NULL,
    score_json      TEXT,
    PRIMARY KEY (run, cell, sample),
    FOREIGN KEY (run, cell, sample) REFERENCES rows (run, cell, sample)
);
