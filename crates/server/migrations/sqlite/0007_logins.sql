-- Passwords are never here (RFC 9807): a record takes the place of a hash, which no record can be made of. Accounts are
-- closed until they are given a password again.

ALTER TABLE accounts ADD COLUMN login_record BLOB;      -- NULL closes the account
ALTER TABLE accounts DROP COLUMN password_hash;

-- Logins under way, those of nobody too.
CREATE TABLE logins (
    hash    BLOB PRIMARY KEY,     -- SHA-256 of the id that the client was given
    account INTEGER,              -- NULL: nobody's
    record  BLOB,                 -- the account's when the login began
    state   BLOB NOT NULL,        -- SHA-512 of the proof that ends the login
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
