//! Work on large messages that lie elsewhere goes in slices: with rests between, at any length, and it stops when it is told to.

use crate::cast::*;
use crate::elsewhere::{Elsewhere, There, encrypt_there};
use envelock::message::{
    DecryptOptionsOn, Decryptor, Format, SignError, SignOptions, SignOptionsOn, SignatureForm, SignedInput,
    SignedInputOn, Signer, VerdictStatus, Verified, VerifyError, VerifyOptions, VerifyOptionsOn, decrypt, detach, sign,
    sign_on, verify, verify_on,
};
use envelock::{Profile, SecretKey};
use envelock_seipd::Progress;
use envelock_seipd::engine::at_once;
use std::ops::ControlFlow;

/// What is read at once.
const SLICE: usize = 256 << 10;

/// Keeps what it is told, and says no after so many reports.
struct Told {
    reports: Vec<(u64, u64)>,
    patience: usize,
}

impl Told {
    fn patient() -> Self {
        Self { reports: Vec::new(), patience: usize::MAX }
    }
}

impl Progress for Told {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        self.reports.push((done, total));
        if self.reports.len() > self.patience { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn sign_there(
    key: &SecretKey,
    form: SignatureForm,
    armor: bool,
    data: &[u8],
    engine: &There,
    told: &mut Told,
) -> Result<Vec<u8>, SignError> {
    let signers = &[Signer { key, passphrase: None }; 2];
    let data = &Elsewhere::new(data);
    let options = SignOptionsOn { data, signers, form, armor, text: false, notations: &[], from: None, beside: None };
    let signed = at_once(sign_on(options, &policy(), &limits(), now(), &mut rng(1), engine, told)).unwrap();
    signed.map(|signed| signed.octets().to_vec())
}

fn verify_there(
    key: &SecretKey,
    message: &[u8],
    engine: &There,
    told: &mut Told,
) -> Result<Verified<Elsewhere>, VerifyError> {
    let (verify_with, message) = ([key.certificate()], Elsewhere::new(message));
    let options = VerifyOptionsOn { input: SignedInputOn::Message(&message), verify_with: &verify_with, from: None };
    at_once(verify_on(options, &policy(), &limits(), now(), engine, told)).unwrap()
}

/// Text with everything in it that the framework changes, and a line that is longer than a slice.
fn text(length: usize) -> Vec<u8> {
    let mut text = "From here\n- dash\r\ngrün \t\n\n--\n".repeat(length / 40 + 1).into_bytes();
    text.truncate(length / 2);
    while std::str::from_utf8(&text).is_err() {
        text.pop();
    }
    text.extend(std::iter::repeat_n(b'x', length - text.len()));
    text
}

#[test]
fn at_any_length_it_is_what_rust_alone_does() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let key = key(profile, "Anna");
        for length in [0, 1, 48, 10_000, SLICE - 1, SLICE, 2 * SLICE + 7] {
            for (form, armor) in
                [(SignatureForm::Inline, true), (SignatureForm::Inline, false), (SignatureForm::Cleartext, true)]
            {
                let data = text(length);
                let engine = There::default();
                let there = sign_there(&key, form, armor, &data, &engine, &mut Told::patient()).unwrap();
                let signers = &[Signer { key: &key, passphrase: None }; 2];
                let options = SignOptions { data: &data, signers, form, armor, ..SignOptions::default() };
                let here = sign(options, &policy(), &limits(), now(), &mut rng(1)).unwrap();
                assert!(there == here, "{form:?} of {length} octets");

                let verified = verify_there(&key, &there, &engine, &mut Told::patient()).unwrap();
                let verify_with = [key.certificate()];
                let options =
                    VerifyOptions { input: SignedInput::Message(&here), verify_with: &verify_with, from: None };
                let alone = verify(options, &policy(), &limits(), now()).unwrap();
                assert!(*verified.data.unwrap().octets() == *alone.data.unwrap(), "{form:?} of {length} octets");
                assert_eq!(verified.signatures, alone.signatures);
                assert!(alone.signatures.iter().all(|it| it.status == VerdictStatus::Valid), "{form:?}, {length}");
            }
        }
    }
}

#[test]
fn text_signatures_are_over_crlf_wherever_the_text_is_cut() {
    let key = key(Profile::Rfc9580, "Anna");
    // A CR at the end of a slice, and its LF at the beginning of the next.
    for before in [SLICE - 2, SLICE - 1, SLICE] {
        let mut data = vec![b'a'; before];
        data.extend(b"\r\nb\nc\n");
        let signers = &[Signer { key: &key, passphrase: None }];
        let options = SignOptions { data: &data, signers, text: true, ..SignOptions::default() };
        let signature = sign(options, &policy(), &limits(), now(), &mut rng(1)).unwrap();
        let (verify_with, engine) = ([key.certificate()], There::default());
        for data in [data.clone(), data.iter().filter(|octet| **octet != b'\r').copied().collect()] {
            let input = SignedInputOn::Detached { data: &Elsewhere::new(&data), signature: &signature };
            let options = VerifyOptionsOn { input, verify_with: &verify_with, from: None };
            let verified = at_once(verify_on(options, &policy(), &limits(), now(), &engine, &mut ())).unwrap();
            assert_eq!(verified.unwrap().signatures[0].status, VerdictStatus::Valid, "{before}");
        }
        assert_eq!(engine.hashed.get(), 2, "the engine was not asked");
    }
}

