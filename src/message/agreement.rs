//! ECDH with NIST curves (RFC 9580 §11.4) by an engine that does it better than the crates of the curves.

use crate::{certificate::ComponentKey, encoded, secret_key::UnlockedComponent};
use envelock_seipd::engine::{Agreement, Engine};
use pgp::{
    crypto::{
        aes_kw,
        ecc_curve::ECCCurve,
        ecdh::{build_ecdh_param, derive_session_key, kdf},
        hash::HashAlgorithm,
        sym::SymmetricKeyAlgorithm,
    },
    types::{EcdhPublicParams, KeyDetails, Mpi, PkeskBytes, PublicParams},
};
use zeroize::Zeroizing;

/// What is encrypted is padded to a multiple of so many octets (§11.4).
const BLOCK: usize = 8;

/// Encrypts; `None` if the engine cannot, and rPGP has to.
pub(super) async fn encrypt(engine: &impl Engine, key: &ComponentKey<'_>, plain: &[u8]) -> Option<PkeskBytes> {
    let terms = Terms::of(key.public_params())?;
    let (curve, theirs) = encoded::point(key.public_params())?;
    let Agreement { point, secret } = engine.agree(curve, &theirs).await?;
    if !is_point(&point, theirs.len()) || secret.len() != theirs.len() / 2 {
        return None;
    }
    let param = build_ecdh_param(&terms.curve.oid(), terms.cipher, terms.hash, key.fingerprint().as_bytes());
    let key = Zeroizing::new(kdf(terms.hash, &secret, terms.cipher.key_size(), &param).ok()?);
    let padding = BLOCK - plain.len() % BLOCK;
    let mut padded = Zeroizing::new(Vec::with_capacity(plain.len() + padding));
    padded.extend_from_slice(plain);
    padded.resize(plain.len() + padding, padding as u8);
    let encrypted_session_key = aes_kw::wrap(&key, &padded).ok()?.into();
    Some(PkeskBytes::Ecdh { public_point: Mpi::from_slice(&point), encrypted_session_key })
}

/// What was encrypted to the key, if anything was; `None` if the engine cannot tell, and rPGP has to.
pub(super) async fn decrypt(
    engine: &impl Engine,
    key: &UnlockedComponent,
    values: &PkeskBytes,
) -> Option<Option<Zeroizing<Vec<u8>>>> {
    let PkeskBytes::Ecdh { public_point, encrypted_session_key: wrapped } = values else { return None };
    let terms = Terms::of(key.public_params())?;
    let (curve, own) = encoded::point(key.public_params())?;
    // Other forms of points (SEC 1 §2.3.4) are none of OpenPGP's (§11.2.1), whatever an engine reads.
    if !is_point(public_point.as_ref(), own.len()) {
        return None;
    }
    let encoded = encoded::secret(key.secret(), key.public_params(), engine.key_form())?;
    let secret = engine.agreed(curve, &encoded.octets, public_point.as_ref()).await?;
    if secret.len() != encoded.length {
        return None;
    }
    let (fingerprint, length) = (key.fingerprint(), wrapped.len());
    let opened =
        derive_session_key(&secret, wrapped, length, terms.curve, terms.hash, terms.cipher, fingerprint.as_bytes());
    Some(opened.ok())
}

/// How keys are derived.
struct Terms {
    curve: ECCCurve,
    hash: HashAlgorithm,
    cipher: SymmetricKeyAlgorithm,
}

impl Terms {
    /// Those that RFC 9580 lists for the curve (§11.5.1); whether others are allowed, rPGP decides.
    fn of(params: &PublicParams) -> Option<Self> {
        let (hash, cipher) = match params {
            PublicParams::ECDH(
                EcdhPublicParams::P256 { hash, alg_sym, .. }
                | EcdhPublicParams::P384 { hash, alg_sym, .. }
                | EcdhPublicParams::P521 { hash, alg_sym, .. },
            ) => (*hash, *alg_sym),
            _ => return None,
        };
        let PublicParams::ECDH(params) = params else { return None };
        let curve = params.curve();
        let listed = curve.hash_algo().is_ok_and(|listed| listed == hash)
            && curve.sym_algo().is_ok_and(|listed| listed == cipher);
        listed.then_some(Self { curve, hash, cipher })
    }
}

/// Uncompressed: 4, and both coordinates.
fn is_point(octets: &[u8], length: usize) -> bool {
    octets.len() == length && octets.first() == Some(&4)
}
