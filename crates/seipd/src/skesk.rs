//! SKESK v6: a session key under a password (RFC 9580 §5.3.2).
//!
//! passphrase → S2K → initial key material → HKDF ([`KeyEncryptionKey`]) → AEAD over the session key.
//! SKESK v4 and S2K types other than Argon2 are for the core.

use alloc::vec;
use alloc::vec::Vec;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::engine::{Direction, Engine, Task, run_one};
use crate::packet::{self, Tag};
use crate::{Cipher, Error, Mode, S2kArgon2, SessionKey};

/// How the passphrase becomes initial key material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum S2k {
    /// Argon2id.
    Argon2(S2kArgon2),
    /// Another S2K specifier, type octet included; the caller knows how to derive from it.
    Other(Vec<u8>),
}

/// A version 6 symmetric-key encrypted session key packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skesk {
    /// The cipher that wraps the session key.
    pub cipher: Cipher,
    /// Its AEAD mode.
    pub mode: Mode,
    /// The derivation of the key that wraps.
    pub s2k: S2k,
    nonce: Vec<u8>,
    /// The wrapped session key and its tag.
    sealed: Vec<u8>,
}

/// The key that wraps a session key; for one cipher and mode, derived from the output of an S2K.
#[derive(Clone)]
pub struct KeyEncryptionKey {
    cipher: Cipher,
    mode: Mode,
    key: Zeroizing<[u8; 32]>,
}

impl KeyEncryptionKey {
    /// HKDF-SHA256 without salt over the S2K's output; the info names packet type, version, cipher and mode.
    pub fn derive(initial_key_material: &[u8], cipher: Cipher, mode: Mode) -> Result<Self, Error> {
        let mut key = Zeroizing::new([0u8; 32]);
        let wanted = key.get_mut(..cipher.key_len()).ok_or(Error::Unsupported("cipher"))?;
        Hkdf::<Sha256>::new(None, initial_key_material)
            .expand(&info(cipher, mode), wanted)
            .map_err(|_| Error::Unsupported("cipher"))?;
        Ok(KeyEncryptionKey { cipher, mode, key })
    }

    /// The key, [`Cipher::key_len`] octets, for callers that run the AEAD themselves.
    pub fn expose(&self) -> &[u8] {
        self.key.get(..self.cipher.key_len()).unwrap_or_default()
    }
}

impl Skesk {
    /// Reads the body of a packet.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        const CUT: Error = Error::Malformed("SKESK is cut");
        let (&version, rest) = body.split_first().ok_or(CUT)?;
        if version != 6 {
            return Err(Error::Unsupported("SKESK version"));
        }
        let (&[count, cipher, mode, s2k_len], rest) = rest.split_first_chunk::<4>().ok_or(CUT)?;
        let (cipher, mode) = (Cipher::from_id(cipher)?, Mode::from_id(mode)?);
        // Cipher, mode, the S2K's length, the S2K and the nonce.
        if usize::from(count) != 3 + usize::from(s2k_len) + mode.nonce_len() {
            return Err(Error::Malformed("SKESK field lengths disagree"));
        }
        let (s2k, rest) = rest.split_at_checked(s2k_len.into()).ok_or(CUT)?;
        let s2k = match s2k.first() {
            Some(&S2kArgon2::TYPE) => S2k::Argon2(S2kArgon2::parse(s2k)?),
            Some(_) => S2k::Other(s2k.to_vec()),
            None => return Err(CUT),
        };
        let (nonce, sealed) = rest.split_at_checked(mode.nonce_len()).ok_or(CUT)?;
        // A session key of 16 to 32 octets and the tag.
        if !(16 + Mode::TAG_LEN..=32 + Mode::TAG_LEN).contains(&sealed.len()) {
            return Err(Error::Malformed("length of the wrapped session key"));
        }
        Ok(Skesk { cipher, mode, s2k, nonce: nonce.to_vec(), sealed: sealed.to_vec() })
    }

    /// The nonce of the wrapping, for callers that run the AEAD themselves.
    pub fn nonce(&self) -> &[u8] {
        &self.nonce
    }

    /// The associated data of the wrapping: packet type, version, cipher and mode.
    pub fn associated_data(&self) -> [u8; 4] {
        info(self.cipher, self.mode)
    }

    /// Octets of the wrapped session key and its tag, at the end of the packet.
    pub fn sealed_len(&self) -> usize {
        self.sealed.len()
    }

    /// Appends the whole packet with its header.
    pub fn serialize(&self, out: &mut Vec<u8>) {
        let mut s2k = Vec::with_capacity(S2kArgon2::LEN);
        match &self.s2k {
            S2k::Argon2(argon2) => argon2.serialize(&mut s2k),
            S2k::Other(specifier) => s2k.extend_from_slice(specifier),
        }
        let count = 3 + s2k.len() + self.nonce.len();
        packet::write_header(out, Tag::SKESK, (2 + count + self.sealed.len()) as u32);
        out.extend_from_slice(&[6, count as u8, self.cipher.id(), self.mode.id(), s2k.len() as u8]);
        for part in [&s2k, &self.nonce, &self.sealed] {
            out.extend_from_slice(part);
        }
    }

    /// Wraps a session key. `nonce` has to be fresh random for every packet; its first [`Mode::nonce_len`] octets are used.
    pub async fn wrap<E: Engine>(
        engine: &E,
        key: &KeyEncryptionKey,
        s2k: S2k,
        nonce: [u8; 16],
        session_key: &[u8],
    ) -> Result<Self, Error> {
        if !(16..=32).contains(&session_key.len()) {
            return Err(Error::Malformed("session key length"));
        }
        if matches!(&s2k, S2k::Other(specifier) if specifier.is_empty() || specifier.len() > 200) {
            return Err(Error::Malformed("S2K length"));
        }
        let (cipher, mode) = (key.cipher, key.mode);
        let nonce = nonce.get(..mode.nonce_len()).unwrap_or_default().to_vec();
        let mut sealed = vec![0; session_key.len() + Mode::TAG_LEN];
        let ready = engine.key(cipher, mode, key.expose(), session_key.len()).await?;
        let task = Task {
            direction: Direction::Seal,
            nonce: &nonce,
            associated_data: &info(cipher, mode),
            input: session_key,
        };
        run_one(engine, &ready, task, &mut sealed).await?;
        Ok(Skesk { cipher, mode, s2k, nonce, sealed })
    }

    /// Unwraps the session key. A wrong password is [`Error::DecryptionFailed`].
    pub async fn unwrap<E: Engine>(&self, engine: &E, key: &KeyEncryptionKey) -> Result<SessionKey, Error> {
        if (key.cipher, key.mode) != (self.cipher, self.mode) {
            return Err(Error::DecryptionFailed);
        }
        let mut session_key = Zeroizing::new(vec![0; self.sealed.len().saturating_sub(Mode::TAG_LEN)]);
        let ready = engine.key(self.cipher, self.mode, key.expose(), session_key.len()).await?;
        let associated_data = &info(self.cipher, self.mode);
        let task = Task { direction: Direction::Open, nonce: &self.nonce, associated_data, input: &self.sealed };
        run_one(engine, &ready, task, &mut session_key).await?;
        Ok(session_key)
    }
}

/// Packet type ID in new format, version, cipher, mode: info of HKDF and associated data alike.
fn info(cipher: Cipher, mode: Mode) -> [u8; 4] {
    [0xC0 | Tag::SKESK, 6, cipher.id(), mode.id()]
}
