//! Keys in the encodings that platforms take: secret ones in PKCS #8 (RFC 5958) or as what that wraps, PKCS #1 (RFC 8017 §A.1.2)
//! and RFC 5915; public ones of RSA in PKCS #1 (§A.1.1), of RSA and ECDSA as SubjectPublicKeyInfo (RFC 5280 §4.1), of ECDH as points.
//!
//! Not here: reading what platforms drew (`secret_key`).

use envelock_seipd::engine::{self, KeyForm, Scheme};
use pgp::{
    ser::Serialize,
    types::{EcdhPublicParams, EcdsaPublicParams, PlainSecretParams, PublicParams, RsaPublicParams},
};
use rsa::traits::PublicKeyParts;
use zeroize::Zeroizing;

use crate::{rsa::Numbers, secret_key::OpenSecret};

/// A key, encoded. Wiped when dropped, since it may be a secret one.
pub(crate) struct Encoded {
    pub(crate) scheme: Scheme,
    pub(crate) octets: Zeroizing<Vec<u8>>,
    /// Octets of the modulus, or of the field.
    pub(crate) length: usize,
}

/// A public key of RSA or ECDSA as SubjectPublicKeyInfo; `None` for other algorithms.
pub(crate) fn public(params: &PublicParams) -> Option<Encoded> {
    if let PublicParams::RSA(params) = params {
        let octets = sequence(&[&rsa_encryption(), &tlv(BIT_STRING, &[&[0], &rsa_public(params)])]);
        return Some(Encoded { scheme: Scheme::Rsa, octets, length: params.key.size() });
    }
    let PublicParams::ECDSA(_) = params else { return None };
    let curve = Curve::of(params)?;
    let octets = sequence(&[&curve.algorithm(), &tlv(BIT_STRING, &[&[0], &curve.point(params)?])]);
    Some(Encoded { scheme: curve.scheme, octets, length: curve.length })
}

/// A public key of RSA in PKCS #1.
pub(crate) fn rsa_public(params: &RsaPublicParams) -> Zeroizing<Vec<u8>> {
    let [modulus, exponent] = [params.key.n(), params.key.e()].map(|number| integer(&number.to_bytes_be()));
    sequence(&[&modulus, &exponent])
}

/// A public key of ECDH with a curve that platforms know: its point, uncompressed.
pub(crate) fn point(params: &PublicParams) -> Option<(engine::Curve, Vec<u8>)> {
    let PublicParams::ECDH(_) = params else { return None };
    let curve = Curve::of(params)?;
    let agreement = match curve.scheme {
        Scheme::P256 => engine::Curve::P256,
        Scheme::P384 => engine::Curve::P384,
        Scheme::P521 => engine::Curve::P521,
        Scheme::Rsa => return None,
    };
    Some((agreement, curve.point(params)?))
}

/// A secret key in the form asked for.
pub(crate) fn secret(secret: &OpenSecret, params: &PublicParams, form: KeyForm) -> Option<Encoded> {
    let wrapped = |algorithm: &[u8], key: Zeroizing<Vec<u8>>| match form {
        KeyForm::Pkcs8 => sequence(&[&[INTEGER, 1, 0], algorithm, &tlv(OCTET_STRING, &[&key])]),
        KeyForm::Bare => key,
    };
    if let (OpenSecret::Rsa(secret), PublicParams::RSA(public)) = (secret, params) {
        let octets = wrapped(&rsa_encryption(), rsa(secret, public));
        return Some(Encoded { scheme: Scheme::Rsa, octets, length: public.key.size() });
    }
    let curve = Curve::of(params)?;
    let mut number = Zeroizing::new(Vec::with_capacity(2 + curve.length));
    match secret {
        OpenSecret::Other(PlainSecretParams::ECDSA(secret)) => secret.to_writer(&mut *number).ok()?,
        OpenSecret::Other(PlainSecretParams::ECDH(secret)) => secret.to_writer(&mut *number).ok()?,
        _ => return None,
    }
    let number = number.get(2..)?;
    let mut scalar = Zeroizing::new(Vec::with_capacity(curve.length));
    scalar.resize(curve.length.checked_sub(number.len())?, 0);
    scalar.extend_from_slice(number);
    if let (OpenSecret::Other(PlainSecretParams::ECDH(_)), KeyForm::Bare) = (secret, form) {
        return Some(Encoded { scheme: curve.scheme, octets: scalar, length: curve.length });
    }
    // RFC 5915 §3; the public key, which is optional, is what Firefox asks for. The curve's name is in the wrapping, or else here.
    let point = tlv(BIT_STRING, &[&[0], &curve.point(params)?]);
    let name = match form {
        KeyForm::Pkcs8 => Zeroizing::new(Vec::new()),
        KeyForm::Bare => tlv(FIRST, &[&tlv(IDENTIFIER, &[curve.name])]),
    };
    let key = sequence(&[&[INTEGER, 1, 1], &tlv(OCTET_STRING, &[&scalar]), &name, &tlv(SECOND, &[&point])]);
    let octets = wrapped(&curve.algorithm(), key);
    Some(Encoded { scheme: curve.scheme, octets, length: curve.length })
}

