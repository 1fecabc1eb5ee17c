//! What a thief of somebody's key can make of it.

use crate::cast::*;
use envelock::SecretKey;
use pgp::{
    composed::SignedSecretSubKey,
    crypto::hash::HashAlgorithm,
    packet::{
        KeyFlags, PubKeyInner, PublicSubkey, SecretSubkey, SignatureConfig, SignatureType, Subpacket, SubpacketData,
    },
    ser::Serialize,
    types::{KeyDetails, KeyVersion},
};

/// The key with a signing subkey that its owner knows nothing of.
pub fn with_new_signing_subkey(key: &SecretKey, other: &SecretKey) -> SecretKey {
    let mut stolen = key.as_pgp().into_owned();
    let primary = &stolen.primary_key;
    let secret = other.as_pgp().primary_key.secret_params().clone();
    let params = other.as_pgp().primary_key.public_params().clone();
    let inner = PubKeyInner::new(KeyVersion::V4, primary.algorithm(), at(NOW - 60), None, params).unwrap();
    let public = PublicSubkey::from_inner(inner).unwrap();
    let subkey = SecretSubkey::new(public.clone(), secret).unwrap();
    let config = |typ, issuer: &dyn KeyDetails, more: Vec<SubpacketData>| {
        let mut config = SignatureConfig::v4(typ, issuer.algorithm(), HashAlgorithm::Sha512);
        let always = [
            SubpacketData::SignatureCreationTime(at(NOW - 60)),
            SubpacketData::IssuerFingerprint(issuer.fingerprint()),
        ];
        config.hashed_subpackets =
            always.into_iter().chain(more).map(|data| Subpacket::regular(data).unwrap()).collect();
        config
    };
    let none = pgp::types::Password::empty();
    let consent = config(SignatureType::KeyBinding, &subkey, Vec::new())
        .sign_primary_key_binding(&subkey, &public, &none, primary.public_key())
        .unwrap();
    let mut flags = KeyFlags::default();
    flags.set_sign(true);
    let statements = vec![SubpacketData::KeyFlags(flags), SubpacketData::EmbeddedSignature(Box::new(consent))];
    let binding = config(SignatureType::SubkeyBinding, primary, statements)
        .sign_subkey_binding(primary, primary.public_key(), &none, &public)
        .unwrap();
    stolen.secret_subkeys.push(SignedSecretSubKey { key: subkey, signatures: vec![binding] });
    SecretKey::parse(&stolen.to_bytes().unwrap(), &limits()).unwrap()
}
