//! That ciphertext and database belong together. Files that no row names are removed, so a server that was started
//! with another database would remove them all: it does not start.

use super::blobs::Blobs;
use super::database::{Database, octets};
use super::failure::StorageError;
use rand::RngCore;

const ID: &str = "SELECT id FROM instance";

impl Database {
    /// Binds a new database and a directory or bucket without ciphertext to each other; refuses what is bound otherwise.
    pub(crate) async fn belongs_to(&self, blobs: &Blobs) -> Result<(), StorageError> {
        // Nothing has to be written then: the disk may take nothing.
        if let Some(row) = sqlx::query(ID).fetch_optional(&self.readers).await? {
            return is_of(blobs, octets(&row, "id")?).await;
        }
        // Those who start at the same time with a new database take turns: what one inserted the next waits for.
        let mut transaction = self.write().await?;
        let mut drawn = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut drawn);
        let inserted =
            sqlx::query("INSERT INTO instance (only_one, id) VALUES (1, $1) ON CONFLICT (only_one) DO NOTHING")
                .bind(drawn.as_slice())
                .execute(&mut *transaction)
                .await?;
        let row = sqlx::query(ID).fetch_one(&mut *transaction).await?;
        let id: [u8; 16] = octets(&row, "id")?;
        if inserted.rows_affected() == 0 {
            return is_of(blobs, id).await;
        }
        // SQLite's may be from before directories said whose they are.
        let may_be_ours = read(blobs).await?.is_none() && !self.is_shared() && blobs.may_lack_an_owner();
        if !may_be_ours && !blobs.are_none().await? {
            return Err(StorageError::OtherDatabase);
        }
        // Also where an empty directory has an id: the database that has the same one loses the directory, as two must
        // not share it. File first: without the row after it the next start draws again.
        blobs.set_owner(&format!("{:032x}\n", u128::from_be_bytes(id))).await?;
        Ok(transaction.commit().await?)
    }
}

async fn is_of(blobs: &Blobs, id: [u8; 16]) -> Result<(), StorageError> {
    if read(blobs).await? == Some(id) { Ok(()) } else { Err(StorageError::OtherDatabase) }
}

async fn read(blobs: &Blobs) -> Result<Option<[u8; 16]>, StorageError> {
    let Some(text) = blobs.owner().await? else { return Ok(None) };
    let number = std::str::from_utf8(&text).ok().and_then(|text| u128::from_str_radix(text.trim(), 16).ok());
    Ok(Some(number.ok_or(StorageError::Corrupt("file `instance`"))?.to_be_bytes()))
}
