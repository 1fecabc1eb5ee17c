//! A look whether rows and files belong together.

use crate::data_directory::open_storage;
use crate::login_secret::KeptSecret;
use crate::settings::Settings;
use crate::storage::{BlobName, Blobs, Database, EarlierVersion, StorageError};
use std::collections::HashMap;
use std::path::Path;

/// What does not fit together; nothing of it is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Files that rows name and that are there with the right size.
    pub whole: u64,
    /// Files that rows name and that are not there.
    pub missing: Vec<String>,
    /// Files of another size than their row says.
    pub damaged: Vec<String>,
    /// Files that no row names: on their way, or left by a crash. The server removes them an hour later.
    pub orphans: u64,
    /// What is in the folder of the files and no server has put there, and none removes: no fault.
    pub strays: Vec<String>,
    /// What the database says is wrong with its own file.
    pub database: Vec<String>,
    /// Whether there are passwords, but no `login-secret` with which they could be checked.
    pub lost_secret: bool,
    /// Whether there is one, but of another database.
    pub other_secret: bool,
    /// Whether nothing proves yet that it is this database's: no fault.
    pub unproven_secret: bool,
}

impl Found {
    /// Whether everything is as it should be.
    pub fn is_well(&self) -> bool {
        let has_secret = !self.lost_secret && !self.other_secret;
        self.missing.is_empty() && self.damaged.is_empty() && self.database.is_empty() && has_secret
    }
}

/// Looks whether database and files are whole and belong together.
///
/// # Errors
/// See [`StorageError`].
pub async fn examine(settings: &Settings) -> Result<Found, StorageError> {
    let (database, blobs) = open_storage(settings, EarlierVersion::IsLeftAlone).await?;
    let found = examine_all(&database, &blobs, &settings.data_dir).await;
    database.close().await;
    found
}

async fn examine_all(database: &Database, blobs: &Blobs, data_dir: &Path) -> Result<Found, StorageError> {
    let mut found = Found { database: database.damage().await?, ..Found::default() };
    match KeptSecret::of(database, data_dir).await {
        Ok(kept) => found.unproven_secret = matches!(kept, KeptSecret::Unproven(_)),
        Err(StorageError::NoLoginSecret | StorageError::Corrupt(_)) => found.lost_secret = true,
        Err(StorageError::OtherLoginSecret) => found.other_secret = true,
        Err(cause) => return Err(cause),
    }
    // Files first: one that is stored after this has its row later still.
    let mut files: HashMap<BlobName, u64> = blobs.sizes().await?;
    let mut absent = Vec::new();
    database
        .named_files(|name, size| match files.remove(&name) {
            Some(there) if there == size => found.whole += 1,
            Some(_) => found.damaged.push(name.to_string()),
            None => absent.push((name, size)),
        })
        .await?;
    for (name, size) in absent {
        match blobs.size(name).await? {
            Some(there) if there == size => found.whole += 1,
            Some(_) => found.damaged.push(name.to_string()),
            // It may have ended by now.
            None if !database.names_file(name).await? => {}
            None => found.missing.push(name.to_string()),
        }
    }
    found.orphans = files.len() as u64;
    found.strays = blobs.strays()?;
    Ok(found)
}
