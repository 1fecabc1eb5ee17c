//! Seals the entries of a keystore: bytes in, bytes out, as OpenPGP packets.
//!
//! The header is the keystore's session key under its passphrase: one SKESK v6 (RFC 9580 §5.3.2) with Argon2id, and the same
//! under each passkey (`header`). Each entry is one SEIPD v2 packet (§5.13.2) under that session key; inside, a literal data
//! packet (§5.9) carries the entry's name as its file name. Header and entry together are a message that an RFC 9580 program
//! opens with the passphrase.
//!
//! An entry is stored under a slot, a keyed hash of its name; an entry that was moved to another slot is refused. What
//! storage can still do is withhold an entry or put back an older one of the same name.
//! [`backup`] puts all of it in one file that opens with a [`RecoveryCode`], which [`shares`] split on several sheets, and
//! [`seal_code`] puts under the password of an account.
//! Not here: where the bytes are kept, and what they mean.

use envelock_seipd::engine::Engine;
use envelock_seipd::skesk::{KeyEncryptionKey, S2k, Skesk};
use envelock_seipd::{ChunkSize, Cipher, Mode, S2kArgon2, SessionKey, Suite, Tag, body, packet};
use hkdf::Hkdf;
use rand::{CryptoRng, Rng};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    Limits, Passphrase,
    message::{MAX_NAME, literal_head},
};

mod account;
pub mod backup;
mod error;
mod header;
mod keeping;
mod paper;
mod passkey;
mod recovery_code;
pub mod shares;

pub use account::{AccountKey, open_code, seal_code};
pub use error::KeystoreError;
use header::Header;
pub use header::{MAX_PASSKEYS, Passkey};
pub use keeping::keep;
pub use passkey::{PrfOutput, passkeys, remove_passkey};
pub use recovery_code::RecoveryCode;

/// AES-256-GCM in chunks of 256 KiB.
const SUITE: Suite = Suite { cipher: Cipher::Aes256, mode: Mode::Gcm, chunk: ChunkSize::DEFAULT };
/// Parts slots from every other use of the session key.
const SLOT_INFO: &[u8] = b"envelock/v1/keystore/slot";

/// A sealed entry and where it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEntry {
    /// See [`Keystore::slot`].
    pub slot: String,
    /// One SEIPD v2 packet.
    pub blob: Vec<u8>,
}

/// The key of a keystore, which seals and opens its entries. Wiped when dropped; no `Debug`.
#[derive(Clone)]
pub struct Keystore {
    session_key: SessionKey,
}

impl Keystore {
    /// A new keystore.
    pub fn generate<R: CryptoRng + Rng>(rng: &mut R) -> Self {
        let mut session_key = Zeroizing::new(vec![0; SUITE.cipher.key_len()]);
        rng.fill_bytes(&mut session_key);
        Keystore { session_key }
    }

    /// The header of a new keystore: it opens with this passphrase.
    pub async fn header<E: Engine, R: CryptoRng + Rng>(
        &self,
        passphrase: &Passphrase,
        limits: &Limits,
        rng: &mut R,
        engine: &E,
    ) -> Result<Vec<u8>, KeystoreError> {
        if passphrase.is_empty() {
            return Err(KeystoreError::EmptyPassphrase);
        }
        let mut header = Vec::new();
        wrap(&self.session_key, passphrase, limits, rng, engine).await?.serialize(&mut header);
        Ok(header)
    }

    /// The header with a new passphrase in place of the old one. Passkeys go on opening it.
    pub async fn change_passphrase<E: Engine, R: CryptoRng + Rng>(
        &self,
        header: &[u8],
        new: &Passphrase,
        limits: &Limits,
        rng: &mut R,
        engine: &E,
    ) -> Result<Vec<u8>, KeystoreError> {
        let mut header = Header::parse(header)?;
        if new.is_empty() {
            return Err(KeystoreError::EmptyPassphrase);
        }
        header.skesk = wrap(&self.session_key, new, limits, rng, engine).await?;
        if header.passphrase.is_some() {
            header.passphrase = Some(self.seal_passphrase(new, rng, engine).await?);
        }
        Ok(header.to_bytes())
    }

    /// Opens a keystore by its header.
    pub async fn open<E: Engine>(
        header: &[u8],
        passphrase: &Passphrase,
        limits: &Limits,
        engine: &E,
    ) -> Result<Self, KeystoreError> {
        let Header { skesk, argon2, .. } = Header::parse(header)?;
        match unwrap(&skesk, &argon2, passphrase, limits, engine).await {
            Ok(session_key) if session_key.len() == SUITE.cipher.key_len() => Ok(Keystore { session_key }),
            Ok(_) => Err(KeystoreError::Malformed { what: "length of the session key" }),
            Err(envelock_seipd::Error::DecryptionFailed) => Err(KeystoreError::WrongPassphrase),
            Err(error) => Err(KeystoreError::Codec(error)),
        }
    }

