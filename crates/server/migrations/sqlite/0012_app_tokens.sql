-- What programs act with for an account. A token that was revoked has no row.

CREATE TABLE app_tokens (
    id      BLOB PRIMARY KEY,         -- what its owner calls it by in routes
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash    BLOB NOT NULL UNIQUE,     -- SHA-256 of the token's secret part
    name    TEXT NOT NULL,
    scopes  TEXT NOT NULL,            -- with a space between each two (RFC 6749 §3.3)
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER                   -- NULL: not yet
) STRICT, WITHOUT ROWID;

CREATE INDEX app_tokens_by_account ON app_tokens (account);
