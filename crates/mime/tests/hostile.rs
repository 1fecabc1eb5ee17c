//! Anything but what we write is an error, never a second reading and never a panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use envelock_mime::{Attachment, Boundaries, Content, Limits, ParseError, build, parse};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

fn sample() -> Vec<u8> {
    let content = Content {
        subject: "Grüße".into(),
        text: "Hello".into(),
        html: Some("<p>Hello".into()),
        attachments: vec![Attachment { name: "Maße.bin".into(), mime_type: "a/b".into(), data: vec![1; 100] }],
        sender_certificate: Some(vec![2; 60]),
        date: Some(0),
        ..Content::default()
    };
    build(&content, &Boundaries::from_random([9; 32]))
}

fn refused(message: &str) -> &'static str {
    match parse(message.as_bytes(), &Limits::default()) {
        Err(ParseError::Malformed(why)) => why,
        other => panic!("{message:?} gave {other:?}"),
    }
}

const TEXT: &str = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n";

#[test]
fn headers() {
    assert!(parse(format!("{TEXT}\r\nhi").as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(""), "headers do not end");
    assert_eq!(refused(TEXT), "headers do not end");
    assert_eq!(refused("\r\n\r\nhi"), "header without a name");
    assert_eq!(refused(&format!("Subject: a\r\nsubject: b\r\n{TEXT}\r\n")), "header twice");
    assert_eq!(refused(&format!("Sub ject: a\r\n{TEXT}\r\n")), "header name");
    assert_eq!(refused(&format!("Subject : a\r\n{TEXT}\r\n")), "header name");
    assert_eq!(refused(&format!(" folded: a\r\n{TEXT}\r\n")), "header begins folded");
    assert_eq!(refused(&format!("Subject: a\rb\r\n{TEXT}\r\n")), "control character in a header");
    assert_eq!(refused(&format!("Subject: a\0b\r\n{TEXT}\r\n")), "control character in a header");
    assert_eq!(refused(&format!("Subject: a\nBcc: b\r\n{TEXT}\r\n")), "line end");
    assert_eq!(refused(&format!("Subject: =?utf-8?Q?a?=\r\n{TEXT}\r\n")), "encoded word");
    assert_eq!(
        refused(&format!("Subject: =?utf-8?B?YQ=?=\r\n{TEXT}\r\n")),
        "base64 or encoded word".split(" or ").nth(1).unwrap()
    );
    assert_eq!(refused(&format!("Subject: =?utf-8?B?/w==?=\r\n{TEXT}\r\n")), "encoded word");
    assert_eq!(refused(&format!("Date: Thu, 01 Jan 1970 00:00:00 +0100\r\n{TEXT}\r\n")), "date");
    assert_eq!(refused(&format!("Date: Thu, 01 Jan 1970 24:00:00 +0000\r\n{TEXT}\r\n")), "date");
    assert_eq!(refused(&format!("Date: Thu, -1 Jan 1970 00:00:00 +0000\r\n{TEXT}\r\n")), "date");
    assert_eq!(refused("Subject: a\r\n\r\n"), "no content type");
    assert_eq!(refused(&format!("Reply-To: anna\r\n{TEXT}\r\n")), "reply address");
    assert_eq!(refused(&format!("Reply-To: <a@b> <c@d>\r\n{TEXT}\r\n")), "reply address");
}

#[test]
fn bodies() {
    let with = |kind: &str, encoding: &str, body: &str| {
        format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}")
    };
    assert_eq!(refused(&with("text/html", "7bit", "x")), "type of the text");
    assert_eq!(refused(&with("text/plain", "quoted-printable", "x")), "transfer encoding");
    assert_eq!(refused(&with("text/plain", "7bit", "é")), "transfer encoding");
    assert_eq!(refused(&with("text/plain", "base64", "/w==")), "text is not UTF-8");
    for body in [
        "a",
        "aa",
        "aaa",
        "aaaaa",
        "aa==aaaa",
        "aa=a",
        "a===",
        "====",
        "aaaa\naaaa",
        "aaaa \r\naaaa",
        "aaaa\r\n",
        "\r\naaaa",
        "ab==",
        "aab=",
        "aaaa\r\n\r\naaaa",
        "aa\r\naa",
        "aaa\u{e9}",
    ] {
        assert_eq!(refused(&with("text/plain", "base64", body)), "base64", "{body:?}");
    }
}

