//! Messages whose octets are not in Rust's memory, and an engine that hashes and runs CFB where they are: as the wasm module does it.
//! What goes through it and what goes through Rust alone is the same message.

use crate::cast::*;
use envelock::message::{
    DecryptError, DecryptOptions, DecryptOptionsOn, DecryptStream, Decrypted, Decryptor, EncryptOptions,
    EncryptOptionsOn, EncryptStream, Format, PART, SignOptionsOn, SignatureForm, SignedInput, SignedInputOn, Signer,
    VerdictStatus, VerifyOptions, VerifyOptionsOn, decrypt, encrypt, sign_on, verify, verify_on,
};
use envelock::{Profile, SecretKey};
use envelock_seipd::cfb::Cfb;
use envelock_seipd::engine::{Bulk, Engine, Hash, RustCrypto, Task, at_once, report};
use envelock_seipd::{Cipher, Error, Mode, Octets, Progress, Read, Rope, SecretOctets, plan::Plan};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use rsa::{
    BigUint, RsaPrivateKey,
    pkcs8::DecodePrivateKey,
    traits::{PrivateKeyParts, PublicKeyParts},
};
use sha2::Digest;
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;
use zeroize::Zeroizing;

/// A window on octets that are shared.
#[derive(Debug)]
pub struct Elsewhere(Rc<Vec<u8>>, Range<usize>);

impl Elsewhere {
    pub fn new(octets: &[u8]) -> Self {
        Self(Rc::new(octets.to_vec()), 0..octets.len())
    }

    pub fn octets(&self) -> &[u8] {
        &self.0[self.1.clone()]
    }
}

impl Octets for Elsewhere {
    type Made = Elsewhere;
    type Sealed = Elsewhere;

    fn len(&self) -> usize {
        self.1.len()
    }
    fn octet(&self, index: usize) -> Option<u8> {
        self.octets().get(index).copied()
    }
    fn read(&self, range: Range<usize>) -> Option<Read<'_>> {
        Some(Read::Copied(SecretOctets::from(self.octets().get(range)?.to_vec())))
    }
    fn copy_to(&self, start: usize, buffer: &mut [u8]) -> Option<()> {
        buffer.copy_from_slice(self.octets().get(start..start + buffer.len())?);
        Some(())
    }
    fn zeros(length: usize) -> Option<Elsewhere> {
        Some(Elsewhere::new(&vec![0; length]))
    }
    fn put(made: &mut Elsewhere, at: usize, octets: &[u8]) -> Option<()> {
        let at = made.1.start + at;
        Rc::get_mut(&mut made.0)?.get_mut(at..at + octets.len())?.copy_from_slice(octets);
        Some(())
    }
    fn put_from(made: &mut Elsewhere, at: usize, from: &Elsewhere, range: Range<usize>) -> Option<()> {
        Self::put(made, at, from.octets().get(range)?)
    }
    fn published(made: Elsewhere) -> Elsewhere {
        made
    }
    fn of_sealed(sealed: &Elsewhere) -> &Elsewhere {
        sealed
    }
    fn gather_behind(&self, front: &[u8], parts: &[Range<usize>]) -> Option<Elsewhere> {
        let parts = parts.iter().map(|part| &self.octets()[part.clone()]);
        Some(Elsewhere::new(&[front].into_iter().chain(parts).collect::<Vec<_>>().concat()))
    }
    fn join(made: Vec<Elsewhere>) -> Option<Elsewhere> {
        Some(Elsewhere::new(&made.iter().map(Elsewhere::octets).collect::<Vec<_>>().concat()))
    }
    fn split_sealed(sealed: Elsewhere, at: usize) -> Option<(Elsewhere, Vec<u8>)> {
        let behind = sealed.octets().get(at..)?.to_vec();
        Some((Elsewhere::cut(sealed, 0..at)?, behind))
    }
    fn of(made: &Elsewhere) -> &Elsewhere {
        made
    }
    fn cut(made: Elsewhere, range: Range<usize>) -> Option<Elsewhere> {
        let start = made.1.start;
        (range.end <= made.len()).then(|| Elsewhere(made.0, start + range.start..start + range.end))
    }
    fn made(octets: SecretOctets) -> Elsewhere {
        Elsewhere::new(&octets)
    }
    fn sealed(octets: Vec<u8>) -> Elsewhere {
        Elsewhere::new(&octets)
    }
    fn wrapped(rope: Rope<'_, Elsewhere>) -> Option<Elsewhere> {
        Some(Elsewhere::new(&[rope.before, rope.data.octets(), rope.after].concat()))
    }
    fn through(sealed: Elsewhere, work: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Elsewhere {
        Elsewhere::new(&work(sealed.octets().to_vec()))
    }
}

