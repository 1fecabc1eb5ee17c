//! Conversations with whoever brings mail, octet by octet: RFC 5321, 2033 (LMTP), 3207 (STARTTLS), 3030 (BDAT).
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use envelock_mail::receive::{Client, Ending, Envelope, Event, Protocol, Recipient, Rules, Secured, Session, Stored};

fn rules() -> Rules {
    Rules {
        hostname: "mx.example.org".into(),
        protocol: Protocol::Smtp,
        size: 1000,
        recipients: 3,
        has_tls: true,
        is_forwarder: false,
        faults: 5,
    }
}

fn client() -> Client {
    Client { address: "192.0.2.7".parse().unwrap(), name: None, tls: None }
}

/// Whoever drives a conversation: has the mailboxes anna and bert, and keeps what it is given.
struct Server {
    session: Session,
    replies: String,
    kept: Vec<(Envelope, Vec<u8>)>,
    open: Option<Vec<u8>>,
    has_room: bool,
    stored: Stored,
    tls: bool,
    closed: bool,
}

impl Server {
    fn new(rules: Rules) -> Self {
        let session = Session::new(rules, client());
        let (replies, kept, open) = (String::new(), Vec::new(), None);
        let mut server =
            Self { session, replies, kept, open, has_room: true, stored: Stored::Kept, tls: false, closed: false };
        server.run();
        server
    }

    /// Sends octets in pieces of that size, and gives the codes of the replies.
    fn say_in(&mut self, octets: &[u8], size: usize) -> Vec<u16> {
        self.replies.clear();
        for piece in octets.chunks(size) {
            self.session.feed(piece);
            self.run();
        }
        self.replies.lines().filter(|line| line.as_bytes()[3] == b' ').map(|line| line[..3].parse().unwrap()).collect()
    }

    fn say(&mut self, text: &str) -> Vec<u16> {
        self.say_in(text.as_bytes(), text.len().max(1))
    }

    fn run(&mut self) {
        while !self.closed {
            match self.session.next_event() {
                Event::Read => return,
                Event::Write(reply) => self.replies.push_str(std::str::from_utf8(&reply).unwrap()),
                Event::StartTls => {
                    self.tls = true;
                    self.session
                        .secured(Secured { version: "TLSv1.3".into(), suite: "TLS13_AES_256_GCM_SHA384".into() });
                }
                Event::Recipient(address) => {
                    self.session.recipient(match address.split_once('@').unwrap_or((&address, "")) {
                        ("postmaster", "") => Recipient::Known,
                        ("anna" | "bert" | "carl" | "dora", "example.org") => Recipient::Known,
                        ("later", _) => Recipient::Later,
                        ("full", _) => Recipient::Full,
                        ("closed", _) => Recipient::Closed,
                        (_, "example.org") => Recipient::Unknown,
                        _ => Recipient::Elsewhere,
                    })
                }
                Event::Open => {
                    assert!(self.open.is_none(), "one message at a time");
                    self.open = self.has_room.then(Vec::new);
                    self.session.opened(self.has_room);
                }
                Event::Content(octets) => self.open.as_mut().unwrap().extend_from_slice(&octets),
                Event::Store(envelope) => {
                    let stored = vec![self.stored; envelope.recipients.len()];
                    self.kept.push((envelope, self.open.take().unwrap()));
                    self.session.stored(&stored);
                }
                Event::Discard => assert!(self.open.take().is_some(), "nothing to discard"),
                Event::Close => self.closed = true,
            }
        }
    }

    fn content(&self) -> &str {
        std::str::from_utf8(&self.kept.last().unwrap().1).unwrap()
    }
}

const OPENING: &str = "EHLO out.example.net\r\nMAIL FROM:<eve@example.net>\r\nRCPT TO:<anna@example.org>\r\n";

#[test]
fn a_message_arrives_however_its_octets_do() {
    let octets = format!("{OPENING}DATA\r\nSubject: hi\r\n\r\n..\r\n.\r\nQUIT\r\n");
    for size in 1..octets.len() {
        let mut server = Server::new(rules());
        assert!(server.replies.starts_with("220 mx.example.org"));
        assert_eq!(server.say_in(octets.as_bytes(), size), [250, 250, 250, 354, 250, 221]);
        assert!(server.closed);
        assert_eq!(server.content(), "Subject: hi\r\n\r\n.\r\n");
        let envelope = &server.kept[0].0;
        assert_eq!((envelope.sender.as_str(), envelope.size), ("eve@example.net", 18));
        assert_eq!(envelope.recipients, ["anna@example.org"]);
        assert_eq!(envelope.client.name.as_deref(), Some("out.example.net"));
    }
}

