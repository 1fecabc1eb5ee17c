//! Which bucket, and with whose key.

use object_store::path::Path as Key;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use url::{Host, Url};
use zeroize::Zeroizing;

/// Region where none is named: what most servers of the S3 API take for theirs.
const REGION: &str = "us-east-1";

/// A bucket of the S3 API: on Amazon's servers, or behind an endpoint of one's own (Garage, MinIO, Ceph).
#[derive(Debug, Clone)]
pub struct BucketLocation {
    pub(super) name: String,
    pub(super) credentials: BucketCredentials,
    pub(super) endpoint: Option<Url>,
    pub(super) region: String,
    pub(super) prefix: Key,
    pub(super) authority: Option<PathBuf>,
}

/// Why this is no bucket that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBucket {
    /// Not what S3 takes for one.
    #[error("a bucket has a name of 3 to 63 lower-case letters, digits, dots and hyphens")]
    Name,
    /// Not a host alone.
    #[error("the endpoint of the bucket is https://HOST or https://HOST:PORT")]
    Endpoint,
    /// Another machine without TLS.
    #[error("the endpoint of the bucket must begin with https:// (http:// is for this machine only)")]
    Clear,
    /// Not a word.
    #[error("the region of the bucket is one word, such as eu-central-1")]
    Region,
    /// Not a path.
    #[error("the prefix is a path of letters, digits, dots, hyphens and underscores between slashes")]
    Prefix,
    /// What it says is not repeated.
    #[error("the bucket's credentials are two lines: access-key-id = \"…\" and secret-access-key = \"…\"")]
    Credentials,
}

/// An access key. Only its holder's bucket is to be read and written with it.
#[derive(Clone)]
pub struct BucketCredentials {
    pub(super) access_key_id: Zeroizing<String>,
    pub(super) secret_access_key: Zeroizing<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CredentialsFile {
    access_key_id: String,
    secret_access_key: String,
}

impl FromStr for BucketCredentials {
    type Err = InvalidBucket;

    fn from_str(text: &str) -> Result<Self, InvalidBucket> {
        // The parser's error would show the line.
        let file: CredentialsFile = toml::from_str(text).map_err(|_| InvalidBucket::Credentials)?;
        if file.access_key_id.is_empty() || file.secret_access_key.is_empty() {
            return Err(InvalidBucket::Credentials);
        }
        Ok(Self {
            access_key_id: Zeroizing::new(file.access_key_id),
            secret_access_key: Zeroizing::new(file.secret_access_key),
        })
    }
}

impl fmt::Debug for BucketCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BucketCredentials(…)")
    }
}

impl BucketLocation {
    /// Amazon's bucket of this name.
    pub fn new(name: &str, credentials: BucketCredentials) -> Result<Self, InvalidBucket> {
        let is_plain = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        if !(3..=63).contains(&name.len()) || !name.bytes().all(is_plain) || name.contains("..") {
            return Err(InvalidBucket::Name);
        }
        Ok(Self {
            name: name.to_owned(),
            credentials,
            endpoint: None,
            region: REGION.to_owned(),
            prefix: Key::default(),
            authority: None,
        })
    }

    /// The same on a server of one's own, which is asked for `ENDPOINT/BUCKET/…`.
    pub fn at(self, endpoint: &str) -> Result<Self, InvalidBucket> {
        let url = Url::parse(endpoint).map_err(|_| InvalidBucket::Endpoint)?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_bare || !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBucket::Endpoint);
        }
        match (url.scheme(), url.host()) {
            ("https", Some(_)) => {}
            ("http", Some(host)) if is_here(&host) => {}
            ("http", Some(_)) => return Err(InvalidBucket::Clear),
            _ => return Err(InvalidBucket::Endpoint),
        }
        Ok(Self { endpoint: Some(url), ..self })
    }

    /// The same in this region.
    pub fn in_region(self, region: &str) -> Result<Self, InvalidBucket> {
        if region.is_empty() || !region.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-') {
            return Err(InvalidBucket::Region);
        }
        Ok(Self { region: region.to_owned(), ..self })
    }

    /// Only what is below this path.
    pub fn below(self, prefix: &str) -> Result<Self, InvalidBucket> {
        let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-._/".contains(&letter);
        let prefix = Some(prefix.trim_matches('/')).filter(|prefix| prefix.bytes().all(is_plain));
        let prefix = prefix.and_then(|prefix| Key::parse(prefix).ok()).ok_or(InvalidBucket::Prefix)?;
        Ok(Self { prefix, ..self })
    }

    /// The authority in this PEM file, and no other, certifies the endpoint.
    pub fn certified_by(self, authority: &Path) -> Self {
        Self { authority: Some(authority.to_owned()), ..self }
    }

    /// Whether it is asked in clear, on this machine.
    pub(super) fn is_clear(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http")
    }
}

fn is_here(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn bucket() -> BucketLocation {
        let credentials = "access-key-id = \"the id\"\nsecret-access-key = \"the secret\"\n";
        BucketLocation::new("envelock", credentials.parse().unwrap()).unwrap()
    }

    #[test]
    fn another_machine_is_asked_over_tls_only() {
        for endpoint in
            ["https://s3.example.org", "https://[2001:db8::1]:3900/", "http://127.0.0.1:1", "http://[::1]:1"]
        {
            assert!(bucket().at(endpoint).is_ok(), "{endpoint}");
        }
        for endpoint in
            ["http://s3.example.org", "http://192.0.2.1", "http://localhost.example.org", "http://[2001:db8::1]"]
        {
            assert_eq!(bucket().at(endpoint).err(), Some(InvalidBucket::Clear), "{endpoint}");
        }
        for endpoint in
            ["s3.example.org", "ftp://localhost", "https://s3.example.org/envelock", "https://me:word@localhost"]
        {
            assert_eq!(bucket().at(endpoint).err(), Some(InvalidBucket::Endpoint), "{endpoint}");
        }
    }

    #[test]
    fn names_regions_and_prefixes_cannot_lead_elsewhere() {
        let credentials = bucket().credentials;
        for name in ["ab", "Envelock", "a/b", "a..b", "a b", "a?b"] {
            assert_eq!(BucketLocation::new(name, credentials.clone()).err(), Some(InvalidBucket::Name), "{name}");
        }
        for region in ["", "a.b", "a/b", "a@b"] {
            assert_eq!(bucket().in_region(region).err(), Some(InvalidBucket::Region), "{region}");
        }
        for prefix in ["..", "a/../b", "a//b", "a b", "a?b", "ü"] {
            assert_eq!(bucket().below(prefix).err(), Some(InvalidBucket::Prefix), "{prefix}");
        }
        assert_eq!(bucket().below("/mail/envelock/").unwrap().prefix.as_ref(), "mail/envelock");
        assert_eq!(bucket().below("").unwrap().prefix.as_ref(), "");
    }

    #[test]
    fn neither_debugging_nor_errors_show_the_key() {
        let text = format!("{:?}", bucket());
        assert!(!text.contains("the id") && !text.contains("the secret"), "{text}");
        for file in ["", "secret-access-key = \"the secret\"", "access-key-id = \"a\"\nsecret-access-key = the secret"]
        {
            assert_eq!(file.parse::<BucketCredentials>().err(), Some(InvalidBucket::Credentials), "{file}");
        }
        let more = "access-key-id = \"a\"\nsecret-access-key = \"b\"\nsecret = \"c\"";
        assert_eq!(more.parse::<BucketCredentials>().err(), Some(InvalidBucket::Credentials));
        assert!(!InvalidBucket::Credentials.to_string().contains("the secret"));
    }
}
