//! Files of the web root, and nothing else: a path is a list of plain names, none of them hidden, and no symbolic link
//! is followed, so that there is no way out of the root.

use super::encoding::{Coding, accepted};
use super::media_type;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

/// Pieces in which files are sent.
const CHUNK: usize = 64 * 1024;

/// The directory of the built web application.
#[derive(Debug, Clone)]
pub(crate) struct WebRoot(PathBuf);

impl WebRoot {
    /// With its real path, so that symbolic links inside can be told.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        path.canonicalize().map(Self)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Answers `GET` of this path, as it stands in the request; `/` is the application.
    pub(crate) async fn serve(&self, path: &str, request: &HeaderMap) -> Response {
        let names = match path {
            "/" => "index.html",
            path => path.strip_prefix('/').unwrap_or(path),
        };
        match self.find(names).await {
            Some(found) => found.into_response(names, request, self).await,
            None => not_here(),
        }
    }

    async fn find(&self, names: &str) -> Option<Found> {
        if !names.split('/').all(is_plain) {
            return None;
        }
        let path = self.0.join(names);
        // The same path again, unless a symbolic link was on the way.
        let real = tokio::fs::canonicalize(&path).await.ok()?;
        if real != path {
            return None;
        }
        let file = File::open(path).await.ok()?;
        let metadata = file.metadata().await.ok()?;
        metadata.is_file().then_some(Found { file, metadata, coding: None })
    }
}

/// Letters, digits, `-`, `_` and `.`, the last not in front. A percent sign is no part of our names, so encoded
/// traversal ends here too.
fn is_plain(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(allowed)
}

/// What Vite puts in `/assets/` carries a hash of its content in its name: `name-AbCd1234.ext`.
fn is_hashed(names: &str) -> bool {
    let stem = names.strip_prefix("assets/").and_then(|name| name.split('.').next());
    stem.and_then(|stem| stem.get(stem.len().checked_sub(9)?..)).is_some_and(|tail| tail.starts_with('-'))
}

struct Found {
    file: File,
    metadata: Metadata,
    coding: Option<Coding>,
}

impl Found {
    async fn into_response(self, names: &str, request: &HeaderMap, root: &WebRoot) -> Response {
        let extension = names.rsplit('.').next().unwrap_or_default();
        let mut found = self;
        for coding in accepted(request) {
            if let Some(sibling) = root.find(&format!("{names}.{}", coding.extension())).await {
                found = Found { coding: Some(coding), ..sibling };
                break;
            }
        }
        let cache = match extension {
            "html" => "no-store",
            _ if is_hashed(names) => "public, max-age=31536000, immutable",
            _ => "no-cache",
        };
        let tag = found.tag();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type::of(extension)));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(coding) = found.coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.token()));
        }
        if extension != "html"
            && let Ok(tag) = HeaderValue::from_str(&tag)
        {
            let unchanged = request.get(header::IF_NONE_MATCH) == Some(&tag);
            headers.insert(header::ETAG, tag);
            if unchanged {
                return (StatusCode::NOT_MODIFIED, headers).into_response();
            }
        }
        headers.insert(header::CONTENT_LENGTH, found.metadata.len().into());
        (headers, Body::from_stream(ReaderStream::with_capacity(found.file, CHUNK))).into_response()
    }

    /// Changes with time of change, length and coding.
    fn tag(&self) -> String {
        let modified =
            self.metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let coding = self.coding.map_or("plain", Coding::token);
        format!("\"{:x}-{:x}-{coding}\"", modified.as_nanos(), self.metadata.len())
    }
}

/// The answer to a path without a file.
pub(crate) fn not_here() -> Response {
    (StatusCode::NOT_FOUND, "There is no such page here.\n").into_response()
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    #[test]
    fn only_plain_names_are_looked_for() {
        for name in ["index.html", "assets/app-Ab3_-9xY.js"] {
            assert!(name.split('/').all(is_plain), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "../x",
            "a//b",
            ".git/config",
            "..%2fx",
            "%2e%2e/x",
            "..\\x",
            "x\0",
            "/etc/passwd",
            "．．/x",
        ] {
            assert!(!name.split('/').all(is_plain), "{name}");
        }
    }

    #[test]
    fn only_hashed_assets_never_change() {
        assert!(is_hashed("assets/app-Ab3_-9xY.js"));
        assert!(is_hashed("assets/reader_bg-Ab3x99xY.wasm"));
        for name in ["assets/app.js", "app-Ab3_-9xY.js", "assets/x", "assets/"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
