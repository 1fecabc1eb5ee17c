//! Single packets of a key: octets to rPGP's packet types, whole or not at all.
//!
//! rPGP reads one body at a time here, so that its own grammar, which gives up a key for one bad packet, is not used.

use std::io::BufRead;

use pgp::{
    bytes::Bytes,
    crypto::sym::SymmetricKeyAlgorithm,
    packet::{
        PacketHeader, PubKeyInner, PublicKey, PublicSubkey, SecretKey, SecretSubkey, Signature, SignatureVersion,
        UserAttribute, UserId,
    },
    ser::Serialize,
    types::{
        EcdhPublicParams, EcdsaPublicParams, EddsaLegacyPublicParams, EncryptedSecretParams, KeyDetails, KeyVersion,
        PublicParams, S2kParams, SecretParams, StringToKey, Tag, VerifyingKey,
    },
};

use crate::{rest, secret_key};

/// Packet type IDs of RFC 9580 §5 that occur in keys.
pub(super) mod tag {
    pub(in crate::keyring) const SIGNATURE: u8 = 2;
    pub(in crate::keyring) const SECRET_KEY: u8 = 5;
    pub(in crate::keyring) const PUBLIC_KEY: u8 = 6;
    pub(in crate::keyring) const SECRET_SUBKEY: u8 = 7;
    pub(in crate::keyring) const MARKER: u8 = 10;
    pub(in crate::keyring) const TRUST: u8 = 12;
    pub(in crate::keyring) const USER_ID: u8 = 13;
    pub(in crate::keyring) const PUBLIC_SUBKEY: u8 = 14;
    pub(in crate::keyring) const USER_ATTRIBUTE: u8 = 17;
    pub(in crate::keyring) const PADDING: u8 = 21;
    /// Packets of messages, known and critical: session keys, one-pass signatures, compressed, encrypted and literal data.
    pub(in crate::keyring) const OF_MESSAGES: [u8; 9] = [1, 3, 4, 8, 9, 11, 18, 19, 20];
    /// From here on unknown packets are not critical (§4.3).
    pub(in crate::keyring) const FIRST_NON_CRITICAL: u8 = 40;
}

/// What becomes of secret numbers that lie open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretNumbers {
    /// They are read, so that it is told what is wrong with them.
    Now,
    /// They stay octets until their component is used.
    AtUse,
}

/// Why a key packet was not read.
pub(super) enum Unread {
    /// A version or algorithm that is not supported.
    Unsupported(String),
    /// Octets that break the format.
    Malformed,
}

/// The public half of a key packet and the octets after it, which are empty in public key packets.
pub(super) struct KeyPacket<'b> {
    inner: PubKeyInner,
    rest: &'b [u8],
}

impl<'b> KeyPacket<'b> {
    /// Reads versions 4 and 6 (§5.5.2).
    pub(super) fn read(body: &'b [u8]) -> Result<Self, Unread> {
        match body.first() {
            Some(4 | 6) => {}
            Some(version) => return Err(Unread::Unsupported(format!("version {version} key"))),
            None => return Err(Unread::Malformed),
        }
        // Before rPGP sees it: it computes with the points of curves while it reads.
        if !rest::has_key(body) {
            return Err(Unread::Malformed);
        }
        let mut rest = body;
        let parsed = PublicKey::try_from_reader(header(Tag::PublicKey, body.len()), &mut rest).map_err(|_| {
            // §5.5.2: version, four octets of date, algorithm.
            match body.get(5) {
                Some(20 | 16) => Unread::Unsupported("Elgamal".to_owned()),
                Some(1..=3 | 17..=19 | 22 | 25..=28) | None => Unread::Malformed,
                Some(other) => Unread::Unsupported(unknown_algorithm(*other)),
            }
        })?;
        let inner = PubKeyInner::new(
            parsed.version(),
            parsed.algorithm(),
            parsed.created_at(),
            parsed.legacy_v3_expiration_days(),
            parsed.public_params().clone(),
        )
        .map_err(|_| Unread::Malformed)?;
        Ok(Self { inner, rest })
    }

    pub(super) fn public_key(&self) -> Result<PublicKey, Unread> {
        PublicKey::from_inner(self.inner.clone()).map_err(|_| Unread::Malformed)
    }

    pub(super) fn public_subkey(&self) -> Result<PublicSubkey, Unread> {
        PublicSubkey::from_inner(self.inner.clone()).map_err(|_| Unread::Malformed)
    }

