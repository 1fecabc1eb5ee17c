//! ECDSA with the curves that are made here. rPGP computes the public key anew for each signature, which takes as long as signing.

use ecdsa::{
    PrimeCurve, SignatureSize,
    elliptic_curve::{
        CurveArithmetic, FieldBytesSize, Scalar, ScalarPrimitive, SecretKey, generic_array::ArrayLength, ops::Invert,
        subtle::CtOption,
    },
    hazmat::{DigestPrimitive, SignPrimitive, bits2field},
};
use pgp::{
    crypto::{ecdsa::SecretKey as Ecdsa, hash::HashAlgorithm},
    types::{Mpi, SignatureBytes},
};
use sha2::digest::{FixedOutput, FixedOutputReset, core_api::BlockSizeUser};
use zeroize::Zeroizing;

/// Signs (RFC 6979); `None` for what is left to rPGP.
pub(super) fn sign(secret: &Ecdsa, hash: HashAlgorithm, digest: &[u8]) -> Option<SignatureBytes> {
    // RFC 9580 §5.2.3.2: the hash is at least as long as the numbers of the curve.
    let fits = |length: usize| digest.len() >= length && hash.digest_size() == Some(digest.len());
    match secret {
        Ecdsa::P256(secret) if fits(32) => numbers(secret, digest),
        Ecdsa::P384(secret) if fits(48) => numbers(secret, digest),
        _ => None,
    }
}

fn numbers<C>(secret: &SecretKey<C>, digest: &[u8]) -> Option<SignatureBytes>
where
    C: PrimeCurve + CurveArithmetic + DigestPrimitive,
    C::Digest: BlockSizeUser + FixedOutput<OutputSize = FieldBytesSize<C>> + FixedOutputReset,
    Scalar<C>: From<ScalarPrimitive<C>> + Invert<Output = CtOption<Scalar<C>>> + SignPrimitive<C>,
    SignatureSize<C>: ArrayLength<u8>,
{
    let number = bits2field::<C>(digest).ok()?;
    let secret = Zeroizing::new(secret.to_nonzero_scalar());
    let (signature, _) = secret.try_sign_prehashed_rfc6979::<C::Digest>(&number, &[]).ok()?;
    let (r, s) = signature.split_bytes();
    Some(SignatureBytes::Mpis(vec![Mpi::from_slice(&r), Mpi::from_slice(&s)]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use pgp::crypto::{Signer, ecc_curve::ECCCurve};
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn signatures_are_those_of_rpgp() {
        let mut rng = StdRng::seed_from_u64(1);
        for curve in [ECCCurve::P256, ECCCurve::P384] {
            for seed in 0..4 {
                let secret = Ecdsa::generate(&mut rng, &curve).unwrap();
                for (hash, length) in [(HashAlgorithm::Sha384, 48), (HashAlgorithm::Sha512, 64)] {
                    let digest = vec![seed; length];
                    assert_eq!(sign(&secret, hash, &digest).unwrap(), secret.sign(hash, &digest).unwrap());
                }
                assert_eq!(sign(&secret, HashAlgorithm::Sha1, &[1; 20]), None, "too short");
                assert_eq!(sign(&secret, HashAlgorithm::Sha512, &[1; 48]), None, "no such hash");
            }
        }
    }
}
