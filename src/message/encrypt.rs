//! Encrypts messages to certificates and passwords, signed or not (RFC 9580 §10.3).
//!
//! The recipients decide the container: version 2 (AEAD) if all of them read it, else version 1. Never compressed: the size
//! of compressed text tells about its content. Not here: password links (`envelope`).

use super::{
    error::EncryptError,
    given_key::SessionKey,
    hashing::Hashed,
    key_packets::{self, Wanted},
    notation::Notation,
    recipient::Recipients,
    seipd_v1,
    share::{Steps, Whole},
    sign::{armored, front, sign_each_on},
    signer::{Pending, Signer, Terms, prepare},
};
use crate::{Certificate, Limits, Password, Policy};
use envelock_seipd::{
    self as seipd, Cipher, Engine, Header, Octets, Progress, Rope,
    engine::{Bulk, RustCrypto, ready},
    padding,
    plan::Plan,
};
use pgp::{
    crypto::sym::SymmetricKeyAlgorithm,
    packet::{PacketTrait, SignatureType},
    types::Timestamp,
};
use rand::{CryptoRng, Rng};

/// What to encrypt, and to whom; data in Rust's memory.
pub type EncryptOptions<'a> = EncryptOptionsOn<'a, [u8]>;

/// What to encrypt, and to whom.
#[derive(Debug)]
pub struct EncryptOptionsOn<'a, D: ?Sized> {
    /// The octets to encrypt.
    pub data: &'a D,
    /// A file name to send along, at most 255 octets.
    pub filename: Option<&'a str>,
    /// Who may decrypt with a key. Each certificate's encryption keys that are valid now are used.
    pub recipients: &'a [Certificate],
    /// Who may decrypt with a password: any one of these opens the message. [`Limits::passwords`] at most.
    pub passwords: &'a [Password],
    /// Who signs; one signature each, [`Limits::message_signatures`] at most.
    pub signers: &'a [Signer<'a>],
    /// Which container to write.
    pub format: Format,
    /// ASCII armor around the result.
    pub armor: bool,
    /// Hide the exact size (padding packet, Padmé: at most 12 % more). Only in version 2: older readers know no padding.
    pub padding: bool,
    /// Sign as text: line ends count as CRLF whatever they are (§5.2.1.2). The data is encrypted as it is.
    pub text: bool,
    /// The session key to use, for callers that keep it ([`SessionKey::generate`]); drawn anew without it. Never use one
    /// twice. A cipher that is not AES is refused.
    pub session_key: Option<&'a SessionKey>,
    /// What the signatures say beside the data (§5.2.3.24).
    pub notations: &'a [Notation],
    /// The sender's bare address: each signer's user ID with it is named in the signature (§5.2.3.30).
    pub from: Option<&'a str>,
    /// Name the recipients' certificates in the signatures, so that nobody can pass a signed message on as if it were meant for
    /// others (§5.2.3.36). Not done for messages with passwords, whose readers have no certificate, nor with `hide_recipients`.
    pub intended_recipients: bool,
    /// Do not tell who the recipients are, neither outside (§5.1.1, §5.1.2): readers must try all their keys; nor to each other,
    /// in the signatures.
    pub hide_recipients: bool,
}

impl<D: ?Sized> Clone for EncryptOptionsOn<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ?Sized> Copy for EncryptOptionsOn<'_, D> {}

impl<D: ?Sized> EncryptOptionsOn<'_, D> {
    /// The session key that is given, or one that is drawn.
    fn session_key<R: CryptoRng + Rng>(&self, cipher: SymmetricKeyAlgorithm, rng: &mut R) -> SessionKey {
        self.session_key.cloned().unwrap_or_else(|| SessionKey::draw(cipher, rng))
    }

    /// Who may open the message.
    fn wanted(&self) -> Wanted<'_> {
        Wanted { passwords: self.passwords, hidden: self.hide_recipients }
    }
}

impl Default for EncryptOptions<'_> {
    /// Nothing to anybody, padded, binary, format by recipients.
    fn default() -> Self {
        Self {
            data: &[],
            filename: None,
            recipients: &[],
            passwords: &[],
            signers: &[],
            format: Format::Auto,
            armor: false,
            padding: true,
            text: false,
            session_key: None,
            notations: &[],
            from: None,
            intended_recipients: true,
            hide_recipients: false,
        }
    }
}

