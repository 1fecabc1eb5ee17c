//! Opens envelopes, and checks who signed what is inside.

use super::{Access, Content, LinkSecret, OpenError, Profile, derive_access};
use crate::{
    Certificate, Limits, Password, Policy,
    certificate::Judgements,
    message::{
        CertificateSource, Checker, Container, Context, DecryptError, DecryptOptions, Decryptor, EncryptedPacket,
        Hashed, Shape, Steps, Verdict, VerdictStatus, Whole, open_container, parse_packets, read_signatures,
    },
};
use envelock_seipd::{
    self as seipd, Engine, Progress, SecretOctets,
    body::Header,
    engine::{RustCrypto, ready},
    inner::inner,
    packet::Tag,
    sealed,
    skesk::{S2k, Skesk},
};
use pgp::types::{Fingerprint, Timestamp};

/// What to open, and with what.
#[derive(Debug)]
pub struct OpenOptions<'a> {
    /// The ciphertext, binary.
    pub ciphertext: &'a [u8],
    /// The password or keys.
    pub with: OpenWith<'a>,
    /// Certificates of senders the user knows.
    pub verify_with: &'a [Certificate],
}

/// What opens an envelope.
pub enum OpenWith<'a> {
    /// Its password.
    Password {
        /// The password as typed; normalised to NFC.
        password: &'a Password,
        /// The secret from the link, if the link has one.
        link_secret: Option<&'a LinkSecret>,
        /// The salt that the head names; an envelope with another one is refused. `None` for a saved copy without head.
        salt: Option<[u8; 16]>,
    },
    /// What [`derive_access`] gave before: saves the second Argon2 run.
    Access(&'a Access),
    /// A secret key it was sealed to.
    Keys(&'a [Decryptor<'a>]),
}

impl std::fmt::Debug for OpenWith<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Password(..)",
            Self::Access(_) => "Access(..)",
            Self::Keys(_) => "Keys(..)",
        })
    }
}

/// An opened envelope.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Subject, text, attachments and what else was sealed.
    pub content: Content,
    /// One verdict for each signature, empty if unsigned. A verdict by an [`Enclosed`](CertificateSource::Enclosed)
    /// certificate does not say who the sender is.
    pub signatures: Vec<Verdict>,
    /// The enclosed certificate, if there is one and it can be read; merged with the copy in `verify_with`, if there is one, so
    /// that an answer is not encrypted to a subkey whose revocation was left out.
    pub sender_certificate: Option<Certificate>,
}

/// Who signed what is inside an envelope that something else opened.
#[derive(Debug, Clone)]
pub struct VerifiedInner {
    /// As in [`Opened`].
    pub signatures: Vec<Verdict>,
    /// As in [`Opened`].
    pub sender_certificate: Option<Certificate>,
}

