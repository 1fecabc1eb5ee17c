-- What was handed out and not confirmed while it could be, since the sender last unlocked the envelope: how often, and when the last time was over.
ALTER TABLE envelopes ADD COLUMN lapsed_leases INTEGER NOT NULL DEFAULT 0;
ALTER TABLE envelopes ADD COLUMN lapsed_lease_at INTEGER;
