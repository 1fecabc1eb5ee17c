//! Keys as people bring them: mixed, cut, unsupported, too large.

use envelock::{
    Certificate, GenerateOptions, KeyError, Keyring, KeyringItem, Limits, Policy, Profile, SecretKey, generate,
    read_keys,
};
use envelock_seipd::packet::{split, write_header};

use crate::{
    forge::{Forge, day, says},
    generation::made,
};

fn options(profile: Profile) -> GenerateOptions {
    GenerateOptions { profile, user_ids: vec!["Anna".to_owned()], passphrase: None, created: day(0), expires: None }
}

fn read(octets: &[u8]) -> Keyring {
    read_keys(octets, &Limits::default()).unwrap()
}

fn kinds(keyring: &Keyring) -> Vec<&'static str> {
    keyring
        .entries
        .iter()
        .map(|entry| match &entry.item {
            KeyringItem::Certificate(_) => "certificate",
            KeyringItem::SecretKey(_) => "secret key",
            _ => "unsupported",
        })
        .collect()
}

fn codes(keyring: &Keyring) -> Vec<&'static str> {
    keyring.entries.iter().flat_map(|entry| entry.problems.iter().map(envelock::Problem::code)).collect()
}

fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    write_header(&mut octets, tag, body.len() as u32);
    octets.extend_from_slice(body);
    octets
}

#[test]
fn mixed_keyrings() {
    let (v4, v6) = (made(&options(Profile::Compat)).key, made(&options(Profile::Rfc9580)).key);
    let certificate = Forge::usual().certificate();
    let binary = [v4.to_bytes(), certificate.to_bytes(), v6.certificate().to_bytes()].concat();
    assert_eq!(kinds(&read(&binary)), ["secret key", "certificate", "certificate"]);
    let text =
        format!("{}\nand\n{}", envelock::armor::write(envelock::armor::ArmorKind::PublicKey, &binary), v6.to_armored());
    assert_eq!(kinds(&read(text.as_bytes())), ["secret key", "certificate", "certificate", "secret key"]);
    assert!(codes(&read(text.as_bytes())).is_empty());
    assert_eq!(Certificate::parse(&binary, &Limits::default()), Err(KeyError::SeveralKeys));
    assert_eq!(SecretKey::parse(&certificate.to_bytes(), &Limits::default()).unwrap_err(), KeyError::NotASecretKey);
    assert_eq!(Certificate::parse(&v4.to_bytes(), &Limits::default()).unwrap(), v4.certificate());
}

#[test]
fn no_key_at_all() {
    for input in [&b""[..], b"Hello", b"\n\n", &[0xff; 100], &[0xcd, 1, b'a'], &[0x80]] {
        let error = read_keys(input, &Limits::default()).unwrap_err();
        assert!(matches!(error, KeyError::NoKey | KeyError::Malformed { .. }), "{input:?}: {error}");
    }
    let message = "-----BEGIN PGP MESSAGE-----\n\nyw==\n-----END PGP MESSAGE-----\n";
    assert_eq!(read_keys(message.as_bytes(), &Limits::default()).unwrap_err(), KeyError::NoKey);
    let broken = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n????\n-----END PGP PUBLIC KEY BLOCK-----\n";
    assert_eq!(read_keys(broken.as_bytes(), &Limits::default()).unwrap_err().code(), "bad-armor");
}

#[test]
fn unsupported_keys_are_named_and_the_rest_is_read() {
    let good = Forge::usual().octets();
    let v3 = packet(6, &[3, 0, 0, 0, 0, 0, 0, 1, 0, 8, 255, 0, 8, 3]);
    let v5 = packet(6, &[5, 0, 0, 0, 0, 22, 0, 0, 0, 1, 0]);
    let pqc = packet(6, &[6, 0, 0, 0, 0, 30, 0, 0, 0, 1, 0]);
    let elgamal = packet(6, &[4, 0, 0, 0, 0, 20, 0, 8, 255, 0, 8, 3, 0, 8, 7]);
    let orphan = packet(13, b"somebody");
    let keyring = read(&[&v3[..], &orphan, &good, &v5, &pqc, &elgamal, &good].concat());
    assert_eq!(
        kinds(&keyring),
        ["unsupported", "certificate", "unsupported", "unsupported", "unsupported", "certificate"]
    );
    let reasons: Vec<String> = keyring
        .entries
        .into_iter()
        .filter_map(|entry| if let KeyringItem::Unsupported { reason, .. } = entry.item { Some(reason) } else { None })
        .collect();
    assert_eq!(reasons, ["version 3 key", "version 5 key", "post-quantum algorithm 30", "Elgamal"]);
}

