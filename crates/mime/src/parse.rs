//! Reads the MIME message of an envelope: what [`build`](crate::build()) writes and nothing else.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::{Attachment, Content, Mailbox, ReplyOptions, file_name::file_name};

pub(crate) mod body;
mod header;

use header::Headers;

/// What a message may be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most parts of a multipart. Default 1000.
    pub parts: usize,
    /// Most octets of one header section. Default 64 KiB; a file name of 255 characters takes 3.
    pub header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { parts: 1000, header_bytes: 64 << 10 }
    }
}

/// Why the content of an envelope cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Not the MIME that an envelope holds.
    #[error("malformed content: {0}")]
    Malformed(&'static str),
    /// More than [`Limits`] allow.
    #[error("content over the limit: {0}")]
    TooLarge(&'static str),
}

impl ParseError {
    /// Every value of [`ParseError::code`].
    pub const CODES: &'static [&'static str] = &["malformed", "too-large"];

    /// A stable name for this kind of error, kebab-case.
    pub const fn code(&self) -> &'static str {
        match self {
            ParseError::Malformed(_) => "malformed",
            ParseError::TooLarge(_) => "too-large",
        }
    }
}

/// Reads the content of an envelope. Allocates no more than the message is long.
pub fn parse(message: &[u8], limits: &Limits) -> Result<Content, ParseError> {
    let mut parsing = Parsing::begin(message, limits)?;
    while parsing.step()? {}
    Ok(parsing.finish().1)
}

/// Content being read: all but the files at once, these in steps. Has the message, borrowed or its own.
pub struct Parsing<M> {
    message: M,
    content: Content,
    /// Where their parts lie in the message.
    files: alloc::vec::IntoIter<Range<usize>>,
    limits: Limits,
    /// The file that is being decoded; without a name if it is the sender's certificate.
    file: Option<File>,
}

/// A file without its data, the data so far, and where what is still to be decoded lies.
type File = (Option<Attachment>, Vec<u8>, Range<usize>);

impl<M: AsRef<[u8]>> Parsing<M> {
    /// Reads what is not a file.
    pub fn begin(message: M, limits: &Limits) -> Result<Self, ParseError> {
        let octets = message.as_ref();
        let (headers, body) = header::split(octets, limits)?;
        let mut content = Content {
            subject: headers.text("subject")?.unwrap_or_default(),
            date: headers.value("date")?.map(header::date).transpose()?,
            reply: ReplyOptions { allowed: headers.value("envelock-reply")? == Some("yes"), to: reply_to(&headers)? },
            ..Content::default()
        };
        let content_type = headers.structured("content-type")?.ok_or(ParseError::Malformed("no content type"))?;
        let mut files = Vec::new().into_iter();
        if content_type.value == "multipart/mixed" {
            let mut parts = body::parts(body, content_type.parameter("boundary")?, limits)?.into_iter();
            let first = parts.next().ok_or(ParseError::Malformed("no parts"))?;
            files = parts.map(|part| place(part, octets)).collect::<Vec<_>>().into_iter();
            let (headers, body) = header::split(first, limits)?;
            readable(&headers, body, limits, &mut content)?;
        } else {
            readable(&headers, body, limits, &mut content)?;
        }
        Ok(Parsing { content, files, limits: *limits, file: None, message })
    }

    /// Goes on with the files for a few milliseconds; `false` when all are read.
    pub fn step(&mut self) -> Result<bool, ParseError> {
        match &mut self.file {
            None => match self.files.next() {
                Some(part) => self.file = Some(self.begin_file(part)?),
                None => return Ok(false),
            },
            Some((_, data, rest)) if rest.start < rest.end => {
                let mut body = self.message.as_ref().get(rest.clone()).unwrap_or_default();
                body::base64(&mut body, data)?;
                rest.start = rest.end - body.len();
            }
            Some((attachment, data, _)) => {
                let data = core::mem::take(data);
                match attachment.take() {
                    Some(attachment) => self.content.attachments.push(Attachment { data, ..attachment }),
                    None => self.content.sender_certificate = Some(data),
                }
                self.file = None;
            }
        }
        Ok(true)
    }

