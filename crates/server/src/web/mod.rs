//! The web application: files of the web root, and the headers that every answer carries.

mod encoding;
mod files;
mod headers;
mod media_type;

pub(crate) use files::{WebRoot, not_here};
pub use headers::CONTENT_SECURITY_POLICY;
pub(crate) use headers::with_security_headers;
