//! What each command does (RFC 5321 §4.1; STARTTLS: RFC 3207; BDAT: RFC 3030; XFORWARD: see [`forwarded`](super::forwarded)).

use super::forwarded::Forwarded;
use super::reply::{self, reply_lines};
use super::session::{Event, Opening, Question, Session, Unwanted};
use super::{Envelope, Protocol};
use smtp_proto::{Error, MAIL_BODY_BINARYMIME, MailFrom, RcptTo, Request};
use std::borrow::Cow;

/// Longest path, and longest local part of it (RFC 5321 §4.5.3.1).
const LONGEST_PATH: usize = 256;
const LONGEST_LOCAL_PART: usize = 64;
/// Longest name of a client (a domain name, or an address literal).
const LONGEST_NAME: usize = 255;
/// Most digits of a number of octets (RFC 1870 §4, RFC 3030 §2).
const MOST_DIGITS: usize = 20;
/// The one mailbox that has a name without a domain (RFC 5321 §4.5.1), as [`Event::Recipient`] asks about it.
pub const POSTMASTER: &str = "postmaster";

impl Session {
    /// One line from the client, without its end.
    pub(super) fn command(&mut self, line: &[u8]) {
        if let Some(attributes) = argument(line, "XFORWARD") {
            return self.forwarded(attributes);
        }
        if has_endless_number(line) {
            return self.fault(reply::BAD_ARGUMENT);
        }
        // The parser makes an empty path of it, which as a sender is something else.
        let is_postmaster = path(line).is_some_and(|path| path.eq_ignore_ascii_case(POSTMASTER.as_bytes()));
        let mut line = line.to_vec();
        line.extend_from_slice(b"\r\n");
        match Request::parse(&mut line.iter()) {
            Ok(Request::Mail { .. }) if is_postmaster => self.fault(reply::BAD_ARGUMENT),
            Ok(Request::Rcpt { to }) if is_postmaster => {
                self.request(Request::Rcpt { to: RcptTo { address: POSTMASTER.into(), ..to } });
            }
            Ok(request) => self.request(request),
            Err(Error::UnsupportedParameter { .. }) => self.fault(reply::UNSUPPORTED),
            Err(Error::UnknownCommand | Error::InvalidResponse { .. }) => self.fault(reply::UNKNOWN_COMMAND),
            Err(_) => self.fault(reply::BAD_ARGUMENT),
        }
    }

    fn request(&mut self, request: Request<Cow<'_, str>>) {
        let is_lmtp = self.rules.protocol == Protocol::Lmtp;
        match request {
            Request::Lhlo { host } if is_lmtp => self.greet(&host, true),
            Request::Ehlo { .. } | Request::Helo { .. } if is_lmtp => self.fault(reply::LMTP_GREETS),
            Request::Ehlo { host } => self.greet(&host, true),
            Request::Helo { host } => self.greet(&host, false),
            Request::Noop { .. } => self.say(reply::OK),
            Request::Rset => {
                self.reset();
                self.say(reply::OK);
            }
            Request::Quit => self.end(reply::GOODBYE),
            Request::Vrfy { .. } => self.say(reply::NOT_ASKED),
            Request::StartTls if self.rules.has_tls && self.client.tls.is_none() && self.greeted => self.start_tls(),
            _ if !self.greeted => self.fault(reply::GREET_FIRST),
            Request::Mail { from } => self.mail(from),
            Request::Rcpt { to } => self.rcpt(to),
            Request::Data => self.data(),
            Request::Bdat { chunk_size, is_last } => self.bdat(chunk_size, is_last),
            _ => self.fault(reply::NOT_HERE),
        }
    }

    fn greet(&mut self, name: &str, is_extended: bool) {
        if name.is_empty() || name.len() > LONGEST_NAME {
            return self.fault(reply::BAD_ARGUMENT);
        }
        self.reset();
        (self.greeted, self.client.name) = (true, Some(name.to_owned()));
        let mut lines = vec![self.rules.hostname.clone()];
        if is_extended {
            lines.extend(["PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES"].map(str::to_owned));
            lines.push(format!("SIZE {}", self.rules.size));
            if self.client.tls.is_some() {
                lines.push("REQUIRETLS".to_owned());
            } else if self.rules.has_tls {
                lines.push("STARTTLS".to_owned());
            }
            if self.rules.is_forwarder {
                lines.push("XFORWARD NAME ADDR PORT PROTO HELO SOURCE IDENT".to_owned());
            }
        }
        self.events.push_back(Event::Write(reply_lines(250, &lines)));
    }

    /// Whatever came with the command came in the clear, from anybody: it must not be taken for what is said under TLS (CVE-2011-0411).
    fn start_tls(&mut self) {
        if !self.input.is_empty() {
            return self.end(reply::PIPELINED_TLS);
        }
        self.reset();
        self.say(reply::READY_FOR_TLS);
        self.ask(Question::Tls, Event::StartTls);
    }