/// Which encrypted container to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Version 2 if every recipient's certificate says it is read (passwords alone: yes), else version 1.
    #[default]
    Auto,
    /// SEIPD version 1: CFB with a modification detection code; every OpenPGP program reads it.
    SeipdV1,
    /// SEIPD version 2: AEAD; RFC 9580 programs read it.
    SeipdV2,
}

impl Format {
    /// `auto`, `seipd-v1` or `seipd-v2`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::SeipdV1 => "seipd-v1",
            Self::SeipdV2 => "seipd-v2",
        }
    }

    /// The format with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Auto, Self::SeipdV1, Self::SeipdV2].into_iter().find(|format| format.code() == code)
    }

    /// The version to write for these recipients.
    pub(crate) fn for_recipients(self, recipients: &Recipients<'_>) -> Self {
        match self {
            Self::Auto if recipients.all_read_v2() => Self::SeipdV2,
            Self::Auto => Self::SeipdV1,
            chosen => chosen,
        }
    }
}

/// Encrypts, and signs dated `at`.
///
/// # Errors
/// See [`EncryptError`]; one unusable recipient or signer is enough for nothing to be encrypted.
pub async fn encrypt<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
    options: EncryptOptionsOn<'_, D>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Sealed, EncryptError> {
    check(&options, limits)?;
    if options.data.len() as u64 > limits.plaintext_bytes {
        return Err(EncryptError::TooLarge { allowed: limits.plaintext_bytes });
    }
    let recipients = Recipients::choose(options.recipients, policy, at, engine).await?;
    recipients.check_number(options.hide_recipients, limits)?;
    let pending = prepare_signatures(&options, &recipients, policy, limits, at, rng, engine).await?;
    let before = front(&pending, options.filename.unwrap_or_default(), options.data.len())?;
    let hashed = &mut Hashed::new(options.data);
    let mut whole = Whole::of(progress);
    let count = usize::from(!pending.is_empty()) + 1 + usize::from(options.armor);
    let steps = &mut Steps::of(&mut whole, count, options.data.len());
    let mut after = match pending.is_empty() {
        true => Vec::new(),
        false => sign_each_on(pending.into_iter().rev(), engine, hashed, &mut steps.next()).await?,
    };
    let format = options.format.for_recipients(&recipients);
    let message = match format {
        Format::SeipdV1 => {
            let rope = Rope { before: &before, data: options.data, after: &after };
            encrypt_v1(&options, &recipients, rope, rng, engine, &mut steps.next()).await?
        }
        Format::Auto | Format::SeipdV2 => {
            if options.padding {
                let length = before.len() + options.data.len() + after.len();
                padding::append_for(&mut after, length, rng);
            }
            let rope = Rope { before: &before, data: options.data, after: &after };
            encrypt_v2(&options, &recipients, rope, rng, engine, &mut steps.next()).await?
        }
    };
    // Whoever reads version 2 needs no checksum (§6.1).
    let checksum = format == Format::SeipdV1;
    let message = match options.armor {
        true => armored::<D, E>(message, checksum, engine, &mut steps.next()).await?,
        false => message,
    };
    whole.end(options.data.len())?;
    Ok(message)
}

