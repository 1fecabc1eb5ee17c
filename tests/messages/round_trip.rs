//! What is encrypted comes back: to keys, to passwords, to both; and who may not read it cannot.

use crate::cast::*;
use envelock::message::{
    Container, DecryptError, DecryptOptions, Decryptor, EncryptError, EncryptOptions, EncryptStream, Format, Overall,
    SignError, SignOptions, SignatureForm, SignedInput, Signer, VerdictStatus, VerifyOptions, decrypt_blocking,
    encrypt_blocking, inspect, overall, sign, verify,
};
use envelock::{Passphrase, Password, Profile};
use std::ops::ControlFlow;

const DATA: &[u8] = b"The heron stands still.\r\n\0\xff";

fn encrypt(options: EncryptOptions<'_>) -> Result<Vec<u8>, EncryptError> {
    encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ())
}

#[test]
fn recipients_decide_the_container() {
    let (compat, modern) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    for (keys, format, container) in [
        (vec![&compat], Format::Auto, Container::SeipdV1),
        (vec![&modern], Format::Auto, Container::SeipdV2),
        (vec![&compat, &modern], Format::Auto, Container::SeipdV1),
        (vec![&compat, &modern], Format::SeipdV2, Container::SeipdV2),
        (vec![&modern], Format::SeipdV1, Container::SeipdV1),
    ] {
        let recipients: Vec<_> = keys.iter().map(|key| key.certificate()).collect();
        let options = EncryptOptions { data: DATA, recipients: &recipients, format, ..EncryptOptions::default() };
        let message = encrypt(options).unwrap();
        for key in keys {
            let decrypted = decrypt_with_key(&message, key, &[]).unwrap();
            assert_eq!(*decrypted.data, DATA);
            assert_eq!(decrypted.container, container, "{format:?}");
            assert_eq!(overall(&decrypted.signatures), Overall::Unsigned);
        }
    }
}

#[test]
fn no_more_passwords_than_are_tried() {
    let most = limits().passwords();
    let passwords: Vec<_> = (0..=most).map(|n| Password::new(format!("heron {n}"))).collect();
    for format in [Format::SeipdV1, Format::SeipdV2] {
        let refused = Err(EncryptError::TooManyPasswords { found: most + 1, allowed: most });
        let options = EncryptOptions { data: DATA, passwords: &passwords, format, ..EncryptOptions::default() };
        assert_eq!(encrypt(options), refused);
        let begun = EncryptStream::begin_blocking(options, &policy(), &limits(), now(), &mut rng(1));
        assert_eq!(begun.err(), refused.err(), "{format:?}");

        let options = EncryptOptions { passwords: &passwords[..most], ..options };
        let message = encrypt(options).unwrap();
        let last = format!("heron {}", most - 1);
        assert_eq!(*decrypt_with_password(&message, &last).unwrap().data, DATA, "{format:?}");
    }
}

#[test]
fn no_more_signers_than_are_checked() {
    let anna = key(Profile::Rfc9580, "Anna");
    let recipients = [anna.certificate()];
    let most = limits().message_signatures;
    let signers = vec![Signer { key: &anna, passphrase: None }; most + 1];
    let options =
        EncryptOptions { data: DATA, recipients: &recipients, signers: &signers, ..EncryptOptions::default() };
    let refused = EncryptError::Sign(SignError::TooManySigners { found: most + 1, allowed: most });
    assert_eq!(encrypt(options), Err(refused.clone()));
    let begun = EncryptStream::begin_blocking(options, &policy(), &limits(), now(), &mut rng(1));
    assert_eq!(begun.err(), Some(refused));
    let message = encrypt(EncryptOptions { signers: &signers[..most], ..options }).unwrap();
    assert_eq!(decrypt_with_key(&message, &anna, &recipients).unwrap().signatures.len(), most);
}

#[test]
fn no_more_hidden_recipients_than_are_tried() {
    let anna = key(Profile::Rfc9580, "Anna");
    let recipients = [anna.certificate(), key(Profile::Rfc9580, "Bert").certificate()];
    let mut strict = limits();
    strict.anonymous_attempts = 1;
    let encrypt = |hide_recipients| {
        let options =
            EncryptOptions { data: DATA, recipients: &recipients, hide_recipients, ..EncryptOptions::default() };
        encrypt_blocking(options, &policy(), &strict, now(), &mut rng(1), &mut ())
    };
    assert_eq!(encrypt(true).err(), Some(EncryptError::TooManyRecipients { found: 2, allowed: 1 }));
    assert!(encrypt(false).is_ok());
}

