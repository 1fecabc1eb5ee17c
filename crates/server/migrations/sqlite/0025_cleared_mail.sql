-- Files of mail in clear whose place something encrypted has taken, until nobody has them and they are removed: a crash in between leaves none.
CREATE TABLE cleared_mail (
    file BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
