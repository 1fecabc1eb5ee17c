//! Complete ciphertext as objects of a bucket, in the same places as in a data directory: `instance`, `blobs/NAME`.
//!
//! Whatever goes over the network has a time and is tried three times; what fails then is said, and tried anew with the
//! next request. Every request is signed, what it carries included (AWS Signature Version 4), so that a server which
//! acknowledges a part has got that part and no other.

use super::bucket_location::BucketLocation;
use super::{BlobName, BlobOctets};
use crate::storage::failure::{BucketFailure, StorageError};
use crate::tls::{authorities, client_config};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{ClientOptions, HttpClient, HttpConnector};
use object_store::path::Path as Key;
use object_store::{
    BackoffConfig, Error, GetOptions, GetRange, GetResult, MultipartUpload, ObjectStore, ObjectStoreExt, RetryConfig,
};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// One attempt to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// Silence of the bucket while it is asked or read; also the time in which a part must be taken.
const SILENCE: Duration = Duration::from_secs(20);

/// Attempts after the first one, and until when the last one may begin.
const RETRIES: usize = 2;
const RETRY_UNTIL: Duration = Duration::from_secs(20);

/// What is larger goes in parts of this size: the smallest that S3 takes, as parts lie in memory.
const PART: usize = 5 * 1024 * 1024;

/// Uploads at a time, each with one part in memory, and the longest wait for a turn.
const UPLOADS: usize = 8;
const TURN: Duration = Duration::from_secs(30);

/// Longest wait for a removal; it goes on without anybody who waits.
const REMOVAL: Duration = Duration::from_secs(5);

/// A read that breaks off goes on where it was, so many times.
const RESUMED: u32 = 3;

/// Largest object `instance`.
const OWNER_BYTES: u64 = 64;

#[derive(Debug, Clone)]
pub(super) struct Bucket {
    store: Arc<AmazonS3>,
    prefix: Key,
    uploads: Arc<Semaphore>,
}

