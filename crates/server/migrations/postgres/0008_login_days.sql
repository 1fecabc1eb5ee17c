-- On which days an account was logged in to, and with what; days are those of UTC, since 1970.

CREATE TABLE login_days (
    account  BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    day      BIGINT NOT NULL,
    browser  TEXT NOT NULL,
    system   TEXT NOT NULL,
    times    BIGINT NOT NULL,
    earliest BIGINT NOT NULL,
    latest   BIGINT NOT NULL,
    is_new   BIGINT NOT NULL,          -- whether no login with this browser on this system was kept before
    PRIMARY KEY (account, day, browser, system)
);

CREATE INDEX login_days_by_day ON login_days (day);