/// The part of an engine that Rust's own does.
macro_rules! ciphers_as_rust {
    () => {
        type Key = <RustCrypto as Engine>::Key;
        type Job = ();
        const IN_FLIGHT: usize = 1;

        async fn key(&self, cipher: Cipher, mode: Mode, key: &[u8], octets: usize) -> Result<Self::Key, Error> {
            RustCrypto.key(cipher, mode, key, octets).await
        }
        fn begin(&self, key: &Self::Key, task: Task<'_>, output: &mut [u8]) -> Result<(), Error> {
            RustCrypto.begin(key, task, output)
        }
        async fn finish(&self, (): (), _: &mut [u8]) -> Result<(), Error> {
            Ok(())
        }
    };
}
pub(crate) use ciphers_as_rust;

/// Counts what it was asked for.
#[derive(Default)]
pub struct There {
    pub hashed: Cell<usize>,
    pub ciphered: Cell<usize>,
    /// How often it rested.
    pub rests: Cell<usize>,
    /// Whether it knows RSA (`signed_elsewhere`), how often it was asked for it, and whether it says no to everything.
    pub is_able: bool,
    pub asked: Cell<usize>,
    pub denies: bool,
}

impl Engine for There {
    ciphers_as_rust!();

    async fn rest(&self) {
        self.rests.set(self.rests.get() + 1);
    }
    fn has_rsa(&self) -> bool {
        self.is_able
    }
    fn decrypt_rsa(&self, key: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.asked.set(self.asked.get() + 1);
        let key = RsaPrivateKey::from_pkcs8_der(key).unwrap();
        let number = BigUint::from_bytes_be(ciphertext).modpow(key.d(), key.n()).to_bytes_be();
        let mut padded = vec![0; key.size() - number.len()];
        padded.extend(number);
        padded[1] ^= u8::from(self.denies);
        Some(Zeroizing::new(padded))
    }
}

impl Bulk<Elsewhere> for There {
    async fn seal(
        &self,
        head: Vec<u8>,
        plan: &Plan,
        rope: Rope<'_, Elsewhere>,
        progress: &mut dyn Progress,
    ) -> Result<Elsewhere, Error> {
        let rope = Rope { before: rope.before, data: rope.data.octets(), after: rope.after };
        Bulk::<[u8]>::seal(&RustCrypto, head, plan, rope, progress).await.map(|sealed| Elsewhere::new(&sealed))
    }

    async fn open(
        &self,
        plan: &Plan,
        data: &Elsewhere,
        range: Range<usize>,
        progress: &mut dyn Progress,
    ) -> Result<Elsewhere, Error> {
        let opened = Bulk::<[u8]>::open(&RustCrypto, plan, data.octets(), range, progress).await?;
        Ok(Elsewhere::new(&opened))
    }

    const HASHES: bool = true;

    async fn digest(
        &self,
        hash: Hash,
        rope: Rope<'_, Elsewhere>,
        progress: &mut dyn Progress,
    ) -> Result<Option<Vec<u8>>, Error> {
        self.hashed.set(self.hashed.get() + 1);
        report(progress, rope.len() / 2, rope.len())?;
        let whole = [rope.before, rope.data.octets(), rope.after].concat();
        let digest = match hash {
            Hash::Sha1 => sha1::Sha1::digest(whole).to_vec(),
            Hash::Sha256 => sha2::Sha256::digest(whole).to_vec(),
            Hash::Sha384 => sha2::Sha384::digest(whole).to_vec(),
            Hash::Sha512 => sha2::Sha512::digest(whole).to_vec(),
        };
        report(progress, rope.len(), rope.len())?;
        Ok(Some(digest))
    }

