CREATE TABLE mailbox_certificates (
    account     BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    certificate BYTEA NOT NULL,
    refused     BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX mailbox_unsealed ON mailbox (account, id) WHERE sealed = 0;
