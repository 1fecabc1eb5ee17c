-- On which days an account was logged in to, and with what; days are those of UTC, since 1970.

CREATE TABLE login_days (
    account  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    day      INTEGER NOT NULL,
    browser  TEXT NOT NULL,
    system   TEXT NOT NULL,
    times    INTEGER NOT NULL,
    earliest INTEGER NOT NULL,
    latest   INTEGER NOT NULL,
    is_new   INTEGER NOT NULL,        -- whether no login with this browser on this system was kept before
    PRIMARY KEY (account, day, browser, system)
) STRICT, WITHOUT ROWID;

CREATE INDEX login_days_by_day ON login_days (day);
