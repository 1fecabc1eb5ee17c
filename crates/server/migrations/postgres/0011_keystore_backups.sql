CREATE TABLE keystore_backups (
    account BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    version BYTEA NOT NULL,
    sealed  BYTEA NOT NULL
);
