//! The server's first flight, as far as it tells what was picked.

use std::io::{ErrorKind, Read};

/// What came back to a hello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A ServerHello, a HelloRetryRequest or the ServerHello of SSL 2.0.
    Picked(Picked),
    /// An alert, or the end of the connection.
    Refused,
}

/// What a server picked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picked {
    pub version: u16,
    pub suite: u16,
    pub compression: u8,
    /// Of the key exchange, where the messages read so far name one.
    pub group: Option<u16>,
    /// Whether it asks for another hello.
    pub asks_again: bool,
    /// Whether it knows secure renegotiation (RFC 5746 §3.6).
    pub knows_renegotiation: bool,
    pub protocol: Option<String>,
}

/// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3): the beginning is enough.
const ASKS_AGAIN: [u8; 4] = [0xcf, 0x21, 0xad, 0x74];

/// Silence is no answer: it panics.
pub fn read_answer(stream: &mut impl Read, is_13: bool) -> Answer {
    let mut messages = Vec::new();
    loop {
        let Some(head) = take(stream, 5) else { return Answer::Refused };
        if head[0] & 0x80 != 0 {
            // SSL 2.0: a length of two octets, then SERVER-HELLO (4), with the version after two octets more.
            return if head[2] == 4 {
                Answer::Picked(Picked { version: 2, ..Picked::default() })
            } else {
                Answer::Refused
            };
        }
        let Some(content) = take(stream, number(&head[3..5])) else { return Answer::Refused };
        match head[0] {
            22 => messages.extend(content),
            // Warnings are passed over.
            21 if content[0] == 1 => continue,
            21 => return Answer::Refused,
            other => panic!("a record of type {other}"),
        }
        if let Some(picked) = picked(&messages, is_13) {
            return Answer::Picked(picked);
        }
    }
}

/// What the messages so far say, once they are enough: the ServerHello, and up to TLS 1.2 what comes until
/// ServerKeyExchange or ServerHelloDone.
fn picked(mut messages: &[u8], is_13: bool) -> Option<Picked> {
    let mut picked = None;
    while messages.len() >= 4 {
        let length = number(&messages[1..4]);
        let body = messages.get(4..4 + length)?;
        match (messages[0], &mut picked) {
            (2, _) => {
                let hello = server_hello(body);
                if is_13 {
                    return Some(hello);
                }
                picked = Some(hello);
            }
            // ServerKeyExchange of ECDHE begins with `named_curve` (RFC 8422 §5.4). That of DHE begins with a length.
            (12, Some(hello)) => {
                hello.group = (body[0] == 3 && is_ecdhe(hello.suite)).then(|| number(&body[1..3]) as u16);
                return picked;
            }
            (14, _) => return picked,
            _ => {}
        }
        messages = &messages[4 + length..];
    }
    None
}

fn is_ecdhe(suite: u16) -> bool {
    matches!(suite >> 8, 0xc0 | 0xcc)
}

fn server_hello(body: &[u8]) -> Picked {
    let session = usize::from(body[34]);
    let after = &body[35 + session..];
    let mut picked = Picked {
        version: number(&body[..2]) as u16,
        suite: number(&after[..2]) as u16,
        compression: after[2],
        asks_again: body[2..34].starts_with(&ASKS_AGAIN),
        ..Picked::default()
    };
    let mut extensions = after.get(5..).unwrap_or_default();
    while extensions.len() >= 4 {
        let length = number(&extensions[2..4]);
        let content = &extensions[4..4 + length];
        match number(&extensions[..2]) {
            43 => picked.version = number(content) as u16,
            51 => picked.group = Some(number(&content[..2]) as u16),
            16 => picked.protocol = Some(String::from_utf8_lossy(&content[3..]).into_owned()),
            0xff01 => picked.knows_renegotiation = true,
            _ => {}
        }
        extensions = &extensions[4 + length..];
    }
    picked
}

fn number(octets: &[u8]) -> usize {
    octets.iter().fold(0, |number, octet| number << 8 | usize::from(*octet))
}

/// As many octets, or `None` if the connection ends before.
fn take(stream: &mut impl Read, count: usize) -> Option<Vec<u8>> {
    let mut octets = vec![0; count];
    match stream.read_exact(&mut octets) {
        Ok(()) => Some(octets),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            panic!("neither an answer nor the end of the connection")
        }
        Err(_) => None,
    }
}