#[test]
fn a_bad_subkey_spoils_itself_only() {
    let good = Forge::usual().octets();
    let signature = split(&good).filter_map(Result::ok).find(|packet| packet.tag == 2).unwrap();
    let stray = packet(2, &signature.body);
    let v5 = packet(14, &[5, 0, 0, 0, 0, 22, 0, 0, 0, 1, 0]);
    let elgamal = packet(14, &[4, 0, 0, 0, 0, 16, 0, 8, 255, 0, 8, 3, 0, 8, 7]);
    let brainpool = packet(
        14,
        &[&[4, 0, 0, 0, 0, 18, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7, 2, 3, 4][..], &[0x55; 64], &[3, 1, 8, 7]].concat(),
    );
    for (bad, code) in [
        (v5, "unsupported-subkey"),
        (elgamal, "unsupported-subkey"),
        (brainpool, "unsupported-subkey"),
        (packet(14, &[4, 1]), "malformed-packet"),
    ] {
        let keyring = read(&[&good[..], &bad, &stray].concat());
        assert_eq!(kinds(&keyring), ["certificate"]);
        assert!(codes(&keyring).contains(&code), "{:?}", codes(&keyring));
        let KeyringItem::Certificate(certificate) = &keyring.entries[0].item else { unreachable!() };
        assert_eq!(certificate.at(&Policy::default(), day(1)).encryption_keys().len(), 1);
    }
}

#[test]
fn packets_to_be_ignored_and_packets_that_must_not_be() {
    let good = Forge::usual().octets();
    let ignored = [packet(10, b"PGP"), packet(12, &[1]), packet(21, &[0; 30]), packet(60, b"experiment")].concat();
    let keyring = read(&[&ignored[..], &good, &ignored].concat());
    assert_eq!(kinds(&keyring), ["certificate"]);
    let critical = read(&[&good[..], &packet(30, b"?")].concat());
    assert_eq!(kinds(&critical), ["unsupported"]);
}

/// Whoever passes a certificate on could hide with a packet nobody can read that its owner revoked it.
#[test]
fn a_revocation_behind_what_cannot_be_read_counts() {
    let good = Forge::usual().octets();
    let revoked = Forge::usual().revoke(says(1)).octets();
    let revocation = split(&revoked).filter_map(Result::ok).find(|it| it.tag == 2).unwrap();
    let direct = Forge::usual().direct(says(1).key_days(2)).octets();
    let direct = split(&direct).filter_map(Result::ok).find(|it| it.tag == 2).unwrap();
    let unread_attribute = packet(17, &[2, 100, 0]);
    let unread_subkey = packet(14, &[5, 0, 0, 0, 0, 22, 0, 0, 0, 1, 0]);
    let left_out = packet(14, &[4, 1]);
    let too_long = packet(13, &[b'x'; 3000]);
    let not_critical = packet(60, b"experiment");
    for hiding in [unread_attribute, unread_subkey, left_out, too_long, not_critical] {
        for (said, status) in [(&revocation, "revoked"), (&direct, "expired")] {
            let keyring = read(&[&good[..], &hiding, &packet(2, &said.body)].concat());
            let KeyringItem::Certificate(certificate) = &keyring.entries[0].item else { unreachable!() };
            let found = certificate.at(&Policy::default(), day(3)).status().code();
            assert_eq!(found, status, "behind packet type {:?}", split(&hiding).next().unwrap().unwrap().tag);
        }
    }
    // What is not critical is as if it were not there.
    let (head, rest) = good.split_at(split(&good).filter_map(Result::ok).find(|it| it.tag == 13).unwrap().span.end);
    let keyring = read(&[head, &packet(60, b"experiment"), rest].concat());
    let KeyringItem::Certificate(certificate) = &keyring.entries[0].item else { unreachable!() };
    assert!(certificate.at(&Policy::default(), day(1)).status().is_valid());
}

#[test]
fn cut_at_every_length() {
    let (good, locked) = (Forge::usual().octets(), made(&options(Profile::Compat)).key.to_bytes());
    for octets in [good, locked] {
        for length in 0..octets.len() {
            if let Ok(keyring) = read_keys(&octets[..length], &Limits::default()) {
                assert_eq!(keyring.entries.len(), 1, "{length}");
            }
        }
    }
}

#[test]
fn every_octet_changed() {
    let key = made(&options(Profile::Rfc9580)).key.to_bytes();
    for place in 0..key.len() {
        for value in [0, 1, 0x40, 0x80, 0xff] {
            let mut changed = key.clone();
            changed[place] = value;
            let Ok(keyring) = read_keys(&changed, &Limits::default()) else { continue };
            for entry in keyring.entries {
                if let KeyringItem::SecretKey(key) = entry.item {
                    let _ = key.unlock_check(None, &Limits::default());
                    let _ = key.certificate().at(&Policy::default(), day(1)).encryption_keys();
                    let again = key.to_bytes();
                    assert!(SecretKey::parse(&again, &Limits::default()).is_ok(), "octet {place} set to {value}");
                }
            }
        }
    }
}