#[test]
fn keys_and_passwords_on_one_message() {
    let anna = key(Profile::Compat, "Anna");
    let recipients = [anna.certificate()];
    let passwords = [Password::from("heron"), Password::from("Rohrdommel ü")];
    for format in [Format::SeipdV1, Format::SeipdV2] {
        for armor in [false, true] {
            let options = EncryptOptions {
                data: DATA,
                filename: Some("notes.txt"),
                recipients: &recipients,
                passwords: &passwords,
                format,
                armor,
                ..EncryptOptions::default()
            };
            let message = encrypt(options).unwrap();
            assert_eq!(message.starts_with(b"-----BEGIN PGP MESSAGE-----\n"), armor);
            for decrypted in [
                decrypt_with_key(&message, &anna, &[]),
                decrypt_with_password(&message, "heron"),
                decrypt_with_password(&message, "Rohrdommel ü"),
            ] {
                let decrypted = decrypted.unwrap();
                assert_eq!(*decrypted.data, DATA);
                assert_eq!(decrypted.filename.as_deref(), Some("notes.txt"));
            }
            assert_eq!(decrypt_with_password(&message, "Heron").unwrap_err(), DecryptError::DecryptionFailed);
            assert_eq!(
                decrypt_with_key(&message, &key(Profile::Compat, "Eve"), &[]).unwrap_err(),
                DecryptError::NoMatchingKey
            );
        }
    }
}

#[test]
fn sizes_around_chunks_and_nothing() {
    for size in [0, 1, 511, 512, (256 << 10) - 100, 256 << 10, (512 << 10) + 1] {
        let data: Vec<u8> = (0..size).map(|index| index as u8).collect();
        for format in [Format::SeipdV1, Format::SeipdV2] {
            let recipients = [key(Profile::Rfc9580, "Bert").certificate()];
            let options = EncryptOptions { data: &data, recipients: &recipients, format, ..EncryptOptions::default() };
            let message = encrypt(options).unwrap();
            let decrypted = decrypt_with_key(&message, &key(Profile::Rfc9580, "Bert"), &[]).unwrap();
            assert!(*decrypted.data == data, "{size} octets, {format:?}");
        }
    }
}

#[test]
fn signed_and_encrypted() {
    for signer_profile in [Profile::Compat, Profile::Rfc9580] {
        let (anna, bert) = (key(signer_profile, "Anna"), key(Profile::Rfc9580, "Bert"));
        let signers = [Signer { key: &anna, passphrase: None }, Signer { key: &bert, passphrase: None }];
        let recipients = [bert.certificate()];
        let options =
            EncryptOptions { data: DATA, recipients: &recipients, signers: &signers, ..EncryptOptions::default() };
        let message = encrypt(options).unwrap();
        let decrypted = decrypt_with_key(&message, &bert, &[anna.certificate()]).unwrap();
        let statuses: Vec<_> = decrypted.signatures.iter().map(|verdict| verdict.status).collect();
        assert_eq!(statuses, [VerdictStatus::UnknownSigner, VerdictStatus::Valid], "innermost first");
        let valid = &decrypted.signatures[1];
        assert_eq!(valid.signer, Some(anna.fingerprint()));
        assert_eq!(valid.signer_user_id.as_deref(), Some("Anna <anna@demo.example>"));
        assert_eq!(valid.created, Some(now()));
        assert_eq!(overall(&decrypted.signatures), Overall::Signed(VerdictStatus::Valid));
    }
}

