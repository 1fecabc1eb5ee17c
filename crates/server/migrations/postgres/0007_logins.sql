-- Rewrites the table: a column that is only dropped stays in its pages.
ALTER TABLE accounts ALTER COLUMN password_hash TYPE TEXT USING '';
ALTER TABLE accounts ADD COLUMN login_record BYTEA;
ALTER TABLE accounts DROP COLUMN password_hash;

CREATE TABLE logins (
    hash    BYTEA PRIMARY KEY,
    account BIGINT,
    record  BYTEA,
    state   BYTEA NOT NULL,
    expires BIGINT NOT NULL
);
