//! Messages that come piece by piece: what is written so is read by both ways, and both ways say the same of every message.

use crate::cast::*;
use envelock::SecretOctets;
use envelock::message::{
    Container, DecryptError, DecryptOptions, DecryptStream, Decrypted, Decryptor, EncryptError, EncryptOptions,
    EncryptStream, Format, PART, SignOptions, SignStream, SignedInput, Signer, VerdictStatus, VerifyOptions,
    VerifyStream, encrypt_blocking, sign, verify,
};
use envelock::{Password, Profile, SecretKey};
use envelock_seipd::packet::{Tag, split};
use std::ops::ControlFlow;

/// Data that no two places of are alike.
fn data(length: usize) -> Vec<u8> {
    (0..length as u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn encrypt_by(options: EncryptOptions<'_>, data: &[u8], step: usize) -> Result<Vec<u8>, EncryptError> {
    let mut rng = rng(1);
    let (mut stream, mut message) = EncryptStream::begin_blocking(options, &policy(), &limits(), now(), &mut rng)?;
    for piece in data.chunks(step) {
        message.extend(stream.push_blocking(piece, &mut ())?);
    }
    message.extend(stream.finish_blocking(&mut rng, &mut ())?);
    Ok(message)
}

const STEPS: [usize; 5] = [1, 3, 500, 70_001, 1 << 30];

#[test]
fn what_is_written_in_pieces_is_read_as_a_whole_and_in_pieces() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    for (recipient, format, container) in [
        (&bert, Format::Auto, Container::SeipdV2),
        (&anna, Format::SeipdV2, Container::SeipdV2),
        (&anna, Format::Auto, Container::SeipdV1),
    ] {
        for (length, armor) in
            [(0, true), (1, false), (100_000, true), (PART - 1, false), (PART, true), (2 * PART + 300_001, false)]
        {
            let data = data(length);
            let options = EncryptOptions {
                recipients: &[recipient.certificate()],
                signers: &[Signer { key: &anna, passphrase: None }, Signer { key: &bert, passphrase: None }],
                filename: Some("a.bin"),
                format,
                armor,
                ..EncryptOptions::default()
            };
            let message = encrypt_by(options, &data, 65_537).unwrap();
            let (certificates, keys) =
                ([anna.certificate(), bert.certificate()], [Decryptor { key: recipient, passphrase: None }]);
            let options = DecryptOptions {
                message: &message,
                keys: &keys,
                verify_with: &certificates,
                ..DecryptOptions::default()
            };
            let steps: &[usize] =
                if length > PART { &[70_001, 3 << 20] } else { &STEPS[usize::from(length > 1) * 2..] };
            let decrypted = same(options, steps).unwrap();
            assert!(*decrypted.data == data, "{length} octets");
            assert_eq!((decrypted.container, decrypted.filename.as_deref()), (container, Some("a.bin")));
            let statuses: Vec<_> = decrypted.signatures.iter().map(|verdict| verdict.status).collect();
            assert_eq!(statuses, [VerdictStatus::Valid; 2], "{length} octets, {format:?}");
        }
    }
}

#[test]
fn pieces_of_any_size_give_the_same_message() {
    let passwords = [Password::from("heron")];
    let data = data(PART + 4000);
    let options = EncryptOptions { passwords: &passwords, ..EncryptOptions::default() };
    let whole = encrypt_by(options, &data, usize::MAX).unwrap();
    for step in [1000, 4096, PART, PART + 1] {
        assert!(encrypt_by(options, &data, step).unwrap() == whole, "by {step}");
    }
}

#[test]
fn a_short_message_is_the_one_that_is_written_as_a_whole() {
    let anna = key(Profile::Rfc9580, "Anna");
    let recipients = [anna.certificate()];
    for padding in [false, true] {
        let options = EncryptOptions {
            recipients: &recipients,
            filename: Some("a"),
            padding,
            armor: true,
            ..EncryptOptions::default()
        };
        let whole = encrypt_blocking(
            EncryptOptions { data: b"heron", ..options },
            &policy(),
            &limits(),
            now(),
            &mut rng(1),
            &mut (),
        );
        assert_eq!(encrypt_by(options, b"heron", 2).unwrap().len(), whole.unwrap().len());
    }
}

#[test]
fn padding_hides_the_size_of_a_stream() {
    let passwords = [Password::from("heron")];
    let length = |data: usize| {
        let options = EncryptOptions { passwords: &passwords, ..EncryptOptions::default() };
        encrypt_by(options, &vec![7; data], PART).unwrap().len()
    };
    let sizes: Vec<usize> = (0..5).map(|step| length(2 * PART + 1000 * step)).collect();
    assert!(sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");
    assert!(sizes[0] < 2 * PART + PART / 4, "{sizes:?}");
}

#[test]
fn text_signatures_over_line_ends_at_any_place() {
    let anna = key(Profile::Rfc9580, "Anna");
    let text = b"one\r\ntwo\nthree\r\n\nfour\rfive\n\r\n\n".repeat(300);
    let signers = [Signer { key: &anna, passphrase: None }];
    let recipients = [anna.certificate()];
    let options =
        EncryptOptions { recipients: &recipients, signers: &signers, text: true, ..EncryptOptions::default() };
    let keys = [Decryptor { key: &anna, passphrase: None }];
    let whole =
        encrypt_blocking(EncryptOptions { data: &text, ..options }, &policy(), &limits(), now(), &mut rng(1), &mut ());
    for message in [encrypt_by(options, &text, 7).unwrap(), whole.unwrap()] {
        let options =
            DecryptOptions { message: &message, keys: &keys, verify_with: &recipients, ..DecryptOptions::default() };
        let decrypted = same(options, &STEPS).unwrap();
        assert_eq!((decrypted.signatures[0].status, decrypted.signatures[0].text), (VerdictStatus::Valid, true));
    }
}

fn by_password(message: &[u8]) -> (Vec<u8>, Result<Decrypted<()>, DecryptError>) {
    let passwords = [Password::from("heron")];
    decrypt_by(DecryptOptions { message, passwords: &passwords, ..DecryptOptions::default() }, 100_000)
}

/// Encrypted to a key, since that costs no Argon2.
fn message_to(key: &SecretKey, data: &[u8], armor: bool) -> Vec<u8> {
    let recipients = [key.certificate()];
    let signers = [Signer { key, passphrase: None }];
    let options = EncryptOptions {
        recipients: &recipients,
        signers: &signers,
        armor,
        padding: false,
        ..EncryptOptions::default()
    };
    encrypt_by(options, data, usize::MAX).unwrap()
}

fn opened(message: &[u8], key: &SecretKey) -> Outcome {
    let keys = [Decryptor { key, passphrase: None }];
    let certificates = [key.certificate()];
    decrypt_by(
        DecryptOptions { message, keys: &keys, verify_with: &certificates, ..DecryptOptions::default() },
        100_000,
    )
}

#[test]
fn a_message_that_is_cut_is_an_error_wherever_it_is_cut() {
    let anna = key(Profile::Rfc9580, "Anna");
    let data = data(400_000);
    for armor in [false, true] {
        let message = message_to(&anna, &data, armor);
        let last = message.len() - 1;
        for length in (0..9).map(|part| last * part / 9).chain(last - 40..last) {
            // The last line end of armor is nothing.
            let (released, outcome) = opened(&message[..length], &anna);
            assert!(outcome.is_err() && data.starts_with(&released), "cut at {length} of {}", message.len());
        }
    }
}

#[test]
fn a_chunk_that_was_changed_releases_nothing_of_it_nor_behind_it() {
    let anna = key(Profile::Rfc9580, "Anna");
    let data = data(2 * PART);
    let mut message = message_to(&anna, &data, false);
    let place = message.len() / 2;
    message[place] ^= 1;
    let (released, outcome) = opened(&message, &anna);
    assert_eq!(outcome.err(), Some(DecryptError::DecryptionFailed));
    assert!(!released.is_empty() && data.starts_with(&released), "{} octets", released.len());
    assert!(released.len() <= place / (256 << 10) * (256 << 10));
}

#[test]
fn the_wrong_password_and_key_release_nothing() {
    let (anna, bert) = (key(Profile::Rfc9580, "Anna"), key(Profile::Rfc9580, "Bert"));
    let message = message_to(&anna, &data(600_000), false);
    let (released, outcome) = opened(&message, &bert);
    assert_eq!((released.len(), outcome.err()), (0, Some(DecryptError::NoMatchingKey)));
    let passwords = [Password::from("egret")];
    let options = EncryptOptions { passwords: &passwords, ..EncryptOptions::default() };
    let (released, outcome) = by_password(&encrypt_by(options, b"secret", 9).unwrap());
    assert_eq!((released.len(), outcome.err()), (0, Some(DecryptError::DecryptionFailed)));
}

#[test]
fn what_the_grammar_refuses_is_refused_in_pieces() {
    let anna = key(Profile::Rfc9580, "Anna");
    let passwords = [Password::from("heron")];
    let literal = literal(&data(700));
    let partial = [&[0xCB, 0xE9, b'b', 0, 0, 0, 0, 0][..], &[1; 506], &[3, 7, 7, 7]].concat();
    let old = [&[0xAF, b'b', 1, b'n', 0, 0, 0, 0][..], b"to the end"].concat();
    let padding = packet(Tag::PADDING, &[9; 300]);
    let signature = packet(Tag::SIGNATURE, &[6, 0, 1, 2, 3]);
    let contents: [(&[&[u8]], bool); 16] = [
        (&[&literal], true),
        (&[&partial], true),
        (&[&old], true),
        (&[&padding, &literal, &padding], true),
        (&[&signature, &literal], true),
        (&[&packet(61, b"unknown"), &literal, &packet(Tag::MARKER, b"PGP")], true),
        (&[], false),
        (&[&padding], false),
        (&[&literal, &literal], false),
        (&[&literal, &signature], false),
        (&[&literal, &[0]], false),
        (&[&literal[..300]], false),
        (&[&packet(22, b"critical"), &literal], false),
        (&[&packet(Tag::LITERAL, b"b")], false),
        (&[&packet(Tag::SEIPD, &[2; 60])], false),
        (&[&packet(Tag::COMPRESSED, &[1, 2, 3])], false),
    ];
    for (number, (content, is_message)) in contents.iter().enumerate() {
        let message = encrypt_packets(&content.concat(), "heron");
        let certificates = [anna.certificate()];
        let options = DecryptOptions {
            message: &message,
            passwords: &passwords,
            verify_with: &certificates,
            ..DecryptOptions::default()
        };
        assert_eq!(same(options, &STEPS).is_ok(), *is_message, "content {number}");
    }
}

#[test]
fn what_stands_beside_the_container_is_refused_in_pieces() {
    let passwords = [Password::from("heron")];
    let message = encrypt_packets(&literal(b"heron"), "heron");
    let marker = packet(Tag::MARKER, b"PGP");
    for (message, is_message) in [
        ([message.as_slice(), &marker].concat(), true),
        ([&marker, message.as_slice()].concat(), true),
        ([message.as_slice(), &literal(b"egret")].concat(), false),
        ([message.as_slice(), &message].concat(), false),
        ([&literal(b"egret"), message.as_slice()].concat(), false),
        ([message.as_slice(), b"text"].concat(), false),
        (b"no message at all".to_vec(), false),
        (Vec::new(), false),
        (literal(b"egret"), false),
        (packet(Tag::SED, b"old"), false),
    ] {
        let options = DecryptOptions { message: &message, passwords: &passwords, ..DecryptOptions::default() };
        assert_eq!(
            same(options, &STEPS).is_ok(),
            is_message,
            "{:?}",
            split(&message).map(|found| found.map(|found| found.tag)).collect::<Vec<_>>()
        );
    }
}

#[test]
fn armor_is_not_read_twice() {
    let anna = key(Profile::Rfc9580, "Anna");
    let keys = [Decryptor { key: &anna, passphrase: None }];
    let once = message_to(&anna, b"heron", true);
    let twice = envelock::armor::write(envelock::armor::ArmorKind::Message, &once);
    let options = DecryptOptions { message: twice.as_bytes(), keys: &keys, ..DecryptOptions::default() };
    assert!(same(options, &STEPS).is_err());
    let other = String::from_utf8(once).unwrap().replace("PGP MESSAGE", "PGP SIGNATURE");
    let options = DecryptOptions { message: other.as_bytes(), keys: &keys, ..DecryptOptions::default() };
    assert!(same(options, &STEPS).is_err());
}

#[test]
fn progress_tells_the_truth_and_cancels() {
    let anna = key(Profile::Rfc9580, "Anna");
    let recipients = [anna.certificate()];
    let options = EncryptOptions { recipients: &recipients, ..EncryptOptions::default() };
    struct Seen(Vec<(u64, u64)>, u64);
    impl envelock_seipd::Progress for Seen {
        fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
            self.0.push((done, total));
            if done > self.1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    let mut rng = rng(1);
    let mut seen = Seen(Vec::new(), u64::MAX);
    let (mut stream, _) = EncryptStream::begin_blocking(options, &policy(), &limits(), now(), &mut rng).unwrap();
    let _: Vec<u8> = stream.push_blocking(&data(PART + 5), &mut seen).unwrap();
    assert_eq!(seen.0.last(), Some(&(PART as u64, u64::MAX)));
    let _: Vec<u8> = stream.finish_blocking(&mut rng, &mut seen).unwrap();
    assert_eq!(seen.0.last(), Some(&(PART as u64 + 5, PART as u64 + 5)));
    assert!(seen.0.is_sorted());

    let mut stops = Seen(Vec::new(), 1);
    let (mut stream, _) = EncryptStream::begin_blocking(options, &policy(), &limits(), now(), &mut rng).unwrap();
    assert_eq!(stream.push_blocking(&data(PART), &mut stops).err(), Some(EncryptError::Cancelled));
    let message = message_to(&anna, &data(PART), false);
    let (policy, limits) = (policy(), limits());
    let keys = [Decryptor { key: &anna, passphrase: None }];
    let mut stream =
        DecryptStream::new(DecryptOptions { keys: &keys, ..DecryptOptions::default() }, &policy, &limits, now());
    let stopped: Result<Option<SecretOctets>, _> = stream.push_blocking(&message, &mut Seen(Vec::new(), 0));
    assert_eq!(stopped.err(), Some(DecryptError::Cancelled));
    assert!(stream.push_blocking(&message, &mut ()).is_err(), "a stream that failed goes on");
}

/// Detached signatures are the same whichever way they are made, and checked; text is CRLF wherever a piece ends.
#[test]
fn what_passes_by_is_signed_and_verified_as_a_whole_is() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let certificates = [anna.certificate(), bert.certificate()];
    let data = [b"one\r\ntwo\nthree\r", data(5000).as_slice()].concat();
    for (step, text) in STEPS.into_iter().flat_map(|step| [(step, false), (step, true)]) {
        let signers = [Signer { key: &anna, passphrase: None }, Signer { key: &bert, passphrase: None }];
        let options = SignOptions { signers: &signers, text, ..SignOptions::default() };
        let mut signing = SignStream::new(options, &policy(), &limits(), now(), &mut rng(5)).unwrap();
        data.chunks(step).for_each(|piece| signing.push(piece));
        let signature = signing.finish().unwrap();
        let whole = SignOptions { data: &data, ..options };
        assert_eq!(signature, sign(whole, &policy(), &limits(), now(), &mut rng(5)).unwrap());
        for damaged in [false, true] {
            let mut data = data.clone();
            data[4000] ^= u8::from(damaged);
            let (policy, limits) = (policy(), limits());
            let mut verifying = VerifyStream::new(&signature, &certificates, None, &policy, &limits, now()).unwrap();
            data.chunks(step).for_each(|piece| verifying.push(piece));
            let verdicts = verifying.finish();
            let input = SignedInput::Detached { data: &data, signature: &signature };
            let options = VerifyOptions { input, verify_with: &certificates, ..VerifyOptions::default() };
            assert_eq!(verdicts, verify(options, &policy, &limits, now()).unwrap().signatures);
            let expected = if damaged { VerdictStatus::Invalid } else { VerdictStatus::Valid };
            assert!(verdicts.len() == 2 && verdicts.iter().all(|verdict| verdict.status == expected));
        }
    }
}
