ALTER TABLE envelopes ADD COLUMN ended BIGINT;

CREATE INDEX envelopes_ended ON envelopes (ended) WHERE ended IS NOT NULL;

CREATE INDEX envelopes_room ON envelopes (account, state, size);
