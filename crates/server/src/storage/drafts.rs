//! Rows of `drafts`. One that was deleted keeps its row, without a file, for a while: a device that does not know yet does not bring
//! it back.

use super::blobs::BlobName;
use super::database::{Database, octets};
use super::envelope_row::file;
use super::envelopes::used;
use super::failure::StorageError;
use super::writers::Writer;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// Deleted drafts of one account that are remembered, the latest.
const DELETED: i64 = 1000;

/// Rows that one statement forgets at most.
const BATCH: u64 = 200;

/// A draft that is stored.
pub(crate) struct DraftRow {
    /// Its name.
    pub(crate) id: [u8; 16],
    /// Of the write that stored it.
    pub(crate) version: [u8; 16],
    /// When that was.
    pub(crate) changed: i64,
    /// Octets of ciphertext.
    pub(crate) size: i64,
    /// The ciphertext; `None` once it was deleted.
    pub(crate) file: Option<BlobName>,
}

/// A draft to be stored.
pub(crate) struct NewDraft<'a> {
    pub(crate) id: &'a [u8; 16],
    /// Of this write, never used before.
    pub(crate) version: &'a [u8; 16],
    pub(crate) changed: i64,
    pub(crate) size: i64,
    pub(crate) file: BlobName,
}

/// What an account may keep: drafts, and octets of whatever it keeps.
#[derive(Clone, Copy)]
pub(crate) struct DraftRoom {
    pub(crate) drafts: i64,
    pub(crate) octets: i64,
}

/// What storing a draft led to.
pub(crate) enum DraftWrite {
    /// It is stored; the file of the one before is to be removed.
    Stored { replaced: Option<BlobName> },
    /// Nothing was.
    Refused(DraftRefused),
}

/// Why a draft is not stored.
pub(crate) enum DraftRefused {
    /// What is stored is not what was expected: its version, or nothing.
    Changed { present: Option<[u8; 16]> },
    /// The account has as many drafts as it may.
    TooMany,
    /// The account keeps as many octets as it may.
    Full,
}

/// What deleting a draft led to.
pub(crate) enum DraftRemoval {
    /// Its file is to be removed.
    Removed(BlobName),
    /// What is stored is not what was expected.
    Changed { present: Option<[u8; 16]> },
}

impl TryFrom<&AnyRow> for DraftRow {
    type Error = StorageError;

    fn try_from(row: &AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: octets(row, "id")?,
            version: octets(row, "version")?,
            changed: row.try_get("changed")?,
            size: row.try_get("size")?,
            file: file(row)?,
        })
    }
}

impl DraftRow {
    /// Its version, unless it was deleted.
    pub(crate) fn present(&self) -> Option<[u8; 16]> {
        self.file.map(|_| self.version)
    }
}

const SELECT: &str = "SELECT id, version, changed, size, file FROM drafts WHERE account = $1 AND id = $2";

async fn stored(connection: &mut AnyConnection, account: i64, id: &[u8; 16]) -> Result<Option<DraftRow>, StorageError> {
    let row = sqlx::query(SELECT).bind(account).bind(id.as_slice()).fetch_optional(connection).await?;
    row.as_ref().map(DraftRow::try_from).transpose()
}

/// What a draft of this size takes the place of, if it may.
async fn replaced(
    connection: &mut AnyConnection,
    account: i64,
    expected: Option<&[u8; 16]>,
    (id, size): (&[u8; 16], i64),
    room: DraftRoom,
) -> Result<Result<Option<DraftRow>, DraftRefused>, StorageError> {
    let old = stored(connection, account, id).await?;
    let present = old.as_ref().and_then(DraftRow::present);
    if present.as_ref() != expected || (old.is_some() && present.is_none()) {
        return Ok(Err(DraftRefused::Changed { present }));
    }
    if old.is_none() && number(connection, account).await? >= room.drafts {
        return Ok(Err(DraftRefused::TooMany));
    }
    let others = used(connection, account).await?.octets - old.as_ref().map_or(0, |old| old.size);
    if others.saturating_add(size) > room.octets {
        return Ok(Err(DraftRefused::Full));
    }
    Ok(Ok(old))
}

impl Database {
    /// The drafts of this account, the one written last first.
    pub(crate) async fn drafts(&self, account: i64) -> Result<Vec<DraftRow>, StorageError> {
        let rows = sqlx::query(
            "SELECT id, version, changed, size, file FROM drafts WHERE account = $1 AND file IS NOT NULL
             ORDER BY changed DESC, id",
        )
        .bind(account)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(DraftRow::try_from).collect()
    }