    /// The message, and what was read.
    pub fn finish(self) -> (M, Content) {
        (self.message, self.content)
    }

    fn begin_file(&self, part: Range<usize>) -> Result<File, ParseError> {
        let octets = self.message.as_ref();
        let (headers, body) = header::split(octets.get(part).unwrap_or_default(), &self.limits)?;
        let content_type = headers.structured("content-type")?.ok_or(ParseError::Malformed("no content type"))?;
        let disposition =
            headers.structured("content-disposition")?.filter(|disposition| disposition.value == "attachment");
        let disposition = disposition.ok_or(ParseError::Malformed("disposition of a file"))?;
        let (data, rest) = body::begin(&headers, body)?;
        let attachment = match headers.value("envelock-part")? {
            Some("sender-certificate") if self.content.sender_certificate.is_none() => None,
            Some(_) => return Err(ParseError::Malformed("unknown part")),
            None => Some(Attachment {
                name: file_name(&disposition.parameter("filename")?).unwrap_or_default(),
                mime_type: content_type.value.to_owned(),
                data: Vec::new(),
            }),
        };
        Ok((attachment, data, place(rest, octets)))
    }
}

/// Where a part of a message lies in it (`slice::subslice_range`, once that is stable).
fn place(part: &[u8], message: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().wrapping_sub(message.as_ptr().addr());
    start..start.wrapping_add(part.len())
}

fn reply_to(headers: &Headers<'_>) -> Result<Option<Mailbox>, ParseError> {
    const MALFORMED: ParseError = ParseError::Malformed("reply address");
    let Some(value) = headers.value("reply-to")? else { return Ok(None) };
    let (name, address) = value.strip_suffix('>').and_then(|v| v.split_once('<')).ok_or(MALFORMED)?;
    if address.contains(['<', '>', ' ', '"', ',']) || !address.contains('@') {
        return Err(MALFORMED);
    }
    Ok(Some(Mailbox { name: header::encoded_words(name.trim_matches(' '))?, address: address.into() }))
}

/// The part that people read: a text, or a text and its HTML version.
fn readable(headers: &Headers<'_>, body: &[u8], limits: &Limits, content: &mut Content) -> Result<(), ParseError> {
    let content_type = headers.structured("content-type")?.ok_or(ParseError::Malformed("no content type"))?;
    if content_type.value != "multipart/alternative" {
        content.text = text(headers, body, "text/plain")?;
        return Ok(());
    }
    let parts = body::parts(body, content_type.parameter("boundary")?, limits)?;
    let [plain, html] = parts.as_slice() else { return Err(ParseError::Malformed("alternatives")) };
    let (headers, body) = header::split(plain, limits)?;
    content.text = text(&headers, body, "text/plain")?;
    let (headers, body) = header::split(html, limits)?;
    content.html = Some(text(&headers, body, "text/html")?);
    Ok(())
}

fn text(headers: &Headers<'_>, body: &[u8], wanted: &str) -> Result<String, ParseError> {
    let content_type = headers.structured("content-type")?;
    if content_type.is_none_or(|found| found.value != wanted) {
        return Err(ParseError::Malformed("type of the text"));
    }
    let mut text = body::decode(headers, body)?;
    // CR LF becomes LF; a CR alone stays what it is.
    let mut before = 0;
    let mut kept = 0;
    for at in 0..text.len() {
        let octet = text.get(at).copied().unwrap_or_default();
        kept -= usize::from(octet == b'\n' && before == b'\r' && kept > 0);
        if let Some(place) = text.get_mut(kept) {
            *place = octet;
        }
        (before, kept) = (octet, kept + 1);
    }
    text.truncate(kept);
    String::from_utf8(text).map_err(|_| ParseError::Malformed("text is not UTF-8"))
}
