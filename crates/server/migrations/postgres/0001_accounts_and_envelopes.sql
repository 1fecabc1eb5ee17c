-- The same tables as SQLite's, whose comments say what they hold. Strings of octets are compared as such.

CREATE TABLE accounts (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address       TEXT NOT NULL,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created       BIGINT NOT NULL
);

CREATE UNIQUE INDEX accounts_by_address ON accounts (lower(address));

CREATE TABLE sessions (
    token_hash BYTEA PRIMARY KEY,
    account    BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created    BIGINT NOT NULL,
    used       BIGINT NOT NULL
);

CREATE TABLE envelopes (
    id           BYTEA PRIMARY KEY,
    account      BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    profile      BIGINT NOT NULL,
    salt         BYTEA NOT NULL,
    link_secret  BIGINT NOT NULL,
    token_hash   BYTEA NOT NULL,
    hint         TEXT,
    note         TEXT,
    size         BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    expires      BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('uploading', 'sealed', 'opened', 'expired', 'withdrawn')),
    max_openings BIGINT,
    openings     BIGINT NOT NULL DEFAULT 0,
    tries_left   BIGINT NOT NULL CHECK (tries_left >= 0),
    opened_at    BIGINT,
    file         BYTEA UNIQUE
);

CREATE INDEX envelopes_of_account ON envelopes (account, created);
CREATE INDEX envelopes_by_end ON envelopes (expires);

CREATE TABLE leases (
    hash      BYTEA PRIMARY KEY,
    envelope  BYTEA NOT NULL REFERENCES envelopes (id) ON DELETE CASCADE,
    expires   BIGINT NOT NULL,
    confirmed BIGINT
);

CREATE INDEX leases_of_envelope ON leases (envelope);

CREATE TABLE replies (
    envelope BYTEA NOT NULL REFERENCES envelopes (id) ON DELETE CASCADE,
    number   BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    size     BIGINT NOT NULL,
    file     BYTEA NOT NULL UNIQUE,
    PRIMARY KEY (envelope, number)
);
