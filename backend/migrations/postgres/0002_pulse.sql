-- One row that is written to find out whether anything can be.
CREATE TABLE pulse (
    id      BIGINT NOT NULL PRIMARY KEY,
    at_ms   BIGINT NOT NULL,
    padding TEXT    NOT NULL  -- as long as an answer, which takes more room than a number
);