#[test]
fn locked_keys() {
    let (right, wrong) = (Passphrase::from("open sesame"), Passphrase::from("open barley"));
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let anna = locked(profile, "Anna", "open sesame");
        let recipients = [anna.certificate()];
        let options = EncryptOptions { data: DATA, recipients: &recipients, ..EncryptOptions::default() };
        let message = encrypt(options).unwrap();
        let open = |passphrase| {
            let keys = [Decryptor { key: &anna, passphrase }];
            let options = DecryptOptions { message: &message, keys: &keys, ..DecryptOptions::default() };
            decrypt_blocking(options, &policy(), &limits(), now(), &mut ())
        };
        assert_eq!(*open(Some(&right)).unwrap().data, DATA);
        assert_eq!(open(Some(&wrong)).unwrap_err(), DecryptError::WrongPassphrase);
        assert_eq!(open(None).unwrap_err(), DecryptError::PassphraseRequired);

        let signing = |passphrase| {
            let signers = [Signer { key: &anna, passphrase }];
            encrypt(EncryptOptions {
                data: DATA,
                recipients: &recipients,
                signers: &signers,
                ..EncryptOptions::default()
            })
        };
        assert!(signing(Some(&right)).is_ok());
        assert_eq!(signing(Some(&wrong)).unwrap_err().code(), "wrong-passphrase");
        assert_eq!(signing(None).unwrap_err().code(), "passphrase-required");
    }
}

#[test]
fn padding_hides_small_differences() {
    let size = |length: usize, padding: bool| {
        let recipients = [key(Profile::Rfc9580, "Bert").certificate()];
        let data = vec![b'x'; length];
        let options = EncryptOptions { data: &data, recipients: &recipients, padding, ..EncryptOptions::default() };
        encrypt(options).unwrap().len()
    };
    assert_eq!(size(10_000, true), size(10_100, true));
    assert_ne!(size(10_000, false), size(10_100, false));
}

#[test]
fn what_cannot_be_encrypted_is_named() {
    let expired = key_until(Profile::Compat, "Olga", Some(at(NOW - 1))).certificate();
    let recipients = [key(Profile::Compat, "Anna").certificate(), expired.clone()];
    let options = EncryptOptions { data: DATA, recipients: &recipients, ..EncryptOptions::default() };
    let refused = EncryptError::UnusableRecipient { fingerprint: expired.fingerprint(), reason: "expired" };
    assert_eq!(encrypt(options), Err(refused));
    assert_eq!(encrypt(EncryptOptions { data: DATA, ..EncryptOptions::default() }), Err(EncryptError::NoRecipient));
    let passwords = [Password::from("heron"), Password::from("")];
    let options = EncryptOptions { data: DATA, passwords: &passwords, ..EncryptOptions::default() };
    assert_eq!(encrypt(options), Err(EncryptError::EmptyPassword));
    let long = "n".repeat(256);
    let passwords = [Password::from("heron")];
    let options =
        EncryptOptions { data: DATA, filename: Some(&long), passwords: &passwords, ..EncryptOptions::default() };
    assert_eq!(encrypt(options), Err(EncryptError::FilenameTooLong));
    let mut small = limits();
    small.plaintext_bytes = 5;
    let options = EncryptOptions { data: DATA, passwords: &passwords, ..EncryptOptions::default() };
    let refused = encrypt_blocking(options, &policy(), &small, now(), &mut rng(1), &mut ());
    assert_eq!(refused, Err(EncryptError::TooLarge { allowed: 5 }));
}

struct StopAtOnce;

impl envelock_seipd::Progress for StopAtOnce {
    fn report(&mut self, _: u64, _: u64) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

#[test]
fn both_ways_can_be_cancelled() {
    let bert = key(Profile::Rfc9580, "Bert");
    let recipients = [bert.certificate()];
    for format in [Format::SeipdV1, Format::SeipdV2] {
        let options = EncryptOptions { data: DATA, recipients: &recipients, format, ..EncryptOptions::default() };
        let cancelled = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut StopAtOnce);
        assert_eq!(cancelled, Err(EncryptError::Cancelled));
        let message = encrypt(options).unwrap();
        let keys = [Decryptor { key: &bert, passphrase: None }];
        let options = DecryptOptions { message: &message, keys: &keys, ..DecryptOptions::default() };
        let cancelled = decrypt_blocking(options, &policy(), &limits(), now(), &mut StopAtOnce);
        assert_eq!(cancelled.unwrap_err(), DecryptError::Cancelled);
    }
}

/// What was reported.
#[derive(Default)]
struct Reports(Vec<(u64, u64)>);

