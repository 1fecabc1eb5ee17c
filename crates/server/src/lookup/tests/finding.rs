//! The order of draft-koch-openpgp-webkey-service §3.1, then keyservers.

use super::super::NotFound;
use super::world::{CERTIFICATE, OTHER, PUBLIC, World, not_found, ok, with};
use envelock_wire::CertificateOrigin;

const HOSTS: [&str; 5] =
    ["openpgpkey.example.org", "example.org", "keys.example.net", "hkps.example.net", "xn--exmple-cua.org"];
const ADVANCED: &str =
    "openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe";
const DIRECT: &str = "example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe";

#[tokio::test]
async fn the_advanced_method_is_first() {
    let world = World::new(&HOSTS).await;
    world.name("openpgpkey.example.org", &[PUBLIC]).name("example.org", &[PUBLIC]).answer(ADVANCED, ok(CERTIFICATE));
    let found = world.find("Joe.Doe@Example.ORG").await.unwrap();
    assert_eq!(found.origin, CertificateOrigin::WkdAdvanced);
    assert_eq!((found.host.as_str(), found.certificates.0.as_slice()), ("openpgpkey.example.org", CERTIFICATE));
    assert_eq!(world.requests(), [ADVANCED]);
}

#[tokio::test]
async fn the_direct_method_is_for_domains_without_the_host_of_the_advanced_one() {
    let world = World::new(&HOSTS).await;
    world.name("example.org", &[PUBLIC]).answer(DIRECT, ok(CERTIFICATE));
    let found = world.find("Joe.Doe@example.org").await.unwrap();
    assert_eq!(found.origin, CertificateOrigin::WkdDirect);
    assert_eq!(world.requests(), [DIRECT]);
}

#[tokio::test]
async fn a_host_that_exists_but_has_nothing_is_an_answer() {
    for answer in [not_found(), with("500 Oops", "", b""), b"nonsense".to_vec()] {
        let world = World::new(&HOSTS).await;
        world.name("openpgpkey.example.org", &[PUBLIC]).name("example.org", &[PUBLIC]);
        world.answer(ADVANCED, answer).answer(DIRECT, ok(CERTIFICATE));
        assert!(world.find("Joe.Doe@example.org").await.is_err());
        assert_eq!(world.asked(), ["openpgpkey.example.org"]);
    }
}

#[tokio::test]
async fn a_resolver_that_fails_does_not_say_that_a_host_is_missing() {
    let world = World::new(&HOSTS).await;
    world.resolver_fails_for("openpgpkey.example.org").name("example.org", &[PUBLIC]).answer(DIRECT, ok(CERTIFICATE));
    assert_eq!(world.find("Joe.Doe@example.org").await, Err(NotFound::Failed));
    assert!(world.requests().is_empty());
}

#[tokio::test]
async fn keyservers_are_asked_last_and_in_their_order() {
    let world = World::new(&HOSTS).await;
    world.name("example.org", &[PUBLIC]).name("keys.example.net", &[PUBLIC]).name("hkps.example.net", &[PUBLIC]);
    world.answer("hkps.example.net:8443/pks/lookup?op=get&options=mr&search=Joe.Doe%40example.org", ok(CERTIFICATE));
    let keyservers = ["https://keys.example.net", "hkps://hkps.example.net:8443"];
    let found = world.lookup(&keyservers).find(1, "Joe.Doe@example.org").await.unwrap();
    assert_eq!((found.origin, found.host.as_str()), (CertificateOrigin::Keyserver, "hkps.example.net"));
    assert_eq!(world.asked(), ["example.org", "keys.example.net", "hkps.example.net:8443"]);
    assert_eq!(world.requests()[1], "keys.example.net/vks/v1/by-email/Joe.Doe%40example.org");
    assert_eq!(world.connected().iter().map(|address| address.port()).collect::<Vec<_>>(), [443, 443, 8443]);

    world.answer(DIRECT, ok(CERTIFICATE));
    let found = world.lookup(&keyservers).find(1, "Joe.Doe@example.org").await.unwrap();
    assert_eq!(found.origin, CertificateOrigin::WkdDirect, "whoever owns the domain comes first");
}

#[tokio::test]
async fn nothing_anywhere_is_not_a_failure_and_a_failure_is_not_nothing() {
    let world = World::new(&HOSTS).await;
    assert_eq!(world.find("anna@example.org").await, Err(NotFound::Failed), "no host at all: nobody said anything");
    let keyservers = ["https://keys.example.net"];
    assert_eq!(world.lookup(&keyservers).find(1, "anna@example.org").await, Err(NotFound::Failed), "nor a keyserver");
    world.name("keys.example.net", &[PUBLIC]);
    let answer = world.lookup(&keyservers).find(1, "anna@example.org").await;
    assert_eq!(answer, Err(NotFound::NotPublished), "the keyserver has none");
    world.name("example.org", &[PUBLIC]);
    assert_eq!(world.find("anna@example.org").await, Err(NotFound::NotPublished), "404");
    world.answer("example.org/", ok(b"<!doctype html><title>Every path is this page</title>"));
    assert_eq!(world.find("anna@example.org").await, Err(NotFound::NotPublished), "a web page");
    world.answer("example.org/", with("503 Busy", "", b""));
    assert_eq!(world.find("anna@example.org").await, Err(NotFound::Failed));
}

#[tokio::test]
async fn the_content_type_says_nothing_and_armor_is_octets_too() {
    let world = World::new(&HOSTS).await;
    world.name("example.org", &[OTHER]);
    let armored = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n";
    for kind in ["text/html", "application/pgp-keys", "image/png"] {
        let fields = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", armored.len());
        world.answer(DIRECT, with("200 OK", &fields, armored));
        assert_eq!(world.find("Joe.Doe@example.org").await.unwrap().certificates.0, armored);
    }
}

#[tokio::test]
async fn domains_in_other_scripts_are_asked_for_by_their_a_labels() {
    let world = World::new(&HOSTS).await;
    world.name("xn--exmple-cua.org", &[PUBLIC]).answer("xn--exmple-cua.org/", ok(CERTIFICATE));
    for address in ["anna@exämple.org", "anna@EXÄMPLE.org", "anna@exämple。org"] {
        assert_eq!(world.find(address).await.unwrap().host, "xn--exmple-cua.org", "{address}");
    }
}