#[test]
fn armored_messages_are_read_and_written_with_rests() {
    let key = key(Profile::Rfc9580, "Anna");
    let engine = There::default();
    let message = encrypt_there(&engine, &key, Format::Auto, true);
    let long = [message.octets(), &b"\n".repeat(3 * SLICE)].concat();
    let (verify_with, keys) = ([key.certificate()], [Decryptor { key: &key, passphrase: None }]);
    let options = DecryptOptionsOn {
        message: &Elsewhere::new(&long),
        passwords: &[],
        keys: &keys,
        verify_with: &verify_with,
        session_keys: &[],
        from: None,
    };
    engine.rests.set(0);
    let decrypted = at_once(decrypt(options, &policy(), &limits(), now(), &engine, &mut ())).unwrap().unwrap();
    assert_eq!(decrypted.signatures[0].status, VerdictStatus::Valid);
    assert!(engine.rests.get() >= 3, "{} rests", engine.rests.get());
    let octets = vec![7; 4 * SLICE];
    for form in [SignatureForm::Inline, SignatureForm::Cleartext] {
        engine.rests.set(0);
        let signed = sign_there(&key, form, true, &octets, &engine, &mut Told::patient()).unwrap();
        assert!(engine.rests.get() >= 2, "{} rests in signing {form:?}", engine.rests.get());
        engine.rests.set(0);
        verify_there(&key, &signed, &engine, &mut Told::patient()).unwrap();
        assert!(engine.rests.get() >= 2, "{} rests in verifying {form:?}", engine.rests.get());
    }
}

/// Reports grow up to the total, and the total is that of the octets that were given.
fn assert_true(Told { reports, .. }: &Told, length: usize, what: &str) {
    assert!(reports.is_sorted(), "{what}: {reports:?}");
    assert!(reports.iter().all(|(_, total)| *total == length as u64), "{what}: {reports:?}");
    assert_eq!(reports.last().map(|(done, _)| *done), Some(length as u64), "{what}: {reports:?}");
    assert!(reports.len() > 6 && reports.iter().any(|(done, total)| done * 3 < *total), "{what}: {reports:?}");
}

#[test]
fn progress_is_true_and_every_report_can_stop_it() {
    let key = key(Profile::Compat, "Anna");
    let engine = There::default();
    let data = text(2 * SLICE).repeat(2);
    for (form, armor) in
        [(SignatureForm::Detached, true), (SignatureForm::Inline, true), (SignatureForm::Cleartext, true)]
    {
        let what = format!("{form:?}");
        let mut told = Told::patient();
        // Octets that are hashed in one go are told at their half and their end; twice, for two signers.
        let signed = sign_there(&key, form, armor, &data, &engine, &mut told).unwrap();
        let count = told.reports.len();
        if form == SignatureForm::Detached {
            let near = |(done, _): &(u64, u64), step: u64| (data.len() as u64 * step / 4).abs_diff(*done) < 2;
            assert!(told.reports.iter().zip(1..).all(|(told, step)| near(told, step)), "{:?}", told.reports);
            assert_eq!((told.reports.len(), told.reports[3]), (4, (data.len() as u64, data.len() as u64)));
        } else {
            assert_true(&told, data.len(), &what);
        }
        for patience in 0..count {
            let mut told = Told { patience, ..Told::patient() };
            let stopped = sign_there(&key, form, armor, &data, &engine, &mut told);
            assert_eq!(stopped, Err(SignError::Cancelled), "{what} after {patience}");
            assert_eq!(told.reports.len(), patience + 1, "{what}: it goes on after it was told to stop");
        }
        if form == SignatureForm::Detached {
            continue;
        }
        let mut told = Told::patient();
        verify_there(&key, &signed, &engine, &mut told).unwrap();
        assert_true(&told, signed.len(), &what);
        for patience in 0..told.reports.len() {
            let mut told = Told { patience, ..Told::patient() };
            let stopped = verify_there(&key, &signed, &engine, &mut told);
            assert_eq!(stopped.err(), Some(VerifyError::Cancelled), "{what} after {patience}");
        }
    }
}

#[test]
fn damaged_messages_are_refused_as_when_they_are_read_in_one_piece() {
    let key = key(Profile::Compat, "Anna");
    let data = text(1000);
    let sign = |form| sign_there(&key, form, true, &data, &There::default(), &mut Told::patient()).unwrap();
    let texts = [SignatureForm::Detached, SignatureForm::Inline, SignatureForm::Cleartext].map(sign);
    let mut inputs: Vec<Vec<u8>> = vec![b"".into(), b" \n".into(), b"no armor".into()];
    for text in &texts {
        inputs.push(text.repeat(2));
        inputs.push([b"Dear Bert,\n", text.as_slice()].concat());
        inputs.push([text.as_slice(), b"and more\n"].concat());
        inputs.push([&b" \n".repeat(SLICE), text.as_slice()].concat());
        for cut in [10, 60, text.len() / 2, text.len() - 30, text.len() - 2] {
            inputs.push(text[..cut].to_vec());
        }
        for place in (0..text.len()).step_by(29) {
            for octet in [b'*', b'\n', b'-', b' ', b'=', 0xFF] {
                let mut damaged = text.clone();
                damaged[place] = octet;
                inputs.push(damaged);
            }
        }
    }
    for input in inputs {
        // That reads armor as a whole; of two things that are wrong, it may name the other.
        let here = detach(&input, &limits()).map(|it| it.data.to_vec()).map_err(|error| error.code());
        let options =
            VerifyOptionsOn { input: SignedInputOn::Message(&Elsewhere::new(&input)), verify_with: &[], from: None };
        let there = at_once(verify_on(options, &policy(), &limits(), now(), &There::default(), &mut ())).unwrap();
        let there = there.map(|it| it.data.unwrap().octets().to_vec()).map_err(|error| error.code());
        assert_eq!(here, there, "{}", String::from_utf8_lossy(&input));
    }
}