impl envelock_seipd::Progress for Reports {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        self.0.push((done, total));
        ControlFlow::Continue(())
    }
}

#[test]
fn a_short_message_is_reported_at_its_beginning_and_its_end() {
    let recipients = [key(Profile::Compat, "Anna").certificate()];
    let options =
        EncryptOptions { data: DATA, recipients: &recipients, format: Format::SeipdV1, ..EncryptOptions::default() };
    let mut reports = Reports::default();
    encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut reports).unwrap();
    let [(0, total), (done, same)] = reports.0.as_slice() else { panic!("{:?}", reports.0) };
    assert!(*total >= DATA.len() as u64 && done == total && same == total, "{:?}", reports.0);
}

#[test]
fn text_around_armor_is_ignored_and_a_second_block_refused() {
    let passwords = [Password::from("heron")];
    let options = EncryptOptions { data: DATA, passwords: &passwords, armor: true, ..EncryptOptions::default() };
    let message = String::from_utf8(encrypt(options).unwrap()).unwrap();
    let quoted = format!("Dear Bert,\n\n{message}\n-- \nAnna\n");
    assert_eq!(*decrypt_with_password(quoted.as_bytes(), "heron").unwrap().data, DATA);
    let twice = format!("{message}{message}");
    assert_eq!(decrypt_with_password(twice.as_bytes(), "heron").unwrap_err().code(), "malformed");
}

#[test]
fn expired_keys_still_decrypt() {
    let key = key_until(Profile::Compat, "Olga", Some(at(NOW - 1)));
    let recipients = [key.certificate()];
    let options = EncryptOptions { data: DATA, recipients: &recipients, ..EncryptOptions::default() };
    let then = at(NOW - DAY + 10);
    let message = encrypt_blocking(options, &policy(), &limits(), then, &mut rng(1), &mut ()).unwrap();
    assert_eq!(*decrypt_with_key(&message, &key, &[]).unwrap().data, DATA);
}

#[test]
fn formats_and_forms_are_read_by_their_codes_only() {
    use envelock::message::{Format, SignatureForm};
    for format in [Format::Auto, Format::SeipdV1, Format::SeipdV2] {
        assert_eq!(Format::from_code(format.code()), Some(format));
    }
    for form in [SignatureForm::Detached, SignatureForm::Inline, SignatureForm::Cleartext] {
        assert_eq!(SignatureForm::from_code(form.code()), Some(form));
    }
    for unknown in ["", "Auto", "seipd-v3", "detached "] {
        assert_eq!((Format::from_code(unknown), SignatureForm::from_code(unknown)), (None, None), "{unknown}");
    }
}

#[test]
fn what_is_only_signed_is_for_verify() {
    let anna = key(Profile::Compat, "Anna");
    let signed = |form, armor| {
        let signers = [Signer { key: &anna, passphrase: None }];
        let options = SignOptions { data: b"text", signers: &signers, form, armor, ..SignOptions::default() };
        sign(options, &policy(), &limits(), now(), &mut rng(1)).unwrap()
    };
    let cleartext = signed(SignatureForm::Cleartext, true);
    let answered = [b"From: anna@demo.example\n\n> quoted\n\n", &*cleartext].concat();
    let forms = [
        signed(SignatureForm::Detached, true),
        signed(SignatureForm::Detached, false),
        signed(SignatureForm::Inline, true),
        answered.clone(),
        cleartext,
    ];
    for message in &forms {
        let options = DecryptOptions { message, ..DecryptOptions::default() };
        assert_eq!(same(options, &[7, 4096]).unwrap_err(), DecryptError::NotEncrypted);
    }
    // Text before the frame would be shown as if it were signed. It is not taken for a detached signature either.
    let input = SignedInput::Message(&answered);
    let options = VerifyOptions { input, verify_with: &[], ..VerifyOptions::default() };
    let refused = verify(options, &policy(), &limits(), now()).unwrap_err();
    assert!(refused.to_string().contains("before its header line"), "{refused}");
    assert_eq!(inspect(&answered, &limits()).unwrap_err(), refused);
    let input = SignedInput::Detached { data: b"text", signature: &answered };
    let options = VerifyOptions { input, ..options };
    assert_eq!(verify(options, &policy(), &limits(), now()).unwrap_err(), refused);
}
