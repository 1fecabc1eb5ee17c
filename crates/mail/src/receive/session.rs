//! One conversation with a client that brings mail (RFC 5321; LMTP: RFC 2033), as a state machine: octets in, events out.
//!
//! It knows no sockets, no clock and no database. Whoever drives it reads, writes, waits and stores, and tells it what came of that:
//! [`Event`] says what is to be done next. Nobody logs in here and nothing is passed on: there is no AUTH, and a recipient is a mailbox of
//! this server or refused.

use super::content::ContentReader;
use super::forwarded::Forwarded;
use super::line::{self, Line};
use super::reply::{self, reply};
use super::{Client, Envelope, Protocol, Rules};
use std::collections::VecDeque;

/// Octets of content that are handed over at once.
const PIECE: usize = 64 << 10;

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// Read more and [`feed`](Session::feed) it.
    Read,
    /// Write this to the client.
    Write(Vec<u8>),
    /// Begin TLS as a server, then tell [`secured`](Session::secured). The client's octets from here on are of TLS.
    StartTls,
    /// Find out whether this address, or [`POSTMASTER`](super::POSTMASTER), is a mailbox of the server, then tell
    /// [`recipient`](Session::recipient).
    Recipient(String),
    /// Make room for a message that is to come, then tell [`opened`](Session::opened).
    Open,
    /// A piece of that message.
    Content(Vec<u8>),
    /// The message is whole: store it, then tell [`stored`](Session::stored).
    Store(Envelope),
    /// The message will not come to its end: give up what there is of it.
    Discard,
    /// The conversation is over.
    Close,
}

/// What became of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// It is a mailbox of this server.
    Known,
    /// Its domain is of this server, the mailbox is not there.
    Unknown,
    /// Its domain is not of this server.
    Elsewhere,
    /// It is there and takes no mail for now.
    Closed,
    /// It is there and has no room.
    Full,
    /// That could not be found out now.
    Later,
}

/// What became of a message, for each recipient in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is on the disk: the client may forget it.
    Kept,
    /// Not now; the client keeps it and tries again.
    Later,
    /// The mailbox has no room for it.
    Full,
    /// Never.
    Refused,
}

/// Why the server ends a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The client takes too long.
    TooSlow,
    /// The server stops, or has too many clients.
    TooBusy,
}

/// Where the conversation is.
#[derive(Debug)]
pub(super) enum Stage {
    /// Waiting for a command.
    Command,
    /// Waiting for an answer of whoever drives it.
    Asked(Question),
    /// Within the content that DATA began.
    Content(ContentReader),
    /// Within a chunk that BDAT began, with so many octets to come.
    Chunk { left: usize, last: bool },
    /// Over.
    Closed,
}

#[derive(Debug)]
pub(super) enum Question {
    Recipient(String),
    Open(Opening),
    Store,
    Tls,
}

/// What begins once there is room for a message.
#[derive(Debug, Clone, Copy)]
pub(super) enum Opening {
    Data,
    Chunk { length: usize, last: bool },
}

/// Why the message under way will not be stored, once it is read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwanted {
    TooLarge,
    NoRecipient,
    NoRoom,
}

/// A conversation.
pub struct Session {
    pub(super) rules: Rules,
    pub(super) client: Client,
    pub(super) input: Vec<u8>,
    stage: Stage,
    pub(super) events: VecDeque<Event>,
    pub(super) greeted: bool,
    pub(super) envelope: Option<Envelope>,
    /// A message is open at whoever drives this.
    pub(super) is_open: bool,
    size: u64,
    pub(super) unwanted: Option<Unwanted>,
    /// What a mail server in front of ours said of the next message.
    pub(super) forwarded: Forwarded,
    faults: u32,
}

impl Session {
    /// A conversation that has just begun. Its first event is the greeting.
    pub fn new(rules: Rules, client: Client) -> Self {
        let greeting = format!("220 {} {} ready\r\n", rules.hostname, rules.protocol.name());
        Self {
            rules,
            client,
            input: Vec::new(),
            stage: Stage::Command,
            events: VecDeque::from([Event::Write(greeting.into_bytes())]),
            greeted: false,
            envelope: None,
            is_open: false,
            size: 0,
            unwanted: None,
            forwarded: Forwarded::default(),
            faults: 0,
        }
    }

