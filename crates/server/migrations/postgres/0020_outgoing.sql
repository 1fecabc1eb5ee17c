CREATE TABLE outgoing (
    id      BYTEA NOT NULL PRIMARY KEY,
    account BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created BIGINT NOT NULL,
    size    BIGINT NOT NULL,
    sender  TEXT NOT NULL,
    message BYTEA
);

CREATE INDEX outgoing_by_account ON outgoing (account, created);

CREATE TABLE outgoing_recipients (
    message  BYTEA NOT NULL REFERENCES outgoing (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    address  TEXT NOT NULL,
    domain   TEXT NOT NULL,
    state    TEXT NOT NULL,
    tries    BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    claim    BYTEA,
    changed  BIGINT NOT NULL,
    reason   TEXT,
    reply    TEXT,
    PRIMARY KEY (message, position)
);

CREATE INDEX outgoing_due ON outgoing_recipients (due) WHERE state = 'queued';

CREATE TABLE sts_policies (
    domain  TEXT NOT NULL PRIMARY KEY,
    id      TEXT NOT NULL,
    policy  BYTEA NOT NULL,
    expires BIGINT NOT NULL
);
