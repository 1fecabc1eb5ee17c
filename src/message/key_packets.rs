//! Session key packets (RFC 9580 §5.1, §5.3): writing them for certificates and passwords, with or without a message behind
//! them, and opening them.
//!
//! For programs that store a message's packets apart, or give one more reader access to a message without encrypting it again.

use super::{
    container::Container,
    decrypt::{DecryptOptionsOn, Encrypted, open},
    encrypt::{Format, append, draw},
    error::{DecryptError, EncryptError, ReadError},
    given_key::SessionKey,
    grammar, input,
    recipient::Recipients,
    session_key::Search,
    share::Whole,
    sign::finish,
};
use crate::{Certificate, Limits, Password, Policy, armor::ArmorKind, rest, secret_key::derive::derive_key};
use envelock_seipd::{
    self as seipd, Cipher, Engine, Octets, Progress, S2kArgon2, Suite,
    cfb::Cfb,
    skesk::{KeyEncryptionKey, S2k, Skesk},
};
use pgp::{
    composed::{PlainSessionKey, RawSessionKey},
    crypto::{hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::{PacketHeader, SymKeyEncryptedSessionKey},
    ser::Serialize,
    types::{StringToKey, Tag, Timestamp},
};
use rand::{CryptoRng, Rng};
use zeroize::Zeroizing;

/// Argon2 of messages with passwords: RFC 9106 §4, second recommended option (64 MiB).
const ARGON2_PASSES: u8 = 3;
const ARGON2_LANES: u8 = 4;
const ARGON2_MEMORY_EXPONENT: u8 = 16;
/// Coded count of the iterated S2K for version 1: 32 MiB (RFC 9580 §3.7.1.3).
const ITERATED_COUNT: u8 = 240;

/// A session key, and who shall be able to find it.
#[derive(Debug, Clone, Copy)]
pub struct SessionKeyOptions<'a> {
    /// The session key. Whoever opens one of the packets reads every message it encrypts.
    pub session_key: &'a SessionKey,
    /// Readers with a key.
    pub recipients: &'a [Certificate],
    /// Readers with a password, [`Limits::passwords`] at most, together with those the message has already.
    pub passwords: &'a [Password],
    /// The container the packets are for. `Auto` as in [`encrypt`](super::encrypt()).
    pub format: Format,
    /// Do not tell who the recipients are (§5.1.1, §5.1.2).
    pub hide_recipients: bool,
    /// ASCII armor around the result.
    pub armor: bool,
}

/// Writes the session key packets for a message that is encrypted with `session_key`; they go in front of its container.
///
/// # Errors
/// As [`encrypt`](super::encrypt()): one unusable recipient is enough for nothing to be written.
pub async fn encrypt_session_key<E: Engine, R: CryptoRng + Rng>(
    options: SessionKeyOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
) -> Result<Vec<u8>, EncryptError> {
    if options.recipients.is_empty() && options.passwords.is_empty() {
        return Err(EncryptError::NoRecipient);
    }
    check_passwords(options.passwords, limits)?;
    let cipher = Cipher::from_id(options.session_key.cipher()).map_err(|_| EncryptError::EncryptionFailed)?;
    let recipients = Recipients::choose(options.recipients, policy, at, engine).await?;
    recipients.check_number(options.hide_recipients, limits)?;
    let wanted = Wanted { passwords: options.passwords, hidden: options.hide_recipients };
    let packets = match options.format.for_recipients(&recipients) {
        Format::SeipdV1 => for_v1(options.session_key, &wanted, &recipients, rng, engine).await?,
        _ => {
            let suite = recipients.suite(Some(cipher));
            for_v2(options.session_key, suite, &wanted, &recipients, rng, engine).await?
        }
    };
    Ok(finish(packets, ArmorKind::Message, options.armor))
}

/// Finds the session keys of a message, or of session key packets alone. With a message, the one that opens it; without, every
/// candidate: a password that is wrong may then yield a key as well, since old packets carry no check (§5.3.1).
///
/// # Errors
/// See [`DecryptError`].
pub async fn decrypt_session_keys<D: Octets + ?Sized, E: Engine>(
    options: DecryptOptionsOn<'_, D>,
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Vec<SessionKey>, DecryptError> {
    input::check_size(options.message.len(), limits)?;
    let made;
    let mut message = options.message;
    if !input::is_binary(message) {
        made = input::dearmor(engine, message, limits, &mut ()).await?;
        message = D::of(&made);
    }
    let binary = message.read(0..message.len()).ok_or(ReadError::GONE)?;
    let (packets, container) = grammar::parse_session_keys(&binary, limits.message_packets)?;
    if let Some(container) = container {
        let encrypted = Encrypted::at_hand(&container);
        let mut whole = Whole::of(progress);
        let opened = open(&packets, encrypted, &options, limits, engine, &mut whole).await?;
        whole.end(container.body.len())?;
        return Ok(opened.session_key.into_iter().collect());
    }
    let mut found: Vec<SessionKey> = Vec::new();
    let mut failure = DecryptError::NoMatchingKey;
    for container in [Container::SeipdV2, Container::SeipdV1] {
        let mut search = Search::plan(&packets, container, options.keys, options.passwords, limits);
        while let Some(key) = search.next(&|_, _| None, engine).await {
            found.extend(of_packet(&key).filter(|key| !found.contains(key)));
        }
        if failure == DecryptError::NoMatchingKey {
            failure = search.failure();
        }
    }
    if found.is_empty() { Err(failure) } else { Ok(found) }
}

/// Packets of version 6 do not name the cipher, their container does; by its length the key is one for AES.
fn of_packet(key: &PlainSessionKey) -> Option<SessionKey> {
    match key {
        PlainSessionKey::V3_4 { sym_alg, key } => SessionKey::new(u8::from(*sym_alg), key.as_ref()),
        PlainSessionKey::V5 { key } | PlainSessionKey::V6 { key } => {
            let fits = |cipher: &Cipher| cipher.key_len() == key.as_ref().len();
            let cipher = [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256].into_iter().find(fits)?;
            SessionKey::new(cipher.id(), key.as_ref())
        }
    }
}

/// What session key packets need beside the certificates.
pub(super) struct Wanted<'a> {
    pub(super) passwords: &'a [Password],
    pub(super) hidden: bool,
}

