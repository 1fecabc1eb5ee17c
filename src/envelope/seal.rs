//! Seals envelopes and answers to them.

use super::{Access, Content, LinkSecret, Profile, derive_access};
use crate::{
    Certificate, Limits, Password, Policy,
    message::{DecryptError, EncryptError, Recipients, Signer, Steps, Terms, Whole, prepare, sign_inline},
};
use envelock_mime::{Boundaries, build_resting};
use envelock_seipd::{
    Engine, Progress, SecretOctets,
    engine::{RustCrypto, ready},
    padding, sealed,
};
use pgp::{composed::RawSessionKey, packet::SignatureType, types::Timestamp};
use rand::{CryptoRng, Rng};

/// What to seal, and for whom.
#[derive(Debug)]
pub struct SealOptions<'a> {
    /// The message. Without a sender certificate of its own it gets the first signer's, so that it can be answered.
    pub content: Content,
    /// The password, or what an earlier one gave.
    pub lock: Lock<'a>,
    /// Who may open it with a key as well, 64 encryption keys in all; the sender's own certificate among them makes a copy
    /// for "sent". The envelope does not tell who they are, only how many.
    pub recipients: &'a [Certificate],
    /// Who signs; one signature each.
    pub signers: &'a [Signer<'a>],
}

/// What an envelope is locked with.
pub enum Lock<'a> {
    /// A password, with a fresh salt.
    New {
        /// The password; UTF-8, normalised to NFC.
        password: &'a Password,
        /// Draw a link secret as well. Without one the link is shorter and the envelope only as strong as its password.
        link_secret: bool,
    },
    /// The same password, link secret and salt as an earlier envelope: for an answer that its writer can read again.
    Same(&'a Access),
}

impl std::fmt::Debug for Lock<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::New { link_secret, .. } => write!(f, "New {{ link_secret: {link_secret} }}"),
            Self::Same(_) => f.write_str("Same(..)"),
        }
    }
}

/// A sealed envelope, and what belongs into its head and its link.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The message, binary.
    pub ciphertext: Vec<u8>,
    /// The profile it follows.
    pub profile: Profile,
    /// Argon2's salt, for the head.
    pub salt: [u8; 16],
    /// SHA-256 of the access token: all the server needs to know the right token when it sees it.
    pub token_hash: [u8; 32],
    /// The secret for the link's fragment, if one was drawn. It must not reach the server.
    pub link_secret: Option<LinkSecret>,
}

/// An answer to an envelope.
pub struct ReplyOptions<'a> {
    /// The answer.
    pub content: Content,
    /// What the envelope was opened with; the answer's writer can read it back with the same password.
    pub access: &'a Access,
    /// The certificate that was enclosed in the envelope.
    pub sender_certificate: &'a Certificate,
    /// Who signs, if the writer has a key.
    pub signers: &'a [Signer<'a>],
}

