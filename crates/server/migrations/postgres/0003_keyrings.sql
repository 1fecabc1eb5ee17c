CREATE TABLE keyrings (
    account BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    version BYTEA NOT NULL,
    size    BIGINT NOT NULL,
    file    BYTEA NOT NULL UNIQUE
);
