//! Encrypts messages to certificates and passwords, signed or not (RFC 9580 §10.3).
//!
//! The recipients decide the container: version 2 (AEAD) if all of them read it, else version 1. Never compressed: the size
//! of compressed text tells about its content. Not here: password links (`envelope`).

use super::{
    error::EncryptError,
    given_key::SessionKey,
    recipient::Recipients,
    sign::{finish, sign_inline},
    signer::{Signer, Terms, prepare},
};
use crate::{Certificate, Limits, Password, Policy, armor::ArmorKind, secret_key::derive::derive_key};
use envelock_seipd::{
    self as seipd, Cipher, Engine, Progress, S2kArgon2, Suite,
    engine::{RustCrypto, ready},
    padding,
    skesk::{KeyEncryptionKey, S2k, Skesk},
};
use pgp::{
    composed::RawSessionKey,
    crypto::{hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::{PacketHeader, PacketTrait, SignatureType, SymEncryptedProtectedData, SymKeyEncryptedSessionKey},
    ser::Serialize,
    types::{StringToKey, Tag, Timestamp},
};
use rand::{CryptoRng, Rng};
use std::ops::ControlFlow;
use zeroize::Zeroizing;

/// What to encrypt, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct EncryptOptions<'a> {
    /// The octets to encrypt.
    pub data: &'a [u8],
    /// A file name to send along, at most 255 octets.
    pub filename: Option<&'a str>,
    /// Who may decrypt with a key. Each certificate's encryption keys that are valid now are used.
    pub recipients: &'a [Certificate],
    /// Who may decrypt with a password: any one of these opens the message.
    pub passwords: &'a [Password],
    /// Who signs; one signature each.
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
    /// The version to write for these recipients.
    pub(crate) fn for_recipients(self, recipients: &Recipients<'_>) -> Self {
        match self {
            Self::Auto if recipients.all_read_v2() => Self::SeipdV2,
            Self::Auto => Self::SeipdV1,
            chosen => chosen,
        }
    }
}

/// Argon2 of messages with passwords: RFC 9106 §4, second recommended option (64 MiB).
const ARGON2_PASSES: u8 = 3;
const ARGON2_LANES: u8 = 4;
const ARGON2_MEMORY_EXPONENT: u8 = 16;
/// Coded count of the iterated S2K for version 1: 32 MiB (RFC 9580 §3.7.1.3).
const ITERATED_COUNT: u8 = 240;