#[test]
fn nothing_is_smuggled_behind_a_message() {
    for end in ["\n.\r\n", "\n.\n", "\r.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r\r\n"] {
        let mut server = Server::new(rules());
        server.say(&format!("{OPENING}DATA\r\n"));
        let inside = "MAIL FROM:<admin@example.org>\r\nRCPT TO:<bert@example.org>\r\nDATA\r\nSubject: smuggled\r\n";
        assert_eq!(server.say(&format!("Subject: hi\r\n\r\nhi{end}{inside}\r\n.\r\n")), [554], "{end:?}");
        assert!(server.kept.is_empty() && server.open.is_none(), "{end:?}");
        assert_eq!(server.say("NOOP\r\n"), [250], "the conversation goes on");
    }
}

#[test]
fn what_came_before_tls_is_not_taken_for_what_comes_in_it() {
    let mut server = Server::new(rules());
    assert_eq!(server.say("EHLO a\r\nSTARTTLS\r\nMAIL FROM:<eve@example.net>\r\n"), [250, 554]);
    assert!(server.closed && !server.tls);

    let mut server = Server::new(rules());
    assert_eq!(server.say("EHLO a\r\nMAIL FROM:<eve@example.net>\r\n"), [250, 250]);
    assert_eq!(server.say("STARTTLS\r\n"), [220]);
    assert!(server.tls);
    assert_eq!(server.say("RCPT TO:<anna@example.org>\r\n"), [503], "it has to greet again");
    server.say("EHLO a\r\n");
    assert!(!server.replies.contains("STARTTLS") && server.replies.contains("REQUIRETLS"));
    assert_eq!(server.say("STARTTLS\r\n"), [502]);
    assert_eq!(server.say("RCPT TO:<anna@example.org>\r\n"), [503], "what was said in the clear is forgotten");
    assert_eq!(server.say(&format!("{OPENING}DATA\r\n.\r\n")), [250, 250, 250, 354, 250]);
    assert!(server.kept[0].0.client.tls.is_some());
}

#[test]
fn nothing_is_relayed_and_nobody_logs_in() {
    let mut server = Server::new(rules());
    assert_eq!(server.say("EHLO a\r\nAUTH PLAIN AGEAYg==\r\n"), [250, 502]);
    assert_eq!(server.say("MAIL FROM:<eve@example.net>\r\nRCPT TO:<x@elsewhere.example>\r\nDATA\r\n"), [250, 550, 554]);
    assert!(server.replies.contains("5.7.1"));
    assert_eq!(server.say("RCPT TO:<nobody@example.org>\r\nRCPT TO:<later@example.org>\r\n"), [550, 451]);
    assert_eq!(server.say("RCPT TO:<full@example.org>\r\nRCPT TO:<closed@example.org>\r\n"), [452, 450]);
    assert_eq!(server.say("VRFY anna\r\n"), [252]);
    let mut server = Server::new(rules());
    assert_eq!(server.say("EHLO a\r\nEXPN all\r\nHELP\r\nETRN x\r\n"), [250, 502, 502, 502]);
    assert_eq!(server.say("RCPT TO:<anna@example.org>\r\n"), [503]);
}

#[test]
fn the_postmaster_needs_no_domain() {
    let mut server = Server::new(rules());
    assert_eq!(server.say("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\n"), [250, 250, 250]);
    assert_eq!(server.say("rcpt to: <POSTMASTER>\r\nDATA\r\n.\r\n"), [250, 354, 250], "twice the same is once");
    assert_eq!(server.kept[0].0.recipients, ["postmaster"]);
    // Nobody else, nothing before it, and not as a sender: it was taken for that of a bounce.
    for bad in [
        "<>",
        "<anna>",
        "<\"postmaster\">",
        "<@relay.example:postmaster>",
        "<postmaster@>",
        "<postmaster",
        "<> <postmaster>",
    ] {
        let mut server = Server::new(rules());
        assert_eq!(server.say(&format!("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:{bad}\r\n")), [250, 250, 501], "{bad}");
    }
    let mut server = Server::new(rules());
    assert_eq!(server.say("EHLO a\r\nMAIL FROM:<postmaster>\r\nRCPT TO:<postmaster>\r\n"), [250, 501, 503]);
}

