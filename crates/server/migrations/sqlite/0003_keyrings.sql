-- The file in which the devices of an account meet, sealed by them.

CREATE TABLE keyrings (
    account INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    version BLOB NOT NULL,            -- random, another one with every write
    size    INTEGER NOT NULL,
    file    BLOB NOT NULL UNIQUE
) STRICT;