#[test]
fn repeated_components_share_their_signatures() {
    let plain = Forge::usual();
    let revoked = Forge::usual().revoke_subkey(0, says(5));
    // The same subkey twice: once with its revocation, once without.
    let copy: Vec<u8> = split(&plain.octets())
        .filter_map(Result::ok)
        .skip_while(|it| it.tag != 14)
        .flat_map(|it| packet(it.tag, &it.body))
        .collect();
    let keyring = read(&[revoked.octets(), copy].concat());
    let KeyringItem::Certificate(certificate) = &keyring.entries[0].item else { unreachable!() };
    assert_eq!(certificate.component_keys().count(), 2);
    assert!(certificate.at(&Policy::default(), day(6)).encryption_keys().is_empty());
}

#[test]
fn limits_are_kept() {
    let limits = Limits::default();
    let mut small = Limits::default();
    small.key_bytes = 100;
    let good = Forge::usual().octets();
    assert_eq!(read_keys(&good, &small).unwrap_err().code(), "too-large");
    let armored = Forge::usual().certificate().to_armored();
    assert_eq!(read_keys(armored.as_bytes(), &small).unwrap_err().code(), "too-large");

    let user_ids: Vec<u8> =
        (0..limits.user_ids + 5).flat_map(|number| packet(13, format!("user {number}").as_bytes())).collect();
    let keyring = read(&[&good[..], &user_ids].concat());
    assert_eq!(codes(&keyring), ["too-many"]);

    let mut few = Limits::default();
    few.keys = 3;
    assert_eq!(read_keys(&good.repeat(4), &few).unwrap_err().code(), "too-large");
    assert_eq!(read_keys(&good.repeat(3), &few).unwrap().entries.len(), 3);
}

/// What stands in a key is written again, understood or not, so that handing it on loses nothing.
#[test]
fn what_cannot_be_read_is_kept_to_the_octet() {
    let good = Forge::usual().octets();
    let mut parts: Vec<Vec<u8>> =
        split(&good).filter_map(Result::ok).map(|it| good[it.span.clone()].to_vec()).collect();
    // Signatures of versions 3 and 5, of version 4 with cut contents, and of a type that means nothing after a user ID.
    let v3 = packet(2, &[&[3, 5, 0x10, 1, 2, 3, 4][..], &[9; 8], &[1, 8, 7, 7, 0, 9, 1, 1]].concat());
    let v5 = packet(2, &[&[5, 0x13, 22, 8][..], &[0; 20]].concat());
    let cut = packet(2, &[4, 0x13, 22]);
    let binding = parts.last().unwrap().clone();
    let attribute = packet(17, &[5, 1, 16, 0, 7, 0, 3, 60, 1, 2]);
    let v5_subkey = packet(14, &[5, 0, 0, 0, 0, 22, 0, 0, 0, 1, 0]);
    for (place, extra) in [
        (parts.len(), [v5_subkey.clone(), v5.clone()].concat()),
        (3, [attribute.clone(), v5.clone()].concat()),
        (3, [v3.clone(), v5.clone(), cut.clone(), binding.clone()].concat()),
        (1, v5.clone()),
    ] {
        parts.insert(place, extra);
    }
    let octets = parts.concat();
    let keyring = read(&octets);
    let KeyringItem::Certificate(certificate) = &keyring.entries[0].item else { unreachable!() };
    assert_eq!(certificate.to_bytes(), octets);
    assert!(certificate.at(&Policy::default(), day(1)).encryption_keys().len() == 1);
    let again = Certificate::parse(&certificate.to_bytes(), &Limits::default()).unwrap();
    assert_eq!(&again, certificate);
    for code in ["unsupported-signature", "misplaced-signature", "unsupported-attribute", "unsupported-subkey"] {
        assert!(codes(&keyring).contains(&code), "{code} of {:?}", codes(&keyring));
    }
}

