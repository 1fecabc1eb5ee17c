//! All rows of one database put into another: what a backup is made of. Sessions, logins and ceremonies under way, invitations,
//! attempts and what tells a message that comes twice stay behind, and mail and reports on their way out, which would be sent twice: they are over
//! before a backup is needed, and somebody's who was logged out, or an invitation that was used, must not come back with it. Leases
//! come along: what was handed out must not be handed out once more.

use super::database::{Database, Dialect, Writing};
use super::failure::StorageError;
use futures_util::TryStreamExt;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};

/// How a column is read and written.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Number,
    Text,
    Octets,
}

use Kind::{Number, Octets, Text};

/// A table: what reads all of it, what writes a row, and the columns of both. Those that others refer to come first.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) select: &'static str,
    pub(super) insert: Insert,
    pub(super) columns: &'static [Kind],
}

impl Table {
    /// The names of the columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.select.split_once(" FROM ").map_or("", |(columns, _)| columns);
        columns.trim_start_matches("SELECT ").split(',').map(str::trim)
    }

    /// Whether its rows name files.
    pub(super) fn names_files(&self) -> bool {
        self.names().any(|name| name == "file")
    }
}

pub(super) struct Insert {
    pub(super) sqlite: &'static str,
    postgres: &'static str,
}

impl Insert {
    const fn both(sql: &'static str) -> Self {
        Self { sqlite: sql, postgres: sql }
    }
}

pub(super) const ACCOUNTS: Table = Table {
    name: "accounts",
    select: "SELECT id, address, name, login_record, created, address_key FROM accounts",
    insert: Insert {
        sqlite: "INSERT INTO accounts (id, address, name, login_record, created, address_key)
                 VALUES ($1, $2, $3, $4, $5, $6)",
        postgres: "INSERT INTO accounts (id, address, name, login_record, created, address_key)
                   OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6)",
    },
    columns: &[Number, Text, Text, Octets, Number, Text],
};

pub(super) const ENVELOPES: Table = Table {
    name: "envelopes",
    select: "SELECT id, account, profile, salt, link_secret, token_hash, hint, note, size, created, expires, state,
                    max_openings, openings, tries_left, opened_at, file, ended, lapsed_leases,
                    lapsed_lease_at FROM envelopes",
    insert: Insert::both(
        "INSERT INTO envelopes (id, account, profile, salt, link_secret, token_hash, hint, note, size, created,
                                expires, state, max_openings, openings, tries_left, opened_at, file, ended,
                                lapsed_leases, lapsed_lease_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
    ),
    columns: &[
        Octets, Number, Number, Octets, Number, Octets, Text, Text, Number, Number, Number, Text, Number, Number,
        Number, Number, Octets, Number, Number, Number,
    ],
};

