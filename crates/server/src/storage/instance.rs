//! That data directory and database belong together. Files that no row names are removed, so a server that was started
//! with another database would remove them all: it does not start.

use super::blobs::Blobs;
use super::database::{Database, octets};
use super::failure::StorageError;
use rand::RngCore;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Name of the file that holds which database the data directory belongs to, in hexadecimal digits.
const FILE: &str = "instance";

impl Database {
    /// Binds a new database and a directory without ciphertext to each other; refuses what is bound otherwise.
    pub async fn belongs_to(&self, data_dir: &Path, blobs: &Blobs) -> Result<(), StorageError> {
        // Those who start at the same time with a new database take turns: what one inserted the next waits for.
        let mut transaction = self.write().await?;
        let mut drawn = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut drawn);
        let inserted =
            sqlx::query("INSERT INTO instance (only_one, id) VALUES (1, $1) ON CONFLICT (only_one) DO NOTHING")
                .bind(drawn.as_slice())
                .execute(&mut *transaction)
                .await?;
        let row = sqlx::query("SELECT id FROM instance").fetch_one(&mut *transaction).await?;
        let id: [u8; 16] = octets(&row, "id")?;
        let of_directory = read(data_dir)?;
        if inserted.rows_affected() == 0 {
            return if of_directory == Some(id) { Ok(()) } else { Err(StorageError::OtherDatabase) };
        }
        // SQLite's may be from before directories said whose they are.
        if (of_directory.is_some() || self.is_shared()) && !blobs.are_none()? {
            return Err(StorageError::OtherDatabase);
        }
        // Also where an empty directory has an id: the database that has the same one loses the directory, as two must
        // not share it. File first: without the row after it the next start draws again.
        write(data_dir, id)?;
        Ok(transaction.commit().await?)
    }
}

fn read(data_dir: &Path) -> Result<Option<[u8; 16]>, StorageError> {
    let text = match std::fs::read_to_string(data_dir.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    let number = u128::from_str_radix(text.trim(), 16).map_err(|_| StorageError::Corrupt("file `instance`"))?;
    Ok(Some(number.to_be_bytes()))
}

fn write(data_dir: &Path, id: [u8; 16]) -> io::Result<()> {
    let path = data_dir.join(FILE);
    // Nobody else's, whatever machine or container they run in.
    let partial = path.with_extension(format!("{:016x}.part", rand::rngs::OsRng.next_u64()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    let placed = file
        .write_all(format!("{:032x}\n", u128::from_be_bytes(id)).as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&partial, &path));
    if placed.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    placed?;
    File::open(data_dir)?.sync_all()
}
