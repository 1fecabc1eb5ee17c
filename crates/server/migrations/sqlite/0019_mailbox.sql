-- Mail that arrived. What the server writes on top of a message (Return-Path, Authentication-Results, Received) is made of its row
-- when it is read.

CREATE TABLE mailbox (
    account  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id       BLOB NOT NULL,              -- random, the same in the mailboxes of all recipients
    received INTEGER NOT NULL,
    size     INTEGER NOT NULL,           -- of the file
    file     BLOB NOT NULL,              -- those of several accounts may name one
    seen     INTEGER NOT NULL DEFAULT 0,
    sealed   INTEGER NOT NULL DEFAULT 0, -- 1: file and summary are encrypted to the owner
    summary  BLOB NOT NULL,              -- header fields for the list
    arrival  TEXT NOT NULL,              -- who brought it (JSON)
    evidence TEXT,                       -- what SPF, DKIM and DMARC say (JSON); NULL: not asked yet
    checks   INTEGER NOT NULL DEFAULT 0, -- how often they were asked
    check_at INTEGER,                    -- when to ask next; NULL: never
    PRIMARY KEY (account, id)
) STRICT;

CREATE INDEX mailbox_by_time ON mailbox (account, received, id, size);
CREATE INDEX mailbox_by_file ON mailbox (file);
CREATE INDEX mailbox_unchecked ON mailbox (check_at) WHERE check_at IS NOT NULL;

-- What was taken a while ago, so that a client that lost the answer does not deliver twice. Deleted messages are known here, too.
CREATE TABLE mail_twins (
    account  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    digest   BLOB NOT NULL,              -- SHA-256 over sender and content
    received INTEGER NOT NULL,
    PRIMARY KEY (account, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX mail_twins_by_time ON mail_twins (received);
