//! Password links: from link secret and password to the token that the server wants and the key it never sees.
//!
//! One Argon2 run, two outputs. The server keeps SHA-256 of the token and hands out ciphertext for the right token only; so
//! somebody who has the link has nothing to attack offline, and a stolen database is useless without the link secrets.

use alloc::string::String;
use alloc::vec::Vec;

use hkdf::Hkdf;
use rand_core::CryptoRngCore;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::engine::Engine;
use crate::skesk::KeyEncryptionKey;
use crate::{ChunkSize, Cipher, Error, Limits, Mode, S2kArgon2, Suite, base64url};

/// Everything about an envelope's cryptography that is fixed. A head or a message with other parameters is refused, so a
/// hostile server cannot ask for a cheap token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Profile {
    /// Argon2id t = 3, p = 4, 64 MiB (RFC 9106 §4, second choice); AES-256-GCM in chunks of 256 KiB.
    #[default]
    V1,
}

impl Profile {
    /// Reads the number in an envelope's head.
    pub const fn from_number(number: u32) -> Result<Self, Error> {
        match number {
            1 => Ok(Profile::V1),
            _ => Err(Error::Unsupported("envelope profile")),
        }
    }

    /// The number in an envelope's head.
    pub const fn number(self) -> u32 {
        1
    }

    /// The algorithms of the encrypted message; the SKESK has the same cipher and mode.
    pub const fn suite(self) -> Suite {
        Suite { cipher: Cipher::Aes256, mode: Mode::Gcm, chunk: ChunkSize::DEFAULT }
    }

    /// The derivation with this salt.
    pub const fn s2k(self, salt: [u8; 16]) -> S2kArgon2 {
        S2kArgon2 { salt, passes: 3, lanes: 4, memory_exponent: 16 }
    }

    /// The info of HKDF for the access token; a new profile has a new one.
    const fn token_info(self) -> &'static [u8] {
        b"envelock/v1/access"
    }
}

/// The secret in a link's fragment, 128 random bits; it never reaches a server. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct LinkSecret([u8; 16]);

impl LinkSecret {
    /// Draws a new one.
    pub fn generate(rng: &mut impl CryptoRngCore) -> Self {
        let mut secret = [0; 16];
        rng.fill_bytes(&mut secret);
        LinkSecret(secret)
    }

    /// Reads the 22 characters of base64url in a link. Anything else, a padded or a non-canonical form too, is refused.
    pub fn parse(text: &str) -> Result<Self, Error> {
        base64url::decode(text).map(LinkSecret).ok_or(Error::Malformed("link secret"))
    }

    /// The 22 characters that stand in the link.
    pub fn to_base64url(&self) -> Zeroizing<String> {
        Zeroizing::new(base64url::encode(&self.0))
    }
}

impl core::fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("LinkSecret(..)")
    }
}

/// The S2K's passphrase: `secret-password`, or the password alone for a short link; UTF-8 of NFC. What a person types into
/// any other OpenPGP program to open a saved copy. Without the feature `nfc` the password has to be in NFC already.
pub fn passphrase(secret: Option<&LinkSecret>, password: &str) -> Zeroizing<Vec<u8>> {
    #[cfg(feature = "nfc")]
    let password = composed(password);
    let mut passphrase = Zeroizing::new(Vec::with_capacity(23 + password.len()));
    if let Some(secret) = secret {
        passphrase.extend_from_slice(secret.to_base64url().as_bytes());
        passphrase.push(b'-');
    }
    passphrase.extend_from_slice(password.as_bytes());
    passphrase
}

/// Brings a password to NFC.
#[cfg(feature = "nfc")]
fn composed(password: &str) -> Zeroizing<String> {
    use unicode_normalization::UnicodeNormalization;
    // Three times is the most that NFC can lengthen UTF-8: no reallocation that would leave a copy behind.
    let mut composed = Zeroizing::new(String::with_capacity(password.len() * 3));
    composed.extend(password.nfc());
    composed
}

/// What a password and a salt give: the token for the server, and the key of the SKESK. Wiped when dropped.
pub struct Access {
    profile: Profile,
    salt: [u8; 16],
    token: Zeroizing<[u8; 32]>,
    key: KeyEncryptionKey,
}

/// Runs Argon2id once: about 0.2 s and 64 MiB.
pub fn derive(profile: Profile, passphrase: &[u8], salt: [u8; 16]) -> Result<Access, Error> {
    let material = profile.s2k(salt).derive(passphrase, MATERIAL_LEN, &Limits::default())?;
    Access::new(profile, salt, &material)
}

/// [`derive()`] that rests every few milliseconds.
pub async fn derive_on<E: Engine>(
    engine: &E,
    profile: Profile,
    passphrase: &[u8],
    salt: [u8; 16],
) -> Result<Access, Error> {
    let material = profile.s2k(salt).derive_on(engine, passphrase, MATERIAL_LEN, &Limits::default()).await?;
    Access::new(profile, salt, &material)
}

/// Octets that token and key come from.
const MATERIAL_LEN: usize = 32;

impl Access {
    fn new(profile: Profile, salt: [u8; 16], material: &[u8]) -> Result<Self, Error> {
        let suite = profile.suite();
        let mut token = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, material)
            .expand(profile.token_info(), token.as_mut_slice())
            .map_err(|_| Error::Unsupported("envelope profile"))?;
        Ok(Access { profile, salt, token, key: KeyEncryptionKey::derive(material, suite.cipher, suite.mode)? })
    }

    /// The token that the server wants before it hands out ciphertext.
    pub fn token(&self) -> &[u8; 32] {
        &self.token
    }

    /// The token as the HTTP API carries it.
    pub fn token_base64url(&self) -> Zeroizing<String> {
        Zeroizing::new(base64url::encode(self.token.as_slice()))
    }

    /// SHA-256 of the token: what the sender gives to the server.
    pub fn token_hash(&self) -> [u8; 32] {
        Sha256::digest(self.token.as_slice()).into()
    }

    /// The key of the SKESK.
    pub fn key(&self) -> &KeyEncryptionKey {
        &self.key
    }

    /// The salt it was derived with.
    pub fn salt(&self) -> [u8; 16] {
        self.salt
    }

    /// The profile it was derived for.
    pub fn profile(&self) -> Profile {
        self.profile
    }
}
