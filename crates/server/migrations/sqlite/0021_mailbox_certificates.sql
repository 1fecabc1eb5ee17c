-- To what the mail of an account is encrypted once it was validated.

CREATE TABLE mailbox_certificates (
    account     INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    certificate BLOB NOT NULL,             -- OpenPGP, as its owner gave it
    refused     INTEGER NOT NULL DEFAULT 0 -- 1: nothing can be encrypted to it any more
) STRICT;

CREATE INDEX mailbox_unsealed ON mailbox (account, id) WHERE sealed = 0;