    async fn cfb_encrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        head: &[u8],
        rope: Rope<'_, Elsewhere>,
        _: &mut dyn Progress,
    ) -> Result<Option<Elsewhere>, Error> {
        self.ciphered.set(self.ciphered.get() + 1);
        let mut octets = [rope.before, rope.data.octets(), rope.after].concat();
        SymmetricKeyAlgorithm::from(cipher.id()).encrypt_with_iv_regular(key, &[0; 16], &mut octets).unwrap();
        let out = [head, &octets].concat();
        Ok(Some(Elsewhere::new(&out)))
    }

    async fn cfb_decrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        data: &Elsewhere,
        range: Range<usize>,
        _: &mut dyn Progress,
    ) -> Result<Option<Elsewhere>, Error> {
        self.ciphered.set(self.ciphered.get() + 1);
        let mut octets = data.octets()[range].to_vec();
        Cfb::new(cipher, key).unwrap().decrypt(&mut octets);
        Ok(Some(Elsewhere::new(&octets)))
    }
}

/// Large enough for the engine to be asked.
pub fn data() -> Vec<u8> {
    (0..100_003u32).map(|number| (number.wrapping_mul(number) >> 7) as u8).collect()
}

pub fn encrypt_there(engine: &There, key: &SecretKey, format: Format, armor: bool) -> Elsewhere {
    let options = EncryptOptionsOn {
        data: &Elsewhere::new(&data()),
        filename: Some("a.bin"),
        recipients: &[key.certificate()],
        passwords: &[],
        signers: &[Signer { key, passphrase: None }],
        format,
        armor,
        padding: true,
        text: false,
        session_key: None,
        notations: &[],
        from: None,
        intended_recipients: true,
        hide_recipients: false,
    };
    at_once(encrypt(options, &policy(), &limits(), now(), &mut rng(1), engine, &mut ())).unwrap().unwrap()
}

pub fn decrypt_there(engine: &There, key: &SecretKey, message: &[u8]) -> Result<Decrypted<Elsewhere>, DecryptError> {
    let options = DecryptOptionsOn {
        message: &Elsewhere::new(message),
        passwords: &[],
        keys: &[Decryptor { key, passphrase: None }],
        verify_with: &[key.certificate()],
        session_keys: &[],
        from: None,
    };
    at_once(decrypt(options, &policy(), &limits(), now(), engine, &mut ())).unwrap()
}

#[test]
fn both_ways_read_each_other() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let key = key(profile, "Anna");
        for format in [Format::SeipdV1, Format::SeipdV2] {
            for armor in [false, true] {
                let engine = There::default();
                let message = encrypt_there(&engine, &key, format, armor);
                let here = decrypt_with_key(message.octets(), &key, &[key.certificate()]).unwrap();
                assert_eq!(*here.data, data());
                assert_eq!(here.signatures[0].status, VerdictStatus::Valid, "{format:?}");
                let there = decrypt_there(&engine, &key, message.octets()).unwrap();
                assert_eq!(there.data.octets(), data());
                assert_eq!((there.filename.as_deref(), there.signatures), (Some("a.bin"), here.signatures));
                let by_code = usize::from(format == Format::SeipdV1);
                assert_eq!((engine.hashed.get(), engine.ciphered.get()), (2 + 2 * by_code, 2 * by_code), "{format:?}");
            }
        }
    }
}

