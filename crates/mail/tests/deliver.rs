//! Conversations with servers that take mail, and with what stands in between.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use envelock_mail::deliver::{Content, Delivery, Event, Failure, Job, Login, Outcome};

const HELLO: &str = "250-mx\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-REQUIRETLS\r\n250 ok\r\n";
const MESSAGE: &[u8] = b"Subject: hi\r\n\r\n.secret\r\n";

/// What the server says, one after the other, each once the client has said something; `TLS` begins it.
fn run(script: &[&str], recipients: &[&str], require_tls: bool, message: &[u8]) -> (Outcome, String, String) {
    let content = Content::new(message).unwrap();
    let recipients: Vec<String> = recipients.iter().map(|address| (*address).to_owned()).collect();
    let job = Job {
        name: "out.example",
        sender: "anna@example.org",
        recipients: &recipients,
        content: &content,
        require_tls,
        login: None,
    };
    converse(Delivery::new(job), script, false)
}

fn converse(mut delivery: Delivery<'_>, script: &[&str], mut is_sealed: bool) -> (Outcome, String, String) {
    let mut script = script.iter();
    let (mut clear, mut sealed) = (String::new(), String::new());
    loop {
        match delivery.next_event() {
            Event::Read => delivery.feed(script.next().unwrap().as_bytes()),
            Event::Write(octets) => {
                if is_sealed { &mut sealed } else { &mut clear }.push_str(std::str::from_utf8(&octets).unwrap());
            }
            Event::WriteContent(octets) => {
                assert!(is_sealed, "a message in clear");
                sealed.push_str(&String::from_utf8_lossy(octets));
            }
            Event::StartTls => {
                assert_eq!(script.next(), Some(&"TLS"));
                is_sealed = true;
                delivery.secured();
            }
            Event::Done(outcome) => return (outcome, clear, sealed),
        }
    }
}

const TO: &[&str] = &["bert@example.net"];

fn codes(outcome: &Outcome) -> Vec<Result<u16, u16>> {
    let Outcome::Answered(answers) = outcome else { panic!("{outcome:?}") };
    answers.iter().map(|answer| answer.as_ref().map(|reply| reply.code).map_err(|reply| reply.code)).collect()
}

#[test]
fn a_message_travels_under_tls() {
    let script = [
        "220 mx\r\n",
        "250-mx\r\n250 STARTTLS\r\n",
        "220 go\r\n",
        "TLS",
        HELLO,
        "250 ok\r\n",
        "250 ok\r\n",
        "354 go\r\n",
        "250 taken\r\n",
    ];
    let (outcome, clear, sealed) = run(&script, TO, false, MESSAGE);
    assert_eq!(codes(&outcome), [Ok(250)]);
    assert_eq!(clear, "EHLO out.example\r\nSTARTTLS\r\n", "in clear there is our name and nothing else");
    assert_eq!(
        sealed,
        "EHLO out.example\r\nMAIL FROM:<anna@example.org> SIZE=28\r\nRCPT TO:<bert@example.net>\r\nDATA\r\nSubject: hi\r\n\r\n..secret\r\n.\r\nQUIT\r\n"
    );
}

