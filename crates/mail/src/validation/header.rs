//! Who a message says it is from, and what is odd about how it says so.
//!
//! Programs differ in what they take for a field name, and in which of two From fields they show. What is checked here has to be what
//! people see, so the header is read by the same parser that the webmail reads it with, and wherever a second reading is possible that is
//! told ([`Oddity`]).

use super::evidence::Oddity;
use envelock_mime::Mailbox;
use envelock_mime::mail::{Entity, MailLimits, mailboxes};

/// Fields that people see, or by which what they see is made, and of which there may be one (RFC 5322 §3.6, RFC 2045 §3); From is told apart.
const ONCE: [&str; 8] =
    ["Subject", "Date", "To", "Cc", "Reply-To", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"];

/// What the header says of the author.
pub(super) struct Author {
    /// Domain of the one address, as A-labels in lower case.
    pub(super) domain: Option<String>,
    /// The one address.
    pub(super) address: Option<String>,
    /// The name it stands with.
    pub(super) name: String,
    /// What is odd.
    pub(super) oddities: Vec<Oddity>,
}

impl Author {
    /// Reads it from a message.
    pub(super) fn of(message: &[u8]) -> Self {
        let mut oddities = Vec::new();
        if !names_are_sound(message) {
            oddities.push(Oddity::BadFieldName);
        }
        let Ok(entity) = Entity::parse(message, &MailLimits::default()) else {
            oddities.push(Oddity::NoAuthor);
            return Self { domain: None, address: None, name: String::new(), oddities };
        };
        let fields: Vec<String> = entity.fields.all("From").map(|field| field.unfolded()).collect();
        let authors: Vec<Mailbox> = fields.iter().flat_map(|field| mailboxes(field)).collect();
        if fields.len() > 1 {
            oddities.push(Oddity::SeveralFrom);
        }
        if ONCE.iter().any(|name| entity.fields.all(name).nth(1).is_some()) {
            oddities.push(Oddity::DoubledField);
        }
        let (address, name) = match authors.as_slice() {
            [] => {
                oddities.push(Oddity::NoAuthor);
                (None, String::new())
            }
            [one] if fields.len() == 1 => (Some(one.address.clone()), one.name.clone()),
            _ => {
                oddities.push(Oddity::SeveralAuthors);
                (None, String::new())
            }
        };
        let domain = address.as_deref().and_then(domain_of);
        if address.is_some() && domain.is_none() {
            oddities.push(Oddity::NoAuthor);
        }
        Self { domain, address, name, oddities }
    }
}

/// The one address a message says it is from; `None` if it says nothing, several, or what can be read in two ways.
pub fn author(message: &[u8]) -> Option<String> {
    let author = Author::of(message);
    author.address.filter(|_| author.oddities.iter().all(|oddity| *oddity == Oddity::DoubledField))
}

/// The domain of an address, as A-labels in lower case (RFC 5890); `None` if it is no domain name.
pub(super) fn domain_of(address: &str) -> Option<String> {
    let (_, domain) = address.rsplit_once('@')?;
    idna::domain_to_ascii(domain.trim_end_matches('.')).ok().filter(|domain| !domain.is_empty())
}

/// Whether every line of the header section begins a field or goes on with one (RFC 5322 §2.2).
fn names_are_sound(message: &[u8]) -> bool {
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.first() {
            None => return true,
            Some(b' ' | b'\t') => continue,
            Some(_) => {}
        }
        let name = line.split(|octet| *octet == b':').next().unwrap_or_default();
        if name.is_empty() || name.len() == line.len() || !name.iter().all(u8::is_ascii_graphic) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{Author, Oddity};

    fn read(message: &str) -> (Option<String>, Vec<Oddity>) {
        let author = Author::of(message.as_bytes());
        (author.domain, author.oddities)
    }

    #[test]
    fn one_author_has_one_domain() {
        let plain = read("From: Anna <anna@Example.ORG>\r\nSubject: hi\r\n\r\nFrom: x\r\n");
        assert_eq!(plain, (Some("example.org".into()), vec![]));
        let umlaut = read("From: anna@b\u{fc}cher.example\r\n\r\n");
        assert_eq!(umlaut, (Some("xn--bcher-kva.example".into()), vec![]));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_told() {
        let two = read("From: a@board.example\r\nFrom: b@evil.example\r\n\r\n");
        assert_eq!(two, (None, vec![Oddity::SeveralFrom, Oddity::SeveralAuthors]));
        let list = read("From: a@board.example, b@evil.example\r\n\r\n");
        assert_eq!(list, (None, vec![Oddity::SeveralAuthors]));
        assert_eq!(read("Subject: hi\r\n\r\n"), (None, vec![Oddity::NoAuthor]));
        assert_eq!(read("From: nobody\r\n\r\n"), (None, vec![Oddity::NoAuthor]));
        for name in ["Fr om", "Sub\tject", "From ", "S\u{fc}bject", ""] {
            let (_, oddities) = read(&format!("From: a@board.example\r\n{name}: b\r\n\r\n"));
            assert!(oddities.contains(&Oddity::BadFieldName), "{name:?}");
        }
        assert!(read("From: a@board.example\r\nno colon\r\n\r\n").1.contains(&Oddity::BadFieldName));
    }

    #[test]
    fn what_stands_there_twice_is_told() {
        for name in ["Subject", "subject", "Date", "Content-Type", "To"] {
            let doubled = read(&format!("{name}: a\r\nFrom: a@board.example\r\n{name}: b\r\n\r\n"));
            assert_eq!(doubled, (Some("board.example".into()), vec![Oddity::DoubledField]), "{name}");
        }
        let many = read("Received: a\r\nReceived: b\r\nFrom: a@board.example\r\nSubject: a\r\n\r\nSubject: b\r\n");
        assert_eq!(many.1, vec![]);
    }
}