/// Refuses an empty password, and more than a reader would try.
pub(super) fn check_passwords(passwords: &[Password], limits: &Limits) -> Result<(), EncryptError> {
    if passwords.iter().any(Password::is_empty) {
        return Err(EncryptError::EmptyPassword);
    }
    let (found, allowed) = (passwords.len(), limits.passwords());
    if found > allowed { Err(EncryptError::TooManyPasswords { found, allowed }) } else { Ok(()) }
}

/// PKESK v3 and SKESK v4, for SEIPD v1 (§10.3.2.1).
pub(super) async fn for_v1<E: Engine, R: CryptoRng + Rng>(
    session_key: &SessionKey,
    wanted: &Wanted<'_>,
    recipients: &Recipients<'_>,
    rng: &mut R,
    engine: &E,
) -> Result<Vec<u8>, EncryptError> {
    let (cipher, session_key) = (session_key.algorithm(), session_key.to_raw());
    let mut packets = recipients.wrap_v3(&session_key, cipher, wanted.hidden, rng, engine).await?;
    for password in wanted.passwords {
        let s2k = StringToKey::new_iterated(&mut *rng, HashAlgorithm::Sha256, ITERATED_COUNT);
        append(&mut packets, skesk_v4(password, &session_key, s2k, cipher, engine).await)?;
    }
    Ok(packets)
}

/// PKESK v6 and SKESK v6, for SEIPD v2 (§10.3.2.1).
pub(super) async fn for_v2<E: Engine, R: CryptoRng + Rng>(
    session_key: &SessionKey,
    suite: Suite,
    wanted: &Wanted<'_>,
    recipients: &Recipients<'_>,
    rng: &mut R,
    engine: &E,
) -> Result<Vec<u8>, EncryptError> {
    let mut packets = recipients.wrap_v6(&session_key.to_raw(), wanted.hidden, rng, engine).await?;
    for password in wanted.passwords {
        wrap_with_password(password, suite, session_key.as_bytes(), rng, engine).await?.serialize(&mut packets);
    }
    Ok(packets)
}

/// The session key under a password (§5.3.1). rPGP's own way leaves the password in a freed hash buffer.
async fn skesk_v4(
    password: &Password,
    session_key: &RawSessionKey,
    s2k: StringToKey,
    cipher: SymmetricKeyAlgorithm,
    engine: &impl Engine,
) -> Result<SymKeyEncryptedSessionKey, pgp::errors::Error> {
    let key =
        derive_key(&s2k, password.as_bytes(), cipher.key_size(), engine).await.map_err(|error| error.to_string())?;
    let mut encrypted_key = [&[u8::from(cipher)], session_key.as_ref()].concat();
    let unknown = || pgp::errors::Error::from("cipher".to_owned());
    let aes = rest::aes(cipher).ok_or_else(unknown)?;
    Cfb::new(aes, key.as_ref()).ok_or_else(unknown)?.encrypt(&mut encrypted_key);
    // Version and cipher, then these two.
    let length = u32::try_from(2 + s2k.write_len() + encrypted_key.len())?;
    Ok(SymKeyEncryptedSessionKey::V4 {
        packet_header: PacketHeader::new_fixed(Tag::SymKeyEncryptedSessionKey, length),
        s2k,
        sym_algorithm: cipher,
        encrypted_key: encrypted_key.into(),
    })
}

/// What [`skesk_v4`] makes (§5.3.1): the cipher of the message and its key, encrypted in CFB with an IV of zeros. A wrong password gives other octets and no error.
pub(super) fn open_skesk_v4(
    cipher: Cipher,
    key: &RawSessionKey,
    encrypted: &[u8],
) -> Result<PlainSessionKey, DecryptError> {
    const FAILED: DecryptError = DecryptError::DecryptionFailed;
    let mut octets = Zeroizing::new(encrypted.to_vec());
    Cfb::new(cipher, key.as_ref()).ok_or(FAILED)?.decrypt(&mut octets);
    let (cipher, key) = octets.split_first().ok_or(FAILED)?;
    let sym_alg = SymmetricKeyAlgorithm::from(*cipher);
    if sym_alg.key_size() == 0 || sym_alg.key_size() != key.len() {
        return Err(FAILED);
    }
    Ok(PlainSessionKey::V3_4 { sym_alg, key: RawSessionKey::from(key) })
}

async fn wrap_with_password<E: Engine, R: CryptoRng + Rng>(
    password: &Password,
    suite: Suite,
    session_key: &[u8],
    rng: &mut R,
    engine: &E,
) -> Result<Skesk, EncryptError> {
    let s2k = S2kArgon2 {
        salt: draw(rng),
        passes: ARGON2_PASSES,
        lanes: ARGON2_LANES,
        memory_exponent: ARGON2_MEMORY_EXPONENT,
    };
    let limits = seipd::Limits::default();
    // §5.3.2: as much key material as the cipher's key is long.
    let material = s2k.derive_on(engine, password.as_bytes(), suite.cipher.key_len(), &limits).await?;
    let key = KeyEncryptionKey::derive(&material, suite.cipher, suite.mode)?;
    Ok(Skesk::wrap(engine, &key, S2k::Argon2(s2k), draw(rng), session_key).await?)
}
