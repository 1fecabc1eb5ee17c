//! New keys: what they hold, and that GnuPG reads the compat ones.

use std::process::Command;

use envelock::{
    Certificate, Curve, GenerateOptions, Generated, KeyError, KeyPair, Limits, Passphrase, Policy, Profile, SecretKey,
    Status, generate, generate_on, read_keys, user_id,
};
use envelock_seipd::engine::{RustCrypto, at_once};
use pgp::types::KeyVersion;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::forge::day;

fn options(profile: Profile) -> GenerateOptions {
    GenerateOptions {
        profile,
        user_ids: vec![user_id("Anna Berg", "anna@demo.example").unwrap(), user_id("", "berg@demo.example").unwrap()],
        passphrase: None,
        created: day(0),
        expires: None,
    }
}

pub fn made(options: &GenerateOptions) -> Generated {
    generate(options, &mut ChaCha20Rng::seed_from_u64(11)).unwrap()
}

fn made_of(options: &GenerateOptions, pairs: [KeyPair; 2]) -> Result<Generated, KeyError> {
    let rng = &mut ChaCha20Rng::seed_from_u64(12);
    at_once(generate_on::<[u8], _, _>(options, Some(pairs), rng, &RustCrypto)).unwrap()
}

#[test]
fn both_profiles_sign_and_are_encrypted_to() {
    for (profile, version) in [(Profile::Compat, KeyVersion::V4), (Profile::Rfc9580, KeyVersion::V6)] {
        let Generated { key, .. } = made(&options(profile));
        let certificate = key.certificate();
        assert_eq!(certificate.version(), version);
        assert_eq!(certificate.algorithms(), "Ed25519 + X25519");
        let checked = certificate.at(&Policy::default(), day(0));
        assert_eq!(checked.status(), Status::Valid);
        assert_eq!((checked.encryption_keys().len(), checked.signing_keys().len()), (1, 1));
        assert!(!checked.encryption_keys()[0].is_primary());
        assert_eq!(checked.primary_user_id(), Some("Anna Berg <anna@demo.example>"));
        assert_eq!(checked.user_ids()[1].text(), Some("<berg@demo.example>"));
        assert!(checked.user_ids()[1].status().is_valid());
        assert_eq!(checked.prefers_seipd_v2(), profile == Profile::Rfc9580);
        assert!(!key.is_locked());
        assert!(key.signing_key_at(&Policy::default(), day(0)).unwrap().key().is_primary());
        assert_eq!(key.decryption_keys().len(), 1);
    }
}

#[test]
fn rsa_and_nist_keys_sign_and_are_encrypted_to() {
    for (profile, algorithms) in [
        (Profile::Rsa { bits: 2048 }, "RSA"),
        (Profile::Nist { curve: Curve::P256 }, "NIST P-256"),
        (Profile::Nist { curve: Curve::P384 }, "NIST P-384"),
        (Profile::Nist { curve: Curve::P521 }, "NIST P-521"),
    ] {
        let Generated { key, .. } =
            made(&GenerateOptions { passphrase: Some("harbour".into()), expires: Some(day(30)), ..options(profile) });
        let certificate = key.certificate();
        assert_eq!((certificate.version(), &*certificate.algorithms()), (KeyVersion::V4, algorithms));
        let checked = certificate.at(&Policy::default(), day(1));
        assert_eq!((checked.status(), checked.expires()), (Status::Valid, Some(day(30))));
        assert_eq!((checked.encryption_keys().len(), checked.signing_keys().len()), (1, 1), "{profile:?}");
        assert!(!checked.encryption_keys()[0].is_primary() && checked.signing_keys()[0].is_primary());
        assert!(!checked.prefers_seipd_v2());
        key.unlock_check(Some(&"harbour".into()), &Limits::default()).unwrap();
        let read = SecretKey::parse(&key.to_bytes(), &Limits::default()).unwrap();
        assert_eq!(read.to_bytes(), key.to_bytes());
        read.unlock_check(Some(&"harbour".into()), &Limits::default()).unwrap();
    }
}

