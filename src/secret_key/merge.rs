//! Secret keys merged with newer copies of themselves or of their certificates.

use std::collections::BTreeMap;

use pgp::{
    composed::{SignedSecretKey, SignedSecretSubKey},
    packet::{PacketTrait, SecretKey as SecretPrimary, SecretSubkey},
    ser::Serialize,
    types::{KeyDetails, SecretParams},
};

use super::{SecretKey, is_absent};
use crate::{
    certificate::{Certificate, Held, check_size, fit, make_room, merge_copies},
    error::KeyError,
    keyring::KeyringItem,
    limits::Limits,
};

impl SecretKey {
    /// This key with all that a copy of its certificate has more; the secret parts stay as they are. As for
    /// [`Certificate::merge`], what there is no room for is left out, or the whole refused.
    pub fn merge_certificate(&self, update: &Certificate, limits: &Limits) -> Result<Self, KeyError> {
        let secrets = Secrets::of(&[self]);
        let merged = merge_copies(&self.certificate(), [update], &secrets.held(), limits)?;
        Ok(secrets.put_into(merged, &self.inner.primary_key))
    }

    /// This key with all that another copy of it has more. Its secret parts count; of the copy's only those are taken that this
    /// key does not have. They stay locked as the copy had them.
    pub fn merge(&self, update: &Self, limits: &Limits) -> Result<Self, KeyError> {
        let secrets = Secrets::of(&[self, update]);
        let merged = merge_copies(&self.certificate(), [&update.certificate()], &secrets.held(), limits)?;
        Ok(secrets.put_into(merged, &self.inner.primary_key))
    }

    /// The key, unless it is larger than what is read back.
    pub(super) fn checked_size(self, limits: &Limits) -> Result<Self, KeyError> {
        check_size(&self.certificate(), &Secrets::of(&[&self]).held(), limits)?;
        Ok(self)
    }

    /// The key, no larger than allowed: see [`fit`].
    pub(crate) fn fitted(self, limits: &Limits) -> Self {
        let (mut certificate, secrets) = (self.certificate(), Secrets::of(&[&self]));
        fit(&mut certificate, &secrets.held(), limits);
        secrets.put_into(certificate, &self.inner.primary_key)
    }

    /// Makes room for what the key has more than `before`: see [`make_room`].
    pub(crate) fn with_room(&self, before: &Certificate, limits: &Limits) -> Result<Self, KeyError> {
        let (mut certificate, secrets) = (self.certificate(), Secrets::of(&[self]));
        make_room(&mut certificate, before, &secrets.held(), limits)?;
        Ok(secrets.put_into(certificate, &self.inner.primary_key))
    }
}

/// The secret parts that count among copies of a key: of each component the first that is there.
struct Secrets<'a> {
    primary: Option<&'a SecretPrimary>,
    subkeys: BTreeMap<Vec<u8>, &'a SecretSubkey>,
}

