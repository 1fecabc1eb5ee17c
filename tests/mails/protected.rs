//! Header fields inside and outside of the protection (RFC 9788).

use crate::cast::*;
use envelock::mail::{Mail, Mismatch};
use envelock::message::FromMatch;
use envelock::{Profile, SecretKey};

fn bert() -> SecretKey {
    key(Profile::Compat, "Bert")
}

/// What Bert reads of an encrypted mail from Anna, signed by some.
fn read(outer: &str, inner: &str, signers: &[&SecretKey]) -> Mail {
    let bert = bert();
    let message = encrypted(format!("{inner}\nwords").as_bytes(), &bert, signers);
    let certificates: Vec<_> = signers.iter().map(|signer| signer.certificate()).collect();
    opened(format!("{outer}{}", pgp_mime(&message)).as_bytes(), &[&bert], &certificates)
}

fn mismatch(name: &str, outer: Option<&str>, inner: Option<&str>) -> Mismatch {
    Mismatch { name: name.into(), outer: outer.map(str::to_owned), inner: inner.map(str::to_owned) }
}

const FROM: &str = "From: anna@demo.example\n";

#[test]
fn a_subject_changed_outside_is_told_also_where_it_was_never_hidden() {
    let anna = key(Profile::Compat, "Anna");
    let inner = format!("{FROM}Subject: Offer\nContent-Type: text/plain; hp=\"clear\"\n");
    let same = read(&format!("{FROM}Subject: Offer\n"), &inner, &[&anna]);
    assert_eq!((same.mismatches.as_slice(), field(&same, "subject")), (&[][..], ("Offer", "signed")));
    let changed = read(&format!("{FROM}Subject: Bill\n"), &inner, &[&anna]);
    assert_eq!(changed.mismatches, [mismatch("Subject", Some("Bill"), Some("Offer"))]);
    assert_eq!(field(&changed, "subject"), ("Offer", "signed"), "its writer did not hide it");
    let hidden = read(&format!("{FROM}Subject: ...\n"), &inner, &[&anna]);
    assert_eq!(hidden.mismatches.len(), 1, "stand-ins are the forerunner's");
}

#[test]
fn the_forerunner_hides_a_subject_by_a_stand_in_only() {
    let inner = format!("{FROM}Subject: Offer\nContent-Type: text/plain; protected-headers=\"v1\"\n");
    for stand_in in ["...", "[...]", "encrypted message"] {
        let read = read(&format!("{FROM}Subject: {stand_in}\n"), &inner, &[]);
        assert_eq!((read.mismatches.as_slice(), field(&read, "subject")), (&[][..], ("Offer", "encrypted")));
    }
    let changed = read(&format!("{FROM}Subject: Bill\n"), &inner, &[]);
    assert_eq!(changed.mismatches, [mismatch("Subject", Some("Bill"), Some("Offer"))]);
}

#[test]
fn fields_added_outside_are_told() {
    let inner = format!("{FROM}HP-Outer: From: anna@demo.example\nContent-Type: text/plain; hp=\"Cipher\"\n");
    let read = read(&format!("{FROM}Reply-To: eve@evil.example\nList-Id: x\n"), &inner, &[]);
    assert_eq!(read.mismatches, [mismatch("Reply-To", Some("eve@evil.example"), None)]);
    assert_eq!(field(&read, "reply-to"), ("eve@evil.example", "unprotected"));
}

#[test]
fn what_servers_write_is_not_taken_from_the_inside() {
    let results = "Authentication-Results: mx.demo.example; dkim=pass\nReceived: from anna\n";
    let inner = format!("{FROM}{results}Content-Type: text/plain; hp=\"clear\"\n");
    let outside = "Authentication-Results: mx.demo.example; dkim=fail\n";
    let read = read(&format!("{outside}{FROM}"), &inner, &[&key(Profile::Compat, "Anna")]);
    assert_eq!(field(&read, "authentication-results"), ("mx.demo.example; dkim=fail", "unprotected"));
    assert!(!read.fields.iter().any(|field| field.name == "Received"));
}

#[test]
fn no_field_is_signed_by_somebody_else_than_the_author() {
    let (anna, eve) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Eve"));
    let inner = format!("{FROM}Subject: Pay\nContent-Type: text/plain; hp=\"clear\"\n");
    let outer = format!("{FROM}Subject: Pay\n");
    let forged = read(&outer, &inner, &[&eve]);
    assert_eq!((field(&forged, "from").1, field(&forged, "subject").1), ("unprotected", "unprotected"));
    assert_eq!(forged.protection.code(), "encrypted");
    assert_eq!(forged.signatures[0].from, Some(FromMatch::Mismatch), "what the signature is worth stands with it");
    let real = read(&outer, &inner, &[&anna]);
    assert_eq!((field(&real, "from").1, real.protection.code()), ("signed", "signed-and-encrypted"));
    let both = read(&outer, &inner, &[&eve, &anna]);
    assert_eq!((field(&both, "from").1, both.protection.code()), ("signed", "signed-and-encrypted"));
}

#[test]
fn text_is_hidden_as_repetition_only_where_it_is_one() {
    let head = "HP-Outer: Subject: [...]\nContent-Type: text/plain; hp=\"cipher\"; hp-legacy-display=\"1\"\n";
    let text = |body: &str| {
        let read = read(FROM, &format!("{FROM}Subject: Gr\u{fc}\u{df}e\n{head}\n{body}"), &[]);
        read.parts[0].text.clone().unwrap()
    };
    assert_eq!(text("Subject:  Gr\u{fc}\u{df}e\n\nHello"), "Hello\nwords");
    for body in ["Amount: 100\n\nHello", "Subject: other\n\nHello", "Hello"] {
        assert_eq!(text(body), format!("{body}\nwords"));
    }
    // The forerunner's way: a first part with nothing but fields that the payload has.
    let parts = |first: &str| {
        let parts = multipart("mixed; protected-headers=\"v1\"", &[first, "\nHello"]);
        let read = read(FROM, &format!("Subject: Hi\n{parts}"), &[]);
        read.parts.iter().map(|part| part.text.clone().unwrap()).collect::<Vec<_>>()
    };
    let display = "Content-Type: text/plain; protected-headers=\"v1\"\n\n";
    assert_eq!(parts(&format!("{display}Subject: Hi")), ["Hello"]);
    assert_eq!(parts(&format!("{display}Pay: 100")), ["Pay: 100", "Hello"]);
    assert_eq!(parts(&format!("{display}Pay 100")), ["Pay 100", "Hello"]);
}
