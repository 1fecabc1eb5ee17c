//! A key that is added again is merged, and locked as the keystore wants it.

use envelock::keystore::keep;
use envelock::{EditOptions, KeyringItem, Limits, Passphrase, Policy, Profile, SecretKey};
use envelock_seipd::engine::RustCrypto;

use crate::{at, key, now, rng};

fn kept(added: &[u8], own: Option<&str>, present: Option<&[u8]>) -> KeyringItem {
    let own = own.map(Passphrase::from);
    let (passphrase, limits) = ("harbour".into(), Limits::default());
    now(keep(added, own.as_ref(), present, &passphrase, &limits, &mut rng(), &RustCrypto)).unwrap()
}

fn secret(item: KeyringItem) -> SecretKey {
    let KeyringItem::SecretKey(key) = item else { panic!("not a secret key") };
    key
}

fn opens(key: &SecretKey, passphrase: &str) -> bool {
    key.unlock_check(Some(&passphrase.into()), &Limits::default()).is_ok()
}

fn with_user_id(key: &SecretKey, text: &str, passphrase: &str) -> SecretKey {
    let (passphrase, policy, limits) = (Passphrase::from(passphrase), Policy::default(), Limits::default());
    let options = EditOptions { passphrase: Some(&passphrase), policy: &policy, limits: &limits, at: at() };
    key.add_user_id(text, false, &options, &mut rng()).unwrap()
}

fn user_ids(key: &SecretKey) -> Vec<String> {
    key.certificate().user_ids().map(std::borrow::Cow::into_owned).collect()
}

#[test]
fn what_opens_is_locked_under_the_passphrase_of_the_keystore() {
    let (open, own) = (key(Profile::Compat, None, &mut rng()), key(Profile::Compat, Some("its own"), &mut rng()));
    assert!(opens(&secret(kept(&open.to_bytes(), None, None)), "harbour"));
    assert!(opens(&secret(kept(&own.to_bytes(), Some("its own"), None)), "harbour"));
    assert_eq!(secret(kept(&own.to_bytes(), None, None)).to_bytes(), own.to_bytes());
    let (passphrase, limits) = ("harbour".into(), Limits::default());
    let own = own.to_bytes();
    let wrong = now(keep(&own, Some(&"wrong".into()), None, &passphrase, &limits, &mut rng(), &RustCrypto));
    assert_eq!(wrong.unwrap_err().code(), "wrong-passphrase");
}

#[test]
fn an_update_adds_what_it_has_and_takes_nothing_away() {
    let first = key(Profile::Compat, Some("harbour"), &mut rng());
    let one = with_user_id(&first, "Anna <anna@one.example>", "harbour");
    let two = with_user_id(&first, "Anna <anna@two.example>", "harbour");
    let merged = secret(kept(&two.to_bytes(), None, Some(&one.to_bytes())));
    assert_eq!(user_ids(&merged).len(), 3, "{:?}", user_ids(&merged));
    assert!(opens(&merged, "harbour"));

    let update = two.certificate().to_bytes();
    let by_certificate = secret(kept(&update, None, Some(&one.to_bytes())));
    assert_eq!(user_ids(&by_certificate).len(), 3, "a certificate updates a secret key and does not replace it");
    let KeyringItem::Certificate(certificate) = kept(&update, None, Some(&one.certificate().to_bytes())) else {
        panic!("not a certificate")
    };
    assert_eq!(certificate.user_ids().count(), 3);
    assert!(
        opens(&secret(kept(&one.to_bytes(), None, Some(&update))), "harbour"),
        "a certificate becomes a secret key"
    );
}

#[test]
fn a_copy_under_another_passphrase_counts_only_if_it_opens() {
    let present = key(Profile::Compat, Some("harbour"), &mut rng());
    let mut other = present.clone();
    other.change_passphrase(Some(&"harbour".into()), &"other".into(), &Limits::default(), &mut rng()).unwrap();
    assert!(
        opens(&secret(kept(&other.to_bytes(), None, Some(&present.to_bytes()))), "harbour"),
        "the present lock stays"
    );
    assert!(opens(&secret(kept(&present.to_bytes(), Some("harbour"), Some(&other.to_bytes()))), "harbour"));
}

#[test]
fn another_key_is_refused() {
    let mut rng = rng();
    let (one, two) = (key(Profile::Compat, None, &mut rng), key(Profile::Compat, None, &mut rng));
    let (passphrase, limits) = ("harbour".into(), Limits::default());
    let (one, two) = (one.to_bytes(), two.to_bytes());
    let refused = now(keep(&one, None, Some(&two), &passphrase, &limits, &mut rng, &RustCrypto));
    assert_eq!(refused.unwrap_err().code(), "key-mismatch");
}