/// [`encrypt`] for callers without an async runtime, with ciphers in software.
///
/// # Errors
/// As [`encrypt`].
pub fn encrypt_blocking<R: CryptoRng + Rng>(
    options: EncryptOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, EncryptError> {
    ready(encrypt(options, policy, limits, at, rng, &RustCrypto, progress))
}

/// What can be said before the data is looked at.
pub(super) fn check<D: ?Sized>(options: &EncryptOptionsOn<'_, D>, limits: &Limits) -> Result<(), EncryptError> {
    if options.recipients.is_empty() && options.passwords.is_empty() {
        return Err(EncryptError::NoRecipient);
    }
    key_packets::check_passwords(options.passwords, limits)?;
    if options.filename.is_some_and(|name| name.len() > super::literal::MAX_NAME) {
        return Err(EncryptError::FilenameTooLong);
    }
    // Old ciphers are read, never written (§9.3).
    if options.session_key.is_some_and(|given| Cipher::from_id(given.cipher()).is_err()) {
        return Err(EncryptError::EncryptionFailed);
    }
    Ok(())
}

/// The signatures that are to be made, each with its key.
pub(super) async fn prepare_signatures<D: ?Sized, R: CryptoRng + Rng>(
    options: &EncryptOptionsOn<'_, D>,
    recipients: &Recipients<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &impl Engine,
) -> Result<Vec<Pending>, EncryptError> {
    // Each of those who are hidden would read there who the others are.
    let names_recipients = options.intended_recipients && options.passwords.is_empty() && !options.hide_recipients;
    let intended = if names_recipients { recipients.fingerprints() } else { &[] };
    let signature_type = if options.text { SignatureType::Text } else { SignatureType::Binary };
    let terms = Terms { signature_type, at, intended, notations: options.notations, from: options.from };
    Ok(prepare(options.signers, terms, policy, limits, rng, engine).await?)
}

/// SKESK v4 and PKESK v3, then SEIPD v1 (§10.3.2.1).
async fn encrypt_v1<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
    options: &EncryptOptionsOn<'_, D>,
    recipients: &Recipients<'_>,
    rope: Rope<'_, D>,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Sealed, EncryptError> {
    let (message, session_key) = keys_for_v1(options, recipients, rng, engine).await?;
    let (cipher, session_key) = (session_key.algorithm(), session_key.to_raw());
    let key = session_key.as_ref();
    seipd_v1::seal(engine, &message, &rope, cipher, key, rng, progress).await
}

/// SKESK v6 and PKESK v6, then SEIPD v2 (§10.3.2.1).
async fn encrypt_v2<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
    options: &EncryptOptionsOn<'_, D>,
    recipients: &Recipients<'_>,
    rope: Rope<'_, D>,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Sealed, EncryptError> {
    let (mut message, session_key, header) = keys_for_v2(options, recipients, rng, engine).await?;
    let session_key = session_key.to_raw();
    let plan = Plan::sealing(&header, session_key.as_ref(), rope.len())?;
    seipd::body::begin(&mut message, &header, &plan)?;
    Ok(engine.seal(message, &plan, rope, progress).await?)
}

/// The session key and its packets for SEIPD v1.
pub(super) async fn keys_for_v1<D: ?Sized, E: Engine, R: CryptoRng + Rng>(
    options: &EncryptOptionsOn<'_, D>,
    recipients: &Recipients<'_>,
    rng: &mut R,
    engine: &E,
) -> Result<(Vec<u8>, SessionKey), EncryptError> {
    let session_key = options.session_key(recipients.cipher(), rng);
    Ok((key_packets::for_v1(&session_key, &options.wanted(), recipients, rng, engine).await?, session_key))
}

/// The session key and its packets for SEIPD v2, and what its container begins with.
pub(super) async fn keys_for_v2<D: ?Sized, E: Engine, R: CryptoRng + Rng>(
    options: &EncryptOptionsOn<'_, D>,
    recipients: &Recipients<'_>,
    rng: &mut R,
    engine: &E,
) -> Result<(Vec<u8>, SessionKey, Header), EncryptError> {
    let given = options.session_key.map(|given| Cipher::from_id(given.cipher())).transpose()?;
    let suite = recipients.suite(given);
    let session_key = options.session_key(SymmetricKeyAlgorithm::from(suite.cipher.id()), rng);
    let packets = key_packets::for_v2(&session_key, suite, &options.wanted(), recipients, rng, engine).await?;
    Ok((packets, session_key, Header { suite, salt: draw(rng) }))
}

/// Appends a packet that may not have come about.
pub(crate) fn append(
    message: &mut Vec<u8>,
    packet: Result<impl PacketTrait, pgp::errors::Error>,
) -> Result<(), EncryptError> {
    packet.and_then(|packet| packet.to_writer_with_header(message)).map_err(|_| EncryptError::EncryptionFailed)
}

impl From<seipd::Error> for EncryptError {
    fn from(error: seipd::Error) -> Self {
        match error {
            seipd::Error::Cancelled => Self::Cancelled,
            seipd::Error::TooLarge { allowed, .. } => Self::TooLarge { allowed },
            seipd::Error::OutOfMemory => Self::OutOfMemory,
            _ => Self::EncryptionFailed,
        }
    }
}

/// Octets in one go; `gen` would ask the platform for each of them.
pub(super) fn draw<const N: usize>(rng: &mut impl Rng) -> [u8; N] {
    let mut octets = [0; N];
    rng.fill_bytes(&mut octets);
    octets
}
