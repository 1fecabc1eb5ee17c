//! Writing: header fields and parts that no mail program on the way has a reason to change (7-bit, short lines, no blanks at
//! line ends, no line that begins with `From `: RFC 3156 §3, §5).

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use crate::Mailbox;
use crate::build::{allowed_type, base64_body, header};

/// Collects header fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// No fields yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A field of text for people: visible ASCII as it is, folded where it has blanks, anything else as encoded words.
    pub fn text(&mut self, name: &str, value: &str) {
        if !self.folded(name, value) {
            header::text(&mut self.0, name, value);
        }
    }

    /// RFC 5322 §2.2.3. `false`, and nothing is written, if nobody could read the same out of it: it is no visible ASCII, begins or
    /// ends with a blank, may be taken for an encoded word (RFC 2047 §2), or cannot be cut into lines of at most 998 octets (§2.1.1).
    fn folded(&mut self, name: &str, value: &str) -> bool {
        let visible = value.bytes().all(|octet| matches!(octet, b' '..=b'~'));
        if !visible || value.trim() != value || value.contains("=?") {
            return false;
        }
        let mut field = format!("{name}:").into_bytes();
        let (mut line, mut blanks) = (field.len(), 1);
        for word in value.split(' ') {
            if word.is_empty() {
                blanks += 1;
                continue;
            }
            let length = blanks + word.len();
            if line + length > 76 && line > name.len() + 1 {
                field.extend_from_slice(b"\r\n");
                line = 0;
            }
            line += length;
            if line > 998 {
                return false;
            }
            field.extend(core::iter::repeat_n(b' ', blanks));
            field.extend_from_slice(word.as_bytes());
            blanks = 1;
        }
        self.0.append(&mut field);
        self.0.extend_from_slice(b"\r\n");
        true
    }

    /// A field of tokens between blanks, folded there. `false` if it cannot be written.
    #[must_use]
    pub fn tokens(&mut self, name: &str, value: &str) -> bool {
        if !value.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
            return false;
        }
        let mut line = name.len() + 1;
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b':');
        for token in value.split(' ').filter(|token| !token.is_empty()) {
            if line + token.len() > 76 && line > name.len() + 1 {
                self.0.extend_from_slice(b"\r\n");
                line = 0;
            }
            self.0.push(b' ');
            self.0.extend_from_slice(token.as_bytes());
            line += 1 + token.len();
        }
        self.0.extend_from_slice(b"\r\n");
        true
    }

    /// A field of mailboxes. `false` if an address is none that every mail program takes.
    #[must_use]
    pub fn mailboxes(&mut self, name: &str, mailboxes: &[Mailbox]) -> bool {
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b':');
        for (index, Mailbox { name, address }) in mailboxes.iter().enumerate() {
            if !header::is_address(address) || !address.is_ascii() {
                return false;
            }
            self.0.extend_from_slice(if index == 0 { b" " } else { b",\r\n " });
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b" !#$%&'*+-/=?^_`{|}~.,()@:;".contains(&b));
            if plain && name.len() <= 60 && !name.contains("=?") && name.trim() == name && !name.is_empty() {
                self.0.extend_from_slice(format!("\"{name}\" ").as_bytes());
            } else if !name.is_empty() {
                header::encoded_words(&mut self.0, name);
                self.0.extend_from_slice(b"\r\n ");
            }
            self.0.extend_from_slice(format!("<{address}>").as_bytes());
        }
        self.0.extend_from_slice(b"\r\n");
        true
    }

    /// The date (RFC 5322 §3.3), in UTC.
    pub fn date(&mut self, seconds: i64) {
        header::line(&mut self.0, "Date", &header::date(seconds));
    }

    /// Fields that are written already.
    pub fn raw(&mut self, fields: &[u8]) {
        self.0.extend_from_slice(fields);
    }

    /// The fields, each with its line end.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// A text part: as it is if it is short plain ASCII, else quoted-printable. `parameters` begins with `; ` or is empty.
