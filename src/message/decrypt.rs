//! Decrypts OpenPGP messages (RFC 9580 §10.3) with secret keys or passwords.
//!
//! Order of checks: input size → shape → cost of each key derivation → session key → integrity → shape and size of what is
//! inside → signatures. Nothing is returned before integrity is confirmed (§13.7); all cryptographic failures look the same
//! (§13.5). Not here: which key is valid when (`certificate`), where keys live.

use super::{
    check::{Checker, Context},
    container::{Container, weak_cipher},
    error::{DecryptError, ReadError},
    gathering::gathered,
    given_key::SessionKey,
    grammar::Shape,
    hashing::Hashed,
    input,
    outline::Outline,
    place::Place,
    rsa::{self, Rsa},
    session_key::Search,
    share::{Steps, Whole},
    unfold::{Unfolded, unfold},
    verdict::{CertificateSource, Verdict},
};
use crate::{Certificate, Limits, Passphrase, Password, Policy, SecretKey, certificate::Judgements};
use envelock_seipd::{
    Octets, Progress, SecretOctets,
    engine::{Bulk, RustCrypto, ready},
    packet::RawPacket,
};
use pgp::{
    composed::PlainSessionKey,
    types::{Fingerprint, Timestamp},
};
use std::ops::Range;

/// What to decrypt, and with what; the message in Rust's memory.
pub type DecryptOptions<'a> = DecryptOptionsOn<'a, [u8]>;

/// What to decrypt, and with what.
#[derive(Debug)]
pub struct DecryptOptionsOn<'a, D: ?Sized> {
    /// The message, armored or binary.
    pub message: &'a D,
    /// Passwords to try, in this order, after the keys.
    pub passwords: &'a [Password],
    /// Secret keys to try. Expired and revoked ones still decrypt what was once sent to them.
    pub keys: &'a [Decryptor<'a>],
    /// Certificates of possible signers.
    pub verify_with: &'a [Certificate],
    /// Session keys to try, before keys and passwords: for those who kept a message's session key.
    pub session_keys: &'a [SessionKey],
    /// The bare address the message claims to come from, to be compared with each signer's certificate ([`Verdict::from`]).
    pub from: Option<&'a str>,
}

impl<D: ?Sized> Clone for DecryptOptionsOn<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ?Sized> Copy for DecryptOptionsOn<'_, D> {}

impl Default for DecryptOptions<'_> {
    /// An empty message, which is malformed.
    fn default() -> Self {
        Self { message: &[], passwords: &[], keys: &[], verify_with: &[], session_keys: &[], from: None }
    }
}

/// A secret key to decrypt with, and its passphrase if it is locked.
#[derive(Debug, Clone, Copy)]
pub struct Decryptor<'a> {
    /// The key.
    pub key: &'a SecretKey,
    /// Unlocks it. Not needed for a key that is not locked.
    pub passphrase: Option<&'a Passphrase>,
}

/// A decrypted message.
#[derive(Debug, Clone)]
pub struct Decrypted<M = SecretOctets> {
    /// The plaintext; wiped when dropped.
    pub data: M,
    /// Name the sender gave the data: its last path component, not covered by any signature.
    pub filename: Option<String>,
    /// How the message was encrypted.
    pub container: Container,
    /// What opened it. Whoever has this reads the message; it is wiped when dropped.
    pub session_key: Option<SessionKey>,
    /// One verdict for each signature; empty for an unsigned message. [`overall`](super::overall) sums them up.
    pub signatures: Vec<Verdict>,
    /// What the reader should know about the message's encryption.
    pub notes: Vec<Note>,
}

impl<M> Decrypted<M> {
    /// The same with other data.
    pub(super) fn map<N>(self, data: impl FnOnce(M) -> N) -> Decrypted<N> {
        let Self { data: from, filename, container, session_key, signatures, notes } = self;
        Decrypted { data: data(from), filename, container, session_key, signatures, notes }
    }
}

/// Something weak about a message that was decrypted nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Note {
    /// Encrypted with an old cipher: 64-bit blocks, or not used by anybody any more. Never written by this library.
    #[error("the message is encrypted with the old cipher {cipher}")]
    WeakCipher {
        /// Its name.
        cipher: &'static str,
    },
}

impl Note {
    /// Every code a note can have.
    pub const CODES: &'static [&'static str] = &["weak-cipher"];

    /// Stable name for other languages.
    pub fn code(self) -> &'static str {
        match self {
            Self::WeakCipher { .. } => "weak-cipher",
        }
    }
}

/// Decrypts a message and checks its signatures at the reference time `at`.
///
/// # Errors
/// See [`DecryptError`]; no plaintext is returned with any of them. A wrong signature is no error but a verdict.
pub async fn decrypt<D: Octets + ?Sized, E: Bulk<D>>(
    options: DecryptOptionsOn<'_, D>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Decrypted<D::Made>, DecryptError> {
    let judgements = &mut Judgements::new(options.verify_with, policy, at, limits.verifications);
    let mut whole = Whole::of(progress);
    let decrypted = decrypt_with(options, judgements, limits, engine, &mut whole).await?;
    whole.end(options.message.len())?;
    Ok(decrypted)
}