    /// The draft of this name, or what is left of it.
    pub(crate) async fn draft(&self, account: i64, id: &[u8; 16]) -> Result<Option<DraftRow>, StorageError> {
        let row = sqlx::query(SELECT).bind(account).bind(id.as_slice()).fetch_optional(&self.readers).await?;
        row.as_ref().map(DraftRow::try_from).transpose()
    }

    /// Why a draft of this size could not be stored now; asked before its ciphertext comes.
    pub(crate) async fn may_put_draft(
        &self,
        account: i64,
        expected: Option<&[u8; 16]>,
        id: &[u8; 16],
        size: i64,
        room: DraftRoom,
    ) -> Result<Option<DraftRefused>, StorageError> {
        let mut connection = self.readers.acquire().await?;
        Ok(replaced(&mut connection, account, expected, (id, size), room).await?.err())
    }

    /// Stores a draft in place of the one of this version; `None`: of none, and there never was one of this name. Of any number of
    /// racing calls with one version, one does.
    pub(crate) async fn put_draft(
        &self,
        writer: &Writer,
        expected: Option<&[u8; 16]>,
        new: &NewDraft<'_>,
        room: DraftRoom,
    ) -> Result<DraftWrite, StorageError> {
        let mut transaction = self.write().await?;
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, new.changed).await?;
        let old = match replaced(&mut transaction, account, expected, (new.id, new.size), room).await? {
            Ok(old) => old,
            Err(refused) => return Ok(DraftWrite::Refused(refused)),
        };
        sqlx::query(
            "INSERT INTO drafts (account, id, version, changed, size, file) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (account, id) DO UPDATE SET version = excluded.version, changed = excluded.changed,
                                                     size = excluded.size, file = excluded.file",
        )
        .bind(account)
        .bind(new.id.as_slice())
        .bind(new.version.as_slice())
        .bind(new.changed)
        .bind(new.size)
        .bind(new.file.0.as_slice())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(DraftWrite::Stored { replaced: old.and_then(|old| old.file) })
    }

    /// Deletes a draft, if it is of this version; that it was there is remembered.
    pub(crate) async fn remove_draft(
        &self,
        writer: &Writer,
        id: &[u8; 16],
        expected: &[u8; 16],
        now: i64,
    ) -> Result<DraftRemoval, StorageError> {
        let mut transaction = self.write().await?;
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, now).await?;
        let old = stored(&mut transaction, account, id).await?.filter(|old| old.file.is_some());
        let Some(DraftRow { version, file: Some(file), .. }) = old else {
            return Ok(DraftRemoval::Changed { present: None });
        };
        if version != *expected {
            return Ok(DraftRemoval::Changed { present: Some(version) });
        }
        sqlx::query("UPDATE drafts SET file = NULL, size = 0, changed = $3 WHERE account = $1 AND id = $2")
            .bind(account)
            .bind(id.as_slice())
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        // Exactly so many, also of those that were deleted in one second; the one that was deleted now is among them.
        sqlx::query(
            "DELETE FROM drafts WHERE account = $1 AND file IS NULL AND id <> $2 AND id NOT IN (
                 SELECT id FROM drafts WHERE account = $1 AND file IS NULL AND id <> $2
                 ORDER BY changed DESC, id LIMIT $3)",
        )
        .bind(account)
        .bind(id.as_slice())
        .bind(DELETED - 1)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(DraftRemoval::Removed(file))
    }

    /// Forgets some of what was deleted until then. Whether there may be more.
    pub(crate) async fn forget_deleted_drafts(&self, deleted_until: i64) -> Result<bool, StorageError> {
        let done = sqlx::query(
            "DELETE FROM drafts WHERE (account, id) IN (
                 SELECT account, id FROM drafts WHERE file IS NULL AND changed <= $1 ORDER BY changed, account, id LIMIT $2)",
        )
        .bind(deleted_until)
        .bind(BATCH as i64)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == BATCH)
    }
}

async fn number(connection: &mut AnyConnection, account: i64) -> Result<i64, StorageError> {
    let row = sqlx::query("SELECT count(*) AS drafts FROM drafts WHERE account = $1 AND file IS NOT NULL")
        .bind(account)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("drafts")?)
}
