-- How sessions of TLS with other domains' servers fared, counted by day until the domain was told (TLSRPT, RFC 8460).

CREATE TABLE tls_sessions (
    day         INTEGER NOT NULL,     -- of UTC, since 1970
    domain      TEXT NOT NULL,        -- of recipients, as A-labels
    policy      TEXT NOT NULL,        -- tlsa, sts, no-policy-found
    server      TEXT NOT NULL,        -- its name; '': none was asked
    fault       TEXT NOT NULL,        -- of RFC 8460, 4.3; '': none
    sessions    INTEGER NOT NULL,
    policy_text TEXT NOT NULL,        -- its lines; '': not known
    due         INTEGER NOT NULL,     -- the report; whoever takes it puts it off
    PRIMARY KEY (day, domain, policy, server, fault)
) STRICT, WITHOUT ROWID;

CREATE INDEX tls_sessions_due ON tls_sessions (due);
