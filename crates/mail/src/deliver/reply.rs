//! Replies of servers (RFC 5321 §4.2, RFC 2034).

use serde::{Deserialize, Serialize};

/// Longest line, and most octets of one reply that are read.
const LONGEST_LINE: usize = 2048;
const LARGEST: usize = 16 << 10;

/// A reply. Its text is a stranger's: for people to read, cut and without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Three digits.
    pub code: u16,
    /// Its lines, without code.
    pub lines: Vec<String>,
}

/// What stands at the front of the octets at hand.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Front {
    /// A reply, and how many octets it took.
    Whole(Reply, usize),
    /// Not whole yet.
    Unfinished,
    /// No reply of SMTP.
    Malformed,
}

impl Reply {
    /// It was done.
    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// It will never be done (5xx), as far as the server knows.
    pub fn is_permanent(&self) -> bool {
        (500..600).contains(&self.code)
    }

    /// Whether a line of a reply to EHLO names this extension; gives what stands behind it.
    pub(super) fn extension(&self, name: &str) -> Option<&str> {
        self.lines.iter().skip(1).find_map(|line| {
            let (keyword, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
            keyword.eq_ignore_ascii_case(name).then_some(rest)
        })
    }

    pub(super) fn take(octets: &[u8]) -> Front {
        let (mut lines, mut taken, mut code) = (Vec::new(), 0, None);
        while let Some(rest) = octets.get(taken..) {
            let Some(end) = rest.iter().take(LONGEST_LINE).position(|octet| *octet == b'\n') else {
                let is_endless = rest.len() >= LONGEST_LINE || taken > LARGEST;
                return if is_endless { Front::Malformed } else { Front::Unfinished };
            };
            taken += end + 1;
            let line = rest.get(..end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let Some((digits, text)) = line.split_at_checked(3) else { return Front::Malformed };
            let number =
                std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|one| one.is_ascii_digit()));
            let Some(number) = number.and_then(|digits| digits.parse::<u16>().ok()) else { return Front::Malformed };
            if *code.get_or_insert(number) != number || !(200..600).contains(&number) || taken > LARGEST {
                return Front::Malformed;
            }
            let (is_last, text) = match text.split_first() {
                None => (true, text),
                Some((b' ', text)) => (true, text),
                Some((b'-', text)) => (false, text),
                Some(_) => return Front::Malformed,
            };
            lines.push(String::from_utf8_lossy(text).chars().filter(|one| !one.is_control()).collect());
            if is_last {
                return Front::Whole(Reply { code: number, lines }, taken);
            }
        }
        Front::Unfinished
    }
}

#[cfg(test)]
mod tests {
    use super::{Front, Reply};

    #[test]
    fn a_reply_has_one_code_and_ends() {
        let reply = |code, lines: &[&str]| Reply { code, lines: lines.iter().map(|line| (*line).to_owned()).collect() };
        assert_eq!(Reply::take(b"250-a\r\n250 STARTTLS\r\n220"), Front::Whole(reply(250, &["a", "STARTTLS"]), 21));
        assert_eq!(Reply::take(b"354\r\n"), Front::Whole(reply(354, &[""]), 5));
        assert_eq!(Reply::take(b"250-a\r\n"), Front::Unfinished);
        for malformed in ["250-a\r\n251 b\r\n", "25\r\n", "abc\r\n", "250:a\r\n", "199 a\r\n", "HTTP/1.1 200 OK\r\n"] {
            assert_eq!(Reply::take(malformed.as_bytes()), Front::Malformed, "{malformed}");
        }
        assert_eq!(Reply::take(&[b'2'; 3000]), Front::Malformed);
        assert_eq!(Reply::take("250-a\r\n".repeat(4000).as_bytes()), Front::Malformed);
        assert_eq!(Reply::take(b"550 \x1b[31mred\x07\r\n"), Front::Whole(reply(550, &["[31mred"]), 15));
    }
}
