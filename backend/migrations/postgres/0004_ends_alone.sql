-- Whether an answer had the end of a thought without its beginning, so that a page can count these;
-- 1 or 0. Old answers are not looked into, which may be long.
ALTER TABLE rows ADD COLUMN end_alone BIGINT NOT NULL DEFAULT 0;
