//! Whether what is given for a certificate holds a secret key: for whoever keeps certificates of others and must never have a key.

use envelock_seipd::packet::split;

use super::{
    check_size,
    mixed::{is_armor, is_quoted, text_len},
    packets::tag,
};
use crate::{armor, error::KeyError, limits::Limits};

/// In the head and tail line of an armored secret key (RFC 9580 §6.2.1), sound or not.
const LABEL: &[u8] = b"PRIVATE KEY BLOCK";

/// Whether a secret key or subkey packet (RFC 9580 §5.5.1.3, §5.5.1.4), locked or not, stands anywhere in these octets: binary, armored, or one
/// behind the other. Costs a pass over them, and a copy of what is armored.
///
/// # Errors
/// [`KeyError::Malformed`] or [`KeyError::BadArmor`] where that cannot be said, as something is cut or damaged; [`KeyError::TooLarge`].
pub fn holds_secret_key(input: &[u8], limits: &Limits) -> Result<bool, KeyError> {
    check_size(input.len(), limits)?;
    let (mut at, mut is_binary) = (0, armor::is_binary(input));
    while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
        if is_binary {
            let (found, length) = in_packets(rest);
            at += length;
            let behind = rest.get(length..).unwrap_or_default();
            if found {
                return Ok(true);
            }
            if !behind.is_empty() && !is_armor(behind) {
                return Err(KeyError::Malformed { reason: "not an OpenPGP packet", offset: Some(at) });
            }
        } else {
            let length = text_len(rest);
            if in_text(rest.get(..length).unwrap_or_default(), limits)? {
                return Ok(true);
            }
            at += length;
        }
        is_binary = !is_binary;
    }
    Ok(false)
}

/// Whether one of these packets is of that kind, and how far they go.
fn in_packets(octets: &[u8]) -> (bool, usize) {
    let mut end = 0;
    for packet in split(octets).map_while(Result::ok) {
        if matches!(packet.tag, tag::SECRET_KEY | tag::SECRET_SUBKEY) {
            return (true, packet.span.end);
        }
        end = packet.span.end;
    }
    (false, end)
}

fn in_text(text: &[u8], limits: &Limits) -> Result<bool, KeyError> {
    if text.windows(LABEL.len()).any(|octets| octets == LABEL) {
        return Ok(true);
    }
    if is_quoted(text) {
        return Err(KeyError::BadArmor { reason: "quoted with \">\" at the start of its lines" });
    }
    for block in armor::read_each(text, limits.key_bytes) {
        let octets =
            zeroize::Zeroizing::new(block.map_err(|error| KeyError::BadArmor { reason: error.reason() })?.octets);
        let (found, end) = in_packets(&octets);
        if found {
            return Ok(true);
        }
        if end < octets.len() {
            return Err(KeyError::Malformed { reason: "not an OpenPGP packet", offset: None });
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]
    use pgp::types::Timestamp;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{
        GenerateOptions, Profile,
        armor::{ArmorKind, write},
        generate,
    };

    fn found(input: &[u8]) -> Option<bool> {
        holds_secret_key(input, &Limits::default()).ok()
    }

    #[test]
    fn a_secret_key_is_found_wherever_it_stands() {
        let options = GenerateOptions {
            profile: Profile::Compat,
            user_ids: vec!["Anna <anna@example.org>".into()],
            passphrase: None,
            created: Timestamp::from_secs(1_700_000_000),
            expires: None,
        };
        let key = generate(&options, &mut StdRng::seed_from_u64(1)).unwrap().key;
        let (secret, public) = (key.to_bytes(), key.certificate().to_bytes());
        let armored = write(ArmorKind::PublicKey, &public);
        for clean in [public.as_slice(), armored.as_bytes(), &[armored.as_bytes(), &public].concat()] {
            assert_eq!(found(clean), Some(false));
        }
        let subkey = split(&secret).map(Result::unwrap).find(|packet| packet.tag == tag::SECRET_SUBKEY).unwrap().span;
        let subkey = &secret[subkey];
        let hidden = write(ArmorKind::PublicKey, &[&public, subkey].concat());
        let labelled = write(ArmorKind::PrivateKey, &secret);
        for secret in [
            secret.to_vec(),
            [&public, subkey].concat(),
            [public.as_slice(), hidden.as_bytes()].concat(),
            [armored.as_bytes(), &secret].concat(),
            hidden.clone().into_bytes(),
            [armored.as_bytes(), labelled.as_bytes()].concat(),
            [armored.as_bytes(), &labelled.as_bytes()[..200]].concat(),
            labelled.replace("-----BEGIN", "> -----BEGIN").into_bytes(),
        ] {
            assert_eq!(found(&secret), Some(true));
        }
        // Nobody can say what these hold.
        let cut = &subkey[..subkey.len() - 1];
        for damaged in [
            [&public, cut].concat(),
            [public.as_slice(), &[0], &secret].concat(),
            write(ArmorKind::PublicKey, &[&public, cut].concat()).into_bytes(),
            hidden.replace("-----END", "!-----END").into_bytes(),
        ] {
            assert_eq!(found(&damaged), None);
        }
    }
}