/// What a key is good for on the next day: its status, and how many component keys encrypt and sign.
fn keys_in_use(key: &SecretKey) -> (Status, usize, usize) {
    let certificate = key.certificate();
    let checked = certificate.at(&Policy::default(), day(1));
    (checked.status(), checked.encryption_keys().len(), checked.signing_keys().len())
}

/// Every other profile refuses the pairs.
fn refuse(profiles: &[Profile], pairs: impl Fn() -> [KeyPair; 2]) {
    for profile in profiles {
        let refused = made_of(&options(*profile), pairs()).unwrap_err();
        assert_eq!(refused.code(), "bad-options", "{profile:?}");
    }
}

/// Drawn by OpenSSL.
const DRAWN: [&[u8]; 2] = [include_bytes!("rsa-2048-a.p8"), include_bytes!("rsa-2048-b.p8")];

#[test]
fn rsa_keys_are_made_of_what_was_drawn_elsewhere() {
    let pairs = || DRAWN.map(|octets| KeyPair::from_pkcs8(octets).unwrap());
    let key = made_of(&options(Profile::Rsa { bits: 2048 }), pairs()).unwrap().key;
    assert_eq!(keys_in_use(&key), (Status::Valid, 1, 1));
    assert!(holds(&key.to_bytes(), &DRAWN[0][38..294]) && holds(&key.to_bytes(), &DRAWN[1][38..294]), "the moduli");
    SecretKey::parse(&key.to_bytes(), &Limits::default()).unwrap().unlock_check(None, &Limits::default()).unwrap();

    assert_eq!(format!("{:?}", pairs()[0]), "KeyPair(2048 bits)");
    refuse(&[Profile::Rsa { bits: 3072 }, Profile::Rsa { bits: 1024 }, Profile::Compat], pairs);
}

/// Drawn by OpenSSL: the number at 36, the point at 73.
const ON_A_CURVE: &[u8] = include_bytes!("p256.p8");

#[test]
fn keys_of_curves_are_made_of_what_was_drawn_elsewhere() {
    let pairs = || [ON_A_CURVE; 2].map(|octets| KeyPair::from_pkcs8(octets).unwrap());
    let key = made_of(&options(Profile::Nist { curve: Curve::P256 }), pairs()).unwrap().key;
    assert_eq!(keys_in_use(&key), (Status::Valid, 1, 1));
    assert!(holds(&key.to_bytes(), &ON_A_CURVE[36..68]) && holds(&key.to_bytes(), &ON_A_CURVE[73..138]));
    // As another process reads it, which remembers nothing.
    let octets = key.to_bytes();
    let read = std::thread::spawn(move || {
        let read = SecretKey::parse(&octets, &Limits::default()).unwrap();
        read.unlock_check(None, &Limits::default()).unwrap();
        read.certificate().at(&Policy::default(), day(1)).status().is_valid()
    });
    assert!(read.join().unwrap());

    assert_eq!(format!("{:?}", pairs()[0]), "KeyPair(p256)");
    refuse(&[Profile::Nist { curve: Curve::P384 }, Profile::Rsa { bits: 2048 }, Profile::Compat], pairs);
}

#[test]
fn what_is_no_key_pair_of_a_curve() {
    let damaged = |place: usize| {
        let mut octets = ON_A_CURVE.to_vec();
        octets[place] ^= 1;
        octets
    };
    let cut = &ON_A_CURVE[..ON_A_CURVE.len() - 1];
    for octets in [cut, &damaged(14), &damaged(22), &damaged(33), &damaged(70)] {
        assert_eq!(KeyPair::from_pkcs8(octets).unwrap_err().code(), "bad-options");
    }
    // A point that is not on the curve is found when the key is made.
    let pairs = [&damaged(100)[..], ON_A_CURVE].map(|octets| KeyPair::from_pkcs8(octets).unwrap());
    let refused = made_of(&options(Profile::Nist { curve: Curve::P256 }), pairs).unwrap_err();
    assert_eq!(refused.code(), "bad-options");
}

fn holds(octets: &[u8], part: &[u8]) -> bool {
    octets.windows(part.len()).any(|window| window == part)
}

