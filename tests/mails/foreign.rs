//! Mails in the shapes that other programs give them.

use crate::cast::*;
use envelock::mail::{ReadOptions, read_blocking};
use envelock::message::{Decryptor, SignOptions, SignatureForm, Signer, VerdictStatus, overall, sign};
use envelock::{Certificate, Limits, Passphrase, Policy, Profile, SecretKey, Timestamp};

fn vector(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)).unwrap()
}

#[test]
fn efail_parts_are_never_joined() {
    let nora = SecretKey::parse(&vector("00-keys/nora.sec.asc"), &Limits::default()).unwrap();
    let keys = [Decryptor { key: &nora, passphrase: None }];
    let mail = vector("60-mime/efail-direct-img.eml");
    let options = ReadOptions { mail: &mail, keys: &keys, ..ReadOptions::default() };
    let at = Timestamp::from_secs(1_795_478_399);
    let read = read_blocking(options, &Policy::default(), &Limits::default(), at, &mut ()).unwrap();
    let states: Vec<_> = read.parts.iter().map(|part| part.protection.code()).collect();
    assert_eq!(states, ["unprotected", "encrypted", "unprotected"]);
    assert_eq!(read.protection.code(), "unprotected", "only a part of it is encrypted");
    for part in &read.parts {
        let holds = |needle: &str| String::from_utf8_lossy(&part.data).contains(needle);
        assert!(!(holds("leak") && holds("4417")), "{:?}", part.path);
    }
    assert!(String::from_utf8_lossy(&read.parts[1].data).contains("4417"));
}

#[test]
fn mails_of_gopenpgp() {
    let key = SecretKey::parse(&vector("00-keys/gopenpgp-mime-decryption.asc"), &Limits::default()).unwrap();
    let certificates =
        [Certificate::parse(&vector("00-keys/gopenpgp-mime-verification.asc"), &Limits::default()).unwrap()];
    let passphrase = Passphrase::from("test_passphrase");
    let keys = [Decryptor { key: &key, passphrase: Some(&passphrase) }];
    // 2019-05-13, when they were signed.
    let at = Timestamp::from_secs(1_557_754_627);
    for (name, good) in [("60-mime/gopenpgp-mime-00.asc", true), ("60-mime/gopenpgp-mime-13.asc", false)] {
        let message = String::from_utf8(vector(name)).unwrap();
        let mail = format!("From: a@b.example\nMIME-Version: 1.0\n{}", pgp_mime(&message));
        let options =
            ReadOptions { mail: mail.as_bytes(), keys: &keys, verify_with: &certificates, ..ReadOptions::default() };
        let read = read_blocking(options, &Policy::default(), &Limits::default(), at, &mut ()).unwrap();
        assert!(read.parts.iter().all(|part| part.problem.is_none() && part.protection.code().contains("encrypted")));
        let is_good = overall(&read.signatures) == envelock::message::Overall::Signed(VerdictStatus::Valid);
        assert_eq!(is_good, good, "{name}: {:?}", read.signatures);
    }
}

#[test]
fn thunderbird_hides_the_subject_its_own_way() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"));
    let payload = "Content-Type: multipart/mixed; boundary=\"in\"; protected-headers=\"v1\"\r\nFrom: Anna <anna@demo.example>\r\nTo: bert@demo.example\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <x@demo.example>\r\n\r\n--in\r\nContent-Type: text/plain; protected-headers=\"v1\"\r\nContent-Disposition: inline\r\n\r\nSubject: Gruesse\r\n\r\n--in\r\nContent-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHall=C3=B6chen\r\n\r\n--in--\r\n";
    let message = encrypted(payload.as_bytes(), &bert, &[&anna]);
    let mail = format!(
        "From: Anna <anna@demo.example>\nTo: bert@demo.example\nMessage-ID: <x@demo.example>\nSubject: ...\nMIME-Version: 1.0\n{}",
        pgp_mime(&message)
    );
    let read = opened(mail.as_bytes(), &[&bert], &[anna.certificate()]);
    assert_eq!(field(&read, "subject"), ("Grüße", "signed-and-encrypted"));
    assert!(read.mismatches.is_empty(), "{:?}", read.mismatches);
    assert_eq!(read.parts.len(), 1, "the repeated subject is not a part of the text");
    assert_eq!(read.parts[0].text.as_deref(), Some("Hallöchen\r\n"));
}

