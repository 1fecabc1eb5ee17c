//! Writes the MIME message of an envelope.

use alloc::string::String;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Content, Mailbox};

pub(crate) mod header;

/// Two multipart boundaries (RFC 2046 §5.1.1), made from the caller's randomness. No part holds a line that
/// begins with two dashes, so they need not be secret, only distinct.
#[derive(Debug, Clone)]
pub struct Boundaries {
    mixed: String,
    alternative: String,
}

impl Boundaries {
    /// Makes both from 32 random octets.
    pub fn from_random(random: [u8; 32]) -> Self {
        let named = |name: char, octets: &[u8]| {
            let digits = octets
                .iter()
                .flat_map(|octet| [octet >> 4, octet & 15])
                .filter_map(|digit| char::from_digit(digit.into(), 16));
            core::iter::once(name).chain(digits).collect()
        };
        let (mixed, alternative) = random.split_at(16);
        // Different first letters: neither is the beginning of the other.
        Boundaries { mixed: named('m', mixed), alternative: named('a', alternative) }
    }
}

/// Writes the message. Allocates about 1.4 times the size of the attachments.
pub fn build(content: &Content, boundaries: &Boundaries) -> Vec<u8> {
    at_once(build_resting(content, boundaries, async || ()))
}

/// What a future gives that never waits.
pub(crate) fn at_once<T: Default>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(made) => made,
        Poll::Pending => T::default(),
    }
}

/// [`build()`] with rests: `rest` is waited for again and again while files are encoded.
pub async fn build_resting(content: &Content, boundaries: &Boundaries, rest: impl AsyncFn()) -> Vec<u8> {
    let attached: usize = content.attachments.iter().map(|a| a.data.len()).sum();
    let certificate = content.sender_certificate.as_ref().map_or(0, Vec::len);
    let text = content.text.len() + content.html.as_ref().map_or(0, String::len);
    let mut out =
        Vec::with_capacity((attached + certificate + text) / 54 * 76 + content.attachments.len() * 512 + 4096);
    message_headers(&mut out, content);
    if content.attachments.is_empty() && content.sender_certificate.is_none() {
        readable(&mut out, content, boundaries);
        return out;
    }
    multipart(&mut out, "mixed", &boundaries.mixed);
    delimiter(&mut out, &boundaries.mixed, "");
    readable(&mut out, content, boundaries);
    for attachment in &content.attachments {
        delimiter(&mut out, &boundaries.mixed, "");
        header::line(&mut out, "Content-Type", allowed_type(&attachment.mime_type));
        disposition(&mut out, &attachment.name);
        base64_body(&mut out, &attachment.data, &rest).await;
    }
    if let Some(certificate) = &content.sender_certificate {
        delimiter(&mut out, &boundaries.mixed, "");
        header::line(&mut out, "Content-Type", "application/pgp-keys");
        disposition(&mut out, "certificate.asc");
        header::line(&mut out, "Envelock-Part", "sender-certificate");
        base64_body(&mut out, certificate, &rest).await;
    }
    delimiter(&mut out, &boundaries.mixed, "--");
    out
}

fn message_headers(out: &mut Vec<u8>, content: &Content) {
    if let Some(seconds) = content.date {
        header::line(out, "Date", &header::date(seconds));
    }
    header::text(out, "Subject", &content.subject);
    if let Some(Mailbox { name, address }) = content.reply.to.as_ref().filter(|to| header::is_address(&to.address)) {
        header::mailbox(out, "From", name, address);
        header::mailbox(out, "Reply-To", name, address);
    }
    header::line(out, "Envelock-Reply", if content.reply.allowed { "yes" } else { "no" });
    header::line(out, "MIME-Version", "1.0");
}

/// The text, with its HTML version beside it if there is one; begins with its Content-Type.
fn readable(out: &mut Vec<u8>, content: &Content, boundaries: &Boundaries) {
    let Some(html) = &content.html else { return text_part(out, "plain", &content.text) };
    multipart(out, "alternative", &boundaries.alternative);
    for (subtype, text) in [("plain", &content.text), ("html", html)] {
        delimiter(out, &boundaries.alternative, "");
        text_part(out, subtype, text);
    }
    delimiter(out, &boundaries.alternative, "--");
}

fn multipart(out: &mut Vec<u8>, subtype: &str, boundary: &str) {
    header::start(out, "Content-Type");
    for part in ["multipart/", subtype, ";\r\n boundary=\"", boundary, "\"\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// The CR LF before the dashes belongs to the delimiter, not to the part before it.
fn delimiter(out: &mut Vec<u8>, boundary: &str, end: &str) {
    for part in ["\r\n--", boundary, end, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Short ASCII lines stay readable; anything else goes as base64. Line ends are CR LF before encoding (RFC 2046 §4.1.1).
fn text_part(out: &mut Vec<u8>, subtype: &str, text: &str) {
    header::start(out, "Content-Type");
    out.extend_from_slice(b"text/");
    out.extend_from_slice(subtype.as_bytes());
    out.extend_from_slice(b"; charset=utf-8\r\n");
    // Nothing that a mail program may wrap, trim or take for a delimiter.
    let visible = |line: &str| line.bytes().all(|octet| matches!(octet, b'\t' | b' '..=b'~'));
    let plain =
        |line: &str| line.len() <= 76 && !line.ends_with([' ', '\t']) && !line.starts_with("--") && visible(line);
    let canonical = text.replace("\r\n", "\n").replace('\n', "\r\n");
    if canonical.split("\r\n").all(plain) {
        header::line(out, "Content-Transfer-Encoding", "7bit");
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(canonical.as_bytes());
    } else {
        at_once(base64_body(out, canonical.as_bytes(), &async || ()));
    }
}

/// A file's name goes into the disposition only (RFC 2183).
fn disposition(out: &mut Vec<u8>, name: &str) {
    header::start(out, "Content-Disposition");
    out.extend_from_slice(b"attachment");
    header::parameter(out, "filename", name);
    out.extend_from_slice(b"\r\n");
}

pub(crate) fn allowed_type(mime_type: &str) -> &str {
    let token = |t: &str| {
        !t.is_empty()
            && t.len() <= 60
            && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$&^_.+-".contains(&b))
    };
    match mime_type.split_once('/') {
        Some(("message" | "multipart", _)) | None => "application/octet-stream",
        Some((top, sub)) if token(top) && token(sub) => mime_type,
        Some(_) => "application/octet-stream",
    }
}

/// What is encoded between two rests: lines that take a few milliseconds.
const STEP: usize = 57 << 14;

/// Lines of 76 characters (RFC 2045 §6.8), encoded straight into the message; no line end after the last one.
pub(crate) async fn base64_body(out: &mut Vec<u8>, data: &[u8], rest: &impl AsyncFn()) {
    header::line(out, "Content-Transfer-Encoding", "base64");
    out.reserve(data.len().div_ceil(57) * 78 + 2);
    let mut line = [0; 76];
    for (index, step) in data.chunks(STEP).enumerate() {
        if index > 0 {
            rest().await;
        }
        for octets in step.chunks(57) {
            out.extend_from_slice(b"\r\n");
            let length = STANDARD.encode_slice(octets, &mut line).unwrap_or_default();
            out.extend_from_slice(line.get(..length).unwrap_or_default());
        }
    }
    if data.is_empty() {
        out.extend_from_slice(b"\r\n");
    }
}
