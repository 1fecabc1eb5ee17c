-- Files of mail in clear whose place something encrypted has taken, until they are removed: a crash in between leaves none of them.
CREATE TABLE cleared_mail (
    file BYTEA PRIMARY KEY
);
