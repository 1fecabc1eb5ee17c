//! Mail from anywhere, and mail for anywhere (RFC 5322, MIME): taken apart without understanding it, and put together 7-bit safe.
//!
//! Reading is lenient where it cannot hurt (line ends, missing last delimiters) and exact where it matters: each part is the
//! very octets between its delimiters, since signatures are over them. Nothing is joined with anything. Not here: OpenPGP,
//! which parts belong together, sanitising HTML.

mod charset;
mod encoding;
mod entity;
mod field;
mod mailboxes;
mod write;

pub use entity::{ContentType, Entity, Parts};
pub use field::{Field, Fields};
pub use mailboxes::mailboxes;
pub use write::{Multipart, Writer, file_entity, multipart_entity, text_entity};

/// Text of octets in a charset; `None` for charsets unknown here (UTF-8, US-ASCII, ISO-8859-1, -15 and Windows-1252 are known).
pub use charset::decode as decode_charset;

/// What a mail may be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailLimits {
    /// Most octets of one header section. Default 256 KiB: mail collects trace fields on its way.
    pub header_bytes: usize,
}

impl Default for MailLimits {
    fn default() -> Self {
        MailLimits { header_bytes: 256 << 10 }
    }
}
