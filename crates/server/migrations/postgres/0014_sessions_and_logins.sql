-- What a change of the password ends, and what is over by time, is found without reading all logins under way.
CREATE INDEX logins_of_account ON logins (account);
CREATE INDEX logins_by_end ON logins (expires);

-- Logins whose password was right and that owe a second factor, or whose time for it is over.
CREATE TABLE half_logins (
    token_hash BYTEA PRIMARY KEY,
    account    BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    begun      BIGINT NOT NULL,
    browser    TEXT NOT NULL,
    system     TEXT NOT NULL
);

CREATE INDEX half_logins_of_account ON half_logins (account, begun);
CREATE INDEX half_logins_by_time ON half_logins (begun);

-- What the file `login-secret` is known by: nobody gets from it to that. NULL: not known yet.
ALTER TABLE instance ADD COLUMN login_secret_hash BYTEA;