impl<'a> Secrets<'a> {
    fn of(copies: &[&'a SecretKey]) -> Self {
        let mut primaries = copies.iter().map(|key| &key.inner.primary_key);
        let primary = primaries.find(|key| !is_absent(key.secret_params()));
        let mut subkeys: BTreeMap<Vec<u8>, &'a SecretSubkey> = BTreeMap::new();
        for subkey in copies.iter().flat_map(|key| &key.inner.secret_subkeys).map(|subkey| &subkey.key) {
            let known = subkeys.entry(subkey.fingerprint().as_bytes().to_vec()).or_insert(subkey);
            if is_absent(known.secret_params()) && !is_absent(subkey.secret_params()) {
                *known = subkey;
            }
        }
        Self { primary, subkeys }
    }

    fn held(&self) -> Held {
        let more = |secret: usize, public: usize| secret.saturating_sub(public);
        let primary = self.primary.iter();
        let primary =
            primary.map(|key| more(length(*key, key.secret_params()), key.public_key().write_len_with_header()));
        let subkeys = self.subkeys.values();
        let octets =
            subkeys.map(|key| more(length(*key, key.secret_params()), key.public_key().write_len_with_header()));
        Held {
            octets: primary.chain(octets).sum(),
            subkeys: self.subkeys.values().map(|key| key.fingerprint()).collect(),
        }
    }

    /// A secret key of what the certificate says. `fallback` is its primary key if no copy has the secret part of that.
    fn put_into(&self, certificate: Certificate, fallback: &SecretPrimary) -> SecretKey {
        let (inner, unread) = certificate.into_parts();
        let (mut public_subkeys, mut secret_subkeys) = (Vec::new(), Vec::new());
        for subkey in inner.public_subkeys {
            match self.subkeys.get(subkey.key.fingerprint().as_bytes()) {
                Some(key) => {
                    let signatures = subkey.signatures;
                    secret_subkeys.push(SignedSecretSubKey { key: (*key).clone(), signatures });
                }
                None => public_subkeys.push(subkey),
            }
        }
        let primary_key = self.primary.unwrap_or(fallback).clone();
        let inner = SignedSecretKey { primary_key, details: inner.details, public_subkeys, secret_subkeys };
        SecretKey { inner, unread }
    }
}

/// Octets of a packet. In the clear it is as long as its header says: to find out, rPGP would write the key, and the inverse of a prime, which RSA
/// keys are written with, takes a quarter of a millisecond in wasm. When it is locked, rPGP leaves the header as it was.
fn length(packet: &impl PacketTrait, params: &SecretParams) -> usize {
    let header = packet.packet_header();
    match (params, header.packet_length().maybe_len()) {
        (SecretParams::Plain(_), Some(body)) => header.write_len() + body as usize,
        _ => packet.write_len_with_header(),
    }
}

/// Two copies of one key, of whatever kind, as one: a secret key if either is. The first one's secret parts count.
pub fn merge(key: &KeyringItem, update: &KeyringItem, limits: &Limits) -> Result<KeyringItem, KeyError> {
    merge_all(&[key, update], limits)
}

/// As [`merge`], of any number of copies. The first one's parts count most.
pub(crate) fn merge_all(copies: &[&KeyringItem], limits: &Limits) -> Result<KeyringItem, KeyError> {
    let (mut certificates, mut keys) = (Vec::new(), Vec::new());
    for copy in copies {
        match copy {
            KeyringItem::Certificate(certificate) => certificates.push(certificate.clone()),
            KeyringItem::SecretKey(key) => {
                certificates.push(key.certificate());
                keys.push(key);
            }
            KeyringItem::Unsupported { reason, .. } => return Err(KeyError::Unsupported { what: reason.clone() }),
        }
    }
    let (first, updates) = certificates.split_first().ok_or(KeyError::NoKey)?;
    let secrets = Secrets::of(&keys);
    let merged = merge_copies(first, updates, &secrets.held(), limits)?;
    Ok(match keys.first() {
        Some(key) => KeyringItem::SecretKey(secrets.put_into(merged, &key.inner.primary_key)),
        None => KeyringItem::Certificate(merged),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use envelock_seipd::engine::{RustCrypto, at_once};
    use pgp::types::Timestamp;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{Curve, GenerateOptions, KeyPair, Passphrase, Profile, generate_on};

    #[test]
    fn a_secret_key_is_as_long_as_it_is_written_locked_and_in_the_clear() {
        let pairs =
            [&include_bytes!("../../tests/keys/rsa-2048-a.p8")[..], include_bytes!("../../tests/keys/rsa-2048-b.p8")];
        for profile in
            [Profile::Compat, Profile::Rfc9580, Profile::Nist { curve: Curve::P256 }, Profile::Rsa { bits: 2048 }]
        {
            for passphrase in [None, Some(Passphrase::from("a lock"))] {
                let options = GenerateOptions {
                    profile,
                    user_ids: vec!["Alice <alice@example.org>".into()],
                    passphrase,
                    created: Timestamp::from_secs(1_700_000_000),
                    expires: None,
                };
                let rng = &mut StdRng::seed_from_u64(1);
                let pairs = matches!(profile, Profile::Rsa { .. })
                    .then(|| pairs.map(|octets| KeyPair::from_pkcs8(octets).unwrap()));
                let made = at_once(generate_on::<[u8], _, _>(&options, pairs, rng, &RustCrypto));
                let made = made.unwrap().unwrap().key;
                let read = SecretKey::parse(&made.to_bytes(), &Limits::default()).unwrap();
                for key in [&made.inner.primary_key, &read.inner.primary_key] {
                    let mut octets = Vec::new();
                    key.to_writer_with_header(&mut octets).unwrap();
                    assert_eq!(length(key, key.secret_params()), octets.len());
                }
            }
        }
    }
}