/// Opens an envelope and checks its signatures at the reference time `at`.
///
/// # Errors
/// [`OpenError::ProfileMismatch`] before anything is derived if the parameters or the salt are not the expected ones;
/// a wrong password and damaged octets are both [`DecryptError::DecryptionFailed`].
pub async fn open<E: Engine>(
    options: OpenOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Opened, OpenError> {
    let keys: &[Decryptor<'_>] = if let OpenWith::Keys(keys) = &options.with { keys } else { &[] };
    let own: Vec<Fingerprint> = keys.iter().map(|decryptor| decryptor.key.fingerprint()).collect();
    let mut whole = Whole::of(progress);
    let steps = &mut Steps::of(&mut whole, 2, options.ciphertext.len());
    let progress = &mut steps.next();
    let packets = match options.with {
        OpenWith::Access(access) => open_with_access(options.ciphertext, access, limits, engine, progress).await?,
        OpenWith::Password { password, link_secret, salt } => {
            let salt = checked_salt(options.ciphertext, salt, limits)?;
            let access = derive_access(password, link_secret, salt, engine).await?;
            open_with_access(options.ciphertext, &access, limits, engine, progress).await?
        }
        OpenWith::Keys(keys) => open_with_keys(options.ciphertext, keys, limits, engine, progress).await?,
    };
    let signers = Signers { verify_with: options.verify_with, own: &own, policy, limits, at };
    let (content, verified) = read_inner(&packets, signers, engine, &mut steps.next()).await?;
    drop(packets);
    whole.end(options.ciphertext.len())?;
    Ok(Opened { content, signatures: verified.signatures, sender_certificate: verified.sender_certificate })
}

/// [`open`] for callers without an async runtime, with ciphers in software.
///
/// # Errors
/// As [`open`].
pub fn open_blocking(
    options: OpenOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    progress: &mut dyn Progress,
) -> Result<Opened, OpenError> {
    ready(open(options, policy, limits, at, &RustCrypto, progress))
}

/// Checks the signatures of packets that came out of an envelope opened elsewhere, as by the decrypt page's small module.
///
/// # Errors
/// [`OpenError::BadContent`] or [`DecryptError::Malformed`] if the packets are not what an envelope holds.
pub fn verify_inner(
    signed_message: &[u8],
    verify_with: &[Certificate],
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
) -> Result<VerifiedInner, OpenError> {
    ready(verify_inner_on(signed_message, verify_with, policy, limits, at, &RustCrypto))
}

/// [`verify_inner`] with rests between steps of the work.
///
/// # Errors
/// As [`verify_inner`].
pub async fn verify_inner_on<E: Engine>(
    signed_message: &[u8],
    verify_with: &[Certificate],
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    engine: &E,
) -> Result<VerifiedInner, OpenError> {
    let signers = Signers { verify_with, own: &[], policy, limits, at };
    read_inner(signed_message, signers, engine, &mut ()).await.map(|(_, verified)| verified)
}

async fn open_with_access<E: Engine>(
    ciphertext: &[u8],
    access: &Access,
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<SecretOctets, OpenError> {
    let limits = seipd::Limits { plaintext_bytes: limits.plaintext_bytes, ..seipd::Limits::default() };
    Ok(sealed::open_sealed(engine, ciphertext, access, &limits, progress).await?)
}

async fn open_with_keys<E: Engine>(
    ciphertext: &[u8],
    keys: &[Decryptor<'_>],
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<SecretOctets, OpenError> {
    let Shape::Encrypted { session_keys, container } =
        parse_packets(ciphertext, limits.message_packets).map_err(DecryptError::from)?
    else {
        return Err(DecryptError::NotEncrypted.into());
    };
    if Container::of(&container)? != Container::SeipdV2
        || Header::parse(&container.body)?.0.suite != Profile::V1.suite()
    {
        return Err(OpenError::ProfileMismatch { what: "algorithms" });
    }
    let options = DecryptOptions { keys, ..DecryptOptions::default() };
    Ok(open_container(&session_keys, EncryptedPacket::at_hand(&container), &options, limits, engine, progress)
        .await?
        .plaintext)
}

/// The salt of the envelope's one SKESK, once all its parameters are found to be the profile's. Costs nothing.
fn checked_salt(ciphertext: &[u8], expected: Option<[u8; 16]>, limits: &Limits) -> Result<[u8; 16], OpenError> {
    const OTHER: OpenError = OpenError::ProfileMismatch { what: "password derivation" };
    let Shape::Encrypted { session_keys, .. } =
        parse_packets(ciphertext, limits.message_packets).map_err(DecryptError::from)?
    else {
        return Err(DecryptError::NotEncrypted.into());
    };
    let skesk = session_keys.iter().find(|packet| packet.tag == Tag::SKESK).ok_or(DecryptError::NoMatchingKey)?;
    let S2k::Argon2(s2k) = Skesk::parse(&skesk.body)?.s2k else { return Err(OTHER) };
    if s2k != Profile::V1.s2k(s2k.salt) || expected.is_some_and(|expected| expected != s2k.salt) {
        return Err(OTHER);
    }
    Ok(s2k.salt)
}

/// By whom and by what rules signatures are checked.
struct Signers<'a> {
    verify_with: &'a [Certificate],
    /// The keys it was opened with; a signature that names others was made for them (RFC 9580 §5.2.3.36).
    own: &'a [Fingerprint],
    policy: &'a Policy,
    limits: &'a Limits,
    at: Timestamp,
}

/// Reads content and signatures. Known certificates are asked first; the enclosed one may only speak for unknown signers.
/// It has no say at all when a copy of it is known: a thief of the key could enclose one without its revocation.
async fn read_inner<E: Engine>(
    packets: &[u8],
    Signers { verify_with, own, policy, limits, at }: Signers<'_>,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<(Content, VerifiedInner), OpenError> {
    // The envelope's grammar is narrower than a message's: no compression, no prefixed signatures.
    let data = inner(packets)?.literal;
    let shape = parse_packets(packets, limits.message_packets).map_err(|error| DecryptError::from(error.inside(1)))?;
    let Shape::Data { signatures: found, .. } = shape else { return Err(DecryptError::DecryptionFailed.into()) };
    let found = read_signatures(&found, 0, limits).map_err(DecryptError::from)?;
    engine.rest().await;
    let mime_limits = envelock_mime::Limits::default();
    let mut parsing = envelock_mime::Parsing::begin(&data, &mime_limits)?;
    while parsing.step()? {
        engine.rest().await;
    }
    let (_, content) = parsing.finish();
    let sender_certificate =
        content.sender_certificate.as_ref().and_then(|octets| Certificate::parse(octets, limits).ok());
    let hashed = &mut Hashed::new(data.as_ref());
    let mut check_by = async |certificates: &[Certificate], source| {
        let judgements = &mut Judgements::new(certificates, policy, at, limits.verifications);
        let mut checker = Checker { judgements, source, context: Context::Encrypted { own }, from: None };
        let verdicts = checker.check_all_on(&found, engine, hashed, progress).await;
        verdicts.map_err(DecryptError::from)
    };
    let own_copy = sender_certificate
        .as_ref()
        .and_then(|enclosed| verify_with.iter().find(|known| known.fingerprint() == enclosed.fingerprint()));
    let stranger = sender_certificate.as_ref().filter(|_| own_copy.is_none());
    let mut signatures = check_by(verify_with, CertificateSource::Known).await?;
    if let Some(stranger) = stranger {
        let by_stranger = check_by(std::slice::from_ref(stranger), CertificateSource::Enclosed).await?;
        for (verdict, by_stranger) in signatures.iter_mut().zip(by_stranger) {
            if verdict.status == VerdictStatus::UnknownSigner {
                *verdict = by_stranger;
            }
        }
    }
    let merged = own_copy.zip(sender_certificate.as_ref()).and_then(|(own, enclosed)| own.merge(enclosed, limits).ok());
    // A copy that cannot be merged does not replace the known one, which may say that the key is revoked.
    let certificate = merged.or_else(|| own_copy.cloned()).or(sender_certificate);
    Ok((content, VerifiedInner { signatures, sender_certificate: certificate }))
}