#[test]
fn openpgp_inside_of_text() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"));
    let signers = [Signer { key: &anna, passphrase: None }];
    let options = SignOptions {
        data: b"signed words",
        signers: &signers,
        form: SignatureForm::Cleartext,
        ..SignOptions::default()
    };
    let cleartext = sign(options, &Policy::default(), &Limits::default(), now(), &mut rng(5)).unwrap();
    let cleartext = String::from_utf8(cleartext).unwrap();
    let block = encrypted(b"secret words", &bert, &[]);
    let mail = format!("From: anna@demo.example\n\nHello\n{block}\nin between\n{cleartext}bye\n");
    let read = opened(mail.as_bytes(), &[&bert], &[anna.certificate()]);
    let seen: Vec<_> = read
        .parts
        .iter()
        .map(|part| (part.path.as_str(), part.text.as_deref().unwrap().trim(), part.protection.code()))
        .collect();
    assert_eq!(
        seen,
        [
            ("1#1", "Hello", "unprotected"),
            ("1#2", "secret words", "encrypted"),
            ("1#3", "in between", "unprotected"),
            ("1#4", "signed words", "signed"),
            ("1#5", "bye", "unprotected"),
        ]
    );
    assert_eq!(read.protection.code(), "unprotected");
}

#[test]
fn an_encrypted_file_is_opened() {
    let bert = key(Profile::Compat, "Bert");
    let block = encrypted(b"\x00\x01", &bert, &[]);
    let mail = format!(
        "From: anna@demo.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/octet-stream; name=\"a.bin.pgp\"\nContent-Disposition: attachment; filename=\"a.bin.pgp\"\n\n{block}\n--b--\n"
    );
    let read = opened(mail.as_bytes(), &[&bert], &[]);
    let file = &read.parts[1];
    assert_eq!(
        (file.name.as_deref(), &file.data[..], file.protection.code()),
        (Some("a.bin"), &[0, 1][..], "encrypted")
    );
    let closed = opened(mail.as_bytes(), &[], &[]);
    assert_eq!(closed.parts[1].problem.as_ref().unwrap().code, "no-matching-key");
}

#[test]
fn a_signature_around_encryption_says_nothing_about_the_inside() {
    let (eve, bert) = (key(Profile::Compat, "Eve"), key(Profile::Compat, "Bert"));
    let inner = pgp_mime(&encrypted(b"Content-Type: text/plain\r\n\r\nsecret", &bert, &[])).replace('\n', "\r\n");
    let signers = [Signer { key: &eve, passphrase: None }];
    let options = SignOptions { data: inner.as_bytes(), signers: &signers, armor: true, ..SignOptions::default() };
    let signature = sign(options, &Policy::default(), &Limits::default(), now(), &mut rng(5)).unwrap();
    let mail = format!(
        "From: eve@demo.example\r\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=s\r\n\r\n--s\r\n{inner}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n{}\r\n--s--\r\n",
        String::from_utf8(signature).unwrap()
    );
    let read = opened(mail.as_bytes(), &[&bert], &[eve.certificate()]);
    assert_eq!((read.protection.code(), read.signatures.len()), ("encrypted", 0));
    assert_eq!(read.parts[0].text.as_deref(), Some("secret"));
}

#[test]
fn a_signed_part_inside_speaks_for_itself_only() {
    let anna = key(Profile::Compat, "Anna");
    let signed = String::from_utf8(written(&draft(), &[&anna], &[], true)).unwrap();
    let inner = &signed[signed.find("Content-Type: multipart/signed").unwrap()..];
    let mail = format!(
        "From: anna@demo.example\r\nSubject: Pay Eve\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nPay Eve.\r\n--o\r\n{inner}\r\n--o--\r\n"
    );
    let read = opened(mail.as_bytes(), &[], &[anna.certificate()]);
    let states: Vec<_> = read.parts.iter().map(|part| part.protection.code()).collect();
    assert_eq!(states, ["unprotected", "signed"]);
    assert_eq!((read.protection.code(), read.signatures.len()), ("unprotected", 0));
    assert_eq!(field(&read, "subject"), ("Pay Eve", "unprotected"), "the inner part's fields are not the mail's");
}

/// What Bert sees of a mail from Anna, whose certificate he has.
fn seen_by_bert(mail: &str) -> envelock::mail::Mail {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"));
    opened(mail.as_bytes(), &[&bert], &[anna.certificate()])
}

#[test]
fn apple_mail_signs_inside_and_encrypts_around() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"));
    let content =
        "Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain;\n\tcharset=utf-8\n\nGr=C3=BC=C3=9Fe\n";
    let inside = signed_by(content, &anna)
        .replace("boundary=sig", "\n\tboundary=\"Apple-Mail=_1\"")
        .replace("--sig", "--Apple-Mail=_1");
    let message = encrypted(inside.replace('\n', "\r\n").as_bytes(), &bert, &[]);
    let mail = format!(
        "From: Anna <anna@demo.example>\nSubject: Hi\nMime-Version: 1.0 (Mac OS X Mail 16.0)\nContent-Type: multipart/encrypted;\n\tboundary=\"Apple-Mail=_2\";\n\tprotocol=\"application/pgp-encrypted\"\nX-Pgp-Agent: GPGMail\n\nThis is an OpenPGP/MIME encrypted message (RFC 2440 and 3156)\n--Apple-Mail=_2\nContent-Transfer-Encoding: 7bit\nContent-Type: application/pgp-encrypted\nContent-Description: PGP/MIME Versions Identification\n\nVersion: 1\n\n--Apple-Mail=_2\nContent-Transfer-Encoding: 7bit\nContent-Disposition: inline;\n\tfilename=encrypted.asc\nContent-Type: application/octet-stream;\n\tname=encrypted.asc\nContent-Description: OpenPGP encrypted message\n\n{message}\n--Apple-Mail=_2--\n"
    );
    let read = seen_by_bert(&mail);
    assert_eq!(seen(&read), [("1.1", "Gr\u{fc}\u{df}e", "signed-and-encrypted")]);
    assert_eq!(read.protection.code(), "signed-and-encrypted");
    assert_eq!(field(&read, "subject"), ("Hi", "unprotected"));
}

