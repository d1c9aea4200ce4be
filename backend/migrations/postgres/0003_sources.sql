-- What is wanted of the texts wherever rows are read in bulk.
ALTER TABLE rows ADD COLUMN source TEXT; -- a word for the text that a question is about
ALTER TABLE rows ADD COLUMN textless TEXT; -- 'thinking' or 'empty': an answer without a text to score

-- A score ends with its source, of 12 digits, and its version. How a text came to be empty is not
-- looked for in old answers, which may be long.
UPDATE rows SET source = (
    SELECT substr(score_json, length(score_json) - 25, 12) FROM transcripts
    WHERE transcripts.run = rows.run AND transcripts.cell = rows.cell
        AND transcripts.sample = rows.sample
        AND score_json LIKE '%"source":"____________","version":1}'
)
WHERE state = 2 AND run IN (
    SELECT id FROM runs WHERE order_json LIKE '%"qa%' OR order_json LIKE '%longbench%'
);
