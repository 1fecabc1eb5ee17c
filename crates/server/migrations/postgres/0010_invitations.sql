CREATE TABLE invitations (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    address    TEXT,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
