//! Opening a keystore with a passkey (Web Authentication level 3, §10.1.4: the PRF extension).
//!
//! The passkey turns the input of its slot into 32 octets that nobody else can compute. HKDF makes a key of them, bound to the
//! credential ID, and that key wraps the session key exactly as a passphrase does (SKESK v6). The passphrase itself, which
//! the keys inside are locked with, is sealed under the session key, so that it can change without the passkeys being there,
//! and goes on opening the keystore.
//!
//! A passkey that was removed still opens an older copy of the header.
//! Not here: talking to the browser.

use envelock_seipd::engine::Engine;
use envelock_seipd::skesk::{KeyEncryptionKey, Skesk};
use hkdf::Hkdf;
use rand::{CryptoRng, Rng};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::header::{Header, Passkey, Slot};
use super::{Keystore, KeystoreError, SUITE};
use crate::{Limits, Passphrase};

/// Parts the key of a passkey from every other use of its PRF.
const PASSKEY_INFO: &[u8] = b"envelock/v1/keystore/passkey";
/// The name under which the passphrase is sealed; entries have other names.
const PASSPHRASE_NAME: &str = "header:passphrase";
/// What the length of the passphrase is rounded up to, its two octets of length included.
const STEP: usize = 128;

/// What the PRF of a passkey gave for its input. Wiped when dropped; no `Debug`.
pub struct PrfOutput(Zeroizing<[u8; 32]>);

impl PrfOutput {
    /// Takes a copy of the 32 octets, if they are 32.
    pub fn new(octets: &[u8]) -> Result<Self, KeystoreError> {
        let mut copy = Zeroizing::new([0; 32]);
        if octets.len() != copy.len() {
            return Err(KeystoreError::WrongPasskey);
        }
        copy.copy_from_slice(octets);
        Ok(PrfOutput(copy))
    }

    fn key(&self, credential: &[u8]) -> Result<KeyEncryptionKey, KeystoreError> {
        let mut material = Zeroizing::new([0u8; 32]);
        let info = [PASSKEY_INFO, credential].concat();
        // 32 octets are far below what HKDF can give, so this cannot fail.
        let _ = Hkdf::<Sha256>::new(None, self.0.as_slice()).expand(&info, material.as_mut_slice());
        KeyEncryptionKey::derive(material.as_slice(), SUITE.cipher, SUITE.mode).map_err(KeystoreError::Codec)
    }
}

/// The passkeys that open a keystore. Needs no secret.
pub fn passkeys(header: &[u8]) -> Result<Vec<Passkey>, KeystoreError> {
    Ok(Header::parse(header)?.slots.into_iter().map(|slot| slot.passkey).collect())
}

/// The header without this passkey.
pub fn remove_passkey(header: &[u8], credential: &[u8]) -> Result<Vec<u8>, KeystoreError> {
    let mut header = Header::parse(header)?;
    header.slot(credential)?;
    header.slots.retain(|slot| slot.passkey.credential != credential);
    if header.slots.is_empty() {
        header.passphrase = None;
    }
    Ok(header.to_bytes())
}

impl Keystore {
    /// Opens a keystore with a passkey; the passphrase comes along, for the keys inside.
    pub async fn open_with_passkey<E: Engine>(
        header: &[u8],
        credential: &[u8],
        prf: &PrfOutput,
        limits: &Limits,
        engine: &E,
    ) -> Result<(Self, Passphrase), KeystoreError> {
        let header = Header::parse(header)?;
        let skesk = &header.slot(credential)?.skesk;
        let session_key = match skesk.unwrap(engine, &prf.key(credential)?).await {
            Ok(session_key) if session_key.len() == SUITE.cipher.key_len() => session_key,
            Ok(_) | Err(envelock_seipd::Error::DecryptionFailed) => return Err(KeystoreError::WrongPasskey),
            Err(error) => return Err(KeystoreError::Codec(error)),
        };
        let keystore = Keystore { session_key };
        let sealed = header.passphrase.unwrap_or_default();
        let (_, padded) = keystore.unseal(&keystore.slot(PASSPHRASE_NAME), &sealed, limits, engine).await?;
        let passphrase = unpad(&padded).ok_or(KeystoreError::Malformed { what: "sealed passphrase" })?;
        Ok((keystore, passphrase))
    }

    /// The header that opens with this passkey as well. `passphrase` is that of the keystore.
    pub async fn add_passkey<E: Engine, R: CryptoRng + Rng>(
        &self,
        header: &[u8],
        passkey: Passkey,
        prf: &PrfOutput,
        passphrase: &Passphrase,
        rng: &mut R,
        engine: &E,
    ) -> Result<Vec<u8>, KeystoreError> {
        let mut header = Header::parse(header)?;
        let mut nonce = [0; 16];
        rng.fill_bytes(&mut nonce);
        let key = prf.key(&passkey.credential)?;
        let wrapped = Skesk::wrap(engine, &key, Slot::s2k(&passkey), nonce, &self.session_key).await;
        header.enrol(Slot { skesk: wrapped.map_err(KeystoreError::Codec)?, passkey })?;
        header.passphrase = Some(self.seal_passphrase(passphrase, rng, engine).await?);
        Ok(header.to_bytes())
    }

    pub(super) async fn seal_passphrase<E: Engine, R: CryptoRng + Rng>(
        &self,
        passphrase: &Passphrase,
        rng: &mut R,
        engine: &E,
    ) -> Result<Vec<u8>, KeystoreError> {
        let padded = pad(passphrase)?;
        Ok(self.seal(PASSPHRASE_NAME, &padded, rng, engine).await?.blob)
    }
}

fn pad(passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
    let octets = passphrase.as_bytes();
    let too_large = || envelock_seipd::Error::TooLarge { size: octets.len() as u64, allowed: u16::MAX.into() };
    let length = u16::try_from(octets.len()).map_err(|_| KeystoreError::Codec(too_large()))?;
    let whole = (2 + octets.len()).next_multiple_of(STEP);
    let mut padded = Zeroizing::new(Vec::with_capacity(whole));
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(octets);
    padded.resize(whole, 0);
    Ok(padded)
}

fn unpad(padded: &[u8]) -> Option<Passphrase> {
    let (length, rest) = padded.split_first_chunk::<2>()?;
    rest.get(..usize::from(u16::from_be_bytes(*length))).map(Passphrase::new)
}
