//! Servers verified by TLSA records (RFC 7672), in real handshakes.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use envelock_mail::route::{DaneVerifier, Tlsa, UnusableTlsa};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData, date_time_ymd};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};
use sha2::{Digest, Sha256, Sha512};
use std::sync::Arc;

struct Server {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn issued(by: &CertifiedIssuer<'static, KeyPair>, name: &str, expired: bool) -> Server {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if expired {
        (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 1, 1));
    }
    let key = KeyPair::generate().unwrap();
    let own = params.signed_by(&key, by).unwrap();
    Server { chain: vec![own.der().clone(), by.der().clone()], key }
}

/// Whether a handshake comes to its end.
fn is_verified(server: &Server, records: &[Tlsa], names: &[&str]) -> bool {
    let provider = Arc::new(default_provider());
    let names = names.iter().map(|name| ServerName::try_from((*name).to_owned()).unwrap()).collect();
    let verifier = DaneVerifier::new(records.to_vec(), names, Arc::clone(&provider));
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    let key = PrivateKeyDer::try_from(server.key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(server.chain.clone(), key)
        .unwrap();
    let mut client = ClientConnection::new(Arc::new(client), ServerName::try_from("mx.example.org").unwrap()).unwrap();
    let mut server = ServerConnection::new(Arc::new(config)).unwrap();
    while client.is_handshaking() || server.is_handshaking() {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut from = wire.as_slice();
        while !from.is_empty() {
            server.read_tls(&mut from).unwrap();
            if server.process_new_packets().is_err() {
                return false;
            }
        }
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut from = wire.as_slice();
        while !from.is_empty() {
            client.read_tls(&mut from).unwrap();
            if client.process_new_packets().is_err() {
                return false;
            }
        }
    }
    true
}

fn tlsa(usage: u8, selector: u8, matching: u8, data: &[u8]) -> Vec<Tlsa> {
    let data = match matching {
        1 => Sha256::digest(data).to_vec(),
        2 => Sha512::digest(data).to_vec(),
        _ => data.to_vec(),
    };
    vec![Tlsa::new(usage, selector, matching, &data).unwrap()]
}

#[test]
fn the_servers_own_certificate_or_key_whatever_its_name_and_date() {
    let ca = authority("Some CA");
    for server in [issued(&ca, "mx.example.org", false), issued(&ca, "other.example", true)] {
        let (certificate, key) = (server.chain[0].to_vec(), server.key.subject_public_key_info());
        for matching in 0..=2 {
            assert!(is_verified(&server, &tlsa(3, 0, matching, &certificate), &["mx.example.org"]), "3 0 {matching}");
            assert!(is_verified(&server, &tlsa(3, 1, matching, &key), &["mx.example.org"]), "3 1 {matching}");
        }
    }
}

#[test]
fn another_key_is_not_verified() {
    let ca = authority("Some CA");
    let (server, other) = (issued(&ca, "mx.example.org", false), issued(&ca, "mx.example.org", false));
    let names = ["mx.example.org"];
    assert!(!is_verified(&server, &tlsa(3, 1, 1, &other.key.subject_public_key_info()), &names));
    assert!(!is_verified(&server, &tlsa(3, 0, 1, &other.chain[0]), &names));
    assert!(!is_verified(&server, &[], &names), "without a record nobody is");
    // One of several is enough, as while keys are changed.
    let both =
        [tlsa(3, 1, 1, &other.key.subject_public_key_info()), tlsa(3, 1, 1, &server.key.subject_public_key_info())];
    assert!(is_verified(&server, &both.concat(), &names));
    // The key of usage 3 is the server's own and no authority's.
    assert!(!is_verified(&server, &tlsa(3, 0, 1, ca.der()), &names));
}

#[test]
fn under_an_anchor_names_and_dates_count() {
    let (ca, other) = (authority("Anchor"), authority("Another"));
    let server = issued(&ca, "mx.example.org", false);
    let key = ca.key().subject_public_key_info();
    for records in [tlsa(2, 0, 1, ca.der()), tlsa(2, 1, 1, &key), tlsa(2, 0, 0, ca.der()), tlsa(2, 1, 2, &key)] {
        assert!(is_verified(&server, &records, &["mx.example.org"]));
        assert!(is_verified(&server, &records, &["nothing.example", "mx.example.org"]));
        assert!(!is_verified(&server, &records, &["mx.evil.example"]));
        assert!(!is_verified(&issued(&ca, "mx.example.org", true), &records, &["mx.example.org"]), "expired");
        // Issued by somebody else, who merely sends the anchor along.
        let mut forged = issued(&other, "mx.example.org", false);
        forged.chain.push(ca.der().clone());
        assert!(!is_verified(&forged, &records, &["mx.example.org"]), "not issued under it");
    }
    // The record has the anchor, the server does not send it.
    let bare = Server { chain: vec![server.chain[0].clone()], key: server.key };
    assert!(is_verified(&bare, &tlsa(2, 0, 0, ca.der()), &["mx.example.org"]));
    assert!(!is_verified(&bare, &tlsa(2, 0, 1, ca.der()), &["mx.example.org"]));
}

#[test]
fn a_record_is_written_as_in_a_zone() {
    let record =
        |usage, selector, matching, data: &[u8]| Tlsa::new(usage, selector, matching, data).unwrap().to_string();
    assert_eq!(record(3, 1, 1, &[0xa0; 32]), format!("3 1 1 {}", "a0".repeat(32)));
    assert_eq!(record(2, 0, 2, &[0x0f; 64]), format!("2 0 2 {}", "0f".repeat(64)));
    assert_eq!(record(2, 0, 0, &[0x30, 0x82]), "2 0 0 3082");
}

#[test]
fn what_is_not_for_mail_is_unusable() {
    let digest = [0; 32];
    for (usage, selector, matching, data) in [
        (0, 1, 1, &digest[..]),
        (1, 1, 1, &digest),
        (4, 1, 1, &digest),
        (3, 2, 1, &digest),
        (3, 1, 3, &digest),
        (3, 1, 2, &digest),
        (3, 1, 1, &digest[1..]),
        (3, 0, 0, &[]),
    ] {
        assert_eq!(Tlsa::new(usage, selector, matching, data), Err(UnusableTlsa));
    }
}
