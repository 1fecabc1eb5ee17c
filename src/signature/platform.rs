//! RSA and ECDSA signatures over data, made and checked by an engine that does it better (see
//! [`Signatures`](envelock_seipd::engine::Signatures)).

use super::digest::{self, Around};
use crate::{certificate::ComponentKey, encoded, rsa, secret_key::UnlockedComponent};
use ::rsa::traits::PublicKeyParts;
use envelock_seipd::{
    Octets, Rope,
    engine::{Engine, Scheme, Signatures, Signed},
};
use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{Signature, SignatureConfig},
    types::{KeyDetails, Mpi, PublicParams, RsaPublicParams, SignatureBytes},
};

/// Octets that are hashed twice sooner than Rust computes with an RSA key.
const SMALL: usize = 64 << 10;

/// Whether an engine is asked about signatures of such a key. For all others the code here may not be there (`crate::rest`).
pub(crate) fn is_asked(key: &PublicParams) -> bool {
    matches!(key, PublicParams::RSA(_) | PublicParams::ECDSA(_))
}

/// Makes the signature over `data`, whose hash is `digest`, by a key of which the engine [is asked](is_asked); `None` if it does not know it.
pub(crate) async fn sign<D: Octets + ?Sized, E: Engine + Signatures<D>>(
    config: &SignatureConfig,
    key: &UnlockedComponent,
    engine: &E,
    data: &D,
    digest: &[u8],
) -> Option<Signature> {
    if !E::SIGNS {
        return None;
    }
    let Around { hash, before, after } = digest::around(config)?;
    let encoded = encoded::secret(key.secret(), key.public_params(), engine.key_form())?;
    let signed = Signed { hash, digest, rope: Rope { before, data, after: &after } };
    let octets = engine.sign(encoded.scheme, &encoded.octets, signed).await?;
    let numbers = match encoded.scheme {
        Scheme::Rsa if octets.len() == encoded.length => vec![Mpi::from_slice(&octets)],
        Scheme::P256 | Scheme::P384 | Scheme::P521 if octets.len() == 2 * encoded.length => {
            octets.chunks(encoded.length).map(Mpi::from_slice).collect()
        }
        _ => return None,
    };
    Signature::from_config(config.clone(), *digest.first_chunk()?, SignatureBytes::Mpis(numbers)).ok()
}

/// Whether an engine finds that a key of which it [is asked](is_asked) made the signature. Says nothing about the rest of what `digest::verify` checks; `false`
/// if it was not, or could not be, asked.
pub(crate) async fn is_by<D: Octets + ?Sized, E: Engine + Signatures<D>>(
    signature: &Signature,
    key: &ComponentKey<'_>,
    engine: &E,
    data: &D,
    digest: &[u8],
) -> bool {
    let asked = async {
        let (Some(config), Some(SignatureBytes::Mpis(numbers)), true) =
            (signature.config(), signature.signature(), E::SIGNS)
        else {
            return None;
        };
        if config.pub_alg != key.algorithm() {
            return None;
        }
        if let (PublicParams::RSA(key), [signature]) = (key.public_params(), numbers.as_slice())
            && let Some(verifies) = is_by_rsa(engine, key, config.hash_alg, digest, signature)
        {
            return Some(verifies);
        }
        let encoded = encoded::public(key.public_params())?;
        let count = match encoded.scheme {
            // The engine hashes once more, and for RSA that soon takes longer than Rust.
            Scheme::Rsa if data.len() > SMALL => return None,
            Scheme::Rsa => 1,
            Scheme::P256 | Scheme::P384 | Scheme::P521 => 2,
        };
        if numbers.len() != count {
            return None;
        }
        let mut value = Vec::with_capacity(count * encoded.length);
        for number in numbers {
            // An MPI drops leading zero octets (RFC 9580 §3.2).
            let missing = encoded.length.checked_sub(number.as_ref().len())?;
            value.resize(value.len() + missing, 0);
            value.extend_from_slice(number.as_ref());
        }
        let Around { hash, before, after } = digest::around(config)?;
        let signed = Signed { hash, digest, rope: Rope { before, data, after: &after } };
        engine.verify(encoded.scheme, &encoded.octets, signed, &value).await
    };
    asked.await == Some(true)
}

/// Whether that is the signature (RFC 8017 §8.2.2); `None` if the engine cannot tell.
fn is_by_rsa(
    engine: &impl Engine,
    key: &RsaPublicParams,
    hash: HashAlgorithm,
    digest: &[u8],
    signature: &Mpi,
) -> Option<bool> {
    if !engine.has_rsa() {
        return None;
    }
    let wanted = rsa::encoded(hash, digest, key.key.size())?;
    let found = engine.encrypt_rsa(&encoded::rsa_public(key), &rsa::whole(signature.as_ref(), wanted.len())?)?;
    Some(found == wanted)
}
