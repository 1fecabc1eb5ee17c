//! Does a secret part belong to its public part?
//!
//! The public part of a key file is not protected by the passphrase in older formats. Who can write to the file can swap it,
//! and a signature then made with mixed parts gives the secret away ("Victory by KO", KOpenPGP, 2022). So the public part is
//! computed again from the secret one. Not here: RSA (`rsa::Numbers`).

use std::cell::RefCell;

use pgp::{
    ser::Serialize,
    types::{EcdhPublicParams, Mpi, PlainSecretParams, PublicParams, VerifyingKey},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    certificate::{Name, Proven},
    error::KeyError,
    post_quantum,
};

thread_local! {
    static MATCHED: RefCell<Proven> = const { RefCell::new(Proven::new()) };
}

/// Whether secret numbers were found to belong to `public` before.
pub(super) fn is_known(public: &impl VerifyingKey, octets: &[u8]) -> bool {
    name(public, octets).is_some_and(|name| MATCHED.with_borrow_mut(|matched| matched.has(&name)))
}

/// For [`is_known`]: they were compared.
pub(super) fn remember(public: &impl VerifyingKey, octets: &[u8]) {
    if let Some(name) = name(public, octets) {
        MATCHED.with_borrow_mut(|matched| matched.add(name));
    }
}

/// Everything that the comparison depends on: the algorithm, as the numbers of several have the same form, and each part behind its length.
fn name(public: &impl VerifyingKey, octets: &[u8]) -> Option<Name> {
    let mut shown = Vec::new();
    public.public_params().to_writer(&mut shown).ok()?;
    let mut hash = Sha256::new_with_prefix([public.algorithm().into()]);
    for part in [&shown, octets] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Some(hash.finalize().into())
}

/// Fails unless `secret` is the secret part of `public`.
pub(super) fn compare(public: &impl VerifyingKey, secret: &PlainSecretParams) -> Result<(), KeyError> {
    match (public.public_params(), secret) {
        (PublicParams::ECDSA(_), PlainSecretParams::ECDSA(_))
        | (PublicParams::EdDSALegacy(_), PlainSecretParams::EdDSALegacy(_))
        | (PublicParams::Ed25519(_), PlainSecretParams::Ed25519(_))
        | (PublicParams::Ed448(_), PlainSecretParams::Ed448(_))
        | (PublicParams::X25519(_), PlainSecretParams::X25519(_))
        | (PublicParams::X448(_), PlainSecretParams::X448(_)) => {
            let computed = PublicParams::try_from(secret).map_err(|_| KeyError::SecretMismatch)?;
            equal(computed == *public.public_params())
        }
        // The KDF parameters of ECDH are not part of the secret: compare the points.
        (PublicParams::ECDH(public), PlainSecretParams::ECDH(_)) => {
            let computed = PublicParams::try_from(secret).map_err(|_| KeyError::SecretMismatch)?;
            let PublicParams::ECDH(computed) = computed else {
                return Err(KeyError::SecretMismatch);
            };
            equal_points(public, &computed)
        }
        // rPGP takes the public half it is given for its own: y = g^x mod p is computed here.
        (PublicParams::DSA(public), PlainSecretParams::DSA(secret)) => {
            let (domain, octets) = (public.key.components(), Zeroizing::new(secret.to_bytes()));
            equal(domain.g().modpow(&Mpi::from_slice(&octets).into(), domain.p()) == *public.key.y())
        }
        (PublicParams::Elgamal(_), _) => Err(KeyError::Unsupported { what: "Elgamal".to_owned() }),
        (PublicParams::Unknown { .. }, _) => {
            Err(KeyError::Unsupported { what: format!("public-key algorithm {}", u8::from(public.algorithm())) })
        }
        (public, secret) => equal(post_quantum::belong_together(public, secret).unwrap_or(false)),
    }
}

fn equal_points(public: &EcdhPublicParams, computed: &EcdhPublicParams) -> Result<(), KeyError> {
    match (public, computed) {
        (EcdhPublicParams::Curve25519Legacy { p: a, .. }, EcdhPublicParams::Curve25519Legacy { p: b, .. }) => {
            equal(a == b)
        }
        (EcdhPublicParams::P256 { p: a, .. }, EcdhPublicParams::P256 { p: b, .. }) => equal(a == b),
        (EcdhPublicParams::P384 { p: a, .. }, EcdhPublicParams::P384 { p: b, .. }) => equal(a == b),
        (EcdhPublicParams::P521 { p: a, .. }, EcdhPublicParams::P521 { p: b, .. }) => equal(a == b),
        _ => Err(KeyError::Unsupported { what: "ECDH curve".to_owned() }),
    }
}

fn equal(equal: bool) -> Result<(), KeyError> {
    if equal { Ok(()) } else { Err(KeyError::SecretMismatch) }
}
