//! Passphrases: locking, opening, changing, and secret parts that do not belong to their public parts.

use envelock::{GenerateOptions, KeyError, KeyringItem, Limits, Passphrase, Profile, SecretKey, Timestamp, read_keys};
use envelock_seipd::packet::{split, write_header};
use pgp::{
    bytes::Bytes,
    composed::SignedSecretKey,
    crypto::{hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    ser::Serialize,
    types::{SecretParams, StringToKey},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::{forge::day, generation::made};

fn options(profile: Profile, passphrase: Option<&str>) -> GenerateOptions {
    GenerateOptions {
        profile,
        user_ids: vec!["Anna".to_owned()],
        passphrase: passphrase.map(Passphrase::from),
        created: day(0),
        expires: None,
    }
}

fn opens(key: &SecretKey, passphrase: &str) -> Result<(), KeyError> {
    key.unlock_check(Some(&passphrase.into()), &Limits::default())
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(23)
}

/// Octets that grow while they are written leave copies of open secrets behind.
#[test]
fn a_key_is_written_without_growing() {
    for profile in [Profile::Compat, Profile::Rfc9580, Profile::Nist { curve: envelock::Curve::P256 }] {
        let octets = made(&options(profile, None)).key.to_bytes();
        let spare = octets.capacity() - octets.len();
        assert!(spare <= 16, "{spare}: grown by doubling");
    }
}

#[test]
fn locked_keys_open_with_their_passphrase_only() {
    for (profile, usage) in [(Profile::Compat, 254), (Profile::Rfc9580, 253)] {
        let key = made(&options(profile, Some("lantern 41"))).key;
        assert!(key.is_locked());
        assert_eq!(key.as_pgp().primary_key.secret_params().string_to_key_id(), usage);
        opens(&key, "lantern 41").unwrap();
        assert_eq!(opens(&key, "lantern 42"), Err(KeyError::WrongPassphrase));
        assert_eq!(key.unlock_check(None, &Limits::default()), Err(KeyError::PassphraseRequired));
        let reread = SecretKey::parse(&key.to_bytes(), &Limits::default()).unwrap();
        opens(&reread, "lantern 41").unwrap();
    }
}

#[test]
fn no_secret_octets_in_a_locked_key_nor_in_debug() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let open = made(&options(profile, None)).key;
        let locked = made(&options(profile, Some("lantern 41"))).key;
        assert_eq!(open.fingerprint(), locked.fingerprint());
        for component in
            [open.as_pgp().primary_key.secret_params(), open.as_pgp().secret_subkeys[0].key.secret_params()]
        {
            let SecretParams::Plain(plain) = component else { panic!() };
            let mut octets = Vec::new();
            plain.to_writer(&mut octets, pgp::types::KeyVersion::V6).unwrap();
            let secret = &octets[octets.len() - 32..];
            let contains = |bytes: &[u8]| bytes.windows(32).any(|window| window == secret);
            assert!(contains(&open.to_bytes()), "the search finds what is there");
            assert!(!contains(&locked.to_bytes()) && !contains(&locked.certificate().to_bytes()));
        }
        assert!(format!("{open:?}").len() < 90 && format!("{:?}", open.components().next().unwrap()).len() < 90);
    }
}

#[test]
fn an_empty_passphrase_is_refused_wherever_one_is_set() {
    let refused = Err(KeyError::BadOptions { reason: "the passphrase is empty" });
    let mut open = made(&options(Profile::Compat, None)).key;
    assert_eq!(open.lock(&"".into(), &mut rng()), refused);
    assert_eq!(open.change_passphrase(None, &"".into(), &Limits::default(), &mut rng()), refused);
    assert!(!open.is_locked());
    let mut locked = made(&options(Profile::Compat, Some("lantern 41"))).key;
    assert_eq!(
        locked.change_passphrase(Some(&"lantern 41".into()), &"".into(), &Limits::default(), &mut rng()),
        refused
    );
    opens(&locked, "lantern 41").unwrap();
}

#[test]
fn changing_the_passphrase() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let mut key = made(&options(profile, Some("old"))).key;
        let before = key.clone();
        let limits = Limits::default();
        let wrong = key.change_passphrase(Some(&"wrong".into()), &"new".into(), &limits, &mut rng());
        assert_eq!(wrong, Err(KeyError::WrongPassphrase));
        assert_eq!(key, before, "a failure changes nothing");
        assert_eq!(key.lock(&"new".into(), &mut rng()), Err(KeyError::PassphraseRequired));
        key.change_passphrase(Some(&"old".into()), &"new".into(), &limits, &mut rng()).unwrap();
        opens(&key, "new").unwrap();
        assert_eq!(opens(&key, "old"), Err(KeyError::WrongPassphrase));
        key.unlock(&"new".into(), &limits).unwrap();
        assert!(!key.is_locked());
        key.change_passphrase(None, &"third".into(), &limits, &mut rng()).unwrap();
        opens(&key, "third").unwrap();
    }
}

/// Every flipped bit of a locked key either does not open or leaves the key as it was.
#[test]
fn a_public_part_swapped_under_the_lock_is_noticed() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let (mine, theirs) = (made(&options(profile, None)).key, made_other(profile));
        // The public half of another key, the secret half of mine.
        let mixed = mix(&mine, &theirs);
        let Ok(keyring) = read_keys(&mixed, &Limits::default()) else { continue };
        let KeyringItem::SecretKey(key) = &keyring.entries[0].item else { continue };
        assert_eq!(key.unlock_check(None, &Limits::default()), Err(KeyError::SecretMismatch), "{profile:?}");
        let unlocked = key.components().next().unwrap().unlock(None, &Limits::default());
        assert!(unlocked.is_err());
    }
}

