-- How often something was tried of late, where several processes have to count together.

CREATE TABLE attempts (
    key     BYTEA PRIMARY KEY,     -- SHA-256 of what is tried and by whom
    free_at BIGINT NOT NULL         -- milliseconds since 1970: when as much is allowed as at first
);

CREATE INDEX attempts_free ON attempts (free_at);
