-- What an account proves itself with besides its password, and what of it a session still waits for.

ALTER TABLE sessions ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;    -- 1: the password was right, and no more
ALTER TABLE sessions ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;  -- when its owner proved themselves last, fully

-- The app that makes codes.
CREATE TABLE totp (
    account   INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    sealed    BLOB NOT NULL,      -- its secret, encrypted with a key that is not here
    created   INTEGER NOT NULL,
    last_step INTEGER NOT NULL    -- of the last code that was accepted: only later ones are
) STRICT;

CREATE TABLE recovery_codes (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash    BLOB NOT NULL,
    PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkeys (
    id          BLOB PRIMARY KEY,       -- what its owner calls it by in routes
    account     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential  BLOB NOT NULL UNIQUE,   -- what authenticators call it by
    user_handle BLOB NOT NULL,          -- what authenticators call the account by: random, the same for all of its passkeys
    name        TEXT NOT NULL,
    passkey     TEXT NOT NULL,          -- public key and counter, in JSON
    created     INTEGER NOT NULL,
    used        INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX passkeys_by_account ON passkeys (account);

-- What was begun: an app or a passkey to be set up, a passkey to be used.
CREATE TABLE ceremonies (
    hash    BLOB PRIMARY KEY,     -- SHA-256 of the id that the client was given
    session BLOB,                 -- SHA-256 of the token of the session it was begun in; NULL: nobody's
    kind    TEXT NOT NULL,
    state   BLOB NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
