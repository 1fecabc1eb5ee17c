//! The options that say where ciphertext is, if it is not in the data directory.

use super::{AnyError, secret_file};
use clap::Args;
use envelock_server::storage::{BucketCredentials, BucketLocation};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The same for all that is done with the data. What the file may not say the options around these refuse.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct BucketOptions {
    /// Bucket of the S3 API for ciphertext, which several servers may share; without it the files are in the data directory.
    #[arg(long, global = true, env = "ENVELOCK_BUCKET", value_name = "NAME")]
    bucket: Option<String>,
    /// A file with two lines: access-key-id = "…" and secret-access-key = "…".
    #[arg(long, global = true, env = "ENVELOCK_BUCKET_CREDENTIALS_FILE", value_name = "FILE")]
    pub(super) bucket_credentials_file: Option<PathBuf>,
    /// The server that has the bucket, if it is not Amazon's: https://HOST[:PORT], asked for /BUCKET/….
    #[arg(long, global = true, env = "ENVELOCK_BUCKET_ENDPOINT", value_name = "URL")]
    bucket_endpoint: Option<String>,
    /// The bucket's region [default: us-east-1]
    #[arg(long, global = true, env = "ENVELOCK_BUCKET_REGION", value_name = "REGION")]
    bucket_region: Option<String>,
    /// A path below which everything is, in a bucket that is not this server's alone.
    #[arg(long, global = true, env = "ENVELOCK_BUCKET_PREFIX", value_name = "PATH")]
    bucket_prefix: Option<String>,
    /// The authority that certifies the bucket's server, in PEM, for one of your own.
    #[arg(long, global = true, env = "ENVELOCK_BUCKET_ROOT", value_name = "FILE")]
    bucket_root: Option<PathBuf>,
}

impl BucketOptions {
    /// What was given, else what the file says.
    pub(crate) fn complete(&mut self, file: Self) {
        self.bucket = self.bucket.take().or(file.bucket);
        self.bucket_credentials_file = self.bucket_credentials_file.take().or(file.bucket_credentials_file);
        self.bucket_endpoint = self.bucket_endpoint.take().or(file.bucket_endpoint);
        self.bucket_region = self.bucket_region.take().or(file.bucket_region);
        self.bucket_prefix = self.bucket_prefix.take().or(file.bucket_prefix);
        self.bucket_root = self.bucket_root.take().or(file.bucket_root);
    }

    /// The bucket, if there is one.
    pub(crate) fn location(self) -> Result<Option<BucketLocation>, AnyError> {
        let Some(name) = self.bucket else {
            let alone = self.bucket_credentials_file.is_some()
                || self.bucket_endpoint.is_some()
                || self.bucket_region.is_some()
                || self.bucket_prefix.is_some()
                || self.bucket_root.is_some();
            return if alone { Err("the options of a bucket need --bucket".into()) } else { Ok(None) };
        };
        let Some(file) = self.bucket_credentials_file else {
            return Err("--bucket needs --bucket-credentials-file: a key with which it is read and written".into());
        };
        let credentials = credentials(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut bucket = BucketLocation::new(&name, credentials)?;
        if let Some(endpoint) = self.bucket_endpoint {
            bucket = bucket.at(&endpoint)?;
        }
        if let Some(region) = self.bucket_region {
            bucket = bucket.in_region(&region)?;
        }
        if let Some(prefix) = self.bucket_prefix {
            bucket = bucket.below(&prefix)?;
        }
        if let Some(root) = self.bucket_root {
            bucket = bucket.certified_by(&root);
        }
        Ok(Some(bucket))
    }
}

fn credentials(file: &Path) -> Result<BucketCredentials, AnyError> {
    Ok(secret_file::read(file)?.parse()?)
}
