//! What may be sent: a message of its writer's own, as every server reads it the same.

use envelock_mail::deliver::Content;
use envelock_mail::sign::SigningKeys;
use envelock_mail::validation::author;

/// Longest line (RFC 5321 §4.5.3.1.6), its end not counted.
const LINE: usize = 998;

/// Why a message is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadMessage {
    /// Programs read it in more than one way, or not at all.
    #[error(
        "the message is not as RFC 5322 wants it: lines end with CR LF, have 998 octets at most and no NUL, and a header stands before an empty line"
    )]
    Form,
    /// It says that it is from somebody else, or from nobody, or it says so twice.
    #[error("the message must have one From with the account's own address, and no Sender with another")]
    Author,
}

/// The message with its signatures, without the fields that name those who are not to be named (RFC 5322 §3.6.3).
pub(super) fn signed(message: &[u8], address: &str, domain: &str, keys: &SigningKeys) -> Result<Vec<u8>, BadMessage> {
    let is_sound = |line: &[u8]| line.len() <= LINE + 2 && !line.contains(&0);
    if Content::new(message).is_err() || !message.split_inclusive(|octet| *octet == b'\n').all(is_sound) {
        return Err(BadMessage::Form);
    }
    let end = message.windows(4).position(|four| four == b"\r\n\r\n").ok_or(BadMessage::Form)?;
    let (header, body) = message.split_at_checked(end + 2).ok_or(BadMessage::Form)?;
    let own = author(message).ok_or(BadMessage::Author)?;
    if !is_same(&own, address) || fields(header).any(|field| is_sender_of_another(field, address)) {
        return Err(BadMessage::Author);
    }
    let mut kept: Vec<u8> = fields(header).filter(|field| !has_name(field, b"bcc")).flatten().copied().collect();
    kept.extend_from_slice(body);
    let mut whole = keys.sign(&kept, domain).map_err(|_| BadMessage::Form)?.into_bytes();
    whole.append(&mut kept);
    Ok(whole)
}

/// The fields of a header, each with the lines that go on with it.
fn fields(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = header;
    std::iter::from_fn(move || {
        let lines = rest.split_inclusive(|octet| *octet == b'\n');
        let goes_on = |line: &&[u8]| line.starts_with(b" ") || line.starts_with(b"\t");
        let length = lines.enumerate().take_while(|(index, line)| *index == 0 || goes_on(line));
        let length: usize = length.map(|(_, line)| line.len()).sum();
        let (field, after) = rest.split_at_checked(length)?;
        rest = after;
        (!field.is_empty()).then_some(field)
    })
}

fn has_name(field: &[u8], name: &[u8]) -> bool {
    field.split(|octet| *octet == b':').next().is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// Read as a From would be, by the same parser.
fn is_sender_of_another(field: &[u8], address: &str) -> bool {
    let Some(value) = field.splitn(2, |octet| *octet == b':').nth(1).filter(|_| has_name(field, b"sender")) else {
        return false;
    };
    author(&[b"From:", value, b"\r\n"].concat()).is_none_or(|sender| !is_same(&sender, address))
}

/// As accounts are compared; domains in letters and as A-labels are the same.
fn is_same(one: &str, other: &str) -> bool {
    let key = |address: &str| {
        let (local, domain) = address.rsplit_once('@')?;
        Some((local.to_lowercase(), idna::domain_to_ascii(domain).ok()?))
    };
    key(one).is_some_and(|one| key(other) == Some(one))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use envelock_mail::sign::generate;

    fn sent(message: &str) -> Result<String, BadMessage> {
        let keys = SigningKeys::from_pem(generate().unwrap().as_bytes()).unwrap();
        let whole = signed(message.as_bytes(), "anna@example.org", "example.org", &keys)?;
        let text = String::from_utf8(whole).unwrap();
        let at = text.find("\r\nFrom:").unwrap() + 2;
        assert_eq!(text.get(..at).unwrap().matches("DKIM-Signature:").count(), 2);
        Ok(text.get(at..).unwrap().to_owned())
    }

    #[test]
    fn who_is_not_to_be_named_is_not() {
        let message = "From: Anna <Anna@Example.org>\r\nBcc: c@example.net,\r\n\td@example.net\r\nSubject: hi\r\nbCC: e@x\r\n\r\nBcc: body\r\n";
        let kept = "From: Anna <Anna@Example.org>\r\nSubject: hi\r\n\r\nBcc: body\r\n";
        assert_eq!(sent(message).as_deref(), Ok(kept));
    }

    #[test]
    fn nobody_writes_in_the_name_of_another() {
        for header in [
            "From: boss@example.org",
            "From: anna@example.org, boss@example.org",
            "From: anna@example.org\r\nFrom: boss@example.org",
            "From: anna@example.org\r\nSender: boss@example.org",
            "From: anna@example.org\r\nSender: anna@example.org, boss@example.org",
            "From: anna@example.org.evil.example",
            "From: \"anna@example.org\" <boss@example.org>",
            "Subject: nobody",
            "From: anna@example.org\r\nFr om: boss@example.org",
        ] {
            assert_eq!(sent(&format!("{header}\r\n\r\nhi\r\n")), Err(BadMessage::Author), "{header}");
        }
        assert!(sent("From: anna@example.org\r\nSender: Anna <anna@example.org>\r\n\r\nhi").is_ok());
    }

    #[test]
    fn what_servers_read_differently_is_not_taken() {
        let long = format!("From: anna@example.org\r\n\r\n{}\r\n", "x".repeat(999));
        for message in [
            "From: anna@example.org\n\nhi\n",
            "From: anna@example.org\r\n\r\nhi\n.\r\nMAIL FROM:<x@y>\r\n",
            "From: anna@example.org\r\n\r\n\0",
            "From: anna@example.org\r\n",
            "",
            &long,
        ] {
            assert_eq!(sent(message), Err(BadMessage::Form), "{message:?}");
        }
    }
}
