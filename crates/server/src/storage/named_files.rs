//! Which files rows name, whatever table they are in.

use super::blobs::BlobName;
use super::database::Database;
use super::failure::StorageError;
use super::tables::{TABLES, Table};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};

/// A part of a statement for each table whose rows name files.
fn of_each(part: impl Fn(&Table) -> String, between: &str) -> AssertSqlSafe<String> {
    let parts: Vec<_> = TABLES.iter().filter(|table| table.names_files()).map(part).collect();
    AssertSqlSafe(parts.join(between))
}

impl Database {
    /// Every file that a row names, with its size, handed to `each` once.
    pub(crate) async fn named_files(&self, mut each: impl FnMut(BlobName, u64)) -> Result<(), StorageError> {
        let select = |table: &Table| format!("SELECT file, size FROM {} WHERE file IS NOT NULL", table.name);
        let mut reading = self.moment().await?;
        {
            let mut rows = sqlx::query(of_each(select, " UNION ")).fetch(&mut *reading);
            while let Some(row) = rows.try_next().await? {
                let name = BlobName::try_from(row.try_get::<Vec<u8>, _>("file")?)?;
                let size = row.try_get::<i64, _>("size")?;
                each(name, u64::try_from(size).map_err(|_| StorageError::Corrupt("size"))?);
            }
        }
        Ok(reading.rollback().await?)
    }

    /// Whether some row names this file.
    pub(crate) async fn names_file(&self, name: BlobName) -> Result<bool, StorageError> {
        let select = |table: &Table| format!("SELECT 1 FROM {} WHERE file = $1", table.name);
        let row = sqlx::query(of_each(select, " UNION ALL ")).bind(name.0.as_slice());
        Ok(row.fetch_optional(&self.readers).await?.is_some())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;

    /// A file that no row of these tables names is removed.
    #[tokio::test]
    async fn every_table_with_files_is_looked_at_and_has_an_index_of_them() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        // What `cleared_mail` names is on its way out.
        let tables = "SELECT t.name AS name FROM sqlite_master t JOIN pragma_table_info(t.name) c
                      WHERE t.type = 'table' AND c.name = 'file' AND t.name <> 'cleared_mail' ORDER BY t.name";
        let rows = sqlx::query(tables).fetch_all(&database.readers).await.unwrap();
        let there: Vec<String> = rows.iter().map(|row| row.get("name")).collect();
        let mut known: Vec<_> = TABLES.iter().filter(|table| table.names_files()).map(|table| table.name).collect();
        known.sort_unstable();
        assert_eq!(there, known);
        for table in known {
            let plan = AssertSqlSafe(format!("EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE file = $1"));
            let plan: String =
                sqlx::query(plan).bind(&[0_u8; 16][..]).fetch_one(&database.readers).await.unwrap().get("detail");
            assert!(plan.contains("INDEX"), "{plan}");
        }
    }

    /// Mail for several people is one file.
    #[tokio::test]
    async fn a_file_that_several_rows_name_is_one() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        for account in [1, 2] {
            let put = "INSERT INTO accounts (id, address, address_key, name, created) VALUES ($1, $2, $2, 'A', 0)";
            let put = sqlx::query(put).bind(account).bind(format!("{account}@example.org"));
            put.execute(&database.writer).await.unwrap();
            let put = "INSERT INTO mailbox (account, id, received, size, file, summary, arrival, check_at)
                       VALUES ($1, zeroblob(16), 0, 6, zeroblob(16), x'', '', 0)";
            sqlx::query(put).bind(account).execute(&database.writer).await.unwrap();
        }
        let mut named = Vec::new();
        database.named_files(|name, size| named.push((name, size))).await.unwrap();
        assert_eq!(named, [(BlobName([0; 16]), 6)]);
        assert!(database.names_file(BlobName([0; 16])).await.unwrap());
        assert!(!database.names_file(BlobName([1; 16])).await.unwrap());
    }
}
