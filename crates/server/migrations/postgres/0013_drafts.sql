CREATE TABLE drafts (
    account BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id      BYTEA NOT NULL,
    version BYTEA NOT NULL,
    changed BIGINT NOT NULL,
    size    BIGINT NOT NULL,
    file    BYTEA UNIQUE,
    PRIMARY KEY (account, id)
);

CREATE INDEX drafts_deleted ON drafts (changed) WHERE file IS NULL;