    fn forwarded(&mut self, attributes: &str) {
        if !self.rules.is_forwarder {
            return self.fault(reply::NOT_HERE);
        }
        if self.envelope.is_some() {
            return self.fault(reply::OUT_OF_TURN);
        }
        match Forwarded::parse(attributes) {
            Some(more) => {
                self.forwarded = std::mem::take(&mut self.forwarded).and(more);
                self.say(reply::OK);
            }
            None => self.fault(reply::BAD_ARGUMENT),
        }
    }

    fn mail(&mut self, from: MailFrom<Cow<'_, str>>) {
        if self.envelope.is_some() {
            return self.fault(reply::OUT_OF_TURN);
        }
        if !from.address.is_empty() && !is_path(&from.address) {
            return self.fault(reply::BAD_ARGUMENT);
        }
        if from.flags & MAIL_BODY_BINARYMIME != 0 {
            return self.fault(reply::UNSUPPORTED);
        }
        if from.size as u64 > self.rules.size {
            return self.fault(reply::TOO_LARGE);
        }
        let mut client = self.client.clone();
        let forwarded = std::mem::take(&mut self.forwarded);
        if let Some(address) = forwarded.address {
            // What was said of the server in front of ours is not of the client.
            (client.address, client.name, client.tls) = (address, forwarded.name, None);
        }
        let sender = from.address.into_owned();
        self.envelope = Some(Envelope { client, sender, recipients: Vec::new(), size: 0 });
        self.say(reply::SENDER_OK);
    }

    fn rcpt(&mut self, to: RcptTo<Cow<'_, str>>) {
        let Some(envelope) = &self.envelope else { return self.fault(reply::OUT_OF_TURN) };
        if to.address.ends_with('.') {
            return self.fault(reply::DOT_AT_END);
        }
        if to.address != POSTMASTER && !is_path(&to.address) {
            return self.fault(reply::BAD_ARGUMENT);
        }
        // Once for each: with LMTP every accepted command has an answer of its own in the end.
        if self.rules.protocol == Protocol::Smtp && envelope.recipients.iter().any(|known| *known == to.address) {
            return self.say(reply::RECIPIENT_OK);
        }
        if envelope.recipients.len() >= self.rules.recipients {
            return self.fault(reply::TOO_MANY_RECIPIENTS);
        }
        let address = to.address.into_owned();
        self.ask(Question::Recipient(address.clone()), Event::Recipient(address));
    }

    fn data(&mut self) {
        match &self.envelope {
            None => self.fault(reply::OUT_OF_TURN),
            // After chunks there is no DATA (RFC 3030 §2).
            Some(_) if self.is_open || self.unwanted.is_some() => self.fault(reply::OUT_OF_TURN),
            Some(envelope) if envelope.recipients.is_empty() => self.fault(reply::NO_RECIPIENT),
            Some(_) => self.ask(Question::Open(Opening::Data), Event::Open),
        }
    }

    /// The octets of a chunk follow, wanted or not (RFC 3030 §2).
    fn bdat(&mut self, length: usize, last: bool) {
        let has_recipient = self.envelope.as_ref().is_some_and(|envelope| !envelope.recipients.is_empty());
        if !has_recipient {
            self.unwanted = Some(Unwanted::NoRecipient);
        }
        match self.unwanted.is_none() && !self.is_open {
            true => self.ask(Question::Open(Opening::Chunk { length, last }), Event::Open),
            false => self.chunk(length, last),
        }
    }
}

/// What stands behind a command, if it is this one.
fn argument<'l>(line: &'l [u8], command: &str) -> Option<&'l str> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, argument) = line.split_once(' ')?;
    name.eq_ignore_ascii_case(command).then_some(argument)
}

/// What stands between the first angle brackets, as it was written.
fn path(line: &[u8]) -> Option<&[u8]> {
    line.splitn(2, |octet| *octet == b'<').nth(1)?.split(|octet| *octet == b'>').next()
}

/// Whether a number is longer than one may be. The parser begins it anew where it no longer fits: `SIZE=` and 21 digits would be few octets.
fn has_endless_number(line: &[u8]) -> bool {
    let mut values = line.split(u8::is_ascii_whitespace).filter_map(|word| word.rsplit(|octet| *octet == b'=').next());
    values.any(|value| value.len() > MOST_DIGITS && value.iter().all(u8::is_ascii_digit))
}

/// Whether this is a local part and a domain, no longer than they may be (RFC 5321 §4.5.3.1) and without control characters.
pub fn is_path(address: &str) -> bool {
    let Some((local_part, domain)) = address.rsplit_once('@') else { return false };
    (1..=LONGEST_LOCAL_PART).contains(&local_part.len())
        && !domain.is_empty()
        && address.len() <= LONGEST_PATH
        && !address.chars().any(char::is_control)
}
