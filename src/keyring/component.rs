//! The keys of a key while it is read: public, or with a secret part.

use pgp::{
    packet::{PublicKey, PublicSubkey, SecretKey, SecretSubkey},
    types::{Fingerprint, KeyDetails},
};

use super::{
    packets::{KeyPacket, SecretNumbers, tag},
    problem::ProblemKind,
};
use crate::{
    certificate::{ComponentKey, Names},
    secret_key,
};

#[allow(clippy::large_enum_variant)] // one exists at a time
pub(super) enum Primary {
    Public(PublicKey),
    Secret(SecretKey),
}

#[allow(clippy::large_enum_variant)] // few exist at a time
pub(super) enum Subkey {
    Public(PublicSubkey),
    Secret(SecretSubkey),
}

impl Subkey {
    pub(super) fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Public(key) => key.fingerprint(),
            Self::Secret(key) => key.fingerprint(),
        }
    }

    pub(super) fn has_secret(&self) -> bool {
        matches!(self, Self::Secret(key) if !secret_key::is_absent(key.secret_params()))
    }
}

type ReadPrimary = (Result<Primary, String>, Option<Names>);

pub(super) const MALFORMED_PRIMARY: &str = "malformed primary key";

pub(super) fn read_primary(
    packet_tag: u8,
    packet: &KeyPacket<'_>,
    numbers: SecretNumbers,
    note: &mut dyn FnMut(ProblemKind),
) -> ReadPrimary {
    let Ok(public) = packet.public_key() else {
        note(ProblemKind::MalformedPacket);
        return (Err(MALFORMED_PRIMARY.to_owned()), None);
    };
    let names = Some(Names::of(&ComponentKey::Primary(&public)));
    if let Some(what) = packet.unsupported_algorithm() {
        return (Err(what), names);
    }
    if packet_tag == tag::PUBLIC_KEY {
        if packet.has_rest() {
            note(ProblemKind::MalformedPacket);
            return (Err(MALFORMED_PRIMARY.to_owned()), names);
        }
        return (Ok(Primary::Public(public)), names);
    }
    let primary = match packet.secret_key(numbers) {
        Some(secret) => {
            if secret_key::is_absent(secret.secret_params()) {
                note(ProblemKind::SecretAbsent);
            }
            Primary::Secret(secret)
        }
        None => {
            note(ProblemKind::UnusableSecret { what: "malformed" });
            Primary::Public(public)
        }
    };
    (Ok(primary), names)
}
