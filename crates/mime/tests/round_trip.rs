//! What is built is read back as it was, and other mail programs read the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use envelock_mime::{Attachment, Boundaries, Content, Limits, Mailbox, ReplyOptions, build, file_name, parse};
use mail_parser::{MessageParser, MimeHeaders, PartType};
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};

fn message(content: &Content) -> Vec<u8> {
    build(content, &Boundaries::from_random([7; 32]))
}

fn read(message: &[u8]) -> Content {
    parse(message, &Limits::default()).unwrap()
}

fn attachment(name: &str, mime_type: &str, data: &[u8]) -> Attachment {
    Attachment { name: name.into(), mime_type: mime_type.into(), data: data.into() }
}

/// The least that any program asks of a message: CR LF only, no long lines, ASCII headers.
fn assert_sound(message: &[u8]) {
    let lines: Vec<&[u8]> = message.split(|&b| b == b'\n').collect();
    for (at, line) in lines.iter().enumerate() {
        assert!(line.len() <= 79, "line of {} octets", line.len());
        assert!(at + 1 == lines.len() || line.ends_with(b"\r"), "LF without CR");
        assert!(line.is_ascii() && !line.contains(&0));
    }
}

fn full() -> Content {
    Content {
        subject: "Angebot für die Brücke".into(),
        text: "Guten Tag,\n\nanbei das Angebot.\nGrüße".into(),
        html: Some("<p>Guten Tag,</p>\n<p>anbei das Angebot.</p>".into()),
        attachments: vec![
            attachment("Angebot & Maße.pdf", "application/pdf", b"%PDF-1.7\r\n\0\xFF"),
            attachment("leer.txt", "text/plain", b""),
        ],
        sender_certificate: Some(
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjM=\n-----END PGP PUBLIC KEY BLOCK-----\n".to_vec(),
        ),
        reply: ReplyOptions {
            allowed: true,
            to: Some(Mailbox { name: "Anna Bérg, Büro".into(), address: "anna@demo.example".into() }),
        },
        date: Some(1_795_000_000),
    }
}

#[test]
fn everything_at_once() {
    let message = message(&full());
    assert_sound(&message);
    assert_eq!(read(&message), full());
}

/// Stored on 2026-11-23. Saved copies have to open for ever.
#[test]
fn the_first_content_is_still_read() {
    let content = read(include_bytes!("pinned/content-v1.eml"));
    assert_eq!(
        (content.subject.as_str(), content.text.as_str(), content.html.as_deref()),
        ("Grüße", "Hello\nWörld", Some("<b>x"))
    );
    let file = &content.attachments[0];
    assert_eq!((file.name.as_str(), file.mime_type.as_str(), file.data.len()), ("日本.bin", "application/pdf", 100));
    assert_eq!(content.sender_certificate.as_deref(), Some(&[1, 2, 3][..]));
    let to = Mailbox { name: "Änne".into(), address: "a@b.c".into() };
    assert_eq!((content.reply, content.date), (ReplyOptions { allowed: true, to: Some(to) }, Some(1_795_000_000)));
}

#[test]
fn another_mail_program_reads_the_same() {
    let built = message(&full());
    let seen = MessageParser::default().parse(&built).unwrap();
    let content = full();
    assert_eq!(seen.subject(), Some(content.subject.as_str()));
    assert_eq!(seen.date().unwrap().to_timestamp(), content.date.unwrap());
    let from = seen.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("Anna Bérg, Büro"), Some("anna@demo.example")));
    assert_eq!(seen.reply_to().unwrap().first().unwrap().address(), Some("anna@demo.example"));
    assert_eq!(seen.body_text(0).unwrap().replace("\r\n", "\n"), content.text);
    assert_eq!(seen.body_html(0).unwrap().replace("\r\n", "\n"), content.html.unwrap());
    let files: Vec<_> = seen.attachments().collect();
    assert_eq!(files.len(), 3);
    assert_eq!(
        (files[0].attachment_name(), files[0].contents()),
        (Some("Angebot & Maße.pdf"), &b"%PDF-1.7\r\n\0\xFF"[..])
    );
    assert_eq!((files[1].attachment_name(), files[1].contents()), (Some("leer.txt"), &b""[..]));
    let certificate = files[2].content_type().unwrap();
    assert_eq!((certificate.c_type.as_ref(), certificate.subtype()), ("application", Some("pgp-keys")));
    assert_eq!(files[2].contents(), content.sender_certificate.unwrap());
}