/// RFC 8017 §A.1.2.
fn rsa(secret: &Numbers, public: &RsaPublicParams) -> Zeroizing<Vec<u8>> {
    let Numbers { exponent, first, second, inverse, first_exponent, second_exponent } = secret;
    let (modulus, public_exponent) = (public.key.n().to_bytes_be(), public.key.e().to_bytes_be());
    // PKCS #1 has the inverse of the second prime modulo the first, OpenPGP that of the first modulo the second
    // (RFC 9580 §5.5.5.1): the primes change places.
    let secret = [exponent, second, first, second_exponent, first_exponent, inverse];
    let [d, p, q, dp, dq, u] = secret.map(|number| number.as_slice());
    let numbers = [&[0][..], &modulus, &public_exponent, d, p, q, dp, dq, u].map(integer);
    tlv(SEQUENCE, &numbers.each_ref().map(|number| number.as_slice()))
}

/// `rsaEncryption` (RFC 8017 §C).
fn rsa_encryption() -> Zeroizing<Vec<u8>> {
    sequence(&[&[IDENTIFIER, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], &[NULL, 0]])
}

struct Curve {
    scheme: Scheme,
    /// Its object identifier, as in OpenPGP (RFC 9580 §9.2).
    name: &'static [u8],
    length: usize,
}

impl Curve {
    fn of(params: &PublicParams) -> Option<Self> {
        use PublicParams::{ECDH, ECDSA};
        let (scheme, name, length): (_, &[u8], _) = match params {
            ECDSA(EcdsaPublicParams::P256 { .. }) | ECDH(EcdhPublicParams::P256 { .. }) => {
                (Scheme::P256, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], 32)
            }
            ECDSA(EcdsaPublicParams::P384 { .. }) | ECDH(EcdhPublicParams::P384 { .. }) => {
                (Scheme::P384, &[0x2b, 0x81, 4, 0, 34], 48)
            }
            ECDSA(EcdsaPublicParams::P521 { .. }) | ECDH(EcdhPublicParams::P521 { .. }) => {
                (Scheme::P521, &[0x2b, 0x81, 4, 0, 35], 66)
            }
            _ => return None,
        };
        Some(Self { scheme, name, length })
    }

    /// `id-ecPublicKey` with the curve (RFC 5480 §2.1.1).
    fn algorithm(&self) -> Zeroizing<Vec<u8>> {
        let elliptic = [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
        sequence(&[&tlv(IDENTIFIER, &[&elliptic]), &tlv(IDENTIFIER, &[self.name])])
    }

    /// The point, uncompressed: an MPI of OpenPGP (§11.2.1) behind the curve's identifier, and before how keys are derived (§5.5.5.6).
    fn point(&self, params: &PublicParams) -> Option<Vec<u8>> {
        let mut octets = Vec::new();
        params.to_writer(&mut octets).ok()?;
        let mut point = octets.split_off((1 + self.name.len() + 2).min(octets.len()));
        point.truncate(1 + 2 * self.length);
        (point.len() == 1 + 2 * self.length).then_some(point)
    }
}

const INTEGER: u8 = 2;
const BIT_STRING: u8 = 3;
const OCTET_STRING: u8 = 4;
const NULL: u8 = 5;
const IDENTIFIER: u8 = 6;
const SEQUENCE: u8 = 0x30;
/// `[0]`, explicit.
const FIRST: u8 = 0xa0;
/// `[1]`, explicit.
const SECOND: u8 = 0xa1;

fn sequence(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    tlv(SEQUENCE, parts)
}

/// A number, big-endian, which has no sign.
fn integer(octets: &[u8]) -> Zeroizing<Vec<u8>> {
    let sign: &[u8] = if octets.first().is_some_and(|top| *top > 127) { &[0] } else { &[] };
    tlv(INTEGER, &[sign, octets])
}