    /// Public key packets end with the public half.
    pub(super) fn has_rest(&self) -> bool {
        !self.rest.is_empty()
    }

    /// In version 4 nothing says where the public part of an unknown algorithm ends (§5.5.2): what was read as public has the
    /// secret part in it.
    pub(super) fn hides_its_secret(&self) -> bool {
        self.inner.version() == KeyVersion::V4 && matches!(self.inner.public_params(), PublicParams::Unknown { .. })
    }

    pub(super) fn secret_key(&self, numbers: SecretNumbers) -> Option<SecretKey> {
        let public = self.public_key().ok()?;
        let params = self.secret_params(&public, numbers)?;
        SecretKey::new(public, params).ok()
    }

    pub(super) fn secret_subkey(&self, numbers: SecretNumbers) -> Option<SecretSubkey> {
        let public = self.public_subkey().ok()?;
        let params = self.secret_params(&public, numbers)?;
        SecretSubkey::new(public, params).ok()
    }

    /// §5.5.3, with two forms that rPGP misreads: usage 255 (rPGP takes it for 254 and looks for a SHA-1 at its end), and
    /// GnuPG's specifiers for secret parts kept elsewhere.
    fn secret_params(&self, public: &impl VerifyingKey, when: SecretNumbers) -> Option<SecretParams> {
        if let Some(absent) = self.absent_secret() {
            return Some(SecretParams::Encrypted(absent));
        }
        if let Some((0, numbers)) = self.rest.split_first() {
            // Usage 0. rPGP sums up what it would write itself, for which it computes an inverse if the numbers are of RSA.
            let numbers =
                if self.inner.version() == KeyVersion::V4 { secret_key::without_sum(numbers)? } else { numbers };
            let plain = match when {
                SecretNumbers::AtUse if !matches!(public.public_params(), PublicParams::Unknown { .. }) => {
                    secret_key::unread_numbers(numbers, public)
                }
                _ => secret_key::read_numbers(numbers, public).ok()?,
            };
            return Some(SecretParams::Plain(plain));
        }
        let params = SecretParams::from_slice(
            self.rest,
            self.inner.version(),
            self.inner.algorithm(),
            self.inner.public_params(),
        )
        .ok()?;
        match (&params, self.rest.first()) {
            (SecretParams::Encrypted(locked), Some(255)) => match locked.string_to_key_params().clone() {
                S2kParams::Cfb { sym_alg, s2k, iv } => {
                    let octets = Bytes::copy_from_slice(locked.data());
                    Some(SecretParams::Encrypted(EncryptedSecretParams::new(
                        octets,
                        S2kParams::MalleableCfb { sym_alg, s2k, iv },
                    )))
                }
                _ => Some(params),
            },
            _ => Some(params),
        }
    }

    /// GnuPG's S2K specifier 101: a hash octet, "GNU", and 1 for no secret part or 2 for one on a smart card with its serial.
    fn absent_secret(&self) -> Option<EncryptedSecretParams> {
        let [usage @ (254 | 255), cipher, 101, specifier @ ..] = self.rest else {
            return None;
        };
        if specifier.get(1..4) != Some(b"GNU".as_slice()) {
            return None;
        }
        let s2k = StringToKey::Private { typ: 101, unknown: Bytes::copy_from_slice(specifier) };
        let sym_alg = SymmetricKeyAlgorithm::from(*cipher);
        // GnuPG writes 255, others 254: kept as it came.
        let lock = if *usage == 255 {
            S2kParams::MalleableCfb { sym_alg, s2k, iv: Bytes::new() }
        } else {
            S2kParams::Cfb { sym_alg, s2k, iv: Bytes::new() }
        };
        Some(EncryptedSecretParams::new(Bytes::new(), lock))
    }

    /// The algorithm, if it is one this program can do nothing with.
    pub(super) fn unsupported_algorithm(&self) -> Option<String> {
        unsupported_algorithm(self.inner.public_params()).map(str::to_owned).or_else(|| {
            matches!(self.inner.public_params(), PublicParams::Unknown { .. })
                .then(|| unknown_algorithm(u8::from(self.inner.algorithm())))
        })
    }
}

/// The number, and for those of RFC 9980, which a build may leave out, what they are.
fn unknown_algorithm(number: u8) -> String {
    let family = if (30..=36).contains(&number) { "post-quantum" } else { "public-key" };
    format!("{family} algorithm {number}")
}