fn made_other(profile: Profile) -> SecretKey {
    envelock::generate(&options(profile, None), &mut rng()).unwrap().key
}

/// The primary key's packet with its public point taken from `other`.
fn mix(mine: &SecretKey, other: &SecretKey) -> Vec<u8> {
    let (mine, other) = (mine.to_bytes(), other.certificate().to_bytes());
    let public = split(&other).next().unwrap().unwrap().body.into_owned();
    let mut octets = Vec::new();
    for (index, packet) in split(&mine).map(Result::unwrap).enumerate() {
        let mut body = packet.body.into_owned();
        if index == 0 {
            body[..public.len()].copy_from_slice(&public);
        }
        write_header(&mut octets, packet.tag, body.len() as u32);
        octets.extend_from_slice(&body);
    }
    octets
}

/// S2K usage 255: a 16-bit sum instead of a hash. rPGP reads it as 254 and would never open it.
#[test]
fn usage_255_opens_and_stays_255() {
    let key = with_lock(|plain, _| {
        let mut octets = Vec::new();
        plain.to_writer(&mut octets, pgp::types::KeyVersion::V4).unwrap();
        let (sym_alg, iv) = (SymmetricKeyAlgorithm::AES256, Bytes::from(vec![9; 16]));
        let s2k = StringToKey::IteratedAndSalted { hash_alg: HashAlgorithm::Sha256, salt: [3; 8], count: 96 };
        let derived = s2k.derive_key(b"lantern 41", 32).unwrap();
        sym_alg.encrypt_with_iv_regular(derived.as_ref(), &iv, &mut octets).unwrap();
        (255, sym_alg, s2k, iv, octets)
    });
    let read = SecretKey::parse(&key, &Limits::default()).unwrap();
    opens(&read, "lantern 41").unwrap();
    assert_eq!(opens(&read, "lantern 42"), Err(KeyError::WrongPassphrase));
    assert_eq!(SecretKey::parse(&read.to_bytes(), &Limits::default()).unwrap(), read);
}

#[test]
fn argon2_without_aead_and_unknown_specifiers_are_refused() {
    for s2k in [
        StringToKey::Argon2 { salt: [1; 16], t: 1, p: 1, m_enc: 10 },
        StringToKey::Argon2 { salt: [1; 16], t: 1, p: 0, m_enc: 10 },
        StringToKey::Argon2 { salt: [1; 16], t: 1, p: 1, m_enc: 31 },
        StringToKey::Simple { hash_alg: HashAlgorithm::Other(77) },
    ] {
        let octets =
            with_lock(|_, _| (254, SymmetricKeyAlgorithm::AES256, s2k.clone(), Bytes::from(vec![9; 16]), vec![5; 60]));
        let key = SecretKey::parse(&octets, &Limits::default()).unwrap();
        let start = std::time::Instant::now();
        let refused = opens(&key, "any").unwrap_err();
        assert!(["bad-s2k", "too-expensive", "wrong-passphrase"].contains(&refused.code()), "{s2k:?}: {refused}");
        assert!(start.elapsed().as_millis() < 200, "{s2k:?} was derived");
    }
}

type Lock = (u8, SymmetricKeyAlgorithm, StringToKey, Bytes, Vec<u8>);

/// A compat key whose primary packet is locked by hand.
fn with_lock(lock: impl Fn(&pgp::types::PlainSecretParams, &SignedSecretKey) -> Lock) -> Vec<u8> {
    let key = made(&options(Profile::Compat, None)).key;
    let pgp = key.as_pgp();
    let SecretParams::Plain(plain) = pgp.primary_key.secret_params() else { panic!() };
    let (usage, sym_alg, s2k, iv, octets) = lock(plain, &pgp);
    let mut body = pgp.primary_key.public_key().to_bytes().unwrap();
    body.extend([usage, sym_alg.into()]);
    body.extend(s2k.to_bytes().unwrap());
    body.extend_from_slice(&iv);
    body.extend(octets);
    let mut out = Vec::new();
    write_header(&mut out, 5, body.len() as u32);
    out.extend(body);
    // Only primary key and user ID: the subkey is not locked.
    for packet in split(&key.certificate().to_bytes()).map(Result::unwrap).skip(1).take(2) {
        write_header(&mut out, packet.tag, packet.body.len() as u32);
        out.extend_from_slice(&packet.body);
    }
    out
}

#[test]
fn a_secret_part_kept_elsewhere_is_named() {
    let key = made(&options(Profile::Compat, None)).key;
    let mut body = key.as_pgp().primary_key.public_key().to_bytes().unwrap();
    body.extend([254, 9, 101, 0]);
    body.extend(b"GNU\x01");
    let mut octets = Vec::new();
    write_header(&mut octets, 5, body.len() as u32);
    octets.extend(&body);
    let rest = key.to_bytes();
    octets.extend_from_slice(&rest[split(&rest).next().unwrap().unwrap().span.end..]);

    let keyring = read_keys(&octets, &Limits::default()).unwrap();
    assert_eq!(keyring.entries[0].problems.iter().map(envelock::Problem::code).collect::<Vec<_>>(), ["secret-absent"]);
    let KeyringItem::SecretKey(stub) = &keyring.entries[0].item else { panic!() };
    assert_eq!(stub.to_bytes(), octets);
    assert_eq!(stub.components().count(), 1, "the subkey's secret part is there");
    stub.unlock_check(None, &Limits::default()).unwrap();
    let refused =
        stub.signing_key_at(&envelock::Policy::default(), Timestamp::from_secs(day(1).as_secs())).unwrap_err();
    assert_eq!(refused, KeyError::NoSigningKey);
    let mut relocked = stub.clone();
    relocked.change_passphrase(None, &"new".into(), &Limits::default(), &mut rng()).unwrap();
    opens(&relocked, "new").unwrap();
}