/// DER. Nothing here is longer than 65535 octets: no number of RSA has more than 16384 bits, public ones not more than 8192.
fn tlv(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut octets = Zeroizing::new(Vec::with_capacity(4 + length));
    octets.push(tag);
    match length as u16 {
        short @ 0..128 => octets.push(short as u8),
        medium @ 128..256 => octets.extend([0x81, medium as u8]),
        long => {
            octets.push(0x82);
            octets.extend(long.to_be_bytes());
        }
    }
    parts.iter().for_each(|part| octets.extend_from_slice(part));
    octets
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use pgp::crypto::{ecc_curve::ECCCurve, ecdh, ecdsa};
    use rand::{SeedableRng, rngs::StdRng};
    use rsa::{pkcs8, traits::PrivateKeyParts};

    use super::*;

    /// Another program's file comes out as it went in: every number is in its place.
    #[test]
    fn an_rsa_key_in_pkcs8_is_the_same_again() {
        for octets in
            [&include_bytes!("../tests/keys/rsa-2048-a.p8")[..], include_bytes!("../tests/keys/rsa-2048-b.p8")]
        {
            let key = rsa::RsaPrivateKey::try_from(pkcs8::PrivateKeyInfo::try_from(octets).unwrap()).unwrap();
            let public = PublicParams::RSA(RsaPublicParams { key: key.to_public_key() });
            // rPGP has the primes the other way round.
            let numbers = [key.n(), key.e(), key.d()].map(Clone::clone);
            let [n, e, d] = numbers;
            let primes = [1, 0].map(|index| key.primes()[index].clone()).to_vec();
            let turned = rsa::RsaPrivateKey::from_components(n, e, d, primes).unwrap();
            let PublicParams::RSA(numbers) = &public else { panic!() };
            let turned = OpenSecret::Rsa(Numbers::of(&turned.into(), numbers).unwrap());
            let made = secret(&turned, &public, KeyForm::Pkcs8).unwrap();
            assert_eq!((made.octets.as_slice(), made.length), (octets, 256));
            let bare = secret(&turned, &public, KeyForm::Bare).unwrap();
            let wrapped = pkcs8::PrivateKeyInfo::try_from(octets).unwrap().private_key;
            assert_eq!((bare.octets.as_slice(), bare.length), (wrapped, 256));
            let spki = super::public(&public).unwrap();
            let read = rsa::RsaPublicKey::try_from(
                pkcs8::spki::SubjectPublicKeyInfoRef::try_from(spki.octets.as_slice()).unwrap(),
            );
            assert_eq!((PublicParams::RSA(RsaPublicParams { key: read.unwrap() }), spki.length), (public, 256));
        }
    }

    #[test]
    fn curves_are_read_by_another_implementation() {
        let mut rng = StdRng::seed_from_u64(1);
        for (curve, scheme, length) in
            [(ECCCurve::P256, Scheme::P256, 32), (ECCCurve::P384, Scheme::P384, 48), (ECCCurve::P521, Scheme::P521, 66)]
        {
            let ecdh = PlainSecretParams::ECDH(ecdh::SecretKey::generate(&mut rng, &curve).unwrap());
            let public_params = PublicParams::try_from(&ecdh).unwrap();
            let ecdh = OpenSecret::Other(ecdh);
            let (wrapped, bare) =
                [KeyForm::Pkcs8, KeyForm::Bare].map(|form| secret(&ecdh, &public_params, form).unwrap()).into();
            let (_, point) = point(&public_params).unwrap();
            let info = pkcs8::PrivateKeyInfo::try_from(wrapped.octets.as_slice()).unwrap();
            assert!(info.private_key.ends_with(&point) && point.len() == 1 + 2 * length && bare.octets.len() == length);
            assert!(info.private_key.windows(length).any(|octets| octets == bare.octets.as_slice()));
            assert!(public(&public_params).is_none(), "does not sign");

            let key = PlainSecretParams::ECDSA(ecdsa::SecretKey::generate(&mut rng, &curve).unwrap());
            let public_params = PublicParams::try_from(&key).unwrap();
            let key = OpenSecret::Other(key);
            let (hidden, shown) =
                (secret(&key, &public_params, KeyForm::Pkcs8).unwrap(), public(&public_params).unwrap());
            for made in [&hidden, &shown] {
                assert_eq!((made.scheme, made.length), (scheme, length));
            }
            let info = pkcs8::PrivateKeyInfo::try_from(hidden.octets.as_slice()).unwrap();
            let spki = pkcs8::spki::SubjectPublicKeyInfoRef::try_from(shown.octets.as_slice()).unwrap();
            assert_eq!(info.algorithm, spki.algorithm);
            assert!(info.private_key.ends_with(spki.subject_public_key.raw_bytes()));
        }
    }
}
