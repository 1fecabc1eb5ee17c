//! Ciphertext: `incoming/` of the data directory while it arrives, in its place when it is complete: the folder `blobs/`
//! (`disk`), or a bucket that several servers share (`bucket`).
//!
//! Names are random and say nothing about the envelope. What is being received removes itself when the upload is
//! dropped; what is complete does so until its row is committed. Not here: which of it a row names.

mod bucket;
mod bucket_location;
mod disk;
mod incoming;

pub use bucket_location::{BucketCredentials, BucketLocation, InvalidBucket};
pub(crate) use incoming::IncomingBlob;

use super::database::Database;
use super::failure::StorageError;
use bucket::Bucket;
use bytes::Bytes;
use disk::{Disk, old_files, remove_if_there};
use futures_util::Stream;
use rand::RngCore;
use std::collections::HashMap;
use std::fmt;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

/// Random name of a file of ciphertext.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BlobName(pub(super) [u8; 16]);

impl BlobName {
    fn random() -> Self {
        let mut octets = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut octets);
        Self(octets)
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobName(…)")
    }
}

impl TryFrom<Vec<u8>> for BlobName {
    type Error = StorageError;

    fn try_from(octets: Vec<u8>) -> Result<Self, StorageError> {
        octets.try_into().map(Self).map_err(|_| StorageError::Corrupt("file name"))
    }
}

/// The octets of a complete blob as they are read.
pub(crate) type BlobOctets = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Where ciphertext is.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    incoming: PathBuf,
    place: Place,
}

/// Where complete blobs are.
#[derive(Debug, Clone)]
enum Place {
    Disk(Disk),
    Bucket(Bucket),
}

/// Of the data directory, whatever else is made there.
const INCOMING: &str = "incoming";

impl Blobs {
    /// Whether they were opened before: where they were not, no server ran over this data directory.
    pub(crate) fn were_opened(data_dir: &Path) -> bool {
        data_dir.join(INCOMING).exists()
    }

    /// Makes the directories, readable by the owner only. The bucket is not asked yet.
    pub(crate) fn open(data_dir: &Path, bucket: Option<&BucketLocation>) -> Result<Self, StorageError> {
        let make = |directory: &Path| DirBuilder::new().recursive(true).mode(0o700).create(directory);
        let incoming = data_dir.join(INCOMING);
        make(data_dir)?;
        make(&incoming)?;
        let place = match bucket {
            Some(location) => Place::Bucket(Bucket::open(location)?),
            None => {
                let disk = Disk::below(data_dir);
                make(disk.folder())?;
                Place::Disk(disk)
            }
        };
        match std::fs::File::open(data_dir)?.sync_all() {
            // Nothing was made there.
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {}
            synced => synced?,
        }
        Ok(Self { incoming, place })
    }

    /// Whether they can be reached now.
    pub(crate) async fn answer(&self) -> Result<(), StorageError> {
        match &self.place {
            Place::Disk(disk) => Ok(tokio::fs::read_dir(disk.folder()).await.map(drop)?),
            Place::Bucket(bucket) => bucket.answers().await,
        }
    }

    /// Whether they may be of a version that did not say which database they belong to.
    pub(super) fn may_lack_an_owner(&self) -> bool {
        matches!(self.place, Place::Disk(_))
    }

    /// Which database they belong to, as it was written.
    pub(super) async fn owner(&self) -> Result<Option<Vec<u8>>, StorageError> {
        match &self.place {
            Place::Disk(disk) => disk.owner(),
            Place::Bucket(bucket) => bucket.owner().await,
        }
    }

    /// Says which database they belong to from now on.
    pub(super) async fn set_owner(&self, owner: &str) -> Result<(), StorageError> {
        match &self.place {
            Place::Disk(disk) => disk.set_owner(owner),
            Place::Bucket(bucket) => bucket.set_owner(owner).await,
        }
    }

    /// Whether nothing complete is there.
    pub(crate) async fn are_none(&self) -> Result<bool, StorageError> {
        match &self.place {
            Place::Disk(disk) => disk.is_empty(),
            Place::Bucket(bucket) => bucket.is_empty().await,
        }
    }

