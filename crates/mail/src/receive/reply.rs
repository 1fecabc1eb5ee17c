//! Replies (RFC 5321 §4.2) with enhanced status codes (RFC 3463, 2034).

/// One reply, as it goes over the wire.
pub(crate) fn reply(text: &'static str) -> Vec<u8> {
    let mut line = Vec::with_capacity(text.len() + 2);
    line.extend_from_slice(text.as_bytes());
    line.extend_from_slice(b"\r\n");
    line
}

/// A reply of several lines, all of one code.
pub(crate) fn reply_lines(code: u16, lines: &[String]) -> Vec<u8> {
    let mut octets = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let mark = if index + 1 == lines.len() { ' ' } else { '-' };
        octets.extend_from_slice(format!("{code}{mark}{line}\r\n").as_bytes());
    }
    octets
}

pub(crate) const OK: &str = "250 2.0.0 OK";
pub(crate) const SENDER_OK: &str = "250 2.1.0 OK";
pub(crate) const RECIPIENT_OK: &str = "250 2.1.5 OK";
pub(crate) const GO_AHEAD: &str = "354 End with a line of one dot";
pub(crate) const READY_FOR_TLS: &str = "220 2.0.0 Begin TLS";
pub(crate) const GOODBYE: &str = "221 2.0.0 Goodbye";
pub(crate) const NOT_ASKED: &str = "252 2.5.0 Send some mail, that will tell";
pub(crate) const TOO_BUSY: &str = "421 4.3.2 Too busy, try again later";
pub(crate) const TOO_MANY_FAULTS: &str = "421 4.7.0 Too many errors";
pub(crate) const TOO_SLOW: &str = "421 4.4.2 Too slow";
pub(crate) const REFUSED: &str = "554 5.6.0 Not taken";
pub(crate) const LATER: &str = "451 4.3.0 Cannot be stored just now, try again later";
pub(crate) const MAILBOX_CLOSED: &str = "450 4.2.1 Mailbox takes no mail for now";
pub(crate) const MAILBOX_FULL: &str = "452 4.2.2 Mailbox full";
pub(crate) const TOO_MANY_RECIPIENTS: &str = "452 4.5.3 Too many recipients";
pub(crate) const LINE_TOO_LONG: &str = "500 5.5.6 Line too long";
pub(crate) const BAD_LINE_END: &str = "500 5.5.2 Lines end with CR LF";
pub(crate) const UNKNOWN_COMMAND: &str = "500 5.5.1 Unknown command";
pub(crate) const BAD_ARGUMENT: &str = "501 5.5.4 Bad argument";
pub(crate) const DOT_AT_END: &str = "501 5.1.3 No dot may stand at the end of an address";
pub(crate) const NOT_HERE: &str = "502 5.5.1 Not offered here";
pub(crate) const GREET_FIRST: &str = "503 5.5.1 Say EHLO first";
pub(crate) const LMTP_GREETS: &str = "500 5.5.1 This is LMTP: say LHLO";
pub(crate) const OUT_OF_TURN: &str = "503 5.5.1 Not now";
pub(crate) const NO_RECIPIENT: &str = "554 5.5.1 No valid recipients";
pub(crate) const PIPELINED_TLS: &str = "554 5.5.1 Nothing may follow STARTTLS before TLS";
pub(crate) const NO_MAILBOX: &str = "550 5.1.1 No such mailbox here";
pub(crate) const NO_RELAY: &str = "550 5.7.1 Not a domain of this server";
pub(crate) const BARE_LINE_END: &str = "554 5.6.0 A CR or LF stands alone in the message (RFC 5321, 2.3.8)";
pub(crate) const TOO_LARGE: &str = "552 5.3.4 Larger than this server takes";
pub(crate) const UNSUPPORTED: &str = "555 5.5.4 Parameter not supported";