#[test]
fn streams_go_through_the_engine_as_well() {
    let key = key(Profile::Compat, "Anna");
    let (recipients, signers) = ([key.certificate()], [Signer { key: &key, passphrase: None }]);
    let data: Vec<u8> = (0..PART as u32 + 50_000).map(|number| (number.wrapping_mul(number) >> 7) as u8).collect();
    for format in [Format::SeipdV1, Format::SeipdV2] {
        let (engine, mut rng) = (There::default(), rng(1));
        let options = EncryptOptions {
            recipients: &recipients,
            signers: &signers,
            format,
            armor: true,
            ..EncryptOptions::default()
        };
        let (policy, limits) = (policy(), limits());
        let begun = EncryptStream::begin(options, &policy, &limits, now(), &mut rng, &engine);
        let (mut stream, mut message) = at_once(begun).unwrap().unwrap();
        let (part, rest) = (Elsewhere::new(&data[..PART]), Elsewhere::new(&data[PART..]));
        message.extend(at_once(stream.part(&part, &engine, &mut ())).unwrap().unwrap().octets());
        message.extend(at_once(stream.end(&rest, &mut rng, &engine, &mut ())).unwrap().unwrap().octets());
        while let Some(more) = at_once(stream.more::<Elsewhere, _, _>(&mut rng, &engine, &mut ())).unwrap().unwrap() {
            message.extend(more.octets());
        }
        assert_eq!(engine.ciphered.get(), if format == Format::SeipdV1 { 2 } else { 0 });
        let here = decrypt_with_key(&message, &key, &recipients).unwrap();
        assert!(*here.data == data, "{format:?}");
        assert_eq!(here.signatures[0].status, VerdictStatus::Valid, "{format:?}");

        let keys = [Decryptor { key: &key, passphrase: None }];
        let options = DecryptOptions { keys: &keys, verify_with: &recipients, ..DecryptOptions::default() };
        let mut stream = DecryptStream::new(options, &policy, &limits, now());
        let mut released: Vec<u8> = Vec::new();
        for piece in message.chunks(700_000) {
            let data = at_once(stream.push(&Elsewhere::new(piece), &engine, &mut ())).unwrap().unwrap();
            released.extend(data.iter().flat_map(|made| made.octets().to_vec()));
        }
        let end = at_once(stream.finish(&engine, &mut ())).unwrap().unwrap();
        released.extend(end.data.iter().flat_map(|made| made.octets().to_vec()));
        assert!(released == data, "{format:?}");
        assert_eq!(end.signatures, here.signatures);
    }
}

#[test]
fn a_changed_octet_is_seen_anywhere() {
    let key = key(Profile::Compat, "Anna");
    for format in [Format::SeipdV1, Format::SeipdV2] {
        let whole = encrypt_there(&There::default(), &key, format, false).octets().to_vec();
        // Behind the session key packet: header, first and middle and last octets.
        for place in [130, 200, whole.len() / 2, whole.len() - 21, whole.len() - 1] {
            let mut message = whole.clone();
            message[place] ^= 1;
            assert!(decrypt_there(&There::default(), &key, &message).is_err(), "{format:?}, octet {place}");
        }
        for length in [whole.len() - 1, whole.len() - 22, whole.len() / 2, 200] {
            assert!(decrypt_there(&There::default(), &key, &whole[..length]).is_err(), "{format:?}, cut at {length}");
        }
    }
}

#[test]
fn signatures_made_there_hold_here_and_the_other_way_round() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let (key, engine, data) = (key(profile, "Anna"), There::default(), data());
        let (signers, verify_with) = ([Signer { key: &key, passphrase: None }], [key.certificate()]);
        for (form, text) in
            [(SignatureForm::Detached, false), (SignatureForm::Inline, false), (SignatureForm::Detached, true)]
        {
            let octets = Elsewhere::new(&data);
            let options = SignOptionsOn {
                data: &octets,
                signers: &signers,
                form,
                armor: false,
                text,
                notations: &[],
                from: None,
                beside: None,
            };
            let made =
                at_once(sign_on(options, &policy(), &limits(), now(), &mut rng(1), &engine, &mut ())).unwrap().unwrap();
            let check = |data: &[u8]| {
                let octets = Elsewhere::new(data);
                let (here, there) = match form {
                    SignatureForm::Inline => (SignedInput::Message(made.octets()), SignedInputOn::Message(&made)),
                    _ => (
                        SignedInput::Detached { data, signature: made.octets() },
                        SignedInputOn::Detached { data: &octets, signature: made.octets() },
                    ),
                };
                let here = VerifyOptions { input: here, verify_with: &verify_with, from: None };
                let here = verify(here, &policy(), &limits(), now()).unwrap();
                let there = VerifyOptionsOn { input: there, verify_with: &verify_with, from: None };
                let there = at_once(verify_on(there, &policy(), &limits(), now(), &engine, &mut ())).unwrap().unwrap();
                assert_eq!(here.signatures, there.signatures);
                assert_eq!(here.data.map(|data| data.to_vec()), there.data.map(|data| data.octets().to_vec()));
                here.signatures[0].status
            };
            assert_eq!(check(&data), VerdictStatus::Valid, "{form:?} {text}");
            if form == SignatureForm::Detached {
                let mut changed = data.clone();
                changed[70_000] ^= 1;
                assert_eq!(check(&changed), VerdictStatus::Invalid);
            }
        }
        assert!(engine.hashed.get() >= 5, "the engine was not asked");
    }
}