#[test]
fn without_tls_nothing_is_told() {
    let injected = "220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n";
    type Case<'a> = (&'a [&'a str], fn(&Failure) -> bool);
    let cases: &[Case<'_>] = &[
        (&["220 mx\r\n", "250-mx\r\n250 SIZE 1000\r\n"], |failure| *failure == Failure::NoTls),
        (&["220 mx\r\n", "250-mx STARTTLS\r\n250 XXXXXXXX\r\n"], |failure| *failure == Failure::NoTls),
        (&["220 mx\r\n", "502 what\r\n"], |failure| *failure == Failure::NoTls),
        (&["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "454 not now\r\n"], |failure| {
            matches!(failure, Failure::TlsRefused(_))
        }),
        (&["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", injected], |failure| *failure == Failure::Injected),
        (&["554 go away\r\n"], |failure| matches!(failure, Failure::Refused(_))),
        (&["HTTP/1.1 400 Bad Request\r\n"], |failure| *failure == Failure::NotSmtp),
        (&["220 mx\r\n", "421 busy\r\n"], |failure| matches!(failure, Failure::Refused(_))),
    ];
    for (script, expected) in cases {
        let (outcome, clear, sealed) = run(script, TO, false, MESSAGE);
        let Outcome::Failed(failure) = outcome else { panic!("{script:?}") };
        assert!(expected(&failure), "{script:?}: {failure:?}");
        assert!(sealed.is_empty());
        for told in ["anna", "bert", "MAIL", "secret", "AUTH"] {
            assert!(!clear.contains(told), "{script:?} told {clear}");
        }
    }
}

#[test]
fn each_recipient_has_an_answer() {
    let to = &["a@example.net", "b@example.net", "c@example.net"];
    let start = ["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", "TLS", HELLO, "250 ok\r\n"];
    let with = |rest: &[&'static str]| codes(&run(&[&start, rest].concat(), to, false, MESSAGE).0);
    assert_eq!(
        with(&["250 a\r\n", "550 b\r\n", "450 c\r\n", "354 go\r\n", "250 ok\r\n"]),
        [Ok(250), Err(550), Err(450)]
    );
    assert_eq!(with(&["550 a\r\n", "550 b\r\n", "550 c\r\n"]), [Err(550), Err(550), Err(550)]);
    assert_eq!(
        with(&["250 a\r\n", "550 b\r\n", "250 c\r\n", "354 go\r\n", "452 full\r\n"]),
        [Err(452), Err(550), Err(452)]
    );
    assert_eq!(with(&["250 a\r\n", "250 b\r\n", "250 c\r\n", "451 later\r\n"]), [Err(451), Err(451), Err(451)]);
}

#[test]
fn what_the_message_needs_has_to_be_offered() {
    let hello = |hello: &'static str| ["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", "TLS", hello];
    let failure = |script: &[&str], to: &[&str], message: &[u8]| match run(script, to, true, message).0 {
        Outcome::Failed(failure) => failure,
        outcome => panic!("{outcome:?}"),
    };
    let bare = hello("250 mx\r\n");
    assert_eq!(failure(&bare, TO, "\u{fc}\r\n".as_bytes()), Failure::Lacks("8BITMIME"));
    assert_eq!(failure(&bare, &["b\u{fc}@example.net"], MESSAGE), Failure::Lacks("SMTPUTF8"));
    assert_eq!(failure(&hello("250-mx\r\n250 SIZE 20\r\n"), TO, MESSAGE), Failure::TooLarge);
    let all = ["250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"];
    let script = [&hello(HELLO)[..], &all].concat();
    let (_, _, sealed) = run(&script, &["b\u{fc}@example.net"], true, "\u{fc}\r\n".as_bytes());
    assert!(sealed.contains(" BODY=8BITMIME SMTPUTF8 REQUIRETLS\r\n"), "{sealed}");
    // That it insists on TLS in its turn is asked of whoever offers it.
    for (script, require_tls) in [(&script, false), (&[&bare[..], &all].concat(), true)] {
        let (outcome, _, sealed) = run(script, TO, require_tls, MESSAGE);
        assert!(codes(&outcome) == [Ok(250)] && !sealed.contains("REQUIRETLS"), "{sealed}");
    }
}

#[test]
fn a_password_is_told_under_tls_to_who_takes_it() {
    let login = Login { user: "anna".into(), password: "s\u{fc}\u{df}".to_owned().into() };
    let content = Content::new(MESSAGE).unwrap();
    let recipients = ["bert@example.net".to_owned()];
    let job = Job {
        name: "out.example",
        sender: "anna@example.org",
        recipients: &recipients,
        content: &content,
        require_tls: false,
        login: Some(&login),
    };
    let offer = "250-mx\r\n250-SIZE 1000\r\n250 AUTH LOGIN PLAIN\r\n";
    let rest = ["235 in\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"];
    let after = "EHLO out.example\r\nAUTH PLAIN AGFubmEAc8O8w58=\r\nMAIL FROM:<anna@example.org> SIZE=28\r\n";
    let script = [&["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", "TLS", offer][..], &rest].concat();
    let (outcome, clear, sealed) = converse(Delivery::new(job), &script, false);
    assert!(codes(&outcome) == [Ok(250)] && clear == "EHLO out.example\r\nSTARTTLS\r\n", "{clear}");
    assert!(sealed.starts_with(after), "{sealed}");
    let script = [&["220 mx\r\n", offer][..], &rest].concat();
    let (outcome, _, sealed) = converse(Delivery::over_tls(job), &script, true);
    assert!(codes(&outcome) == [Ok(250)] && sealed.starts_with(after), "{sealed}");
    let failed = |script: &[&str]| converse(Delivery::over_tls(job), script, true).0;
    let refused = failed(&["220 mx\r\n", offer, "535 who\r\n"]);
    assert!(matches!(refused, Outcome::Failed(Failure::LoginRefused(_))), "{refused:?}");
    let none = failed(&["220 mx\r\n", "250-mx\r\n250 AUTH LOGIN\r\n"]);
    assert_eq!(none, Outcome::Failed(Failure::NoLogin));
}
