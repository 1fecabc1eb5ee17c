//! Secret parts in the clear, each known to belong to its public part.

use std::borrow::Cow;

use pgp::{
    bytes::Bytes,
    composed::SignedSecretKey,
    crypto::{checksum, sym::SymmetricKeyAlgorithm},
    packet,
    types::{
        EncryptedSecretParams, PlainSecretParams, PublicParams, S2kParams, SecretParams, StringToKey, VerifyingKey,
    },
};

use super::{ed25519, matching};
use crate::{error::KeyError, rsa::Numbers};

/// What a component signs or decrypts with. Wiped when dropped.
#[allow(clippy::large_enum_variant)] // few exist at a time
pub(crate) enum OpenSecret {
    Rsa(Numbers),
    Ed25519(ed25519::Seed),
    Other(PlainSecretParams),
}

impl OpenSecret {
    /// Reads secret numbers (RFC 9580 §5.5.5), without what stands around them.
    pub(super) fn read(octets: &[u8], public: &impl VerifyingKey) -> Result<Self, KeyError> {
        let params = public.public_params();
        if let PublicParams::RSA(params) = params {
            return Numbers::read(octets, params).map(Self::Rsa);
        }
        let known = matching::is_known(public, octets);
        if known
            && let Some(form) = ed25519::Public::of(params)
            && let Some(seed) = ed25519::Seed::in_octets(octets, &form)
        {
            return Ok(Self::Ed25519(seed));
        }
        let plain = by_pgp(octets, public)?;
        if !known {
            matching::compare(public, &plain)?;
            matching::remember(public, octets);
        }
        Self::made(plain, public)
    }

    /// What rPGP has, compared with its public part.
    pub(super) fn of(plain: PlainSecretParams, public: &impl VerifyingKey) -> Result<Self, KeyError> {
        if !matches!(plain, PlainSecretParams::RSA(_)) {
            matching::compare(public, &plain)?;
        }
        Self::made(plain, public)
    }

    /// What was made just now, together with its public part.
    pub(super) fn made(plain: PlainSecretParams, public: &impl VerifyingKey) -> Result<Self, KeyError> {
        match (&plain, public.public_params()) {
            (PlainSecretParams::RSA(secret), PublicParams::RSA(params)) => Numbers::of(secret, params).map(Self::Rsa),
            (PlainSecretParams::RSA(_), _) => Err(KeyError::SecretMismatch),
            _ => Ok(ed25519::Seed::of(&plain).map_or(Self::Other(plain), Self::Ed25519)),
        }
    }

    /// As rPGP has it.
    pub(super) fn into_pgp(self, public: &impl VerifyingKey) -> Result<PlainSecretParams, KeyError> {
        match self {
            Self::Rsa(numbers) => by_pgp(&numbers.to_octets(), public),
            Self::Ed25519(seed) => ed25519::Public::of(public.public_params())
                .and_then(|public| seed.to_pgp(&public))
                .ok_or(KeyError::SecretMismatch),
            Self::Other(plain) => Ok(plain),
        }
    }
}

/// Secret numbers as rPGP has them, read to their last octet. Those of RSA belong to the public part, or are refused.
pub(crate) fn read_numbers(octets: &[u8], public: &impl VerifyingKey) -> Result<PlainSecretParams, KeyError> {
    match public.public_params() {
        PublicParams::RSA(params) => by_pgp(&Numbers::read(octets, params)?.to_octets(), public),
        _ => by_pgp(octets, public),
    }
}

/// Without a look at whether numbers of RSA belong to the public part: for those of which that is known.
pub(super) fn by_pgp(octets: &[u8], public: &impl VerifyingKey) -> Result<PlainSecretParams, KeyError> {
    let (version, algorithm) = (public.version(), public.algorithm());
    PlainSecretParams::try_from_reader_no_checksum(octets, version, algorithm, public.public_params())
        .map_err(|_| KeyError::Malformed { reason: "the secret part of a key packet", offset: None })
}

/// The numbers without the sum of their octets behind them, if it is right (§5.5.3).
pub(crate) fn without_sum(octets: &[u8]) -> Option<&[u8]> {
    let (numbers, sum) = octets.split_last_chunk::<2>()?;
    checksum::simple(*sum, numbers).ok()?;
    Some(numbers)
}

/// Secret numbers that lie open and are not read yet, as rPGP keeps those of algorithms that it does not know.
pub(crate) fn unread_numbers(octets: &[u8], public: &impl VerifyingKey) -> PlainSecretParams {
    let (alg, data) = (public.algorithm(), octets.to_vec().into());
    PlainSecretParams::Unknown { alg, data, pub_params: Default::default() }
}

/// The octets of secret numbers that lie open and are not read yet.
pub(super) fn unread_in<'p>(plain: &'p PlainSecretParams, public: &impl VerifyingKey) -> Option<&'p [u8]> {
    match (plain, public.public_params()) {
        (_, PublicParams::Unknown { .. }) => None,
        (PlainSecretParams::Unknown { data, .. }, _) => Some(data),
        _ => None,
    }
}

/// The key with its secret numbers read. Those that cannot be are as if they were kept elsewhere.
pub(super) fn all_read(key: &SignedSecretKey) -> Cow<'_, SignedSecretKey> {
    let mut whole = Cow::Borrowed(key);
    let public = key.primary_key.public_key();
    if let Some(params) = now_read(key.primary_key.secret_params(), public)
        && let Ok(read) = packet::SecretKey::new(public.clone(), params)
    {
        whole.to_mut().primary_key = read;
    }
    for (place, subkey) in key.secret_subkeys.iter().enumerate() {
        let public = subkey.key.public_key();
        if let Some(params) = now_read(subkey.key.secret_params(), public)
            && let Ok(read) = packet::SecretSubkey::new(public.clone(), params)
            && let Some(subkey) = whole.to_mut().secret_subkeys.get_mut(place)
        {
            subkey.key = read;
        }
    }
    whole
}

fn now_read(params: &SecretParams, public: &impl VerifyingKey) -> Option<SecretParams> {
    let SecretParams::Plain(plain) = params else { return None };
    let octets = unread_in(plain, public)?;
    Some(read_numbers(octets, public).map_or_else(|_| absent(), SecretParams::Plain))
}

/// GnuPG's S2K specifier 101: "GNU", and 1 for no secret part.
fn absent() -> SecretParams {
    let s2k = StringToKey::Private { typ: 101, unknown: Bytes::from_static(b"\0GNU\x01") };
    let lock = S2kParams::Cfb { sym_alg: SymmetricKeyAlgorithm::Plaintext, s2k, iv: Bytes::new() };
    SecretParams::Encrypted(EncryptedSecretParams::new(Bytes::new(), lock))
}