#[test]
fn what_is_no_key_pair() {
    let mut wrong_prime = DRAWN[0].to_vec();
    wrong_prime[650] ^= 2;
    let cut = &DRAWN[0][..1000];
    for octets in [&[][..], cut, &wrong_prime] {
        assert_eq!(KeyPair::from_pkcs8(octets).unwrap_err().code(), "bad-options");
    }
}

#[test]
fn rsa_keys_of_other_sizes_are_not_made() {
    for bits in [0, 512, 1024, 2047, 2049, 4104, u32::MAX] {
        let options = options(Profile::Rsa { bits });
        assert_eq!(generate(&options, &mut ChaCha20Rng::seed_from_u64(1)).unwrap_err().code(), "bad-options", "{bits}");
    }
}

#[test]
fn the_same_randomness_gives_the_same_key_and_other_randomness_another() {
    let first = made(&options(Profile::Rfc9580));
    assert_eq!(first.key, made(&options(Profile::Rfc9580)).key);
    let other = generate(&options(Profile::Rfc9580), &mut ChaCha20Rng::seed_from_u64(12)).unwrap();
    assert_ne!(first.key.fingerprint(), other.key.fingerprint());
}

#[test]
fn octets_and_armor_round_trip() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let key = made(&options(profile)).key;
        let limits = Limits::default();
        assert_eq!(SecretKey::parse(&key.to_bytes(), &limits).unwrap(), key);
        assert_eq!(SecretKey::parse(key.to_armored().as_bytes(), &limits).unwrap(), key);
        let certificate = key.certificate();
        assert_eq!(Certificate::parse(&certificate.to_bytes(), &limits).unwrap(), certificate);
        assert_eq!(Certificate::parse(certificate.to_armored().as_bytes(), &limits).unwrap(), certificate);
        assert!(!certificate.to_armored().contains("PRIVATE"));
    }
}

#[test]
fn an_expiry_is_kept() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let key = made(&GenerateOptions { expires: Some(day(365)), ..options(profile) }).key;
        let certificate = key.certificate();
        let checked = certificate.at(&Policy::default(), day(364));
        assert_eq!((checked.status(), checked.expires()), (Status::Valid, Some(day(365))));
        assert_eq!(certificate.at(&Policy::default(), day(365)).status(), Status::Expired { at: day(365) });
        assert_eq!(key.signing_key_at(&Policy::default(), day(365)).unwrap_err().code(), "key-not-usable");
    }
}

#[test]
fn the_revocation_certificate_ends_the_key() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let Generated { key, revocation_certificate } = made(&options(profile));
        let block = envelock::armor::read_all(revocation_certificate.as_bytes(), 10_000).unwrap().remove(0);
        // A revocation stands right after the primary key packet (RFC 9580 §10.1.1).
        let octets = key.certificate().to_bytes();
        let primary = envelock_seipd::packet::split(&octets).next().unwrap().unwrap().span;
        let merged = [&octets[primary.clone()], &block.octets, &octets[primary.end..]].concat();
        let certificate = Certificate::parse(&merged, &Limits::default()).unwrap();
        assert!(matches!(certificate.at(&Policy::default(), day(1)).status(), Status::Revoked { hard: true, .. }));
    }
}

#[test]
fn options_that_cannot_be_met() {
    let refused = |options: GenerateOptions| generate(&options, &mut ChaCha20Rng::seed_from_u64(1)).unwrap_err().code();
    assert_eq!(refused(GenerateOptions { user_ids: Vec::new(), ..options(Profile::Compat) }), "bad-options");
    assert_eq!(
        refused(GenerateOptions { user_ids: vec!["a\nb".to_owned()], ..options(Profile::Rfc9580) }),
        "bad-options"
    );
    assert_eq!(refused(GenerateOptions { expires: Some(day(0)), ..options(Profile::Rfc9580) }), "bad-options");
    assert_eq!(refused(GenerateOptions { passphrase: Some("".into()), ..options(Profile::Rfc9580) }), "bad-options");
    assert!(
        generate(
            &GenerateOptions { user_ids: Vec::new(), ..options(Profile::Rfc9580) },
            &mut ChaCha20Rng::seed_from_u64(1)
        )
        .is_ok()
    );
}