#[test]
fn an_address_ends_with_no_dot() {
    let mut server = Server::new(rules());
    assert_eq!(server.say("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<anna@example.org.>\r\n"), [250, 250, 501]);
    assert!(server.replies.ends_with("501 5.1.3 No dot may stand at the end of an address\r\n"), "{}", server.replies);
}

/// The parser began anew after twenty digits, and took the size for that of few octets.
#[test]
fn a_number_of_too_many_digits_is_none() {
    for size in ["99999999999999999999", "184467440737095516159", "184467440737095516151844674407370955161"] {
        for said in
            [format!("MAIL FROM:<a@b> SIZE={size}"), format!("MAIL FROM:<a@b>SIZE={size}"), format!("BDAT {size}")]
        {
            let mut server = Server::new(rules());
            assert_eq!(server.say(&format!("EHLO a\r\n{said}\r\n")), [250, 501], "{said}");
        }
    }
    let sender = "MAIL FROM:<prvs=1234567890123456789012345=anna@b>";
    let mut server = Server::new(rules());
    assert_eq!(server.say(&format!("EHLO a\r\n{sender} SIZE=18446744073709551614\r\n{sender}\r\n")), [250, 552, 250]);
}

#[test]
fn order_is_kept() {
    let mut server = Server::new(rules());
    assert_eq!(server.say("MAIL FROM:<a@b>\r\nDATA\r\n"), [503, 503]);
    assert_eq!(server.say("EHLO a\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n"), [250, 250, 503]);
    assert_eq!(server.say("RSET\r\nRCPT TO:<anna@example.org>\r\n"), [250, 503]);
    assert_eq!(server.say("NOOP\r\n"), [250]);
}

#[test]
fn lines_are_lines() {
    let mut server = Server::new(rules());
    assert_eq!(server.say("EHLO a\nNOOP\r\n"), [500, 250], "a bare LF is no line end");
    assert_eq!(server.say("EH\0LO a\r\n"), [500]);
    assert_eq!(server.say("EHLO a\r\nMAIL FROM:<a@b> SIZE=x\r\n"), [250, 501]);
    let mut server = Server::new(rules());
    assert_eq!(server.say(&"a".repeat(5000)), [500]);
    assert!(server.closed, "whoever sends no line ends is not listened to");
    let mut server = Server::new(rules());
    server.say(&"FOO\r\n".repeat(5));
    assert!(!server.closed);
    server.say("FOO\r\n");
    assert!(server.closed && server.replies.contains("421"));
}

#[test]
fn limits_hold() {
    let mut server = Server::new(rules());
    assert_eq!(server.say("EHLO a\r\nMAIL FROM:<a@b> SIZE=1001\r\nMAIL FROM:<a@b> SIZE=1000\r\n"), [250, 552, 250]);
    let all = ["anna", "bert", "carl", "dora"].map(|name| format!("RCPT TO:<{name}@example.org>\r\n")).concat();
    assert_eq!(server.say(&all), [250, 250, 250, 452]);
    assert_eq!(server.say("RCPT TO:<anna@example.org>\r\n"), [250], "twice the same is once");
    assert_eq!(server.say(&format!("DATA\r\n{}\r\n.\r\n", "a".repeat(999))), [354, 552]);
    assert!(server.kept.is_empty() && server.open.is_none());
    assert_eq!(server.say(&format!("{OPENING}DATA\r\n{}\r\n.\r\n", "a".repeat(998))), [250, 250, 250, 354, 250]);
    assert_eq!(server.kept.len(), 1);
    // Endless: not even its end is waited for.
    server.say(&format!("{OPENING}DATA\r\n{}", "a".repeat(2001)));
    assert!(server.closed && server.open.is_none());
    let long = format!("EHLO a\r\nMAIL FROM:<{}@b>\r\n", "a".repeat(65));
    assert_eq!(Server::new(rules()).say(&long), [250, 501]);
}