/// Seals an envelope; its signatures are dated `at`.
///
/// # Errors
/// [`EncryptError::EmptyPassword`], [`EncryptError::PasswordNotText`], too many recipients, or an unusable
/// recipient or signer; nothing is sealed then.
pub async fn seal<E: Engine, R: CryptoRng + Rng>(
    options: SealOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Sealed, EncryptError> {
    let recipients = Recipients::choose(options.recipients, policy, at, engine).await?;
    if recipients.key_count() > sealed::MAX_PKESKS {
        return Err(EncryptError::TooManyRecipients { found: recipients.key_count(), allowed: sealed::MAX_PKESKS });
    }
    let terms = Terms { signature_type: SignatureType::Binary, at, intended: &[], notations: &[], from: None };
    let pending = prepare(options.signers, terms, policy, limits, rng, engine).await?;
    let mut whole = Whole::of(progress);
    let mime = write_content(options.content, options.signers, limits, rng, engine).await?;
    let steps = &mut Steps::of(&mut whole, if pending.is_empty() { 1 } else { 2 }, mime.len());
    let mut inner = match pending.is_empty() {
        true => sign_inline(pending, "", &mime, engine, &mut ()).await?,
        false => sign_inline(pending, "", &mime, engine, &mut steps.next()).await?,
    };
    drop(mime);
    engine.rest().await;
    padding::pad(&mut inner, rng);
    engine.rest().await;

    let derived;
    let (access, link_secret) = match options.lock {
        Lock::Same(access) => (access, None),
        Lock::New { password, link_secret } => {
            if password.is_empty() {
                return Err(EncryptError::EmptyPassword);
            }
            let link_secret = link_secret.then(|| LinkSecret::generate(rng));
            derived = derive_access(password, link_secret.as_ref(), rng.r#gen(), engine).await.map_err(not_derived)?;
            (&derived, link_secret)
        }
    };
    let session_key = sealed::new_session_key(access.profile().suite(), rng);
    let wrapped = recipients.wrap_v6(&RawSessionKey::from(session_key.as_slice()), true, rng, engine).await?;
    let ciphertext = sealed::seal(engine, access, &session_key, &wrapped, &inner, rng, &mut steps.next()).await?;
    drop(inner);
    whole.end(ciphertext.len())?;
    Ok(Sealed {
        ciphertext,
        profile: access.profile(),
        salt: access.salt(),
        token_hash: access.token_hash(),
        link_secret,
    })
}

/// [`seal`] for callers without an async runtime, with ciphers in software.
///
/// # Errors
/// As [`seal`].
pub fn seal_blocking<R: CryptoRng + Rng>(
    options: SealOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<Sealed, EncryptError> {
    ready(seal(options, policy, limits, at, rng, &RustCrypto, progress))
}

/// Seals an answer: to the sender's enclosed certificate, whatever its version, and with the envelope's own password.
///
/// # Errors
/// As [`seal`]; [`EncryptError::UnusableRecipient`] if the enclosed certificate has no key to encrypt to.
pub async fn seal_reply<E: Engine, R: CryptoRng + Rng>(
    options: ReplyOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, EncryptError> {
    let options = SealOptions {
        content: options.content,
        lock: Lock::Same(options.access),
        recipients: std::slice::from_ref(options.sender_certificate),
        signers: options.signers,
    };
    Ok(seal(options, policy, limits, at, rng, engine, progress).await?.ciphertext)
}

/// [`seal_reply`] for callers without an async runtime, with ciphers in software.
///
/// # Errors
/// As [`seal_reply`].
pub fn seal_reply_blocking<R: CryptoRng + Rng>(
    options: ReplyOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, EncryptError> {
    ready(seal_reply(options, policy, limits, at, rng, &RustCrypto, progress))
}

/// Why a password gave no key: it fails where it opens nothing if it is no text, and here nothing is opened.
fn not_derived(error: DecryptError) -> EncryptError {
    match error {
        DecryptError::DecryptionFailed => EncryptError::PasswordNotText,
        DecryptError::OutOfMemory => EncryptError::OutOfMemory,
        _ => EncryptError::EncryptionFailed,
    }
}

async fn write_content<E: Engine, R: CryptoRng + Rng>(
    mut content: Content,
    signers: &[Signer<'_>],
    limits: &Limits,
    rng: &mut R,
    engine: &E,
) -> Result<SecretOctets, EncryptError> {
    if content.sender_certificate.is_none() {
        content.sender_certificate = signers.first().map(|signer| signer.key.certificate().to_armored().into_bytes());
    }
    let boundaries = Boundaries::from_random(rng.r#gen());
    let mime = SecretOctets::from(build_resting(&content, &boundaries, async || engine.rest().await).await);
    if mime.len() as u64 > limits.plaintext_bytes {
        return Err(EncryptError::TooLarge { allowed: limits.plaintext_bytes });
    }
    Ok(mime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_memory_is_not_told_as_a_bad_password() {
        assert_eq!(not_derived(DecryptError::OutOfMemory).code(), "out-of-memory");
        assert_eq!(not_derived(DecryptError::DecryptionFailed).code(), "password-not-text");
    }
}
