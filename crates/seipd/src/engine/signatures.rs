//! RSA and ECDSA by whoever computes them better than Rust does: platforms have their own, many times faster than wasm, and in a
//! time that tells nothing about the key (RUSTSEC-2023-0071 says what is lacking here).

use alloc::vec::Vec;
use core::future::Future;

use super::{Engine, Hash};
use crate::{Octets, Rope};

/// What signatures are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2): a signature is as long as the modulus.
    Rsa,
    /// ECDSA with P-256 (FIPS 186-5 §6): a signature is R and S, each as long as the field.
    P256,
    /// ECDSA with P-384.
    P384,
    /// ECDSA with P-521.
    P521,
}

impl Hash {
    /// What RSASSA-PKCS1-v1_5 pads and signs (RFC 8017 §9.2, note 1): which hash it is, and the hash. `None` for SHA-1, which nobody
    /// should sign with, and for a hash of another length.
    pub fn digest_info(self, digest: &[u8]) -> Option<Vec<u8>> {
        let (last, length) = match self {
            Hash::Sha1 => return None,
            Hash::Sha256 => (1, 32),
            Hash::Sha384 => (2, 48),
            Hash::Sha512 => (3, 64),
        };
        let prefix = [0x30, 17 + length, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last, 5, 0, 4, length];
        (digest.len() == usize::from(length)).then(|| [&prefix, digest].concat())
    }
}

/// Forms of secret keys, in DER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// PKCS #8 (RFC 5958 §2).
    Pkcs8,
    /// What that wraps: PKCS #1 (RFC 8017 §A.1.2), or RFC 5915 with the curve's name; for ECDH the number alone, as long as the field.
    Bare,
}

/// Data that is signed where it lies. Some platforms take a hash and some nothing but all that was hashed, so that both are given.
pub struct Signed<'a, D: ?Sized> {
    /// The hash.
    pub hash: Hash,
    /// What it gives for `rope`.
    pub digest: &'a [u8],
    /// All that is hashed.
    pub rope: Rope<'a, D>,
}

/// Makes and checks signatures. What it cannot do, an engine answers with `None`.
pub trait Signatures<D: Octets + ?Sized> {
    /// Whether there is any use in asking.
    const SIGNS: bool = false;

    /// Signs with a key in the form that the engine takes, which the caller wipes.
    fn sign(&self, _scheme: Scheme, _key: &[u8], _signed: Signed<'_, D>) -> impl Future<Output = Option<Vec<u8>>> {
        async { None }
    }

    /// Whether the owner of a key made the signature; of RSA an engine is first asked for the number ([`Engine::encrypt_rsa`]). The key is in the form of certificates (SubjectPublicKeyInfo, RFC 5280 §4.1).
    fn verify(
        &self,
        _scheme: Scheme,
        _key: &[u8],
        _signed: Signed<'_, D>,
        _signature: &[u8],
    ) -> impl Future<Output = Option<bool>> {
        async { None }
    }
}

/// In Rust's memory the core's own is as good.
impl<E: Engine> Signatures<[u8]> for E {}
