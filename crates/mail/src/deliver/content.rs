//! What travels behind DATA (RFC 5321 §4.5.2).

/// A message whose lines end with CR LF and nothing else, as it travels: dots at the beginning of lines doubled, with its end.
#[derive(Debug, PartialEq, Eq)]
pub struct Content(Vec<u8>);

/// A CR or LF stands alone. Servers differ in what they take that for, so that what is behind it could become a message of its own
/// (CVE-2023-51764): such a message is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a CR or LF stands alone in the message")]
pub struct BareLineEnd;

impl Content {
    /// Makes a message ready to travel.
    ///
    /// # Errors
    /// [`BareLineEnd`].
    pub fn new(message: &[u8]) -> Result<Self, BareLineEnd> {
        let mut content = Vec::with_capacity(message.len() + message.len() / 64 + 5);
        for line in message.split_inclusive(|octet| *octet == b'\n') {
            let text = match line.strip_suffix(b"\r\n") {
                Some(text) => text,
                // Only the last line may want its end.
                None if line.ends_with(b"\n") => return Err(BareLineEnd),
                None => line,
            };
            if text.contains(&b'\r') {
                return Err(BareLineEnd);
            }
            if text.starts_with(b".") {
                content.push(b'.');
            }
            content.extend_from_slice(text);
            content.extend_from_slice(b"\r\n");
        }
        content.extend_from_slice(b".\r\n");
        Ok(Self(content))
    }

    /// The octets, end included.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is more than ASCII in it (8BITMIME, RFC 6152).
    pub fn is_8bit(&self) -> bool {
        !self.0.is_ascii()
    }
}

#[cfg(test)]
mod tests {
    use super::{BareLineEnd, Content};

    #[test]
    fn dots_are_doubled_and_the_end_is_one() {
        let content = Content::new(b"a\r\n.\r\n..b\r\n.c");
        assert_eq!(content.as_ref().map(Content::octets), Ok(&b"a\r\n..\r\n...b\r\n..c\r\n.\r\n"[..]));
        assert_eq!(Content::new(b"").as_ref().map(Content::octets), Ok(&b".\r\n"[..]));
    }

    #[test]
    fn what_servers_read_differently_is_not_sent() {
        for message in ["a\n.\nb", "a\r.\rb", "a\n.\r\nb", "a\r\n.\nb", "\n", "\r", "a\r\r\n"] {
            assert_eq!(Content::new(message.as_bytes()), Err(BareLineEnd), "{message:?}");
        }
    }
}
