CREATE TABLE tls_sessions (
    day         BIGINT NOT NULL,
    domain      TEXT NOT NULL,
    policy      TEXT NOT NULL,
    server      TEXT NOT NULL,
    fault       TEXT NOT NULL,
    sessions    BIGINT NOT NULL,
    policy_text TEXT NOT NULL,
    due         BIGINT NOT NULL,
    PRIMARY KEY (day, domain, policy, server, fault)
);

CREATE INDEX tls_sessions_due ON tls_sessions (due);