#[test]
fn multiparts() {
    let with = |boundary: &str, body: &str| format!("Content-Type: multipart/mixed;\r\n boundary={boundary}\r\n{body}");
    let part = format!("\r\n{TEXT}\r\nhi");
    assert!(parse(with("\"b\"", &format!("\r\n--b{part}\r\n--b--\r\n")).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused("Content-Type: multipart/mixed\r\n\r\n--b"), "missing header parameter");
    assert_eq!(refused(&with("\"\"", "\r\n--")), "multipart boundary");
    assert_eq!(refused(&with(&format!("\"{}\"", "b".repeat(71)), "\r\n--b")), "multipart boundary");
    for body in [
        "\r\n",
        "\r\npreamble\r\n--b",
        "\r\n--b",
        &format!("\r\n--b{part}"),
        &format!("\r\n--b{part}\r\n--bb--"),
        &format!("\r\n--b{part}\r\n--b--\r\nepilogue"),
        &format!("\r\n--b{part}\r\n--b-- "),
    ] {
        assert_eq!(refused(&with("\"b\"", body)), "multipart delimiters", "{body:?}");
    }
    assert_eq!(refused(&with("\"b\"", "\r\n--b--")), "no parts");
    // A second text without a disposition; something we do not know; the certificate twice.
    assert_eq!(refused(&with("\"b\"", &format!("\r\n--b{part}\r\n--b{part}\r\n--b--"))), "disposition of a file");
    let file = |extra: &str| {
        format!(
            "\r\nContent-Type: a/b\r\nContent-Disposition: attachment; filename=\"x\"\r\n{extra}Content-Transfer-Encoding: base64\r\n\r\naaaa"
        )
    };
    assert_eq!(
        refused(&with("\"b\"", &format!("\r\n--b{part}\r\n--b{}\r\n--b--", file("Envelock-Part: new\r\n")))),
        "unknown part"
    );
    let twice = file("Envelock-Part: sender-certificate\r\n");
    assert_eq!(refused(&with("\"b\"", &format!("\r\n--b{part}\r\n--b{twice}\r\n--b{twice}\r\n--b--"))), "unknown part");
    // Multiparts inside of files are not unfolded.
    let nested = with("\"c\"", &format!("\r\n--c{part}\r\n--c--"));
    assert!(parse(with("\"b\"", &format!("\r\n--b\r\n{nested}\r\n--b--")).as_bytes(), &Limits::default()).is_err());
}

#[test]
fn limits() {
    let part = format!("\r\n{TEXT}\r\nhi\r\n--b");
    let many = format!("Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b{}--", part.repeat(1001));
    assert_eq!(parse(many.as_bytes(), &Limits::default()), Err(ParseError::TooLarge("parts")));
    let long = format!("Subject: {}\r\n{TEXT}\r\n", "x".repeat(70_000));
    assert_eq!(refused(&long), "headers do not end");
}

#[test]
fn damaged_messages_never_panic_and_never_grow() {
    let sample = sample();
    assert!(parse(&sample, &Limits::default()).is_ok());
    for length in 0..sample.len() {
        let _ = parse(&sample[..length], &Limits::default());
    }
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..20_000 {
        let mut damaged = sample.clone();
        for _ in 0..rng.gen_range(1..4) {
            let at = rng.gen_range(0..damaged.len());
            match rng.gen_range(0..3) {
                0 => damaged[at] = rng.r#gen(),
                1 => drop(damaged.remove(at)),
                _ => damaged.insert(at, b"\r\n-=;\"*%: B"[rng.gen_range(0..11)]),
            }
        }
        if let Ok(content) = parse(&damaged, &Limits::default()) {
            assert!(content.attachments.iter().map(|a| a.data.len()).sum::<usize>() < damaged.len());
        }
    }
}