#[test]
fn a_text_alone_is_a_plain_mail() {
    let content = Content { subject: "Hi".into(), text: "Hello\nthere".into(), ..Content::default() };
    let built = message(&content);
    let expected = "Subject: Hi\r\nEnvelock-Reply: no\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: 7bit\r\n\r\nHello\r\nthere";
    assert_eq!(String::from_utf8(built.clone()).unwrap(), expected);
    assert_eq!(read(&built), content);
}

#[test]
fn nothing_at_all() {
    assert_eq!(read(&message(&Content::default())), Content::default());
    let content = Content {
        html: Some(String::new()),
        sender_certificate: Some(vec![]),
        attachments: vec![attachment("", "a/b", b"")],
        ..Content::default()
    };
    assert_eq!(read(&message(&content)), content);
}

const HARD: &[&str] = &[
    "",
    " ",
    "  two  blanks ",
    "=?utf-8?B?aGk=?=",
    "=?",
    "?=",
    "a\"b\\c;d=e",
    "日本語のファイル名.pdf",
    "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀.png",
    "line\r\nBcc: evil@example.org",
    "tab\tnul\0bell\u{7}",
    "\u{202E}gnp.exe",
    "../../etc/passwd",
    "100%25 'quoted'*0*=UTF-8''x",
    "-----BEGIN PGP MESSAGE-----",
    "--m07070707070707070707070707070707",
    "e\u{301}",
];

#[test]
fn any_unicode_in_subject_text_names() {
    let mut rng = StdRng::seed_from_u64(1);
    let random = (0..300).map(|_| {
        let pool = [
            'a', ' ', '"', '\\', ';', '=', '?', '%', '\'', '*', 'ß', '日', '😀', '\t', '.', '-', '\u{0}', '\u{7F}',
            '\u{FEFF}', '\u{2028}',
        ];
        (0..rng.gen_range(0..200)).map(|_| pool[rng.gen_range(0..pool.len())]).collect::<String>()
    });
    for text in HARD.iter().map(|t| t.to_string()).chain(random.collect::<Vec<_>>()) {
        let name = file_name(&text).unwrap_or_default();
        // A subject and a text may hold line ends; CR LF is the one thing that comes back as LF.
        let content = Content {
            subject: text.clone(),
            text: text.replace("\r\n", "\n"),
            html: Some(text.replace("\r\n", "\n")),
            attachments: vec![attachment(&name, "application/octet-stream", text.as_bytes())],
            reply: ReplyOptions { allowed: false, to: Some(Mailbox { name: text.clone(), address: "a@b".into() }) },
            ..Content::default()
        };
        let built = message(&content);
        assert_sound(&built);
        assert_eq!(read(&built), content);
        let seen = MessageParser::default().parse(&built).unwrap();
        assert_eq!(seen.attachments().next().unwrap().contents(), text.as_bytes());
    }
}

/// Whoever seals may write anything: an opened envelope holds no paths, and no name that looks like another.
#[test]
fn names_of_files_are_cleaned_when_they_are_read() {
    for (given, kept) in
        [("../../etc/passwd", "passwd"), ("C:\\a.exe", "a.exe"), ("\u{202E}gnp.exe", "gnp.exe"), ("a/..", "")]
    {
        let content = Content { attachments: vec![attachment(given, "text/plain", b"")], ..Content::default() };
        assert_eq!(read(&message(&content)).attachments[0].name, kept, "{given:?}");
    }
}

#[test]
fn other_programs_see_the_same_names() {
    // Of the characters that may stand in a file name; mail-parser trims blanks and drops control characters.
    for name in [
        "日本語のファイル名.pdf",
        "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀.png",
        "a;d=e 'x' 100%.txt",
        "Maße.pdf",
        "=?utf-8?B?aGk=?=",
        "a\"b\\c",
    ] {
        let built = message(&Content {
            subject: name.into(),
            attachments: vec![attachment(name, "image/png", b"x")],
            ..Content::default()
        });
        let seen = MessageParser::default().parse(&built).unwrap();
        assert_eq!((seen.attachments().next().unwrap().attachment_name(), seen.subject()), (Some(name), Some(name)));
    }
}

#[test]
fn line_ends_of_text() {
    for (written, read_back) in [
        ("a\r\nb", "a\nb"),
        ("a\nb", "a\nb"),
        ("a\rb", "a\rb"),
        ("a\r\r\nb\n\n", "a\r\nb\n\n"),
        ("\r\n", "\n"),
        ("\n", "\n"),
        ("\r", "\r"),
    ] {
        let content = Content { text: written.into(), html: Some(written.into()), ..Content::default() };
        let read = read(&message(&content));
        assert_eq!((read.text.as_str(), read.html.as_deref()), (read_back, Some(read_back)), "{written:?}");
    }
}

