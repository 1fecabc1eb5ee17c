//! Mails that ask for too much: what they cost is bounded, what can be shown is shown, and what is left out is told.

use crate::cast::*;
use envelock::mail::{MailError, MailProblem, ReadOptions, read_blocking};
use envelock::message::{Decryptor, Notation, SignOptions, Signer, sign};
use envelock::{Limits, Policy, Profile};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Linear work takes some tenths of a second even without optimisation; quadratic work takes many minutes.
const LONG: Duration = Duration::from_secs(20);

fn quickly<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = work();
    assert!(begin.elapsed() < LONG, "{what} took {:?}", begin.elapsed());
    result
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, number| {
        all.push_str(&line(number));
        all
    })
}

#[test]
fn encoded_words_that_never_end() {
    for hostile in ["=?a?B?".repeat(40_000), "=?".repeat(120_000), "=?a?B?x".repeat(35_000)] {
        let part = format!("Content-Type: text/plain; name=\"{hostile}\"\n\nx");
        let mail = format!("From: a@b.example\nSubject: {hostile}\n{}", multipart("mixed", &[part.as_str(); 2]));
        let read = quickly("the names", || opened(mail.as_bytes(), &[], &[]));
        assert_eq!(field(&read, "subject").0, hostile, "what is no encoded word stays what it is");
    }
}

#[test]
fn a_great_many_parameters() {
    for parameters in [
        lines(20_000, |n| format!(";p{n}*0=")),
        lines(20_000, |n| format!(";p{n}=")),
        lines(20_000, |n| format!(";p*{n}=a")),
        lines(40_000, |_| ";p*=".into()),
    ] {
        let mail = format!("From: a@b.example\nContent-Type: text/plain{parameters};charset=utf-8\n\nx");
        let read = quickly("a type", || opened(mail.as_bytes(), &[], &[]));
        assert_eq!(read.parts[0].charset.as_deref(), Some("utf-8"));
    }
}

#[test]
fn a_great_many_header_fields() {
    let bert = key(Profile::Compat, "Bert");
    let fields = |prefix: &str, count: usize| lines(count, |n| format!("{prefix}f{n}:\n"));
    let repeated = "To: x\n".repeat(25_000);
    for (inner, outer) in [
        (fields("", 28_000) + "HP-Outer: Subject: [...]\n", fields("", 28_000)),
        (repeated.clone() + &format!("HP-Outer: To: {}\n", "y ".repeat(40_000)), repeated),
        (fields("HP-Outer: ", 13_000), fields("", 28_000)),
    ] {
        let payload = format!("{inner}Content-Type: text/plain; hp=\"cipher\"\n\nx");
        let mail = format!("From: a@b.example\n{outer}{}", pgp_mime(&encrypted(payload.as_bytes(), &bert, &[])));
        let read = quickly("the comparison", || opened(mail.as_bytes(), &[&bert], &[]));
        assert!(read.fields.len() >= 25_000 && read.mismatches.len() < 20, "{}", read.mismatches.len());
    }
}

#[test]
fn verdicts_are_kept_once_however_many_parts_there_are() {
    let anna = key(Profile::Compat, "Anna");
    let content = multipart("mixed", &["\nx"; 900]).replace('\n', "\r\n");
    let signers = [Signer { key: &anna, passphrase: None }];
    let notations =
        [Notation { name: "big@demo.example".into(), value: vec![b'x'; 16_000], readable: true, critical: false }];
    let options =
        SignOptions { data: content.as_bytes(), signers: &signers, notations: &notations, ..SignOptions::default() };
    let signature = sign(options, &Policy::default(), &Limits::default(), now(), &mut rng(5)).unwrap();
    let mail = format!("From: anna@demo.example\n{}", with_signature(&content, &signature));
    let read = opened(mail.as_bytes(), &[], &[anna.certificate()]);
    assert_eq!((read.parts.len(), read.layers.len()), (900, 2));
    assert!(read.parts.iter().all(|part| part.layer == 1 && part.protection.code() == "signed"));
    assert_eq!(read.signatures_of(&read.parts[899])[0].notations[0].name, "big@demo.example");
}

#[test]
fn more_pieces_than_are_opened() {
    let bert = key(Profile::Compat, "Bert");
    let block = encrypted(b"secret", &bert, &[]);
    let mail = format!("From: a@b.example\n\n{}the end", lines(40, |n| format!("text {n}\n{block}")));
    let read = opened(mail.as_bytes(), &[&bert], &[]);
    let opened_parts = read.parts.iter().filter(|part| part.protection.code() == "encrypted").count();
    assert_eq!((opened_parts, read.parts.len()), (32, 32 + 33 + 2));
    let [.., rest, told] = read.parts.as_slice() else { panic!() };
    assert!(rest.text.as_deref().unwrap().ends_with("the end") && rest.protection.code() == "unprotected");
    assert_eq!(told.problem.as_ref().unwrap().code, "too-large");
}

