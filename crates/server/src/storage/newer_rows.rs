//! Rows that were written while a copy was made: where a file is gone, all rows of its owner are copied again, as they belong together
//! (a keyring, and what opens it). An envelope owns its replies; what is an account's otherwise is the account's.

use super::blobs::BlobName;
use super::database::{Database, Writing};
use super::failure::StorageError;
use super::tables::{ACCOUNTS, ENVELOPES, TABLES, Table, bound};
use futures_util::TryStreamExt;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row};

/// Whose rows are copied together.
struct Owner {
    /// Its own table, whose key is `id`.
    table: &'static Table,
    /// The column of other tables that names it.
    column: &'static str,
}

const OWNERS: [Owner; 2] =
    [Owner { table: &ENVELOPES, column: "envelope" }, Owner { table: &ACCOUNTS, column: "account" }];

impl Owner {
    /// The tables of what it has, but for what has an owner of its own.
    fn tables(&self) -> impl Iterator<Item = &'static Table> {
        let is_owner = |table: &Table| OWNERS.iter().any(|owner| owner.table.name == table.name);
        TABLES.iter().filter(move |table| !is_owner(table) && table.names().any(|name| name == self.column))
    }

    /// Who they are that have a row with the file `$1`.
    fn of_file(&self) -> AssertSqlSafe<String> {
        let own = std::iter::once((self.table, "id"));
        let tables =
            own.chain(self.tables().map(|table| (table, self.column))).filter(|(table, _)| table.names_files());
        let parts: Vec<_> =
            tables.map(|(table, who)| format!("SELECT {who} FROM {} WHERE file = $1", table.name)).collect();
        AssertSqlSafe(parts.join(" UNION "))
    }
}

/// Writes a row over the one with its key.
fn replace(table: &Table) -> AssertSqlSafe<String> {
    let set: Vec<_> = table.names().map(|name| format!("{name} = excluded.{name}")).collect();
    AssertSqlSafe(format!("{} ON CONFLICT (id) DO UPDATE SET {}", table.insert.sqlite, set.join(", ")))
}

impl Database {
    /// Makes the rows of whoever has a row with this file in `copy`, which is SQLite's, what they are here at one moment. The files that
    /// they name now; among them the same one only if that should be there.
    pub(crate) async fn renew_owner(&self, copy: &Self, file: BlobName) -> Result<Vec<BlobName>, StorageError> {
        let mut files = Vec::new();
        for owner in &OWNERS {
            let ids = sqlx::query(owner.of_file()).bind(file.0.as_slice()).fetch_all(&copy.readers).await?;
            for id in ids {
                let mut reading = self.moment().await?;
                let mut writing = copy.write().await?;
                renew(owner, &id, &mut reading, &mut writing, &mut files).await?;
                writing.commit().await?;
                reading.rollback().await?;
            }
        }
        Ok(files)
    }
}

async fn renew(
    owner: &Owner,
    id: &AnyRow,
    reading: &mut Writing,
    writing: &mut Writing,
    files: &mut Vec<BlobName>,
) -> Result<(), StorageError> {
    let with_id = |sql: String| bind_id(owner, AssertSqlSafe(sql), id);
    for table in owner.tables() {
        with_id(format!("DELETE FROM {} WHERE {} = $1", table.name, owner.column))?.execute(&mut **writing).await?;
    }
    let own = owner.table;
    let newer = with_id(format!("{} WHERE id = $1", own.select))?.fetch_optional(&mut **reading).await?;
    let Some(newer) = newer else {
        with_id(format!("DELETE FROM {} WHERE id = $1", own.name))?.execute(&mut **writing).await?;
        return Ok(());
    };
    bound(sqlx::query(replace(own)), &newer, own.columns)?.execute(&mut **writing).await?;
    note_file(own, &newer, files)?;
    for table in owner.tables() {
        let mut rows = with_id(format!("{} WHERE {} = $1", table.select, owner.column))?.fetch(&mut **reading);
        while let Some(row) = rows.try_next().await? {
            bound(sqlx::query(table.insert.sqlite), &row, table.columns)?.execute(&mut **writing).await?;
            note_file(table, &row, files)?;
        }
    }
    Ok(())
}

fn bind_id<'q>(
    owner: &Owner,
    sql: AssertSqlSafe<String>,
    id: &AnyRow,
) -> Result<Query<'q, Any, AnyArguments>, StorageError> {
    bound(sqlx::query(sql), id, owner.table.columns.get(..1).unwrap_or_default())
}

fn note_file(table: &Table, row: &AnyRow, files: &mut Vec<BlobName>) -> Result<(), StorageError> {
    if table.names_files()
        && let Some(file) = row.try_get::<Option<Vec<u8>>, _>("file")?
    {
        files.push(BlobName::try_from(file)?);
    }
    Ok(())
}