#[test]
fn chunks_are_read_to_their_end_wanted_or_not() {
    let mut server = Server::new(rules());
    assert_eq!(server.say(&format!("{OPENING}BDAT 4\r\nab\r\nBDAT 3 LAST\r\n\n.\n")), [250, 250, 250, 250, 250]);
    assert_eq!(server.content(), "ab\r\n\n.\n");
    assert_eq!(server.say("MAIL FROM:<a@b>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"), [250, 554, 250]);
    assert_eq!(server.say(&format!("{OPENING}BDAT 0 LAST\r\n")), [250, 250, 250, 250]);
    assert_eq!(server.content(), "");
    server.say(&format!("{OPENING}BDAT 2\r\nab"));
    assert_eq!(server.say("DATA\r\n"), [503], "not after chunks");
    assert_eq!(server.say("RSET\r\n"), [250]);
    assert!(server.open.is_none());
    let big = format!("{OPENING}BDAT 999\r\n{}BDAT 9\r\n{}BDAT 2 LAST\r\nab", "a".repeat(999), "b".repeat(9));
    assert_eq!(server.say(&big), [250, 250, 250, 250, 552, 552]);
    assert_eq!((server.kept.len(), server.open.is_none()), (2, true));
}

#[test]
fn only_what_is_kept_is_acknowledged() {
    let mut server = Server::new(rules());
    server.has_room = false;
    assert_eq!(server.say(&format!("{OPENING}DATA\r\n")), [250, 250, 250, 451]);
    assert_eq!(server.say(&format!("{OPENING}BDAT 2 LAST\r\nab")), [250, 250, 250, 451]);
    server.has_room = true;
    server.stored = Stored::Later;
    assert_eq!(server.say(&format!("{OPENING}DATA\r\n.\r\n")), [250, 250, 250, 354, 451]);
    server.stored = Stored::Full;
    assert_eq!(server.say(&format!("{OPENING}DATA\r\n.\r\n")), [250, 250, 250, 354, 452]);
    server.stored = Stored::Refused;
    assert_eq!(server.say(&format!("{OPENING}DATA\r\n.\r\n")), [250, 250, 250, 354, 554]);
    server.say(&format!("{OPENING}DATA\r\nhalf"));
    server.session.give_up(Ending::TooSlow);
    server.run();
    assert!(server.closed && server.open.is_none() && server.replies.ends_with("421 4.4.2 Too slow\r\n"));
}

#[test]
fn lmtp_answers_for_each_recipient() {
    let mut server = Server::new(Rules { protocol: Protocol::Lmtp, has_tls: false, ..rules() });
    assert_eq!(server.say("EHLO a\r\nHELO a\r\nLHLO a\r\n"), [500, 500, 250]);
    let two = "MAIL FROM:<a@b>\r\nRCPT TO:<anna@example.org>\r\nRCPT TO:<bert@example.org>\r\nDATA\r\nhi\r\n.\r\n";
    assert_eq!(server.say(two), [250, 250, 250, 354, 250, 250]);
    assert_eq!(server.kept[0].0.recipients.len(), 2);
}

#[test]
fn a_forwarder_says_who_the_client_was_and_nobody_else_does() {
    let said = "XFORWARD ADDR=198.51.100.9 HELO=spike.example\r\n";
    let mut server = Server::new(rules());
    assert_eq!(server.say(&format!("EHLO a\r\n{said}")), [250, 502]);
    let mut server = Server::new(Rules { is_forwarder: true, ..rules() });
    assert_eq!(server.say(&format!("EHLO a\r\n{said}")), [250, 250]);
    assert_eq!(server.say("MAIL FROM:<a@b>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n.\r\n"), [250, 250, 354, 250]);
    let client = &server.kept[0].0.client;
    assert_eq!((client.address, client.name.as_deref()), ("198.51.100.9".parse().unwrap(), Some("spike.example")));
    // It holds for one message.
    assert_eq!(server.say("MAIL FROM:<a@b>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n.\r\n"), [250, 250, 354, 250]);
    assert_eq!(server.kept[1].0.client.address, "192.0.2.7".parse::<std::net::IpAddr>().unwrap());
    assert_eq!(server.say("XFORWARD ADDR=nowhere\r\n"), [501]);
}