pub(super) const TABLES: [Table; 15] = [
    ACCOUNTS,
    ENVELOPES,
    Table {
        name: "leases",
        select: "SELECT hash, envelope, expires, confirmed FROM leases",
        insert: Insert::both("INSERT INTO leases (hash, envelope, expires, confirmed) VALUES ($1, $2, $3, $4)"),
        columns: &[Octets, Octets, Number, Number],
    },
    Table {
        name: "replies",
        select: "SELECT envelope, number, created, size, file FROM replies",
        insert: Insert::both("INSERT INTO replies (envelope, number, created, size, file) VALUES ($1, $2, $3, $4, $5)"),
        columns: &[Octets, Number, Number, Number, Octets],
    },
    Table {
        name: "keyrings",
        select: "SELECT account, version, size, file FROM keyrings",
        insert: Insert::both("INSERT INTO keyrings (account, version, size, file) VALUES ($1, $2, $3, $4)"),
        columns: &[Number, Octets, Number, Octets],
    },
    Table {
        name: "keystore_backups",
        select: "SELECT account, version, sealed FROM keystore_backups",
        insert: Insert::both("INSERT INTO keystore_backups (account, version, sealed) VALUES ($1, $2, $3)"),
        columns: &[Number, Octets, Octets],
    },
    Table {
        name: "mailbox_certificates",
        select: "SELECT account, certificate, refused FROM mailbox_certificates",
        insert: Insert::both("INSERT INTO mailbox_certificates (account, certificate, refused) VALUES ($1, $2, $3)"),
        columns: &[Number, Octets, Number],
    },
    Table {
        name: "drafts",
        select: "SELECT account, id, version, changed, size, file FROM drafts",
        insert: Insert::both(
            "INSERT INTO drafts (account, id, version, changed, size, file) VALUES ($1, $2, $3, $4, $5, $6)",
        ),
        columns: &[Number, Octets, Octets, Number, Number, Octets],
    },
    Table {
        name: "login_days",
        select: "SELECT account, day, browser, system, times, earliest, latest, is_new FROM login_days",
        insert: Insert::both(
            "INSERT INTO login_days (account, day, browser, system, times, earliest, latest, is_new)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        ),
        columns: &[Number, Number, Text, Text, Number, Number, Number, Number],
    },
    Table {
        name: "unfinished_logins",
        select: "SELECT token_hash, account, begun, browser, system FROM unfinished_logins",
        insert: Insert::both(
            "INSERT INTO unfinished_logins (token_hash, account, begun, browser, system) VALUES ($1, $2, $3, $4, $5)",
        ),
        columns: &[Octets, Number, Number, Text, Text],
    },
    Table {
        name: "totp",
        select: "SELECT account, sealed, created, last_step FROM totp",
        insert: Insert::both("INSERT INTO totp (account, sealed, created, last_step) VALUES ($1, $2, $3, $4)"),
        columns: &[Number, Octets, Number, Number],
    },
    Table {
        name: "recovery_codes",
        select: "SELECT account, hash FROM recovery_codes",
        insert: Insert::both("INSERT INTO recovery_codes (account, hash) VALUES ($1, $2)"),
        columns: &[Number, Octets],
    },
    Table {
        name: "passkeys",
        select: "SELECT id, account, credential, user_handle, name, passkey, created, used FROM passkeys",
        insert: Insert::both(
            "INSERT INTO passkeys (id, account, credential, user_handle, name, passkey, created, used)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        ),
        columns: &[Octets, Number, Octets, Octets, Text, Text, Number, Number],
    },
    Table {
        name: "app_tokens",
        select: "SELECT id, account, hash, name, scopes, created, expires, used FROM app_tokens",
        insert: Insert::both(
            "INSERT INTO app_tokens (id, account, hash, name, scopes, created, expires, used)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        ),
        columns: &[Octets, Number, Octets, Text, Text, Number, Number, Number],
    },
    Table {
        name: "mailbox",
        select: "SELECT account, id, received, size, file, seen, sealed, summary, arrival, evidence, checks, check_at, sent FROM mailbox",
        insert: Insert::both(
            "INSERT INTO mailbox (account, id, received, size, file, seen, sealed, summary, arrival, evidence, checks, check_at, sent)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        ),
        columns: &[Number, Octets, Number, Number, Octets, Number, Number, Octets, Text, Text, Number, Number, Number],
    },
];

impl Database {
    /// Puts all rows into another database, which has none: those of one moment, whatever is written meanwhile.
    pub(crate) async fn copy_rows(&self, to: &Self) -> Result<(), StorageError> {
        let mut reading = self.moment().await?;
        let mut writing = to.write().await?;
        for table in &TABLES {
            let insert = match to.dialect {
                Dialect::Sqlite => table.insert.sqlite,
                Dialect::Postgres => table.insert.postgres,
            };
            let mut rows = sqlx::query(table.select).fetch(&mut *reading);
            while let Some(row) = rows.try_next().await? {
                bound(sqlx::query(insert), &row, table.columns)?.execute(&mut *writing).await?;
            }
        }
        if to.dialect == Dialect::Postgres {
            sqlx::query(
                "SELECT setval(pg_get_serial_sequence('accounts', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM accounts), false)",
            )
            .execute(&mut *writing)
            .await?;
        }
        writing.commit().await?;
        Ok(reading.rollback().await?)
    }

    /// A transaction that sees one moment, however long it takes.
    pub(super) async fn moment(&self) -> Result<Writing, StorageError> {
        Ok(match self.dialect {
            Dialect::Sqlite => self.readers.begin().await?,
            Dialect::Postgres => {
                let mut reading = self.readers.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
                sqlx::raw_sql("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
                    .execute(&mut *reading)
                    .await?;
                reading
            }
        })
    }

    /// Whether nobody has an account here.
    pub(crate) async fn is_empty(&self) -> Result<bool, StorageError> {
        Ok(sqlx::query("SELECT 1 FROM accounts LIMIT 1").fetch_optional(&self.readers).await?.is_none())
    }

    /// Locks what can be opened or answered, until its sender unlocks it.
    pub(crate) async fn lock_envelopes(&self) -> Result<u64, StorageError> {
        let locked = sqlx::query(
            "UPDATE envelopes SET tries_left = 0
             WHERE state = 'sealed' OR (state = 'opened' AND length(token_hash) > 0)",
        );
        Ok(locked.execute(&self.writer).await?.rows_affected())
    }

    /// What the database itself finds wrong with its file; nothing if all is well, or if it is a server of its own.
    pub(crate) async fn damage(&self) -> Result<Vec<String>, StorageError> {
        if self.dialect == Dialect::Postgres {
            return Ok(Vec::new());
        }
        let rows = sqlx::query("PRAGMA integrity_check").fetch_all(&self.readers).await?;
        let said: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(said.into_iter().filter(|line| line != "ok").collect())
    }
}

/// A query whose parameters are a row's columns.
pub(super) fn bound<'q>(
    mut query: Query<'q, Any, AnyArguments>,
    row: &AnyRow,
    columns: &[Kind],
) -> Result<Query<'q, Any, AnyArguments>, StorageError> {
    for (index, kind) in columns.iter().enumerate() {
        query = match kind {
            Number => query.bind(row.try_get::<Option<i64>, _>(index)?),
            Text => query.bind(row.try_get::<Option<String>, _>(index)?),
            Octets => query.bind(row.try_get::<Option<Vec<u8>>, _>(index)?),
        };
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;

    /// A column that a migration adds is copied, or a table that it adds is left behind on purpose.
    #[tokio::test]
    async fn every_column_of_every_table_is_copied_or_left_behind_on_purpose() {
        const LEFT: [&str; 13] = [
            "_sqlx_migrations",
            "attempts",
            "ceremonies",
            "cleared_mail",
            "instance",
            "invitations",
            "logins",
            "mail_twins",
            "outgoing",
            "outgoing_recipients",
            "sessions",
            "sts_policies",
            "tls_sessions",
        ];
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        let columns = sqlx::query(
            "SELECT t.name AS t, c.name AS c FROM sqlite_master t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'",
        );
        let mut copied = 0;
        for row in columns.fetch_all(&database.readers).await.unwrap() {
            let (table, column): (String, String) = (row.get("t"), row.get("c"));
            if LEFT.contains(&table.as_str()) {
                continue;
            }
            let spec = TABLES.iter().find(|spec| spec.name == table).expect(&table);
            assert!(spec.select.ends_with(&format!(" FROM {table}")));
            assert!(spec.names().any(|name| name == column), "{table}.{column} is lost by a backup");
            copied += 1;
        }
        assert_eq!(copied, TABLES.iter().map(|table| table.columns.len()).sum::<usize>());
    }
}