    /// What the client sent.
    pub fn feed(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
    }

    /// What is to be done next. After an event that asks something, its answer comes first; without one the conversation ends.
    pub fn next_event(&mut self) -> Event {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            match &mut self.stage {
                Stage::Command => match line::take(&self.input) {
                    Line::Unfinished => return Event::Read,
                    Line::Whole(line, length) => {
                        self.input.drain(..length);
                        self.command(&line);
                    }
                    Line::Malformed(length) => {
                        self.input.drain(..length);
                        self.fault(reply::BAD_LINE_END);
                    }
                    Line::TooLong => self.end(reply::LINE_TOO_LONG),
                },
                Stage::Content(_) | Stage::Chunk { .. } => {
                    if self.input.is_empty() {
                        return Event::Read;
                    }
                    self.content();
                }
                Stage::Asked(_) | Stage::Closed => {
                    self.stage = Stage::Closed;
                    self.discard();
                    return self.events.pop_front().unwrap_or(Event::Close);
                }
            }
        }
    }

    /// TLS has begun: everything said before is forgotten (RFC 3207 §4.2).
    pub fn secured(&mut self, tls: super::Secured) {
        if let Stage::Asked(Question::Tls) = self.stage {
            self.client.tls = Some(tls);
            self.client.name = None;
            (self.greeted, self.envelope, self.stage) = (false, None, Stage::Command);
        }
    }

    /// What became of [`Event::Recipient`].
    pub fn recipient(&mut self, found: Recipient) {
        let Stage::Asked(Question::Recipient(address)) = std::mem::replace(&mut self.stage, Stage::Command) else {
            return self.end(reply::LATER);
        };
        match (found, &mut self.envelope) {
            (Recipient::Known, Some(envelope)) => {
                envelope.recipients.push(address);
                self.say(reply::RECIPIENT_OK);
            }
            (Recipient::Unknown, _) => self.fault(reply::NO_MAILBOX),
            (Recipient::Elsewhere, _) => self.fault(reply::NO_RELAY),
            (Recipient::Closed, _) => self.say(reply::MAILBOX_CLOSED),
            (Recipient::Full, _) => self.say(reply::MAILBOX_FULL),
            (Recipient::Later, _) | (Recipient::Known, None) => self.say(reply::LATER),
        }
    }

    /// Whether there is room for the message.
    pub fn opened(&mut self, has_room: bool) {
        let Stage::Asked(Question::Open(opening)) = std::mem::replace(&mut self.stage, Stage::Command) else {
            return self.end(reply::LATER);
        };
        self.is_open = has_room;
        match opening {
            Opening::Data if !has_room => {
                self.envelope = None;
                self.say(reply::LATER);
            }
            Opening::Data => {
                self.stage = Stage::Content(ContentReader::new());
                self.say(reply::GO_AHEAD);
            }
            Opening::Chunk { length, last } => {
                if !has_room {
                    self.unwanted = Some(Unwanted::NoRoom);
                }
                self.chunk(length, last);
            }
        }
    }

    /// What became of the message: one answer for each recipient. SMTP has one reply for all, so that what is not kept for everybody has to
    /// come again; the mailbox tells twins apart.
    pub fn stored(&mut self, stored: &[Stored]) {
        let Stage::Asked(Question::Store) = std::mem::replace(&mut self.stage, Stage::Command) else {
            return self.end(reply::LATER);
        };
        self.is_open = false;
        let said = |stored: &Stored| match stored {
            Stored::Kept => reply::OK,
            Stored::Later => reply::LATER,
            Stored::Full => reply::MAILBOX_FULL,
            Stored::Refused => reply::REFUSED,
        };
        match self.rules.protocol {
            Protocol::Lmtp => stored.iter().for_each(|one| self.say(said(one))),
            Protocol::Smtp => {
                let worst = stored.iter().max_by_key(|one| match one {
                    Stored::Kept => 0,
                    Stored::Refused => 1,
                    Stored::Full => 2,
                    Stored::Later => 3,
                });
                self.say(worst.map_or(reply::LATER, said));
            }
        }
        self.reset();
    }

    /// Ends the conversation because of the time it takes, or because the server does.
    pub fn give_up(&mut self, why: Ending) {
        self.end(match why {
            Ending::TooSlow => reply::TOO_SLOW,
            Ending::TooBusy => reply::TOO_BUSY,
        });
    }

    fn content(&mut self) {
        let piece: Vec<u8> = self.input.drain(..self.input.len().min(PIECE)).collect();
        let mut content = Vec::with_capacity(piece.len());
        let ended = match &mut self.stage {
            Stage::Content(reader) => {
                let found = reader.read(&piece, &mut content);
                if let Some(rest) = piece.get(found.taken..).filter(|rest| !rest.is_empty()) {
                    self.input.splice(..0, rest.iter().copied());
                }
                found.ended
            }
            Stage::Chunk { left, .. } => {
                let taken = piece.len().min(*left);
                let (own, rest) = piece.split_at(taken);
                content.extend_from_slice(own);
                self.input.splice(..0, rest.iter().copied());
                *left -= taken;
                *left == 0
            }
            _ => return,
        };
        self.size = self.size.saturating_add(content.len() as u64);
        if self.size > self.rules.size {
            self.unwanted.get_or_insert(Unwanted::TooLarge);
        }
        if self.size > self.rules.size.saturating_mul(2) {
            return self.end(reply::TOO_LARGE);
        }
        if self.unwanted.is_none() && self.is_open && !content.is_empty() {
            self.events.push_back(Event::Content(content));
        } else if self.unwanted.is_some() {
            self.discard();
        }
        if ended {
            self.content_ended();
        }
    }

    fn content_ended(&mut self) {
        let (has_bare_line_end, is_last) = match std::mem::replace(&mut self.stage, Stage::Command) {
            Stage::Content(reader) => (reader.has_bare_line_end(), true),
            Stage::Chunk { last, .. } => (false, last),
            _ => (false, false),
        };
        if has_bare_line_end {
            self.discard();
            self.reset();
            return self.fault(reply::BARE_LINE_END);
        }
        if let Some(unwanted) = self.unwanted {
            let text = match unwanted {
                Unwanted::TooLarge => reply::TOO_LARGE,
                Unwanted::NoRecipient => reply::NO_RECIPIENT,
                Unwanted::NoRoom => reply::LATER,
            };
            if is_last || unwanted != Unwanted::TooLarge {
                self.reset();
            }
            return self.say(text);
        }
        if !is_last {
            return self.say(reply::OK);
        }
        match self.envelope.take() {
            Some(mut envelope) => {
                envelope.size = self.size;
                self.stage = Stage::Asked(Question::Store);
                self.events.push_back(Event::Store(envelope));
            }
            None => self.end(reply::OUT_OF_TURN),
        }
    }

    pub(super) fn chunk(&mut self, length: usize, last: bool) {
        self.stage = Stage::Chunk { left: length, last };
        if length == 0 {
            self.content_ended();
        }
    }

    pub(super) fn ask(&mut self, question: Question, event: Event) {
        self.stage = Stage::Asked(question);
        self.events.push_back(event);
    }

    pub(super) fn say(&mut self, text: &'static str) {
        self.events.push_back(Event::Write(reply(text)));
    }

    /// A reply to something that was wrong. Whoever does too much wrong is talked to no longer.
    pub(super) fn fault(&mut self, text: &'static str) {
        self.faults += 1;
        self.say(text);
        if self.faults > self.rules.faults {
            self.end(reply::TOO_MANY_FAULTS);
        }
    }

    pub(super) fn end(&mut self, text: &'static str) {
        self.discard();
        self.say(text);
        self.input.clear();
        self.stage = Stage::Closed;
    }

    fn discard(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.events.push_back(Event::Discard);
        }
    }

    pub(super) fn reset(&mut self) {
        self.discard();
        (self.envelope, self.size, self.unwanted) = (None, 0, None);
    }
}
