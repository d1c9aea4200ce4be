-- One row that is written to find out whether anything can be.
CREATE TABLE pulse (
    id      INTEGER NOT NULL PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    padding TEXT    NOT NULL  -- as long as an answer, which takes more room than a number
);
