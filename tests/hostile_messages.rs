//! Bad input to the whole core: messages, keys, signatures and envelopes, cut and changed at every place, and every file of
//! the corpus at every entrance. Each time a typed error or the same content, never another content, never a panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod corpus;

use corpus::reference_time;
use envelock::envelope::{self, Content, Lock, OpenOptions, OpenWith, SealOptions};
use envelock::message::{
    DecryptError, DecryptOptions, DecryptStream, Decryptor, EncryptOptions, SignOptions, SignatureForm, SignedInput,
    Signer, VerdictStatus, VerifyOptions, decrypt_blocking, encrypt_blocking, sign, verify,
};
use envelock::{Certificate, GenerateOptions, Limits, Password, Policy, Profile, SecretKey, generate, read_keys};
use envelock_seipd::packet::{Tag, split};
use pgp::types::KeyDetails;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const SMALL: &[u8] = b"small";

fn in_pieces(options: DecryptOptions<'_>) -> Result<Vec<u8>, DecryptError> {
    let (policy, limits) = (Policy::default(), Limits::default());
    let mut stream = DecryptStream::new(options, &policy, &limits, reference_time());
    let mut data = Vec::new();
    for piece in options.message.chunks(61) {
        data.extend(stream.push_blocking(piece, &mut ())?.as_deref().into_iter().flatten());
    }
    data.extend(stream.finish_blocking(&mut ())?.data.as_deref().into_iter().flatten());
    Ok(data)
}

/// Somebody with a key, the same in each run.
struct Person {
    key: SecretKey,
    certificates: [Certificate; 1],
}

impl Person {
    fn new(profile: Profile) -> Self {
        let options = GenerateOptions {
            profile,
            user_ids: vec!["Anna Berg <anna@example.org>".to_owned()],
            passphrase: None,
            created: reference_time(),
            expires: None,
        };
        let key = generate(&options, &mut rng()).unwrap().key;
        Self { certificates: [key.certificate()], key }
    }

    fn decrypt(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let keys = [Decryptor { key: &self.key, passphrase: None }];
        let options = DecryptOptions { message, keys: &keys, ..DecryptOptions::default() };
        let whole = decrypt_blocking(options, &Policy::default(), &Limits::default(), reference_time(), &mut ());
        let whole = whole.map(|decrypted| decrypted.data.to_vec()).map_err(|error| error.code().to_owned());
        let pieces = in_pieces(options).map_err(|error| error.code().to_owned());
        assert_eq!(whole, pieces, "another outcome in pieces");
        whole
    }

    fn encrypt(&self, armor: bool) -> Vec<u8> {
        let options =
            EncryptOptions { data: SMALL, recipients: &self.certificates, armor, ..EncryptOptions::default() };
        encrypt_blocking(options, &Policy::default(), &Limits::default(), reference_time(), &mut rng(), &mut ())
            .unwrap()
    }

    fn sign(&self, form: SignatureForm) -> Vec<u8> {
        let signers = [Signer { key: &self.key, passphrase: None }];
        let options =
            SignOptions { data: SMALL, signers: &signers, form, armor: false, text: false, ..SignOptions::default() };
        sign(options, &Policy::default(), &Limits::default(), reference_time(), &mut rng()).unwrap()
    }

    /// The data that a valid signature covers, if there is one.
    fn verified(&self, input: SignedInput<'_>) -> Option<Vec<u8>> {
        let given = if let SignedInput::Detached { data, .. } = input { data } else { &[] };
        let options = VerifyOptions { input, verify_with: &self.certificates, ..VerifyOptions::default() };
        let verified = verify(options, &Policy::default(), &Limits::default(), reference_time()).ok()?;
        let valid = verified.signatures.iter().any(|verdict| verdict.status == VerdictStatus::Valid);
        valid.then(|| verified.data.map_or(given.to_vec(), |data| data.to_vec()))
    }
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(5)
}

/// Every shorter start of `octets`, and `octets` with each octet changed in two ways.
fn damaged(octets: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> + '_ {
    let cut = (0..octets.len()).map(|length| (format!("cut to {length}"), octets[..length].to_vec()));
    let changed = (0..octets.len()).flat_map(move |place| {
        [1 << (place % 8), 0xff].map(|mask| {
            let mut copy = octets.to_vec();
            copy[place] ^= mask;
            (format!("octet {place} xor {mask:#x}"), copy)
        })
    });
    cut.chain(changed)
}

#[test]
fn encrypted_messages() {
    for (profile, armor) in
        [(Profile::Rfc9580, false), (Profile::Rfc9580, true), (Profile::Compat, false), (Profile::Compat, true)]
    {
        let person = Person::new(profile);
        let message = person.encrypt(armor);
        for (what, bad) in damaged(&message) {
            match person.decrypt(&bad) {
                Ok(data) => assert_eq!(data, SMALL, "{profile:?} armor={armor} {what}: another plaintext"),
                Err(code) => assert!(!code.is_empty()),
            }
        }
        assert_eq!(person.decrypt(&message).unwrap(), SMALL);
    }
}