    /// Where the entry of this name is stored: 32 hexadecimal digits that tell nothing without the session key.
    pub fn slot(&self, name: &str) -> String {
        let mut slot = [0u8; 16];
        // 16 octets are far below what HKDF can give, so this cannot fail.
        let _ = Hkdf::<Sha256>::new(Some(SLOT_INFO), &self.session_key).expand(name.as_bytes(), &mut slot);
        slot.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Seals one entry.
    pub async fn seal<E: Engine, R: CryptoRng + Rng>(
        &self,
        name: &str,
        data: &[u8],
        rng: &mut R,
        engine: &E,
    ) -> Result<SealedEntry, KeystoreError> {
        let literal = literal(name, data)?;
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        let sealed = body::encrypt(engine, SUITE, &self.session_key, salt, &literal, &mut ()).await;
        let blob = sealed.map_err(KeystoreError::Codec)?;
        Ok(SealedEntry { slot: self.slot(name), blob })
    }

    /// Opens the entry that was stored under `slot`: its name and data.
    pub async fn unseal<E: Engine>(
        &self,
        slot: &str,
        blob: &[u8],
        limits: &Limits,
        engine: &E,
    ) -> Result<(String, Zeroizing<Vec<u8>>), KeystoreError> {
        const DAMAGED: KeystoreError = KeystoreError::EntryDamaged;
        let sealed = only(blob, Tag::SEIPD).ok_or(DAMAGED)?;
        let opened = body::decrypt(engine, &sealed, &self.session_key, &codec(limits), &mut ()).await;
        let inner = opened.map_err(KeystoreError::of_entry)?;
        let literal = Zeroizing::new(only(&inner, Tag::LITERAL).ok_or(DAMAGED)?);
        let (name, data) = named(&literal).ok_or(DAMAGED)?;
        if self.slot(name) != slot {
            return Err(DAMAGED);
        }
        Ok((name.to_owned(), Zeroizing::new(data.to_vec())))
    }
}

/// A session key under a passphrase: Argon2id, t = 3, p = 4, 64 MiB (RFC 9106 §4, second choice).
async fn wrap<E: Engine, R: CryptoRng + Rng>(
    session_key: &[u8],
    passphrase: &Passphrase,
    limits: &Limits,
    rng: &mut R,
    engine: &E,
) -> Result<Skesk, KeystoreError> {
    let (mut salt, mut nonce) = ([0; 16], [0; 16]);
    rng.fill_bytes(&mut salt);
    rng.fill_bytes(&mut nonce);
    let argon2 = S2kArgon2 { salt, passes: 3, lanes: 4, memory_exponent: 16 };
    let sealed = async {
        let material = argon2.derive_on(engine, passphrase.as_bytes(), 32, &codec(limits)).await?;
        let key = KeyEncryptionKey::derive(&material, SUITE.cipher, SUITE.mode)?;
        Skesk::wrap(engine, &key, S2k::Argon2(argon2), nonce, session_key).await
    };
    sealed.await.map_err(KeystoreError::Codec)
}

async fn unwrap<E: Engine>(
    skesk: &Skesk,
    argon2: &S2kArgon2,
    passphrase: &Passphrase,
    limits: &Limits,
    engine: &E,
) -> Result<SessionKey, envelock_seipd::Error> {
    let material = argon2.derive_on(engine, passphrase.as_bytes(), 32, &codec(limits)).await?;
    let key = KeyEncryptionKey::derive(&material, skesk.cipher, skesk.mode)?;
    skesk.unwrap(engine, &key).await
}

/// A literal data packet with a name and no date (RFC 9580 §5.9).
fn literal(name: &str, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
    if name.len() > MAX_NAME {
        return Err(KeystoreError::NameTooLong);
    }
    let too_large = envelock_seipd::Error::TooLarge { size: data.len() as u64, allowed: u32::MAX.into() };
    let head = literal_head(name, data.len()).ok_or(KeystoreError::Codec(too_large))?;
    Ok(Zeroizing::new([head.as_slice(), data].concat()))
}

/// Name and data of the body of a literal data packet that [`literal`] wrote.
fn named(body: &[u8]) -> Option<(&str, &[u8])> {
    let (&[b'b', name_len], rest) = body.split_first_chunk::<2>()? else { return None };
    let (name, rest) = rest.split_at_checked(name_len.into())?;
    let (_date, data) = rest.split_first_chunk::<4>()?;
    Some((std::str::from_utf8(name).ok()?, data))
}

fn codec(limits: &Limits) -> envelock_seipd::Limits {
    envelock_seipd::Limits {
        plaintext_bytes: limits.plaintext_bytes,
        argon2_kib: limits.argon2_kib.into(),
        argon2_passes: limits.argon2_passes,
    }
}

/// The body of the one packet in `octets`, if it is one of this kind and nothing else.
fn only(octets: &[u8], tag: u8) -> Option<Vec<u8>> {
    let mut packets = packet::split(octets);
    match (packets.next(), packets.next()) {
        (Some(Ok(packet)), None) if packet.tag == tag => Some(packet.body.into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use envelock_seipd::engine::RustCrypto;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    /// Runs a future that is always ready, as all are with [`RustCrypto`].
    fn now<T>(future: impl Future<Output = T>) -> T {
        match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
            std::task::Poll::Ready(value) => value,
            std::task::Poll::Pending => panic!("RustCrypto never waits"),
        }
    }

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(3)
    }

    #[test]
    fn an_entry_comes_back_through_header_and_passphrase() {
        let (mut rng, limits) = (rng(), Limits::default());
        let keystore = Keystore::generate(&mut rng);
        let header = now(keystore.header(&"harbour".into(), &limits, &mut rng, &RustCrypto)).unwrap();
        let SealedEntry { slot, blob } = now(keystore.seal("record:note", b"hello", &mut rng, &RustCrypto)).unwrap();

        let again = now(Keystore::open(&header, &"harbour".into(), &limits, &RustCrypto)).unwrap();
        let (name, data) = now(again.unseal(&slot, &blob, &limits, &RustCrypto)).unwrap();
        assert_eq!((name.as_str(), data.as_slice()), ("record:note", &b"hello"[..]));
        let refused = now(Keystore::open(&header, &"harbor".into(), &limits, &RustCrypto)).err().unwrap();
        assert_eq!(refused, KeystoreError::WrongPassphrase);
    }

    #[test]
    fn nothing_of_name_and_data_shows() {
        let mut rng = rng();
        let keystore = Keystore::generate(&mut rng);
        let sealed = now(keystore.seal("key:ABCDEF", b"lantern lantern", &mut rng, &RustCrypto)).unwrap();
        for clear in [&b"ABCDEF"[..], b"lantern"] {
            assert!(!sealed.blob.windows(clear.len()).any(|window| window == clear));
            assert!(!sealed.slot.as_bytes().windows(clear.len()).any(|window| window == clear));
        }
    }

    #[test]
    fn a_changed_moved_or_foreign_entry_is_refused() {
        let (mut rng, limits) = (rng(), Limits::default());
        let keystore = Keystore::generate(&mut rng);
        let entry = now(keystore.seal("a", b"1", &mut rng, &RustCrypto)).unwrap();
        for at in 0..entry.blob.len() {
            let mut changed = entry.blob.clone();
            changed[at] ^= 1;
            assert_eq!(
                now(keystore.unseal(&entry.slot, &changed, &limits, &RustCrypto)).err(),
                Some(KeystoreError::EntryDamaged),
                "octet {at}"
            );
        }
        let elsewhere = keystore.slot("b");
        assert_eq!(
            now(keystore.unseal(&elsewhere, &entry.blob, &limits, &RustCrypto)).err(),
            Some(KeystoreError::EntryDamaged)
        );
        let stranger = Keystore::generate(&mut rng);
        assert_eq!(
            now(stranger.unseal(&entry.slot, &entry.blob, &limits, &RustCrypto)).err(),
            Some(KeystoreError::EntryDamaged)
        );
    }

    #[test]
    fn a_new_passphrase_opens_the_old_entries() {
        let (mut rng, limits) = (rng(), Limits::default());
        let keystore = Keystore::generate(&mut rng);
        let entry = now(keystore.seal("a", b"1", &mut rng, &RustCrypto)).unwrap();
        let header = now(keystore.header(&"new".into(), &limits, &mut rng, &RustCrypto)).unwrap();
        let again = now(Keystore::open(&header, &"new".into(), &limits, &RustCrypto)).unwrap();
        assert_eq!(now(again.unseal(&entry.slot, &entry.blob, &limits, &RustCrypto)).unwrap().1.as_slice(), b"1");
    }

    #[test]
    fn an_empty_passphrase_locks_nothing() {
        let (mut rng, limits) = (rng(), Limits::default());
        let keystore = Keystore::generate(&mut rng);
        let refused = now(keystore.header(&"".into(), &limits, &mut rng, &RustCrypto)).unwrap_err();
        assert_eq!(refused, KeystoreError::EmptyPassphrase);
    }

    #[test]
    fn a_header_that_costs_too_much_is_refused_before_any_work() {
        let (mut rng, limits) = (rng(), Limits::browser());
        let keystore = Keystore::generate(&mut rng);
        let mut header = now(keystore.header(&"p".into(), &limits, &mut rng, &RustCrypto)).unwrap();
        // Packet header 2, version, count, cipher, mode, S2K length, S2K type, salt 16, t, p, encoded m.
        let memory_exponent = 2 + 6 + 16 + 2;
        assert_eq!(header[memory_exponent], 16);
        header[memory_exponent] = 31;
        let refused = now(Keystore::open(&header, &"p".into(), &limits, &RustCrypto)).err().unwrap();
        assert!(matches!(refused, KeystoreError::Codec(envelock_seipd::Error::S2kTooExpensive { .. })), "{refused}");
    }
}