#[test]
fn a_piece_that_is_only_signed_counts_once() {
    let anna = key(Profile::Compat, "Anna");
    let block = inline_signed("words", &anna);
    let mail = format!("From: anna@demo.example\n\n{}", lines(32, |_| block.clone()));
    let read = opened(mail.as_bytes(), &[], &[anna.certificate()]);
    assert_eq!(read.parts.iter().filter(|part| part.protection.code() == "signed").count(), 32);
}

#[test]
fn more_signed_parts_than_are_checked() {
    let anna = key(Profile::Compat, "Anna");
    let part = signed_by("Content-Type: text/plain\n\nwords", &anna);
    let mail = format!("From: anna@demo.example\n{}", multipart("mixed", &vec![part.as_str(); 40]));
    let read = opened(mail.as_bytes(), &[], &[anna.certificate()]);
    let count = |protection: &str, text: &str| {
        seen(&read).iter().filter(|(_, shown, state)| (*state, *shown) == (protection, text)).count()
    };
    assert_eq!(
        (count("signed", "words"), count("unprotected", "words"), count("unprotected", "too-large")),
        (32, 8, 8)
    );
    // Nor are there ever more signatures than one message may have.
    let many = signature("Content-Type: text/plain\n\nwords", &anna).repeat(20);
    let part = with_signature("Content-Type: text/plain\n\nwords", &many);
    let mail = format!("From: anna@demo.example\n{}", multipart("mixed", &[&part, &part]));
    let read = opened(mail.as_bytes(), &[], &[anna.certificate()]);
    let states: Vec<_> = seen(&read).into_iter().map(|(_, text, state)| (text, state)).collect();
    assert_eq!(states, [("words", "signed"), ("too-large", "unprotected"), ("words", "unprotected")]);
}

#[test]
fn more_parts_than_are_read() {
    let many = format!("From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(2000));
    let read = opened(many.as_bytes(), &[], &[]);
    let told: Vec<&MailProblem> = read.parts.iter().filter_map(|part| part.problem.as_ref()).collect();
    assert_eq!((read.parts.len(), read.parts[999].text.as_deref()), (1001, Some("x")));
    assert_eq!((told.len(), told[0].code), (1, "too-large"));
}

#[test]
fn parts_nested_too_deeply() {
    let mut nested = "text".to_owned();
    for depth in 0..40 {
        nested = format!(
            "Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n\nat {depth}\n--b{depth}\n{nested}\n--b{depth}--\n"
        );
    }
    let read = opened(nested.as_bytes(), &[], &[]);
    let texts: Vec<_> = seen(&read).into_iter().map(|(_, text, _)| text).collect();
    assert_eq!((texts[0], texts.last().copied()), ("at 39", Some("too-large")), "what is not too deep is shown");
}

#[test]
fn no_more_plaintext_than_one_message_may_have() {
    let bert = key(Profile::Compat, "Bert");
    let message = encrypted(&[b'x'; 2_000_000], &bert, &[]);
    let mail = format!("From: a@b.example\n\n{message}{message}");
    let keys = [Decryptor { key: &bert, passphrase: None }];
    let options = ReadOptions { mail: mail.as_bytes(), keys: &keys, ..ReadOptions::default() };
    let mut limits = Limits::default();
    limits.plaintext_bytes = 2_800_000;
    let read = read_blocking(options, &Policy::default(), &limits, now(), &mut ()).unwrap();
    let codes: Vec<_> = read.parts.iter().map(|part| part.problem.as_ref().map(|problem| problem.code)).collect();
    assert_eq!(codes, [None, Some("too-large")]);
}

#[test]
fn junk() {
    let read = |mail: &[u8]| {
        let options = ReadOptions { mail, ..ReadOptions::default() };
        read_blocking(options, &Policy::default(), &Limits::default(), now(), &mut ())
    };
    assert!(matches!(read(b""), Err(MailError::Malformed { .. })));
    assert!(matches!(read(b"no header at all"), Err(MailError::Malformed { .. })));
    for odd in [
        "Content-Type: multipart/mixed\n\nx",
        "Content-Type: multipart/mixed; boundary=b\n\nx",
        "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n--b\n\nx\n--b--\n",
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\n\nx\n--b--\n",
    ] {
        let read = read(odd.as_bytes()).unwrap();
        assert_eq!(read.parts[0].problem.as_ref().unwrap().code, "malformed", "{odd:?}");
    }
    let mut long = "X: y\n".repeat(60_000);
    assert!(matches!(read(long.as_bytes()), Err(MailError::TooLarge { .. })));
    write!(long, "\nx").unwrap();
    let inner = read(format!("From: a@b.example\n{}", multipart("mixed", &["\nfirst", &long])).as_bytes()).unwrap();
    assert_eq!(seen(&inner).iter().map(|(_, text, _)| *text).collect::<Vec<_>>(), ["first", "too-large"]);
}
