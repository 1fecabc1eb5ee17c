//! A message that another program hands over by HTTP. It is on the disk before it is known by whom it is signed, and is looked at
//! after that.

use super::Mailboxes;
use super::arrival::Incoming;
use super::listener::RECIPIENTS;
use crate::ciphertext::{NotReceived, Octets, receive};
use crate::envelope::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelock_mail::receive::{Client, Envelope, Recipient, Signed, Stored, WebhookSecrets, is_path};
use envelock_wire::{InboundMail, InboundOutcome};
use std::borrow::Cow;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

/// Octets of JSON around a message, most of them for its recipients.
const AROUND: u64 = 64 << 10;

/// Longest name of a client (a domain name, or an address literal).
const LONGEST_NAME: usize = 255;

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandoverRefusal {
    /// It is not known who sent it.
    #[error("wrong signature")]
    WrongSignature,
    /// It will never be taken.
    #[error("{0}")]
    Invalid(Cow<'static, str>),
    /// Somebody's mailbox takes it at another time.
    #[error("later")]
    Later,
    /// It did not arrive, or could not be stored.
    #[error(transparent)]
    NotReceived(#[from] Refusal),
}

impl From<NotReceived> for HandoverRefusal {
    fn from(cause: NotReceived) -> Self {
        Self::NotReceived(cause.into())
    }
}

impl From<io::Error> for HandoverRefusal {
    fn from(cause: io::Error) -> Self {
        NotReceived::from(cause).into()
    }
}

impl Mailboxes {
    /// Takes a request of so many octets; what became of its message for each recipient.
    pub(crate) async fn hand_over(
        &self,
        secrets: &WebhookSecrets,
        signed: Signed<'_>,
        length: u64,
        octets: Octets,
    ) -> Result<Vec<InboundOutcome>, HandoverRefusal> {
        // In base64 it is a third longer, and JSON may escape what is in it.
        let allowed = self.message_bytes;
        if length > allowed.saturating_mul(3) / 2 + AROUND {
            return Err(Refusal::TooLarge { allowed }.into());
        }
        let mut body = receive(&self.blobs, octets, length).await?;
        let (envelope, message) = {
            let _memory = self.memory(length.saturating_mul(2)).await?;
            let body = body.read_back().await?;
            if !secrets.signed(signed, &body, self.now()) {
                return Err(HandoverRefusal::WrongSignature);
            }
            let (envelope, octets) = read(&body)?;
            if envelope.size > allowed {
                return Err(Refusal::TooLarge { allowed }.into());
            }
            let mut message = Incoming::begin(self).await?.named(signed.id);
            message.take(&octets).await;
            (envelope, message)
        };
        self.deliver(envelope, message).await
    }

    async fn deliver(&self, mut envelope: Envelope, message: Incoming) -> Result<Vec<InboundOutcome>, HandoverRefusal> {
        let mut found = Vec::with_capacity(envelope.recipients.len());
        for address in &envelope.recipients {
            found.push(self.recipient(address).await);
        }
        let mut each = found.iter();
        envelope.recipients.retain(|_| each.next() == Some(&Recipient::Known));
        let (size, recipients) = (envelope.size, found.len());
        let stored = match envelope.recipients.is_empty() {
            true => Vec::new(),
            false => self.keep(message, envelope).await,
        };
        let kept = stored.iter().filter(|one| **one == Stored::Kept).count();
        tracing::info!(protocol = "webhook", size, recipients, kept, "a message arrived");
        let mut stored = stored.into_iter();
        found
            .into_iter()
            .map(|found| match found {
                Recipient::Known => match stored.next() {
                    Some(Stored::Kept) => Ok(InboundOutcome::Kept),
                    Some(Stored::Full) => Ok(InboundOutcome::Full),
                    _ => Err(HandoverRefusal::Later),
                },
                Recipient::Unknown | Recipient::Elsewhere => Ok(InboundOutcome::Unknown),
                Recipient::Closed => Ok(InboundOutcome::Closed),
                Recipient::Full => Ok(InboundOutcome::Full),
                Recipient::Later => Err(HandoverRefusal::Later),
            })
            .collect()
    }
}

fn invalid(what: impl Into<Cow<'static, str>>) -> HandoverRefusal {
    HandoverRefusal::Invalid(what.into())
}

/// Envelope and message.
fn read(body: &[u8]) -> Result<(Envelope, Vec<u8>), HandoverRefusal> {
    // Derived deserializers also take an array as the fields in order.
    if body.iter().find(|octet| !octet.is_ascii_whitespace()) != Some(&b'{') {
        return Err(invalid("The request must be a JSON object."));
    }
    let mail: InboundMail<'_> = serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))?;
    let InboundMail { client_address, client_name, sender, recipients, message } = mail;
    if !(1..=RECIPIENTS).contains(&recipients.len()) {
        return Err(invalid(format!("recipients: 1 to {RECIPIENTS} addresses")));
    }
    if let Some(place) = recipients.iter().position(|address| !is_path(address)) {
        return Err(invalid(format!("recipients: number {} is no address", place + 1)));
    }
    if !sender.is_empty() && !is_path(&sender) {
        return Err(invalid("sender: no address"));
    }
    let is_name = |name: &String| (1..=LONGEST_NAME).contains(&name.len()) && !name.chars().any(char::is_control);
    if client_name.as_ref().is_some_and(|name| !is_name(name)) {
        return Err(invalid("clientName: not the name of a server"));
    }
    let message = STANDARD.decode(message.as_bytes()).map_err(|_| invalid("message: not base64"))?;
    if has_bare_line_end(&message) {
        return Err(invalid("message: a CR or LF stands alone in it (RFC 5321, 2.3.8)"));
    }
    let address = client_address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let client = Client { address, name: client_name, tls: None };
    Ok((Envelope { client, sender, recipients, size: message.len() as u64 }, message))
}

/// Such a message could not be passed on by SMTP, and servers would disagree on where it ends.
fn has_bare_line_end(message: &[u8]) -> bool {
    let before = std::iter::once(&0).chain(message);
    let bare = |(before, octet): (&u8, &u8)| match (before, octet) {
        (b'\r', b'\n') => false,
        (b'\r', _) | (_, b'\n') => true,
        _ => false,
    };
    message.last() == Some(&b'\r') || before.zip(message).any(bare)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use serde_json::{Value, json};

    fn mail(change: impl FnOnce(&mut Value)) -> Result<(Envelope, Vec<u8>), HandoverRefusal> {
        let mut mail = json!({
            "clientAddress": "2001:db8::7",
            "clientName": "out.sender.example",
            "sender": "eve@sender.example",
            "recipients": ["anna@demo.example"],
            "message": STANDARD.encode("Subject: hi\r\n\r\nhi\r\n"),
        });
        change(&mut mail);
        read(&serde_json::to_vec(&mail).unwrap())
    }

    #[test]
    fn a_message_is_read_with_its_envelope() {
        let (envelope, message) = mail(|_| {}).unwrap();
        assert_eq!(message, b"Subject: hi\r\n\r\nhi\r\n");
        let client =
            Client { address: "2001:db8::7".parse().unwrap(), name: Some("out.sender.example".to_owned()), tls: None };
        let (sender, recipients) = ("eve@sender.example".to_owned(), vec!["anna@demo.example".to_owned()]);
        assert_eq!(envelope, Envelope { client, sender, recipients, size: 19 });
        // As PHP writes JSON.
        let body = br#"{"sender": "", "recipients": ["a@b.example"], "message": "\/\/8="}"#;
        let (envelope, message) = read(body).unwrap();
        assert_eq!((message, envelope.sender.as_str()), (vec![0xff, 0xff], ""));
        assert!(envelope.client.address.is_unspecified() && envelope.client.name.is_none());
    }

    #[test]
    fn what_is_none_is_refused_by_name() {
        let refused = |field: &str, value: Value| match mail(|mail| mail[field] = value) {
            Err(HandoverRefusal::Invalid(what)) => assert!(what.contains(field), "{what}"),
            _ => unreachable!("{field}"),
        };
        for (field, values) in [
            ("recipients", vec![json!([]), json!(["anna"]), json!(["a\n@b.example"]), json!(vec!["a@b.example"; 101])]),
            ("sender", vec![json!("eve"), json!("eve@"), json!("@sender.example"), json!("a\r\n@sender.example")]),
            ("clientName", vec![json!(""), json!("a\r\nb"), json!("a".repeat(256))]),
            ("message", vec![json!("hi there"), json!("aGk"), json!("aGk=\n"), json!(STANDARD.encode("a\nb"))]),
            ("unknown", vec![json!(1)]),
        ] {
            values.into_iter().for_each(|value| refused(field, value));
        }
        for bad in ["clientAddress", "sender", "recipients", "message"] {
            assert!(mail(|mail| mail[bad] = json!(7)).is_err(), "{bad}");
        }
        assert!(read(b"").is_err() && read(b"[]").is_err());
        assert!(read(br#"[null, null, "", ["a@b.example"], ""]"#).is_err());
    }

    #[test]
    fn lines_end_as_in_mail() {
        for (message, expected) in [
            ("", false),
            ("a", false),
            ("a\r\n\r\n", false),
            ("\n", true),
            ("a\nb", true),
            ("\r\r\n", true),
            ("a\r", true),
            ("\ra", true),
        ] {
            assert_eq!(has_bare_line_end(message.as_bytes()), expected, "{}", message.escape_debug());
        }
    }
}