#[test]
fn a_user_id_stands_in_a_key_once() {
    let user_ids = vec!["Anna <anna@demo.example>".to_owned(); 2];
    let options = GenerateOptions { user_ids, ..options(Profile::Rfc9580) };
    let refused = generate(&options, &mut ChaCha20Rng::seed_from_u64(1)).err().unwrap();
    assert_eq!(refused.code(), "user-id-exists");
}

#[test]
fn user_id_text() {
    assert_eq!(user_id(" Åsa Öz ", "asa@example.org").unwrap(), "Åsa Öz <asa@example.org>");
    assert_eq!(user_id("Åsa", "").unwrap(), "Åsa");
    for (name, email) in [("", ""), ("a<b", "a@b"), ("a", "no address"), ("a\0", ""), ("a", "b@c d")] {
        assert_eq!(user_id(name, email).unwrap_err().code(), "bad-options", "{name:?} {email:?}");
    }
}

/// GnuPG in a home of its own; `None` where it is not installed.
struct Gpg(std::path::PathBuf);

impl Gpg {
    fn new(name: &str) -> Option<Self> {
        Command::new("gpg").arg("--version").output().ok()?;
        let home = std::env::temp_dir().join(format!("envelock-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        Command::new("chmod").arg("700").arg(&home).status().unwrap();
        Some(Self(home))
    }

    /// Runs gpg on a file of this content.
    fn run_on(&self, content: &[u8], arguments: &[&str]) -> String {
        let path = self.0.join("input");
        std::fs::write(&path, content).unwrap();
        self.run(&[arguments, &[path.to_str().unwrap()]].concat())
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("gpg")
            .args(["--batch", "--no-tty", "--faked-system-time", "20240201T000000!", "--homedir"])
            .arg(&self.0)
            .args(["--pinentry-mode", "loopback", "--passphrase", "harbour 5"])
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "gpg {arguments:?}: {text}");
        text
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(&self.0).args(["--kill", "all"]).status();
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn gnupg_imports_unlocks_signs_and_encrypts_with_a_compat_key() {
    let Some(gpg) = Gpg::new("compat") else {
        return;
    };
    let locked = GenerateOptions {
        passphrase: Some(Passphrase::from("harbour 5")),
        expires: Some(day(365)),
        ..options(Profile::Compat)
    };
    let Generated { key, revocation_certificate } = made(&locked);
    let imported = gpg.run_on(key.to_armored().as_bytes(), &["--import"]);
    assert!(imported.contains("secret keys imported: 1"), "{imported}");
    let listed = gpg.run(&["--with-colons", "--list-secret-keys", "--with-fingerprint", "anna@demo.example"]);
    assert!(listed.contains(&format!("{:X}", key.fingerprint())), "{listed}");
    gpg.run_on(b"data", &["--local-user", "anna@demo.example", "--detach-sign"]);
    let encrypted = gpg.0.join("data.gpg");
    let output = encrypted.to_str().unwrap();
    gpg.run_on(
        b"harbour view",
        &["--trust-model", "always", "--recipient", "anna@demo.example", "--output", output, "--encrypt"],
    );
    assert!(gpg.run(&["--decrypt", output]).contains("harbour view"));
    let revoked = gpg.run_on(revocation_certificate.as_bytes(), &["--import"]);
    assert!(revoked.contains("revocation certificate imported"), "{revoked}");
}

#[test]
fn what_gnupg_exports_opens_again() {
    let Some(gpg) = Gpg::new("export") else {
        return;
    };
    gpg.run(&["--yes", "--quick-generate-key", "Ivo <ivo@example.org>", "future-default", "default", "none"]);
    let armored = gpg.run(&["--armor", "--export-secret-keys"]);
    let keyring = read_keys(armored.as_bytes(), &Limits::default()).unwrap();
    let envelock::KeyringItem::SecretKey(key) = &keyring.entries[0].item else {
        panic!("not a secret key");
    };
    key.unlock_check(Some(&"harbour 5".into()), &Limits::default()).unwrap();
    assert_eq!(key.unlock_check(Some(&"harbour 6".into()), &Limits::default()).unwrap_err().code(), "wrong-passphrase");
    assert!(!key.certificate().at(&Policy::default(), day(60)).encryption_keys().is_empty());
}
