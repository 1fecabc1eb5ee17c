//! What an envelope holds, as data.

use alloc::string::String;
use alloc::vec::Vec;

/// The content of an envelope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The subject, one line.
    pub subject: String,
    /// The message as plain text. Lines end with LF; CR LF is turned into that.
    pub text: String,
    /// The message as HTML, not sanitised. Lines as in `text`.
    pub html: Option<String>,
    /// Files, in the sender's order.
    pub attachments: Vec<Attachment>,
    /// The sender's certificate, ASCII-armored (RFC 3156 §7) so that mail programs recognise it; any octets come back as they went in.
    pub sender_certificate: Option<Vec<u8>>,
    /// Whether and to whom the recipient may reply.
    pub reply: ReplyOptions,
    /// When it was written, seconds since 1970 UTC, from 0 to the year 9999.
    pub date: Option<i64>,
}

/// A file in an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name, any Unicode. It comes from a stranger: what is read is made a [`file_name`](crate::file_name()), or empty if it is
    /// none.
    pub name: String,
    /// Its media type, `type/subtype` in lower case. `build` writes `application/octet-stream` in place of what is not a type
    /// or may not be base64-encoded (`message/*`, `multipart/*`: RFC 2046 §5).
    pub mime_type: String,
    /// Its octets.
    pub data: Vec<u8>,
}

/// Whether the recipient may reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyOptions {
    /// The sender wants replies.
    pub allowed: bool,
    /// Where they go, as far as people need to know it.
    pub to: Option<Mailbox>,
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name, any Unicode, or empty.
    pub name: String,
    /// The address, `local@domain`.
    pub address: String,
}