fn unsupported_algorithm(params: &PublicParams) -> Option<&'static str> {
    match params {
        PublicParams::Elgamal(_) => Some("Elgamal"),
        PublicParams::ECDSA(EcdsaPublicParams::Unsupported { .. }) => Some("ECDSA over an unsupported curve"),
        PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Unsupported { .. }) => {
            Some("EdDSA over an unsupported curve")
        }
        PublicParams::ECDH(
            EcdhPublicParams::Brainpool256 { .. }
            | EcdhPublicParams::Brainpool384 { .. }
            | EcdhPublicParams::Brainpool512 { .. },
        ) => Some("ECDH over Brainpool"),
        PublicParams::ECDH(EcdhPublicParams::Unsupported { .. }) => Some("ECDH over an unsupported curve"),
        _ => None,
    }
}

/// A whole signature packet; `None` when malformed.
pub(crate) fn read_signature(body: &[u8]) -> Option<Signature> {
    read_whole(body, |reader| Signature::try_from_reader(header(Tag::Signature, body.len()), reader))
}

/// A signature packet that cannot be read, as rPGP keeps those of unknown versions: it has no type and verifies nothing.
pub(super) fn unread_signature(version: u8, rest: &[u8]) -> Signature {
    let header = header(Tag::Signature, rest.len() + 1);
    Signature::unknown(header, SignatureVersion::from(version), Bytes::copy_from_slice(rest))
}

pub(super) fn read_user_id(body: &[u8]) -> Option<UserId> {
    read_whole(body, |reader| UserId::try_from_reader(header(Tag::UserId, body.len()), reader))
}

pub(super) fn read_user_attribute(body: &[u8]) -> Option<UserAttribute> {
    let attribute =
        read_whole(body, |reader| UserAttribute::try_from_reader(header(Tag::UserAttribute, body.len()), reader))?;
    // Signatures are made over the octets: one that is written differently than it came would lose them.
    (attribute.to_bytes().ok()? == body).then_some(attribute)
}

fn read_whole<T>(body: &[u8], read: impl FnOnce(&mut &[u8]) -> pgp::errors::Result<T>) -> Option<T> {
    let mut reader = body;
    let packet = read(&mut reader).ok()?;
    reader.fill_buf().is_ok_and(<[u8]>::is_empty).then_some(packet)
}

fn header(tag: Tag, length: usize) -> PacketHeader {
    // Bodies come from a slice that `Limits` bounds far below 4 GiB.
    PacketHeader::new_fixed(tag, u32::try_from(length).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use pgp::types::Timestamp;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{Curve, GenerateOptions, Profile, generate};

    /// The first packet's body; each is shorter than 192 octets here.
    fn body(key: &[u8]) -> &[u8] {
        &key[2..2 + usize::from(key[1])]
    }

    #[test]
    fn secret_numbers_in_the_clear_are_read_whole_and_with_their_sum_or_not_at_all() {
        for profile in [Profile::Compat, Profile::Nist { curve: Curve::P256 }] {
            let options = GenerateOptions {
                profile,
                user_ids: vec!["Alice <alice@example.org>".into()],
                passphrase: None,
                created: Timestamp::from_secs(1_700_000_000),
                expires: None,
            };
            let key = generate(&options, &mut StdRng::seed_from_u64(1)).unwrap().key;
            let octets = key.to_bytes();
            let good = body(&octets);
            let read =
                |body: &[u8]| KeyPacket::read(body).ok().and_then(|packet| packet.secret_key(SecretNumbers::Now));
            assert_eq!(read(good).unwrap(), key.as_pgp().primary_key);
            for place in 1..=2 {
                let mut wrong_sum = good.to_vec();
                wrong_sum[good.len() - place] ^= 1;
                assert!(read(&wrong_sum).is_none(), "sum, {place}");
            }
            assert!(read(&good[..good.len() - 1]).is_none(), "cut");
            // Two zeros more: the sum of what stands before them is not theirs, and with theirs the numbers do not end where they should.
            assert!(read(&[good, &[0, 0]].concat()).is_none(), "longer");
            let (numbers, sum) = good.split_at(good.len() - 2);
            assert!(read(&[numbers, &[0], sum].concat()).is_none(), "an octet between");
        }
    }
}
