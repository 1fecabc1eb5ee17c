-- What an account proves itself with besides its password, and what of it a session still waits for.

ALTER TABLE sessions ADD COLUMN pending BIGINT NOT NULL DEFAULT 0;    -- 1: the password was right, and no more
ALTER TABLE sessions ADD COLUMN confirmed BIGINT NOT NULL DEFAULT 0;  -- when its owner proved themselves last, fully

-- The app that makes codes.
CREATE TABLE totp (
    account   BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    sealed    BYTEA NOT NULL,      -- its secret, encrypted with a key that is not here
    created   BIGINT NOT NULL,
    last_step BIGINT NOT NULL    -- of the last code that was accepted: only later ones are
);

CREATE TABLE recovery_codes (
    account BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash    BYTEA NOT NULL,
    PRIMARY KEY (account, hash)
);

CREATE TABLE passkeys (
    id          BYTEA PRIMARY KEY,       -- what its owner calls it by in routes
    account     BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential  BYTEA NOT NULL UNIQUE,   -- what authenticators call it by
    user_handle BYTEA NOT NULL,          -- what authenticators call the account by: random, the same for all of its passkeys
    name        TEXT NOT NULL,
    passkey     TEXT NOT NULL,          -- public key and counter, in JSON
    created     BIGINT NOT NULL,
    used        BIGINT
);

CREATE INDEX passkeys_by_account ON passkeys (account);

-- What was begun: an app or a passkey to be set up, a passkey to be used.
CREATE TABLE ceremonies (
    hash    BYTEA PRIMARY KEY,     -- SHA-256 of the id that the client was given
    session BYTEA,                 -- SHA-256 of the token of the session it was begun in; NULL: nobody's
    kind    TEXT NOT NULL,
    state   BYTEA NOT NULL,
    expires BIGINT NOT NULL
);
