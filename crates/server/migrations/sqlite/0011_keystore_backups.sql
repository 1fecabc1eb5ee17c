-- The code of an account's keystore, sealed by its clients under what the account's password gives them.

CREATE TABLE keystore_backups (
    account INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    version BLOB NOT NULL,            -- random, another one with every write
    sealed  BLOB NOT NULL
) STRICT;
