//! Rows that were written while a copy was made: the copy's are brought up to date where the file that they name is gone.

use super::blobs::BlobName;
use super::database::Database;
use super::failure::StorageError;
use super::tables::{Kind, Table, bound, table};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row};

/// A table whose rows name files, and its primary key.
struct Filed {
    table: &'static str,
    key: &'static [(&'static str, Kind)],
}

const FILED: [Filed; 5] = [
    Filed { table: "envelopes", key: &[("id", Kind::Octets)] },
    Filed { table: "replies", key: &[("envelope", Kind::Octets), ("number", Kind::Number)] },
    Filed { table: "keyrings", key: &[("account", Kind::Number)] },
    Filed { table: "drafts", key: &[("account", Kind::Number), ("id", Kind::Octets)] },
    Filed { table: "mailbox", key: &[("account", Kind::Number), ("id", Kind::Octets)] },
];

impl Filed {
    fn names(&self) -> String {
        self.key.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// Where the key is the parameters.
    fn is_key(&self) -> String {
        let equal: Vec<_> =
            self.key.iter().enumerate().map(|(at, (name, _))| format!("{name} = ${}", at + 1)).collect();
        equal.join(" AND ")
    }

    fn keys(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("SELECT {} FROM {} WHERE file = $1", self.names(), self.table))
    }

    fn row(&self, table: &Table) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("{} WHERE {}", table.select, self.is_key()))
    }

    fn remove(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("DELETE FROM {} WHERE {}", self.table, self.is_key()))
    }

    /// Writes a row over the one with its key.
    fn replace(&self, table: &Table) -> AssertSqlSafe<String> {
        let set: Vec<_> = table.names().map(|name| format!("{name} = excluded.{name}")).collect();
        let (insert, names) = (table.insert.sqlite, self.names());
        AssertSqlSafe(format!("{insert} ON CONFLICT ({names}) DO UPDATE SET {}", set.join(", ")))
    }

    fn with_key<'q>(
        &self,
        query: Query<'q, Any, AnyArguments>,
        key: &AnyRow,
    ) -> Result<Query<'q, Any, AnyArguments>, StorageError> {
        bound(query, key, self.key.iter().map(|(_, kind)| *kind))
    }
}

impl Database {
    /// Makes each row of `copy`, which is SQLite's, that names this file what it is here, or removes it if it is here no more. The files that these
    /// rows name now, with their sizes; among them the same one only if that should be there.
    pub(crate) async fn renew_rows(&self, copy: &Self, name: BlobName) -> Result<Vec<(BlobName, u64)>, StorageError> {
        let mut files = Vec::new();
        for filed in &FILED {
            let table = table(filed.table)?;
            let keys = sqlx::query(filed.keys()).bind(name.0.as_slice()).fetch_all(&copy.writer).await?;
            for key in keys {
                let newer = filed.with_key(sqlx::query(filed.row(table)), &key)?.fetch_optional(&self.readers).await?;
                let Some(newer) = newer else {
                    filed.with_key(sqlx::query(filed.remove()), &key)?.execute(&copy.writer).await?;
                    continue;
                };
                let replace = sqlx::query(filed.replace(table));
                bound(replace, &newer, table.columns.iter().copied())?.execute(&copy.writer).await?;
                if let Some(file) = newer.try_get::<Option<Vec<u8>>, _>("file")? {
                    let size = newer.try_get::<i64, _>("size")?;
                    let size = u64::try_from(size).map_err(|_| StorageError::Corrupt("size"))?;
                    files.push((BlobName::try_from(file)?, size));
                }
            }
        }
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }
}
