//! What a stranger may try with the right to choose an address. Each test fails without the defence it is named after.

use super::super::fetch::{Answer, Cause, Client, Wanted};
use super::super::{NotFound, parse};
use super::world::{CERTIFICATE, OTHER, PUBLIC, World, ok, with};
use envelock_wire::wkd_direct;
use std::sync::Arc;
use std::time::{Duration, Instant};

const HOSTS: [&str; 3] = ["openpgpkey.example.org", "example.org", "inside.example.org"];

async fn ask(world: &World, patience: Duration) -> Answer {
    let client = Client::new(Arc::new(world.clone()), Wanted::OpenPgp, patience);
    client.get(&wkd_direct(&parse("anna@example.org").unwrap())).await
}

async fn failure(world: &World) -> Cause {
    match ask(world, Duration::from_secs(10)).await {
        Answer::Failed(cause) => cause,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn names_of_inner_hosts_are_not_connected_to() {
    for inner in [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
    ] {
        let world = World::new(&HOSTS).await;
        world.name("example.org", &[inner]).answer("example.org/", ok(CERTIFICATE));
        assert_eq!(failure(&world).await, Cause::ForbiddenAddress, "{inner}");
        assert!(world.connected().is_empty(), "{inner}");
        assert_eq!(world.find("anna@example.org").await, Err(NotFound::Failed));
    }
}

#[tokio::test]
async fn inner_addresses_among_public_ones_are_left_out() {
    let world = World::new(&HOSTS).await;
    world.name("example.org", &["127.0.0.1", "10.0.0.1", OTHER, "::1"]).answer("example.org/", ok(CERTIFICATE));
    assert!(world.find("anna@example.org").await.is_ok());
    assert_eq!(world.connected(), [format!("[{OTHER}]:443").parse().unwrap()]);
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_reached_where_it_was_vetted() {
    let world = World::new(&HOSTS).await;
    world.name_in_turn("example.org", &[&[PUBLIC], &["127.0.0.1"]]).answer("example.org/", ok(CERTIFICATE));
    assert!(world.find("anna@example.org").await.is_ok());
    assert_eq!(world.resolved(), ["openpgpkey.example.org", "example.org"], "asked once");
    assert_eq!(world.connected(), [format!("{PUBLIC}:443").parse().unwrap()]);
}

#[tokio::test]
async fn keyservers_have_public_addresses_too() {
    let world = World::new(&HOSTS).await;
    world.name("inside.example.org", &["10.0.0.1"]).answer("inside.example.org/", ok(CERTIFICATE));
    let found = world.lookup(&["https://inside.example.org"]).find(1, "anna@example.org").await;
    assert_eq!((found, world.connected().len()), (Err(NotFound::Failed), 0));
}

#[tokio::test]
async fn redirects_lead_nowhere() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        for to in ["https://inside.example.org/x", "/elsewhere", "//inside.example.org/", "http://169.254.169.254/"] {
            let world = World::new(&HOSTS).await;
            world.name("example.org", &[PUBLIC]).name("inside.example.org", &[PUBLIC]);
            let location = format!("Location: {to}\r\nContent-Length: {}\r\n", CERTIFICATE.len());
            world.answer("example.org/.well-known/", with(status, &location, CERTIFICATE));
            world.answer("example.org/elsewhere", ok(CERTIFICATE)).answer("inside.example.org/", ok(CERTIFICATE));
            assert_eq!(world.find("anna@example.org").await, Err(NotFound::NotPublished), "{status} {to}");
            assert_eq!(world.asked(), ["example.org"], "{status} {to}");
        }
    }
}

#[tokio::test]
async fn addresses_that_name_no_public_host_are_not_even_resolved() {
    let world = World::new(&HOSTS).await;
    for address in [
        "anna@127.0.0.1",
        "anna@[127.0.0.1]",
        "anna@[::1]",
        "anna@2130706433",
        "anna@0x7f.1",
        "anna@１２７.０.０.１",
        "anna@localhost",
        "anna@ＬＯＣＡＬＨＯＳＴ",
        "anna@metadata.google.internal",
        "anna@example.org:22",
        "anna@example.org/x",
        "anna@example.org?x=",
        "anna@example.org#",
        "anna@exam%70le.org",
        "anna@user:password@example.org",
        "anna@example.org\r\nHost: inside.example.org",
        "anna @example.org",
        "anna",
        "",
    ] {
        assert!(matches!(world.find(address).await, Err(NotFound::Address(_))), "{address}");
    }
    let long = format!("anna@{}", "a.".repeat(1 << 19));
    assert!(matches!(world.find(&long).await, Err(NotFound::Address(_))));
    assert!(world.resolved().is_empty());
}

#[tokio::test]
async fn a_local_part_cannot_leave_its_place_in_the_request() {
    let world = World::new(&HOSTS).await;
    world.name("example.org", &[PUBLIC]).answer("example.org/", ok(CERTIFICATE));
    world.find("../../x?y#z&l=%0d%0a@example.org").await.unwrap();
    assert!(world.requests()[0].ends_with("?l=..%2F..%2Fx%3Fy%23z%26l%3D%250d%250a"), "{:?}", world.requests());
}

#[tokio::test]
async fn a_certificate_must_be_of_a_known_authority_and_for_this_host() {
    let world = World::new(&["other.example.org"]).await;
    world.name("example.org", &[PUBLIC]).answer("example.org/", ok(CERTIFICATE));
    assert_eq!(failure(&world).await, Cause::Certificate, "for another host");

    // The same internet, but its hosts are certified by somebody else.
    let (world, stranger) = (World::new(&HOSTS).await, World::new(&HOSTS).await);
    world.name("example.org", &[PUBLIC]).answer("example.org/", ok(CERTIFICATE));
    assert_eq!(failure(&world.clone().trusting(&stranger)).await, Cause::Certificate, "of another authority");
    assert!(matches!(ask(&world, Duration::from_secs(10)).await, Answer::Octets(_)));
    assert_eq!(world.requests().len(), 1, "nothing was sent before");
}

#[tokio::test]
async fn more_than_a_mebibyte_is_not_kept() {
    let limit = 1024 * 1024;
    for (octets, fits) in [(limit, true), (limit + 1, false)] {
        let body = vec![0x98; octets];
        // Announced, and until the connection ends.
        for answer in [ok(&body), with("200 OK", "", &body)] {
            let world = World::new(&HOSTS).await;
            world.name("example.org", &[PUBLIC]).answer("example.org/", answer);
            let answer = ask(&world, Duration::from_secs(20)).await;
            assert_eq!(matches!(answer, Answer::Octets(_)), fits);
            assert_eq!(matches!(answer, Answer::Failed(Cause::TooLarge)), !fits);
        }
    }
    let world = World::new(&HOSTS).await;
    let header = format!("X-Large: {}\r\n", "x".repeat(200_000));
    world.name("example.org", &[PUBLIC]).answer("example.org/", with("200 OK", &header, CERTIFICATE));
    assert_eq!(failure(&world).await, Cause::Http);
}

#[tokio::test]
async fn what_would_grow_when_unpacked_is_not_unpacked() {
    let world = World::new(&HOSTS).await;
    world.name("example.org", &[PUBLIC]);
    world.answer("example.org/", with("200 OK", "Content-Encoding: gzip\r\n", b"\x1f\x8b\x08"));
    assert_eq!(failure(&world).await, Cause::Http);
}

#[tokio::test]
async fn whoever_sends_an_octet_now_and_then_is_not_waited_for() {
    let world = World::new(&HOSTS).await;
    world.name("example.org", &[PUBLIC]).answer("example.org/", with("200 OK", "", CERTIFICATE)).linger();
    let started = Instant::now();
    assert!(matches!(ask(&world, Duration::from_millis(500)).await, Answer::Failed(Cause::Time)));
    assert!(started.elapsed() < Duration::from_secs(5));
}
