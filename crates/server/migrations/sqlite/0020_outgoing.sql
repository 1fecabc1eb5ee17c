-- Mail on its way out. What has arrived, or never will, stays in its writer's list for a while, without the message.

CREATE TABLE outgoing (
    id      BLOB NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    size    INTEGER NOT NULL,
    sender  TEXT NOT NULL,
    message BLOB                      -- as it is sent; NULL: nobody is to get it any more
) STRICT;

CREATE INDEX outgoing_by_account ON outgoing (account, created);

CREATE TABLE outgoing_recipients (
    message  BLOB NOT NULL REFERENCES outgoing (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    address  TEXT NOT NULL,
    domain   TEXT NOT NULL,           -- of the address, as A-labels: those of one are sent together
    state    TEXT NOT NULL,           -- queued, sent, failed, withdrawn
    tries    INTEGER NOT NULL,
    due      INTEGER NOT NULL,        -- of what is queued; whoever takes it puts it off, so that nobody else does
    claim    BLOB,                    -- random, of whoever took it last
    changed  INTEGER NOT NULL,
    reason   TEXT,
    reply    TEXT,
    PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX outgoing_due ON outgoing_recipients (due) WHERE state = 'queued';

-- Policies of other domains (MTA-STS), which count until they are over, whether they can be asked for or not.
CREATE TABLE sts_policies (
    domain  TEXT NOT NULL PRIMARY KEY,
    id      TEXT NOT NULL,
    policy  BLOB NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
