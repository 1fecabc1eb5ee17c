//! That data directory and database belong together. Files that no row names are removed, so a server that was started
//! with another database would remove them all: it does not start.

use super::blobs::Blobs;
use super::database::{Database, StorageError, octets};
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
        let row = sqlx::query("SELECT id FROM instance").fetch_optional(&self.readers).await?;
        let of_database: Option<[u8; 16]> = row.map(|row| octets(&row, "id")).transpose()?;
        match (of_database, read(data_dir)?) {
            (Some(one), Some(other)) if one == other => return Ok(()),
            (Some(_), _) => return Err(StorageError::OtherDatabase),
            (None, Some(_)) if !blobs.are_none()? => return Err(StorageError::OtherDatabase),
            (None, Some(_)) => {}
            // A new directory, or one from before there were such files.
            (None, None) => write(data_dir)?,
        }
        // Whoever starts at the same time wrote it, or we did.
        let id = read(data_dir)?.ok_or(StorageError::Corrupt("instance"))?;
        sqlx::query("INSERT INTO instance (only_one, id) VALUES (1, $1)")
            .bind(id.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
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

fn write(data_dir: &Path) -> io::Result<()> {
    let mut id = [0; 16];
    rand::rngs::OsRng.fill_bytes(&mut id);
    let path = data_dir.join(FILE);
    let partial = path.with_extension(format!("{:x}.part", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(format!("{:032x}\n", u128::from_be_bytes(id)).as_bytes())?;
    file.sync_all()?;
    // A link and no renaming: the first one stays.
    match std::fs::hard_link(&partial, &path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    std::fs::remove_file(&partial)?;
    File::open(data_dir)?.sync_all()
}
