-- Who may make an account, once. What is not there any more was used, withdrawn, or is over.

CREATE TABLE invitations (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,      -- the operator's name for it, never used again
    token_hash BLOB NOT NULL UNIQUE,                   -- SHA-256 of what stands in the link
    address    TEXT,                                   -- NULL: the guest chooses
    created    INTEGER NOT NULL,
    expires    INTEGER NOT NULL
) STRICT;