#[test]
fn k9_gossips_in_a_payload_without_protected_fields() {
    let (bert, cleo) = (key(Profile::Compat, "Bert"), key(Profile::Compat, "Cleo"));
    let about = |key: &SecretKey, address: &str| {
        let certificate = key.certificate();
        let header =
            envelock::mail::AutocryptHeader { address: address.into(), prefers_encryption: false, certificate };
        format!("Autocrypt-Gossip: {}\n", header.value().replace("keydata=", "\n keydata="))
    };
    let gossip = about(&bert, "bert@demo.example") + &about(&cleo, "cleo@demo.example");
    let payload =
        format!("{gossip}Content-Type: text/plain;\n charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nHall\u{f6}chen");
    let head = "From: anna@demo.example\nTo: bert@demo.example\nCC: Cleo <cleo@demo.example>\nSubject: Hi\n";
    let read = seen_by_bert(&format!("{head}{}", pgp_mime(&encrypted(payload.as_bytes(), &bert, &[]))));
    assert_eq!(seen(&read), [("1", "Hall\u{f6}chen", "encrypted")]);
    let addresses: Vec<_> = read.gossip.iter().map(|header| header.address.as_str()).collect();
    assert_eq!(addresses, ["bert@demo.example", "cleo@demo.example"]);
}

#[test]
fn mailvelope_writes_armor_with_comments_into_text() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"));
    let comments = "-----BEGIN PGP MESSAGE-----\nVersion: Mailvelope v5.1.2\nComment: https://mailvelope.com\n";
    let block =
        encrypted("Gr\u{fc}\u{df}e".as_bytes(), &bert, &[&anna]).replace("-----BEGIN PGP MESSAGE-----\n", comments);
    let mail = format!(
        "From: Anna <anna@demo.example>\nContent-Type: text/plain; charset=\"UTF-8\"; format=flowed\n\n{block}"
    );
    let read = seen_by_bert(&mail);
    assert_eq!(seen(&read), [("1#1", "Gr\u{fc}\u{df}e", "signed-and-encrypted")]);
    assert_eq!(read.protection.code(), "unprotected", "text in armor is no mail");
}

#[test]
fn a_mailing_list_adds_a_footer_to_a_signed_mail() {
    let signed = signed_by("Content-Type: text/plain\n\nwords", &key(Profile::Compat, "Anna"));
    let footer =
        "Content-Type: text/plain; charset=\"us-ascii\"\nContent-Disposition: inline\n\n____\nlist mailing list";
    let mail = format!(
        "From: anna@demo.example\nSender: list-bounces@demo.example\n{}",
        multipart("mixed", &[&signed, footer])
    );
    let read = seen_by_bert(&mail);
    assert_eq!(seen(&read), [("1.1", "words", "signed"), ("2", "____\nlist mailing list", "unprotected")]);
    assert_eq!(read.protection.code(), "unprotected", "the footer is not Anna's");
}

#[test]
fn exchange_makes_a_mixed_multipart_of_an_encrypted_one() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"));
    let payload = "Content-Type: text/plain; hp=\"cipher\"\nFrom: anna@demo.example\nSubject: secret\nHP-Outer: Subject: [...]\nHP-Outer: From: anna@demo.example\n\nwords";
    let message = format!(
        "Content-Type: application/octet-stream; name=\"encrypted.asc\"\nContent-Disposition: inline\n\n{}",
        encrypted(payload.as_bytes(), &bert, &[&anna])
    );
    let version = "Content-Type: application/pgp-encrypted\nContent-Disposition: attachment\n\nVersion: 1";
    let head = "From: anna@demo.example\nSubject: [...]\n";
    let remade = |text: &str| {
        seen_by_bert(&format!(
            "{head}{}",
            multipart("mixed", &[&format!("Content-Type: text/plain\n\n{text}"), version, &message])
        ))
    };
    let read = remade("");
    assert_eq!(seen(&read), [("1", "words", "signed-and-encrypted")]);
    assert_eq!(
        (read.protection.code(), field(&read, "subject")),
        ("signed-and-encrypted", ("secret", "signed-and-encrypted"))
    );
    // With words of its own around it, it is no such thing.
    let other = remade("Pay Eve");
    assert_eq!((other.protection.code(), seen(&other)[0]), ("unprotected", ("1", "Pay Eve", "unprotected")));
}
