-- Times are seconds since 1970. Names of files on disk, ids and hashes are octets.

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY,
    address       TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,      -- Argon2id, PHC string; '!' closes the account
    created       INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,      -- SHA-256 of the cookie's value
    account    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created    INTEGER NOT NULL,
    used       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE envelopes (
    id           BLOB PRIMARY KEY,
    account      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    profile      INTEGER NOT NULL,
    salt         BLOB NOT NULL,
    link_secret  INTEGER NOT NULL,
    token_hash   BLOB NOT NULL,       -- SHA-256 of the access token
    hint         TEXT,
    note         TEXT,                -- encrypted to its writer
    size         INTEGER NOT NULL,
    created      INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('uploading', 'sealed', 'opened', 'expired', 'withdrawn')),
    max_openings INTEGER,             -- NULL: not counted
    openings     INTEGER NOT NULL DEFAULT 0,
    tries_left   INTEGER NOT NULL CHECK (tries_left >= 0),
    opened_at    INTEGER,
    file         BLOB UNIQUE          -- the ciphertext, while there is one
) STRICT, WITHOUT ROWID;

CREATE INDEX envelopes_of_account ON envelopes (account, created);
CREATE INDEX envelopes_by_end ON envelopes (expires);

CREATE TABLE leases (
    hash      BLOB PRIMARY KEY,       -- SHA-256 of the lease
    envelope  BLOB NOT NULL REFERENCES envelopes (id) ON DELETE CASCADE,
    expires   INTEGER NOT NULL,
    confirmed INTEGER                 -- when; NULL while it still holds an opening
) STRICT, WITHOUT ROWID;

CREATE INDEX leases_of_envelope ON leases (envelope);

CREATE TABLE replies (
    envelope BLOB NOT NULL REFERENCES envelopes (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    size     INTEGER NOT NULL,
    file     BLOB NOT NULL UNIQUE,
    PRIMARY KEY (envelope, number)
) STRICT, WITHOUT ROWID;
