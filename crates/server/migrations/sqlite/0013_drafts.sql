-- What somebody is writing, sealed by their devices to themselves.

CREATE TABLE drafts (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id      BLOB NOT NULL,            -- chosen by a device
    version BLOB NOT NULL,            -- random, another one with every write
    changed INTEGER NOT NULL,
    size    INTEGER NOT NULL,
    file    BLOB UNIQUE,              -- NULL: deleted, and nothing is stored under this id again
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX drafts_deleted ON drafts (changed) WHERE file IS NULL;
