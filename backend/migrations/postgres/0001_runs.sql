-- A run: what was ordered, and where it stands.
CREATE TABLE runs (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- in the page's address, so never given twice
    order_json    TEXT    NOT NULL,
    engine        TEXT    NOT NULL,                  -- of the order, for workers that look for work
    model         TEXT    NOT NULL,
    engine_json   TEXT    NOT NULL,                  -- who answers, with the model's SHA-256
    priority      BIGINT NOT NULL,
    hold          TEXT    NOT NULL DEFAULT '' CHECK (hold IN ('', 'paused', 'cancelled')),
    error         TEXT,                              -- why it cannot go on
    created_ms    BIGINT NOT NULL,
    asked         BIGINT NOT NULL,
    answered      BIGINT NOT NULL DEFAULT 0,        -- these five follow the rows, in the same transaction
    failed        BIGINT NOT NULL DEFAULT 0,
    prompt_tokens BIGINT NOT NULL DEFAULT 0,
    answer_tokens BIGINT NOT NULL DEFAULT 0,
    busy_ms       BIGINT NOT NULL DEFAULT 0,        -- reading and writing
    seq           BIGINT NOT NULL DEFAULT 0         -- rises with everything that happens to the run
);

-- One sample: the unit of work. Narrow, as a run's rows are read all at once.
CREATE TABLE rows (
    run            BIGINT NOT NULL REFERENCES runs (id),
    cell           BIGINT NOT NULL,
    sample         BIGINT NOT NULL,
    state          BIGINT NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2, 3)), -- open, leased, answered, failed
    attempts       BIGINT NOT NULL DEFAULT 0,
    owner          TEXT,                             -- who has it while it is leased
    lease_until_ms BIGINT,                          -- renewed by progress; afterwards anyone may take it
    score          DOUBLE PRECISION,
    failure        TEXT,
    tokens         BIGINT NOT NULL DEFAULT 0,       -- read and written, for the pace
    stored_ms      BIGINT,
    seq            BIGINT NOT NULL DEFAULT 0,       -- of the run when it was stored
    PRIMARY KEY (run, cell, sample)
);

CREATE INDEX rows_open ON rows (run, cell, sample) WHERE state = 0;
CREATE INDEX rows_leased ON rows (run, lease_until_ms) WHERE state = 1;
CREATE INDEX rows_stored ON rows (run, seq) WHERE state > 1;

-- The texts, apart from what is read in bulk.
CREATE TABLE transcripts (
    run             BIGINT NOT NULL,
    cell            BIGINT NOT NULL,
    sample          BIGINT NOT NULL,
    transcript_json TEXT    NOT NULL,
    score_json      TEXT,
    PRIMARY KEY (run, cell, sample),
    FOREIGN KEY (run, cell, sample) REFERENCES rows (run, cell, sample)
);
