-- Addresses are compared by a key that the program makes, the same way in every database.

ALTER TABLE accounts ADD COLUMN address_key TEXT NOT NULL DEFAULT '';
UPDATE accounts SET address_key = lower(address);
CREATE UNIQUE INDEX accounts_by_key ON accounts (address_key);

-- No octets: nobody has a token any more.
UPDATE envelopes SET token_hash = x'' WHERE token_hash = zeroblob(32);

-- What is due is found without reading what has ended.
DROP INDEX envelopes_by_end;
CREATE INDEX envelopes_sealed ON envelopes (expires) WHERE state = 'sealed';
CREATE INDEX envelopes_uploading ON envelopes (created) WHERE state = 'uploading';
CREATE INDEX envelopes_replied ON envelopes (expires) WHERE state = 'opened' AND length(token_hash) > 0;
CREATE INDEX leases_by_end ON leases (expires);
CREATE INDEX sessions_of_account ON sessions (account);

-- Which data directory this database belongs to.
CREATE TABLE instance (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    id       BLOB NOT NULL
) STRICT;