#[test]
fn long_and_blank_ended_lines_go_as_base64() {
    for text in ["x".repeat(77), "blank at the end \nnext".into(), "é".into(), "\u{1}".into()] {
        let built = message(&Content { text: text.clone(), ..Content::default() });
        assert_sound(&built);
        assert!(String::from_utf8(built.clone()).unwrap().contains("base64"), "{text:?}");
        assert_eq!(read(&built).text, text);
    }
}

#[test]
fn attachments_of_every_size_around_a_line_and_large_ones() {
    let mut rng = StdRng::seed_from_u64(2);
    let mut attachments: Vec<Attachment> = (0..240)
        .chain([56 * 57, 57 * 57, 100_000, 10 << 20])
        .map(|size| {
            let mut data = vec![0; size];
            rng.fill_bytes(&mut data);
            attachment("a", "application/octet-stream", &data)
        })
        .collect();
    attachments.push(attachment(
        "delimiters",
        "application/octet-stream",
        "\r\n--m07070707070707070707070707070707--\r\n".repeat(20).as_bytes(),
    ));
    let content = Content { attachments, ..Content::default() };
    let built = message(&content);
    assert!(read(&built) == content);
    assert!(
        built.len() < built.capacity() + 1 && built.capacity() < (10 << 20) * 15 / 10,
        "one allocation, not twice the size"
    );
}

#[test]
fn types_that_may_not_be_base64_or_are_none() {
    for (given, written) in [
        ("image/png", "image/png"),
        ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        ("message/rfc822", "application/octet-stream"),
        ("multipart/mixed", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("text", "application/octet-stream"),
        ("text/html; charset=\"x\"", "application/octet-stream"),
        ("text/x\r\nBcc: a@b", "application/octet-stream"),
    ] {
        let built = message(&Content { attachments: vec![attachment("a", given, b"x")], ..Content::default() });
        assert_eq!(read(&built).attachments[0].mime_type, written, "{given:?}");
    }
}

#[test]
fn an_attached_certificate_stays_an_attachment() {
    let content = Content {
        attachments: vec![attachment("certificate.asc", "application/pgp-keys", b"mine")],
        sender_certificate: Some(b"sender's".to_vec()),
        ..Content::default()
    };
    assert_eq!(read(&message(&content)), content);
}

#[test]
fn a_reply_address_that_is_none_is_left_out() {
    for address in ["", "anna", "anna@", "@b", "a b@c", "a@b>\r\nBcc: x@y", "a@b, c@d", "<a@b>", "a@b\n"] {
        let content = Content {
            reply: ReplyOptions { allowed: true, to: Some(Mailbox { name: "A".into(), address: address.into() }) },
            ..Content::default()
        };
        let read = read(&message(&content));
        assert_eq!(read.reply, ReplyOptions { allowed: true, to: None }, "{address:?}");
    }
}

#[test]
fn dates_are_those_of_another_program() {
    let mut rng = StdRng::seed_from_u64(3);
    let leap = [
        0,
        951_782_399,
        951_782_400,
        951_868_800,
        4_107_542_399,
        4_107_542_400,
        253_402_300_799,
        68_169_600,
        1_709_164_800,
    ];
    for seconds in leap.into_iter().chain((0..2000).map(|_| rng.gen_range(0..253_402_300_800))) {
        let built = message(&Content { date: Some(seconds), ..Content::default() });
        assert_eq!(read(&built).date, Some(seconds));
        let seen = MessageParser::default().parse(&built).unwrap();
        // mail-parser calls no year after 3000 valid.
        let date = seen.date().unwrap();
        assert!(date.to_timestamp() == seconds && (date.is_valid() || date.year > 3000), "{seconds}");
    }
    assert_eq!(read(&message(&Content { date: Some(-5), ..Content::default() })).date, Some(0));
    let shown = message(&Content { date: Some(1_795_478_399), ..Content::default() });
    assert!(shown.starts_with(b"Date: Mon, 23 Nov 2026 23:59:59 +0000\r\n"));
}

#[test]
fn there_is_a_text_part_that_is_no_attachment() {
    let built = message(&full());
    let seen = MessageParser::default().parse(&built).unwrap();
    assert!(matches!(seen.text_part(0).unwrap().body, PartType::Text(_)));
}