impl Bucket {
    pub(super) fn open(location: &BucketLocation) -> Result<Self, StorageError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&location.name)
            .with_region(&location.region)
            .with_access_key_id(&*location.credentials.access_key_id)
            .with_secret_access_key(&*location.credentials.secret_access_key)
            // Not all servers know how to delete many at once.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: RETRIES,
                retry_timeout: RETRY_UNTIL,
            })
            .with_http_connector(Connector(client(location)?));
        builder = match &location.endpoint {
            // Path-style: servers of one's own rarely have a name for each bucket.
            Some(url) => builder.with_endpoint(url.as_str().trim_end_matches('/')).with_allow_http(location.is_clear()),
            None => builder.with_virtual_hosted_style_request(true),
        };
        let store = builder.build().map_err(failure)?;
        let uploads = Arc::new(Semaphore::new(UPLOADS));
        Ok(Self { store: Arc::new(store), prefix: location.prefix.clone(), uploads })
    }

    fn owner_key(&self) -> Key {
        self.prefix.clone().join("instance")
    }

    fn folder(&self) -> Key {
        self.prefix.clone().join("blobs")
    }

    fn key(&self, name: BlobName) -> Key {
        self.folder().join(name.to_string())
    }

    pub(super) async fn owner(&self) -> Result<Option<Vec<u8>>, StorageError> {
        let found = match self.store.get(&self.owner_key()).await {
            Ok(found) if found.meta.size <= OWNER_BYTES => found,
            Ok(_) => return Err(StorageError::Corrupt("object `instance`")),
            // Or is there no such bucket?
            Err(Error::NotFound { .. }) => return self.is_empty().await.map(|_| None),
            Err(error) => return Err(failure(error)),
        };
        Ok(Some(found.bytes().await.map_err(failure)?.to_vec()))
    }

    /// Asks for what is there since the first start.
    pub(super) async fn answers(&self) -> Result<(), StorageError> {
        self.store.head(&self.owner_key()).await.map(drop).map_err(failure)
    }

    /// Whether what was put here can be found again: a bucket that was emptied, or made anew, does not say whose it is, and no server
    /// starts over it any more.
    pub(super) async fn is_still_ours(&self) -> Result<(), StorageError> {
        match self.answers().await {
            Err(error) if error.is_missing() => Err(StorageError::Bucket(BucketFailure(
                "its object `instance` is gone: it was emptied, or is another one".to_owned(),
            ))),
            other => other,
        }
    }

    pub(super) async fn set_owner(&self, owner: &str) -> Result<(), StorageError> {
        self.store.put(&self.owner_key(), owner.to_owned().into()).await.map_err(failure)?;
        Ok(())
    }

    /// All complete blobs: name, size, age. They come in pages of a thousand.
    fn list(&self) -> BoxStream<'static, Result<(BlobName, u64, Duration), StorageError>> {
        let entries = self.store.list(Some(&self.folder())).map_err(failure);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        entries
            .try_filter_map(move |entry| async move {
                let name = entry.location.filename().and_then(BlobName::parse);
                let stamp = u64::try_from(entry.last_modified.timestamp_millis()).unwrap_or(u64::MAX);
                let age = now.checked_sub(Duration::from_millis(stamp)).unwrap_or_default();
                Ok(name.map(|name| (name, entry.size, age)))
            })
            .boxed()
    }

    pub(super) async fn is_empty(&self) -> Result<bool, StorageError> {
        Ok(self.list().try_next().await?.is_none())
    }

    pub(super) async fn sizes(&self) -> Result<HashMap<BlobName, u64>, StorageError> {
        self.list().map_ok(|(name, size, _)| (name, size)).try_collect().await
    }

    pub(super) async fn older_than(&self, oldest: Duration) -> Result<Vec<BlobName>, StorageError> {
        let old = self.list().try_filter_map(|(name, _, age)| async move { Ok((age >= oldest).then_some(name)) });
        old.try_collect().await
    }

    pub(super) async fn size(&self, name: BlobName) -> Result<Option<u64>, StorageError> {
        match self.store.head(&self.key(name)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    /// Puts what is left of this file, which has this size, into the bucket.
    pub(super) async fn put(&self, name: BlobName, file: &mut File, size: u64) -> Result<(), StorageError> {
        let Ok(Ok(_turn)) = timeout(TURN, self.uploads.acquire()).await else {
            return Err(StorageError::Bucket(BucketFailure("it takes other uploads too slowly".to_owned())));
        };
        let key = self.key(name);
        let first = part(file).await?;
        if first.len() as u64 == size {
            self.store.put(&key, first.into()).await.map_err(failure)?;
            return Ok(());
        }
        let mut upload = self.store.put_multipart(&key).await.map_err(failure)?;
        if let Err(error) = send_parts(&mut *upload, first, file).await {
            // What this does not take away a lifecycle rule does.
            let _ = upload.abort().await;
            return Err(error);
        }
        match self.size(name).await? {
            Some(there) if there == size => Ok(()),
            _ => Err(StorageError::Bucket(BucketFailure("it has not what was put there".to_owned()))),
        }
    }

    pub(super) async fn read(&self, name: BlobName) -> Result<(u64, BlobOctets), StorageError> {
        let key = self.key(name);
        let found = self.get(&key, 0, None).await.map_err(failure)?;
        let (size, tag) = (found.meta.size, found.meta.e_tag.clone());
        let reading = Reading { bucket: self.clone(), key, tag, octets: found.into_stream(), at: 0, size, resumed: 0 };
        let octets = stream::try_unfold(reading, |mut reading| async move {
            Ok(reading.next().await?.map(|octets| (octets, reading)))
        });
        Ok((size, Box::pin(octets)))
    }

    async fn get(&self, key: &Key, from: u64, tag: Option<String>) -> Result<GetResult, Error> {
        let range = (from > 0).then_some(GetRange::Offset(from));
        self.store.get_opts(key, GetOptions { range, if_match: tag, ..GetOptions::default() }).await
    }

    /// Not there is as good as gone.
    pub(super) async fn delete(&self, name: BlobName) -> Result<(), StorageError> {
        match self.store.delete(&self.key(name)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }

    /// Nobody who goes away ends it, and nobody waits long for a bucket that does not answer.
    pub(super) async fn remove(&self, name: BlobName) {
        if let Some(removing) = self.start_to_remove(name) {
            let _ = timeout(REMOVAL, removing).await;
        }
    }

    pub(super) fn start_to_remove(&self, name: BlobName) -> Option<JoinHandle<()>> {
        let this = self.clone();
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        Some(runtime.spawn(async move {
            if let Err(error) = this.delete(name).await {
                tracing::warn!(%error, "an object could not be removed; the search for orphans will try again");
            }
        }))
    }

    pub(super) async fn remove_all(&self, names: &[BlobName]) {
        let keys: Vec<_> = names.iter().map(|name| Ok(self.key(*name))).collect();
        let mut removed = self.store.delete_stream(stream::iter(keys).boxed());
        while let Some(result) = removed.next().await {
            match result {
                Ok(_) | Err(Error::NotFound { .. }) => {}
                // The rest would wait as long.
                Err(error) => {
                    let error = failure(error);
                    tracing::warn!(%error, "objects could not be removed; the search for orphans will try again");
                    return;
                }
            }
        }
    }

    pub(super) async fn copy_out(&self, name: BlobName, to: &Path) -> Result<bool, StorageError> {
        let mut octets = match self.read(name).await {
            Ok((_, octets)) => octets,
            Err(error) if error.is_missing() => return Ok(false),
            Err(error) => return Err(error),
        };
        let mut file = File::create_new(to).await?;
        while let Some(chunk) = octets.next().await {
            file.write_all(&chunk.map_err(|error| StorageError::Bucket(BucketFailure(error.to_string())))?).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        Ok(true)
    }

    pub(super) async fn copy_in(&self, name: BlobName, from: &Path) -> Result<bool, StorageError> {
        let mut file = match File::open(from).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file?,
        };
        let size = file.metadata().await?.len();
        self.put(name, &mut file, size).await?;
        Ok(true)
    }
}

/// The next part, which is shorter than the others only at the end.
async fn part(file: &mut File) -> io::Result<Bytes> {
    let mut octets = Vec::new();
    file.take(PART as u64).read_to_end(&mut octets).await?;
    Ok(octets.into())
}

async fn send_parts(upload: &mut dyn MultipartUpload, first: Bytes, file: &mut File) -> Result<(), StorageError> {
    let mut octets = first;
    while !octets.is_empty() {
        upload.put_part(octets.into()).await.map_err(failure)?;
        octets = part(file).await?;
    }
    upload.complete().await.map_err(failure)?;
    Ok(())
}

/// An object on its way to a reader, who may be slow: then the bucket breaks off, and is asked for the rest.
struct Reading {
    bucket: Bucket,
    key: Key,
    tag: Option<String>,
    octets: BoxStream<'static, Result<Bytes, Error>>,
    at: u64,
    size: u64,
    resumed: u32,
}

impl Reading {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        while self.at < self.size {
            match self.octets.next().await {
                Some(Ok(octets)) => {
                    self.at += octets.len() as u64;
                    return Ok(Some(octets));
                }
                None => self.resume().await?,
                Some(Err(error)) => {
                    tracing::debug!(error = %failure(error), "a read from the bucket broke off");
                    self.resume().await?;
                }
            }
        }
        Ok(None)
    }

    async fn resume(&mut self) -> io::Result<()> {
        self.resumed += 1;
        if self.resumed > RESUMED {
            return Err(io::Error::other("the bucket broke off"));
        }
        let rest = self.bucket.get(&self.key, self.at, self.tag.clone()).await;
        self.octets = rest.map_err(|error| io::Error::other(failure(error)))?.into_stream();
        Ok(())
    }
}

/// What of an error may be logged: the answer of a server that refuses a signature repeats the access key and what was
/// signed. It begins with its first tag.
fn failure(error: Error) -> StorageError {
    let text = match error {
        Error::NotFound { path, .. } => return StorageError::NoObject(path),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => "it refuses this access key".to_owned(),
        error => {
            error.to_string().split(['<', '{', '\n']).next().unwrap_or_default().trim_end_matches([' ', ':']).to_owned()
        }
    };
    StorageError::Bucket(BucketFailure(text))
}

/// Connections with our TLS, our times, and no proxy that the environment names.
#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

fn client(location: &BucketLocation) -> Result<reqwest::Client, StorageError> {
    let failed = |text: String| StorageError::Bucket(BucketFailure(text));
    let file = location.authority.as_deref();
    let named = file.map_or_else(|| "this machine's authorities".into(), Path::to_string_lossy);
    let roots = authorities(file).map_err(|error| failed(format!("{named}: {error}")))?;
    if roots.is_empty() && !location.is_clear() {
        return Err(failed("there is no certificate of an authority that could certify it".to_owned()));
    }
    reqwest::Client::builder()
        .tls_backend_preconfigured(client_config(roots).map_err(|error| failed(error.to_string()))?)
        .https_only(!location.is_clear())
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .build()
        .map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    /// As servers answer whose signature does not fit: with the key, and with what was signed.
    #[test]
    fn nothing_that_the_bucket_repeats_of_a_request_is_told() {
        let answer =
            "Server error: <Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>THE-KEY</AWSAccessKeyId></Error>";
        let json = "Server error: {\"key\": \"THE-KEY\"}";
        for text in [answer, json, "Server error\nTHE-KEY"] {
            let told = failure(Error::Generic { store: "S3", source: text.into() }).to_string();
            assert!(told.contains("Server error") && !told.contains("THE-KEY"), "{told}");
        }
        let source = || "THE-KEY".into();
        for error in [
            Error::PermissionDenied { path: "p".to_owned(), source: source() },
            Error::Unauthenticated { path: "p".to_owned(), source: source() },
        ] {
            assert_eq!(failure(error).to_string(), "the bucket failed: it refuses this access key");
        }
        let lost = failure(Error::NotFound { path: "p".to_owned(), source: source() });
        assert!(lost.is_missing() && lost.to_string().contains("the bucket has no object p"), "{lost}");
    }
}