/// [`decrypt`] with judgements of the certificates in `options` that are shared with other messages.
pub(crate) async fn decrypt_with<D: Octets + ?Sized, E: Bulk<D>>(
    options: DecryptOptionsOn<'_, D>,
    judgements: &mut Judgements<'_>,
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Decrypted<D::Made>, DecryptError> {
    let length = options.message.len();
    input::check_size(length, limits)?;
    if input::is_binary(options.message) {
        return decrypt_binary(Message::Lent(options.message), &options, judgements, limits, engine, progress).await;
    }
    let steps = &mut Steps::of(progress, 3, length);
    let message = Message::Own(input::dearmor(engine, options.message, limits, &mut steps.next()).await?);
    decrypt_binary(message, &options, judgements, limits, engine, &mut steps.rest()).await
}

/// A message without armor.
pub(super) enum Message<'a, D: Octets + ?Sized> {
    /// The caller's.
    Lent(&'a D),
    /// Made here: its memory goes back as soon as it was read.
    Own(D::Made),
}

impl<D: Octets + ?Sized> Message<'_, D> {
    fn octets(&self) -> &D {
        match self {
            Self::Lent(message) => message,
            Self::Own(message) => D::of(message),
        }
    }

    fn release(self) {
        if let Self::Own(message) = self {
            D::release(message);
        }
    }
}

/// [`decrypt`] of a message without armor, which `options` need not name.
pub(super) async fn decrypt_binary<D: Octets + ?Sized, E: Bulk<D>, O: ?Sized>(
    message: Message<'_, D>,
    options: &DecryptOptionsOn<'_, O>,
    judgements: &mut Judgements<'_>,
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Decrypted<D::Made>, DecryptError> {
    let outline = Outline::of(message.octets(), limits.message_packets)?;
    let Shape::Encrypted { session_keys, container } = outline.shape()? else {
        return Err(DecryptError::NotEncrypted);
    };
    let (message, body) = match outline.body() {
        [] => (message, 0..0),
        [range] => (message, range.clone()),
        parts => {
            let joined = match message {
                Message::Lent(message) => gathered(message, parts, engine).await?,
                Message::Own(message) => D::keep(message, parts).ok_or(ReadError::GONE)?,
            };
            let length = D::of(&joined).len();
            (Message::Own(joined), 0..length)
        }
    };
    let encrypted = Encrypted { packet: &container, octets: message.octets(), body };
    // Nobody to ask, nothing to hash.
    let steps = &mut Steps::of(progress, if judgements.is_empty() { 1 } else { 2 }, encrypted.octets.len());
    let opened = open(&session_keys, encrypted, options, limits, engine, &mut steps.next()).await?;
    message.release();
    let unfolded = unfold(D::of(&opened.plaintext), limits, engine).await;
    let Unfolded { filename, data, signatures, .. } = unfolded.map_err(|error| error.inside(1))?;
    let data = data.cut::<D>(opened.plaintext)?;
    let own: Vec<Fingerprint> = options.keys.iter().map(|decryptor| decryptor.key.fingerprint()).collect();
    let (source, context) = (CertificateSource::Known, Context::Encrypted { own: &own });
    let mut checker = Checker { judgements, source, context, from: options.from };
    let mut checking = steps.next();
    let signatures = checker.check_all_on(&signatures, engine, &mut Hashed::new(D::of(&data)), &mut checking).await?;
    checking.end()?;
    Ok(Decrypted {
        signatures,
        data,
        filename,
        container: opened.container,
        session_key: opened.session_key,
        notes: opened.notes,
    })
}

/// [`decrypt`] for callers without an async runtime, with ciphers in software.
///
/// # Errors
/// As [`decrypt`].
pub fn decrypt_blocking(
    options: DecryptOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    progress: &mut dyn Progress,
) -> Result<Decrypted, DecryptError> {
    ready(decrypt(options, policy, limits, at, &RustCrypto, progress))
}

/// The container of a message, opened: its packets, not yet looked at.
pub(crate) struct Opened<M = SecretOctets> {
    pub(crate) plaintext: M,
    pub(crate) container: Container,
    pub(super) session_key: Option<SessionKey>,
    notes: Vec<Note>,
}

/// The encrypted packet of a message: its first octets at least, and where its body is.
pub(crate) struct Encrypted<'a, D: ?Sized> {
    pub(crate) packet: &'a RawPacket<'a>,
    pub(crate) octets: &'a D,
    pub(crate) body: Range<usize>,
}

impl<'a> Encrypted<'a, [u8]> {
    /// A packet that is at hand.
    pub(crate) fn at_hand(packet: &'a RawPacket<'a>) -> Self {
        Self { packet, octets: &packet.body, body: 0..packet.body.len() }
    }
}

/// Tries one session key after the other until the container opens.
pub(crate) async fn open<D: Octets + ?Sized, E: Bulk<D>, O: ?Sized>(
    session_keys: &[RawPacket<'_>],
    encrypted: Encrypted<'_, D>,
    options: &DecryptOptionsOn<'_, O>,
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Opened<D::Made>, DecryptError> {
    let Encrypted { packet, octets, body } = encrypted;
    let container = Container::of(packet)?;
    // Version 1 leaves the cipher to the session key.
    let named = if container == Container::SeipdV1 { None } else { packet.body.get(1).copied() };
    let rsa: &Rsa<'_> = &|key, octets| rsa::decrypt(engine, key, octets);
    let mut search = Search::plan(session_keys, container, options.keys, options.passwords, limits)
        .after(options.session_keys, named);
    while let Some(session_key) = search.next(rsa, engine).await {
        match container.open(engine, octets, body.clone(), &session_key, limits, progress).await {
            Ok(plaintext) => {
                let notes = weak_cipher_note(&session_key).into_iter().collect();
                let session_key = SessionKey::that_opened(packet, &session_key);
                return Ok(Opened { plaintext, container, session_key, notes });
            }
            Err(DecryptError::DecryptionFailed) => {}
            Err(other) => return Err(other.at(Place::of(packet))),
        }
    }
    Err(search.failure())
}

/// Only version 1 can carry old ciphers; the other containers are AES.
fn weak_cipher_note(session_key: &PlainSessionKey) -> Option<Note> {
    session_key.sym_algorithm().and_then(weak_cipher).map(|cipher| Note::WeakCipher { cipher })
}
