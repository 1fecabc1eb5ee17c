-- When an envelope was opened its last time, withdrawn or ran out. What nobody can open needs no hint.

ALTER TABLE envelopes ADD COLUMN ended INTEGER;

-- When earlier versions withdrew one is not known: no later than now and than its end by time.
UPDATE envelopes
SET hint = NULL,
    ended = CASE state
        WHEN 'expired' THEN expires
        ELSE min(expires, CAST(strftime('%s', 'now') AS INTEGER))
    END
WHERE state IN ('opened', 'expired', 'withdrawn');

CREATE INDEX envelopes_ended ON envelopes (ended) WHERE ended IS NOT NULL;

-- Room is counted without reading the rows, which hold notes.
CREATE INDEX envelopes_room ON envelopes (account, state, size);