pub fn text_entity(subtype: &str, text: &str, parameters: &str) -> Vec<u8> {
    let canonical = text.replace("\r\n", "\n");
    let visible = |line: &str| line.bytes().all(|octet| matches!(octet, b'\t' | b' '..=b'~'));
    let plain = |line: &str| {
        line.len() <= 76
            && visible(line)
            && !line.ends_with([' ', '\t'])
            && !line.starts_with("--")
            && !line.starts_with("From ")
    };
    let mut out = format!("Content-Type: text/{subtype}; charset=utf-8{parameters}\r\n").into_bytes();
    if canonical.split('\n').all(plain) {
        out.extend_from_slice(b"Content-Transfer-Encoding: 7bit\r\n\r\n");
        out.extend_from_slice(canonical.replace('\n', "\r\n").as_bytes());
    } else {
        out.extend_from_slice(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        for (index, line) in canonical.split('\n').enumerate() {
            if index > 0 {
                out.extend_from_slice(b"\r\n");
            }
            quoted_printable(&mut out, line);
        }
    }
    out
}

/// RFC 2045 §6.7, lines of at most 76 characters.
fn quoted_printable(out: &mut Vec<u8>, line: &str) {
    let octets = line.as_bytes();
    let mut column = 0;
    for (index, octet) in octets.iter().enumerate() {
        let last = index + 1 == octets.len();
        // Room for an escape and the mark of a soft line end.
        if column > 72 {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        let first = column == 0;
        let plain = match octet {
            b'=' => false,
            b' ' | b'\t' => !last,
            // `From ` would get a `>` in front, a lone dot may be lost, dashes look like a delimiter.
            b'F' | b'.' | b'-' => !first,
            other => matches!(other, b'!'..=b'~'),
        };
        let piece = if plain { vec![*octet] } else { format!("={octet:02X}").into_bytes() };
        column += piece.len();
        out.extend_from_slice(&piece);
    }
}

/// Appends a file, base64. Types that may not be encoded so become `application/octet-stream`. `rest` is waited for again and again
/// meanwhile.
pub async fn file_entity(out: &mut Vec<u8>, name: &str, mime_type: &str, data: &[u8], rest: &impl AsyncFn()) {
    out.extend_from_slice(format!("Content-Type: {}\r\n", allowed_type(mime_type)).as_bytes());
    out.extend_from_slice(b"Content-Disposition: attachment");
    header::parameter(out, "filename", name);
    out.extend_from_slice(b"\r\n");
    base64_body(out, data, rest).await;
}

/// What stands around the parts of a multipart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multipart {
    /// Before the first part.
    pub head: Vec<u8>,
    /// Between two parts.
    pub between: Vec<u8>,
    /// Behind the last one.
    pub end: Vec<u8>,
}

impl Multipart {
    /// `subtype` may have parameters; the boundary must be random.
    pub fn new(subtype: &str, boundary: &str) -> Self {
        let (kind, parameters) = subtype.split_once("; ").unwrap_or((subtype, ""));
        let parameters: String =
            parameters.split("; ").filter(|p| !p.is_empty()).map(|p| format!(";\r\n {p}")).collect();
        let between = format!("\r\n--{boundary}\r\n");
        let head = format!("Content-Type: multipart/{kind};\r\n boundary=\"{boundary}\"{parameters}\r\n{between}");
        Self { head: head.into(), between: between.into(), end: format!("\r\n--{boundary}--\r\n").into() }
    }
}

/// A multipart of parts that are written already. `subtype` and boundary are those of [`Multipart::new`].
pub fn multipart_entity(subtype: &str, boundary: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let Multipart { head, between, end } = Multipart::new(subtype, boundary);
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 80).sum::<usize>() + 200);
    for (index, part) in parts.iter().enumerate() {
        out.extend_from_slice(if index == 0 { &head } else { &between });
        out.extend_from_slice(part);
    }
    out.extend_from_slice(&end);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{Entity, Field, MailLimits};

    fn subject(value: &str) -> String {
        let mut writer = Writer::new();
        writer.text("Subject", value);
        let field = writer.into_bytes();
        let mail = [field.as_slice(), b"\r\n"].concat();
        let read = Entity::parse(&mail, &MailLimits::default()).ok();
        let read = read.and_then(|mail| mail.fields.only("Subject").map(Field::decoded));
        assert_eq!(read.as_deref(), Some(value));
        String::from_utf8_lossy(&field).into_owned()
    }

    #[test]
    fn visible_text_is_folded_where_it_has_blanks_and_encoded_only_if_it_cannot_be() {
        let words = "seven quiet herons ".repeat(20);
        let folded = subject(words.trim());
        assert!(folded.lines().count() > 4 && folded.lines().all(|line| line.len() <= 76 && !line.ends_with(' ')));
        assert_eq!(folded.replace("\r\n ", " "), format!("Subject: {}\r\n", words.trim()));
        assert_eq!(subject(&format!("a   {}", "b".repeat(76))), format!("Subject: a\r\n   {}\r\n", "b".repeat(76)));
        // `Subject: ` and 989 are 998.
        let longest = [("", 989, true), ("", 990, false), ("a ", 997, true), ("a ", 998, false)];
        for (before, length, is_folded) in longest {
            let field = subject(&format!("{before}{}", "x".repeat(length)));
            assert_eq!(!field.contains("=?"), is_folded, "{length}");
            assert!(field.lines().all(|line| line.len() <= 998));
        }
        for encoded in ["ä", " a", "a ", "a =?b"] {
            assert!(subject(encoded).starts_with("Subject: =?utf-8?B?"), "{encoded}");
        }
        assert_eq!(subject(""), "Subject:\r\n");
    }
}
