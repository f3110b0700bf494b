-- The mark of the history that a change is of: the first bytes of the hash of its audit record, as a number. Where a
-- backup was restored, other changes have the same revisions, and other marks.
ALTER TABLE change ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