#[test]
fn what_was_left_out_is_told_with_packet_and_octet() {
    let good = Forge::usual().octets();
    let bad = packet(14, &[4, 1]);
    let keyring = read(&[&good[..], &bad, &good, &[0x99, 0xff]].concat());
    assert_eq!(kinds(&keyring), ["certificate", "certificate"]);
    let [first, second] = &keyring.entries[..] else { unreachable!() };
    assert_eq!((first.offset, second.offset), (0, good.len() + bad.len()));
    assert_eq!((first.problems[0].tag, first.problems[0].offset), (Some(14), good.len()));
    assert_eq!(first.problems[0].to_string(), format!("packet 14 at octet {}: malformed and left out", good.len()));
    assert_eq!((second.problems[0].code(), second.problems[0].offset), ("truncated", 2 * good.len() + bad.len()));

    let keyring = read(&[packet(13, b"orphan"), packet(6, &[4, 0]), good.clone()].concat());
    assert_eq!((keyring.skipped[0].code(), keyring.skipped[0].tag), ("not-a-key", Some(13)));
    assert_eq!(keyring.entries[0].problems[0].code(), "malformed-packet");
    assert_eq!(
        read_keys(&[0xff; 9], &Limits::default()).unwrap_err().to_string(),
        "malformed key: not an OpenPGP packet at octet 0"
    );
}

/// One damaged block used to fail the whole import.
#[test]
fn a_damaged_block_of_armor_spoils_itself_only() {
    let good = Forge::usual().certificate().to_armored();
    let damaged = good.replacen("\n\n", "\n\n????\n", 1);
    let message = "-----BEGIN PGP MESSAGE-----\n\nyw==\n-----END PGP MESSAGE-----\n";
    let noise = envelock::armor::write(envelock::armor::ArmorKind::PublicKey, b"Hello");
    let keyring = read([damaged.as_str(), message, &noise, &good].concat().as_bytes());
    assert_eq!(kinds(&keyring), ["certificate"]);
    let skipped: Vec<_> = keyring.skipped.iter().map(|it| (it.block, it.code())).collect();
    assert_eq!(skipped, [(1, "damaged-armor"), (2, "not-a-key"), (3, "truncated")]);
    assert_eq!(keyring.entries[0].block, 4);
}

/// A flooded key must not flood the report.
#[test]
fn reports_stay_short() {
    let good = Forge::usual().octets();
    let bad = packet(14, &[4, 1]).repeat(500);
    assert_eq!(read(&[good, bad].concat()).entries[0].problems.len(), 20);
}

/// In version 4 nothing says where the public part of an unknown algorithm ends, so that the secret would pass for public.
#[test]
fn the_secret_of_an_unknown_algorithm_never_gets_into_the_certificate() {
    let octets = generate(&options(Profile::Compat), &mut rand::rngs::OsRng).unwrap().key.to_bytes();
    let (mut changed, mut secret) = (Vec::new(), Vec::new());
    for raw in split(&octets).map(Result::unwrap) {
        let mut body = raw.body.to_vec();
        if raw.tag == 7 {
            body[5] = 99;
            secret = body[body.len() - 20..].to_vec();
        }
        changed.extend(packet(raw.tag, &body));
    }
    let holds = |octets: &[u8]| octets.windows(secret.len()).any(|window| window == secret);
    assert!(holds(&changed));
    let keyring = read(&changed);
    let KeyringItem::SecretKey(key) = &keyring.entries[0].item else { panic!("{:?}", kinds(&keyring)) };
    assert!(!holds(&key.certificate().to_bytes()));
    assert!(keyring.entries[0].problems.iter().any(|problem| problem.code() == "unusable-secret"));
}

/// Asked for one key, the error says what cannot be read of it, and where.
#[test]
fn a_primary_key_that_cannot_be_read_is_named_with_its_octet() {
    let marker = packet(10, b"PGP");
    let refused = |octets: &[u8], secret: bool| {
        let octets = [&marker[..], octets].concat();
        let limits = Limits::default();
        let error = if secret {
            SecretKey::parse(&octets, &limits).unwrap_err()
        } else {
            Certificate::parse(&octets, &limits).unwrap_err()
        };
        let KeyError::Malformed { reason, offset: Some(offset) } = error else { panic!("{error:?}") };
        assert_eq!(offset, marker.len());
        reason
    };
    let public = split(&Forge::usual().octets()).next().unwrap().unwrap().body.to_vec();
    let primary = "the primary key packet";
    assert_eq!(refused(&packet(6, &[]), false), primary);
    assert_eq!(refused(&packet(6, &public[..20]), false), primary);
    assert_eq!(refused(&packet(6, &[&public[..], &[1]].concat()), false), primary);
    assert_eq!(refused(&packet(6, &public[..20]), true), primary);
    assert_eq!(
        refused(&packet(5, &[&public[..], &[0, 1]].concat()), true),
        "the secret part of the primary key packet"
    );
    assert_eq!(SecretKey::parse(&Forge::usual().octets(), &Limits::default()), Err(KeyError::NotASecretKey));
}