/// Salt, ciphertext and tags: after the four octets that name version, cipher, mode and chunk size (RFC 9580 §5.13.2).
#[test]
fn octets_of_the_encrypted_part_all_look_the_same() {
    let person = Person::new(Profile::Rfc9580);
    let message = person.encrypt(false);
    let container = split(&message).map(Result::unwrap).find(|packet| packet.tag == Tag::SEIPD).unwrap();
    let body = container.span.end - container.body.len();
    for place in body + 4..container.span.end {
        let mut bad = message.clone();
        bad[place] ^= 1;
        assert_eq!(person.decrypt(&bad), Err("decryption-failed".to_owned()), "octet {place}");
    }
}

#[test]
fn detached_signatures() {
    let person = Person::new(Profile::Compat);
    let signature = person.sign(SignatureForm::Detached);
    assert!(person.verified(SignedInput::Detached { data: SMALL, signature: &signature }).is_some());
    for (what, bad) in damaged(&signature) {
        assert_eq!(person.verified(SignedInput::Detached { data: b"smalL", signature: &bad }), None, "{what}");
        if what.starts_with("cut") {
            assert_eq!(person.verified(SignedInput::Detached { data: SMALL, signature: &bad }), None, "{what}");
        }
    }
}

#[test]
fn signed_messages() {
    for form in [SignatureForm::Inline, SignatureForm::Cleartext] {
        let person = Person::new(Profile::Rfc9580);
        let message = person.sign(form);
        let good = person.verified(SignedInput::Message(&message)).expect("valid as it is");
        for (what, bad) in damaged(&message) {
            if let Some(data) = person.verified(SignedInput::Message(&bad)) {
                assert_eq!(data, good, "{form:?} {what}: valid for another text");
            }
        }
    }
}

#[test]
fn certificates_and_secret_keys() {
    let person = Person::new(Profile::Compat);
    for octets in [person.certificates[0].to_bytes(), person.key.to_bytes()] {
        for (_, bad) in damaged(&octets) {
            if let Ok(keyring) = read_keys(&bad, &Limits::default()) {
                assert!(keyring.entries.len() <= 2, "one key became {}", keyring.entries.len());
            }
        }
    }
}

/// A damaged certificate may be read, but no key is encrypted to that its owner did not bind.
#[test]
fn a_changed_encryption_subkey_is_never_encrypted_to() {
    let person = Person::new(Profile::Compat);
    let good = person.certificates[0].to_bytes();
    let usable = |certificate: &Certificate| -> Vec<_> {
        let checked = certificate.at(&Policy::default(), reference_time());
        checked.encryption_keys().iter().map(|key| key.fingerprint()).collect()
    };
    let known = usable(&person.certificates[0]);
    for (what, bad) in damaged(&good) {
        let Ok(certificate) = Certificate::parse(&bad, &Limits::default()) else { continue };
        let found = usable(&certificate);
        assert!(found.iter().all(|key| known.contains(key)), "{what}: {found:?}");
    }
}

#[test]
fn envelopes_opened_with_a_key() {
    let person = Person::new(Profile::Rfc9580);
    let signers = [Signer { key: &person.key, passphrase: None }];
    let password = Password::from("Ahornallee 17");
    let sealed = envelope::seal_blocking(
        SealOptions {
            content: Content { subject: "s".to_owned(), text: "t".to_owned(), ..Content::default() },
            lock: Lock::New { password: &password, link_secret: true },
            recipients: &person.certificates,
            signers: &signers,
        },
        &Policy::default(),
        &Limits::default(),
        reference_time(),
        &mut rng(),
        &mut (),
    )
    .unwrap();
    let keys = [Decryptor { key: &person.key, passphrase: None }];
    let open = |ciphertext: &[u8]| {
        let options = OpenOptions { ciphertext, with: OpenWith::Keys(&keys), verify_with: &person.certificates };
        envelope::open_blocking(options, &Policy::default(), &Limits::default(), reference_time(), &mut ())
    };
    for (what, bad) in damaged(&sealed.ciphertext) {
        match open(&bad) {
            Ok(opened) => {
                assert_eq!((opened.content.subject.as_str(), opened.content.text.as_str()), ("s", "t"), "{what}")
            }
            Err(error) => assert!(!error.code().is_empty()),
        }
    }
    let opened = open(&sealed.ciphertext).unwrap();
    assert_eq!(opened.signatures.iter().map(|verdict| verdict.status).collect::<Vec<_>>(), [VerdictStatus::Valid]);
}

#[test]
fn every_file_of_the_corpus_at_every_entrance() {
    let person = Person::new(Profile::Rfc9580);
    let keys = [Decryptor { key: &person.key, passphrase: None }];
    let (policy, limits, at) = (Policy::default(), Limits::default(), reference_time());
    for row in corpus::rows() {
        let octets = corpus::octets(&row.file);
        let _ = read_keys(&octets, &limits);
        let _ = person.decrypt(&octets);
        let _ = person.verified(SignedInput::Message(&octets));
        let _ = person.verified(SignedInput::Detached { data: SMALL, signature: &octets });
        let options = OpenOptions { ciphertext: &octets, with: OpenWith::Keys(&keys), verify_with: &[] };
        assert!(
            envelope::open_blocking(options, &policy, &limits, at, &mut ()).is_err(),
            "{} is no envelope for us",
            row.id
        );
        let _ = envelope::verify_inner(&octets, &person.certificates, &policy, &limits, at);
    }
    assert_eq!(person.decrypt(&person.encrypt(true)).unwrap(), SMALL);
}