/// Encrypts, and signs dated `at`.
///
/// # Errors
/// See [`EncryptError`]; one unusable recipient or signer is enough for nothing to be encrypted.
pub async fn encrypt<E: Engine, R: CryptoRng + Rng>(
    options: EncryptOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, EncryptError> {
    check(&options, limits)?;
    let recipients = Recipients::choose(options.recipients, policy, at)?;
    let intended = if options.passwords.is_empty() { recipients.fingerprints() } else { &[] };
    let signature_type = if options.text { SignatureType::Text } else { SignatureType::Binary };
    let terms = Terms { signature_type, at, intended };
    let pending = prepare(options.signers, terms, policy, limits, rng)?;
    let mut inner = sign_inline(pending, options.filename.unwrap_or_default(), options.data)?;
    let message = match options.format.for_recipients(&recipients) {
        Format::SeipdV1 => encrypt_v1(&options, &recipients, &inner, rng, progress)?,
        Format::Auto | Format::SeipdV2 => {
            if options.padding {
                padding::pad(&mut inner, rng);
            }
            encrypt_v2(&options, &recipients, &inner, rng, engine, progress).await?
        }
    };
    Ok(finish(message, ArmorKind::Message, options.armor))
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

fn check(options: &EncryptOptions<'_>, limits: &Limits) -> Result<(), EncryptError> {
    if options.recipients.is_empty() && options.passwords.is_empty() {
        return Err(EncryptError::NoRecipient);
    }
    if options.passwords.iter().any(Password::is_empty) {
        return Err(EncryptError::EmptyPassword);
    }
    if options.filename.is_some_and(|name| name.len() > super::literal::MAX_NAME) {
        return Err(EncryptError::FilenameTooLong);
    }
    // Old ciphers are read, never written (§9.3).
    if options.session_key.is_some_and(|given| Cipher::from_id(given.cipher()).is_err()) {
        return Err(EncryptError::EncryptionFailed);
    }
    if options.data.len() as u64 > limits.plaintext_bytes {
        return Err(EncryptError::TooLarge { allowed: limits.plaintext_bytes });
    }
    Ok(())
}

/// SKESK v4 and PKESK v3, then SEIPD v1 (§10.3.2.1).
fn encrypt_v1<R: CryptoRng + Rng>(
    options: &EncryptOptions<'_>,
    recipients: &Recipients<'_>,
    inner: &[u8],
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, EncryptError> {
    let session_key = match options.session_key {
        Some(given) => given.clone(),
        None => SessionKey::draw(recipients.cipher(), rng),
    };
    let (cipher, session_key) = (session_key.algorithm(), session_key.to_raw());
    let mut message = recipients.wrap_v3(&session_key, cipher, rng)?;
    for password in options.passwords {
        let s2k = StringToKey::new_iterated(&mut *rng, HashAlgorithm::Sha256, ITERATED_COUNT);
        append(&mut message, skesk_v4(password, &session_key, s2k, cipher))?;
    }
    report(progress, 0, inner.len())?;
    append(&mut message, SymEncryptedProtectedData::encrypt_seipdv1(rng, cipher, session_key.as_ref(), inner))?;
    report(progress, inner.len(), inner.len())?;
    Ok(message)
}

/// The session key under a password (§5.3.1). rPGP's own way leaves the password in a freed hash buffer.
fn skesk_v4(
    password: &Password,
    session_key: &RawSessionKey,
    s2k: StringToKey,
    cipher: SymmetricKeyAlgorithm,
) -> Result<SymKeyEncryptedSessionKey, pgp::errors::Error> {
    let key = derive_key(&s2k, password.as_bytes(), cipher.key_size())?;
    let mut encrypted_key = [&[u8::from(cipher)], session_key.as_ref()].concat();
    cipher.encrypt_with_iv_regular(key.as_ref(), &vec![0; cipher.block_size()], &mut encrypted_key)?;
    // Version and cipher, then these two.
    let length = u32::try_from(2 + s2k.write_len() + encrypted_key.len())?;
    Ok(SymKeyEncryptedSessionKey::V4 {
        packet_header: PacketHeader::new_fixed(Tag::SymKeyEncryptedSessionKey, length),
        s2k,
        sym_algorithm: cipher,
        encrypted_key: encrypted_key.into(),
    })
}

/// SKESK v6 and PKESK v6, then SEIPD v2 (§10.3.2.1).
async fn encrypt_v2<E: Engine, R: CryptoRng + Rng>(
    options: &EncryptOptions<'_>,
    recipients: &Recipients<'_>,
    inner: &[u8],
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, EncryptError> {
    let given = options.session_key.map(|given| Cipher::from_id(given.cipher())).transpose()?;
    let suite = recipients.suite(given);
    let session_key = match options.session_key {
        Some(given) => given.to_raw(),
        None => SessionKey::draw(SymmetricKeyAlgorithm::from(suite.cipher.id()), rng).to_raw(),
    };
    let mut message = recipients.wrap_v6(&session_key, rng)?;
    for password in options.passwords {
        wrap_with_password(password, suite, session_key.as_ref(), rng, engine).await?.serialize(&mut message);
    }
    let salt: [u8; 32] = rng.r#gen();
    message.extend(seipd::encrypt(engine, suite, session_key.as_ref(), salt, inner, progress).await?);
    Ok(message)
}

async fn wrap_with_password<E: Engine, R: CryptoRng + Rng>(
    password: &Password,
    suite: Suite,
    session_key: &[u8],
    rng: &mut R,
    engine: &E,
) -> Result<Skesk, EncryptError> {
    let s2k = S2kArgon2 {
        salt: rng.r#gen(),
        passes: ARGON2_PASSES,
        lanes: ARGON2_LANES,
        memory_exponent: ARGON2_MEMORY_EXPONENT,
    };
    let limits = seipd::Limits::default();
    // §5.3.2: as much key material as the cipher's key is long.
    let material = match suite.cipher {
        Cipher::Aes128 => Zeroizing::new(s2k.derive::<16>(password.as_bytes(), &limits)?.to_vec()),
        Cipher::Aes192 => Zeroizing::new(s2k.derive::<24>(password.as_bytes(), &limits)?.to_vec()),
        Cipher::Aes256 => Zeroizing::new(s2k.derive::<32>(password.as_bytes(), &limits)?.to_vec()),
    };
    let key = KeyEncryptionKey::derive(&material, suite.cipher, suite.mode)?;
    Ok(Skesk::wrap(engine, &key, S2k::Argon2(s2k), rng.r#gen(), session_key).await?)
}

/// Appends a packet that may not have come about.
pub(crate) fn append(
    message: &mut Vec<u8>,
    packet: Result<impl PacketTrait, pgp::errors::Error>,
) -> Result<(), EncryptError> {
    packet.and_then(|packet| packet.to_writer_with_header(message)).map_err(|_| EncryptError::EncryptionFailed)
}

fn report(progress: &mut dyn Progress, done: usize, total: usize) -> Result<(), EncryptError> {
    match progress.report(done as u64, total as u64) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(EncryptError::Cancelled),
    }
}

impl From<seipd::Error> for EncryptError {
    fn from(error: seipd::Error) -> Self {
        match error {
            seipd::Error::Cancelled => Self::Cancelled,
            seipd::Error::TooLarge { allowed, .. } => Self::TooLarge { allowed },
            _ => Self::EncryptionFailed,
        }
    }
}