    /// Everything complete, with its size in octets.
    pub(crate) async fn sizes(&self) -> Result<HashMap<BlobName, u64>, StorageError> {
        match &self.place {
            Place::Disk(disk) => disk.sizes(),
            Place::Bucket(bucket) => bucket.sizes().await,
        }
    }

    /// Names of what is in the folder and no server has put there. A bucket may hold other things too.
    pub(crate) fn strays(&self) -> Result<Vec<String>, StorageError> {
        match &self.place {
            Place::Disk(disk) => disk.strays(),
            Place::Bucket(_) => Ok(Vec::new()),
        }
    }

    /// The size of one, if it is there.
    pub(crate) async fn size(&self, name: BlobName) -> Result<Option<u64>, StorageError> {
        match &self.place {
            Place::Disk(disk) => disk.size(name),
            Place::Bucket(bucket) => bucket.size(name).await,
        }
    }

    /// Starts to receive a blob.
    pub(crate) async fn receive(&self) -> io::Result<IncomingBlob> {
        IncomingBlob::begin(&self.incoming, self.place.clone()).await
    }

    /// Opens a complete blob: its size, and its octets, which stay readable to the end even if it is removed meanwhile
    /// (in a bucket: unless the connection to it breaks off).
    pub(crate) async fn read(&self, name: BlobName) -> Result<(u64, BlobOctets), StorageError> {
        match &self.place {
            Place::Disk(disk) => disk.read(name).await,
            Place::Bucket(bucket) => bucket.read(name).await,
        }
    }

    /// Removes a blob, whether or not the caller stays. A failure leaves it to the search for orphans.
    pub(crate) async fn remove(&self, name: BlobName) {
        self.place.remove(name).await;
    }

    /// Removes many, and waits for it.
    pub(crate) async fn remove_all(&self, names: &[BlobName]) {
        match &self.place {
            Place::Disk(disk) => names.iter().for_each(|name| disk.remove(*name)),
            Place::Bucket(bucket) => bucket.remove_all(names).await,
        }
    }

    /// Removes one, and says if that fails. Whether it was there; a bucket does not tell.
    pub(crate) async fn delete(&self, name: BlobName) -> Result<bool, StorageError> {
        Ok(match &self.place {
            Place::Disk(disk) => disk.remove_if_there(name).await?,
            Place::Bucket(bucket) => bucket.delete(name).await.map(|()| true)?,
        })
    }

    /// Copies one into a new file, and has it on the disk. Whether it was there.
    pub(crate) async fn copy_out(&self, name: BlobName, to: &Path) -> Result<bool, StorageError> {
        match &self.place {
            Place::Disk(disk) => disk.copy_out(name, to).await,
            Place::Bucket(bucket) => bucket.copy_out(name, to).await,
        }
    }

    /// Takes a copy of a file. Whether it was there.
    pub(crate) async fn copy_in(&self, name: BlobName, from: &Path) -> Result<bool, StorageError> {
        match &self.place {
            Place::Disk(disk) => disk.copy_in(name, from).await,
            Place::Bucket(bucket) => bucket.copy_in(name, from).await,
        }
    }

    /// Removes what is older than `age` and no row names: left by a crash between blob and row. Ages are measured by
    /// this machine's clock, against the stamps of the file system or the bucket. Returns how many.
    pub(crate) async fn remove_orphans(&self, database: &Database, age: Duration) -> Result<u64, StorageError> {
        let mut removed = 0;
        for path in old_files(&self.incoming, age).await? {
            removed += u64::from(remove_if_there(&path).await?);
        }
        let old = match &self.place {
            Place::Disk(disk) => disk.older_than(age).await?,
            Place::Bucket(bucket) => bucket.older_than(age).await?,
        };
        for name in old {
            if !database.names_file(name).await? {
                removed += u64::from(self.delete(name).await?);
            }
        }
        Ok(removed)
    }
}

impl Place {
    async fn remove(&self, name: BlobName) {
        match self {
            Self::Disk(disk) => disk.remove(name),
            Self::Bucket(bucket) => bucket.remove(name).await,
        }
    }

    /// The same where nobody can wait.
    fn start_to_remove(&self, name: BlobName) {
        match self {
            Self::Disk(disk) => disk.remove(name),
            Self::Bucket(bucket) => drop(bucket.start_to_remove(name)),
        }
    }
}
