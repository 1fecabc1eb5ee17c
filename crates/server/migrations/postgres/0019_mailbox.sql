CREATE TABLE mailbox (
    account  BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id       BYTEA NOT NULL,
    received BIGINT NOT NULL,
    size     BIGINT NOT NULL,
    file     BYTEA NOT NULL,
    seen     BIGINT NOT NULL DEFAULT 0,
    sealed   BIGINT NOT NULL DEFAULT 0,
    summary  BYTEA NOT NULL,
    arrival  TEXT NOT NULL,
    evidence TEXT,
    checks   BIGINT NOT NULL DEFAULT 0,
    check_at BIGINT,
    PRIMARY KEY (account, id)
);

CREATE INDEX mailbox_by_time ON mailbox (account, received, id, size);
CREATE INDEX mailbox_by_file ON mailbox (file);
CREATE INDEX mailbox_unchecked ON mailbox (check_at) WHERE check_at IS NOT NULL;

CREATE TABLE mail_twins (
    account  BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    digest   BYTEA NOT NULL,
    received BIGINT NOT NULL,
    PRIMARY KEY (account, digest)
);

CREATE INDEX mail_twins_by_time ON mail_twins (received);
