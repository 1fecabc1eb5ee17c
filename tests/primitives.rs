//! Project Wycheproof's and CCTV's vectors through the primitives that OpenPGP is computed with here: signatures as component keys
//! verify them, key wrap as rPGP does it, EAX as the codec's engine opens it, HKDF as the codec derives.
//!
//! What OpenPGP cannot write is left out: signatures that are wrong only in their DER, and nonces of other lengths.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use envelock::{Certificate, Limits};
use envelock_seipd::{
    Cipher, Mode,
    engine::{Direction, Engine, RustCrypto, Task, ready},
    packet::write_header,
};
use hkdf::Hkdf;
use pgp::{
    crypto::{aes_kw, hash::HashAlgorithm},
    types::{Mpi, SignatureBytes, VerifyingKey},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

const P256: &[u8] = &[8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

fn vectors(name: &str) -> Value {
    let path = format!("{}/tests/vectors/90-primitives/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|cause| panic!("{path}: {cause}"))).unwrap()
}

fn octets(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|place| u8::from_str_radix(&text[place..place + 2], 16).unwrap()).collect()
}

/// Each test of each group; gives how many `judge` could say something about. Acceptable ones may go either way.
fn wycheproof(name: &str, judge: impl Fn(&Value, &Value) -> Option<bool>) -> usize {
    let all = vectors(name);
    let mut judged = 0;
    for group in all["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let Some(good) = judge(group, test) else { continue };
            judged += 1;
            let result = test["result"].as_str().unwrap();
            if result != "acceptable" {
                assert_eq!(good, result == "valid", "{name} {}: {}", test["tcId"], test["comment"]);
            }
        }
    }
    judged
}

fn mpi(number: &[u8]) -> Vec<u8> {
    let number = &number[number.iter().take_while(|octet| **octet == 0).count()..];
    let bits = number.first().map_or(0, |top| number.len() * 8 - top.leading_zeros() as usize);
    [&(bits as u16).to_be_bytes()[..], number].concat()
}

/// A certificate that is only a key; `None` if the key is not read.
fn key(algorithm: u8, params: &[u8]) -> Option<Certificate> {
    let body = [&[4, 0, 0, 0, 1, algorithm][..], params].concat();
    let mut packet = Vec::new();
    write_header(&mut packet, 6, body.len() as u32);
    packet.extend(body);
    Certificate::parse(&packet, &Limits::default()).ok()
}

fn verifies(certificate: &Certificate, digest: &[u8], signature: SignatureBytes) -> bool {
    certificate.component_keys().next().unwrap().verify(HashAlgorithm::Sha256, digest, &signature).is_ok()
}

/// Two numbers of an ECDSA signature, if the DER around them is as it must be.
fn numbers(der: &[u8]) -> Option<[&[u8]; 2]> {
    fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
        let (head, rest) = der.split_at_checked(2)?;
        (head[0] == tag && head[1] < 0x80).then(|| rest.split_at_checked(head[1].into()))?
    }
    let (inner, after) = value(der, 0x30)?;
    let (r, rest) = value(inner, 2)?;
    let (s, end) = value(rest, 2)?;
    let is_number = |number: &[u8]| match number {
        [] => false,
        [first, ..] if first & 0x80 != 0 => false,
        [0, second, ..] => second & 0x80 != 0,
        _ => true,
    };
    (after.is_empty() && end.is_empty() && is_number(r) && is_number(s)).then_some([r, s])
}

#[test]
fn ed25519() {
    let judged = wycheproof("ed25519_test", |group, test| {
        let certificate = key(27, &octets(&group["publicKey"]["pk"]))?;
        let signature = SignatureBytes::Native(octets(&test["sig"]).into());
        Some(verifies(&certificate, &octets(&test["msg"]), signature))
    });
    assert_eq!(judged, 151);
}

/// What different implementations disagree on: here all of it is refused.
#[test]
fn ed25519_edge_cases() {
    let all = vectors("cctv-ed25519vectors");
    let mut counts = [0, 0];
    for test in all.as_array().unwrap() {
        let flags: Vec<_> = test["flags"].as_array().into_iter().flatten().map(|flag| flag.as_str().unwrap()).collect();
        let refused =
            ["low_order_A", "low_order_R", "low_order_residue", "non_canonical_A", "non_canonical_R", "reencoded_k"];
        let sound = !flags.iter().any(|flag| refused.contains(flag));
        let good = key(27, &octets(&test["key"])).is_some_and(|certificate| {
            let signature = SignatureBytes::Native(octets(&test["sig"]).into());
            verifies(&certificate, test["msg"].as_str().unwrap().as_bytes(), signature)
        });
        assert_eq!(good, sound, "{}: {flags:?}", test["number"]);
        counts[usize::from(good)] += 1;
    }
    assert!(counts[0] > 0 && counts[1] > 0 && counts[0] + counts[1] == 914, "{counts:?}");
}

#[test]
fn ecdsa_p256() {
    let judged = wycheproof("ecdsa_secp256r1_sha256_test", |group, test| {
        let point = octets(&group["publicKey"]["uncompressed"]);
        let certificate = key(19, &[P256, &mpi(&point)].concat())?;
        let signature = octets(&test["sig"]);
        let [r, s] = numbers(&signature)?;
        let signature = SignatureBytes::Mpis(vec![Mpi::from_slice(r), Mpi::from_slice(s)]);
        Some(verifies(&certificate, &Sha256::digest(octets(&test["msg"])), signature))
    });
    assert!(judged > 250, "{judged}");
}

#[test]
fn rsa_2048() {
    let judged = wycheproof("rsa_signature_2048_sha256_test", |group, test| {
        let [n, e] = ["modulus", "publicExponent"].map(|name| octets(&group["publicKey"][name]));
        let certificate = key(1, &[mpi(&n), mpi(&e)].concat())?;
        let signature = octets(&test["sig"]);
        // An MPI has no length of its own: leading zeros and their absence are the same number.
        if signature.len() != 256 {
            return None;
        }
        let signature = SignatureBytes::Mpis(vec![Mpi::from_slice(&signature)]);
        Some(verifies(&certificate, &Sha256::digest(octets(&test["msg"])), signature))
    });
    assert!(judged > 200, "{judged}");
}

#[test]
fn aes_key_wrap() {
    let judged = wycheproof("aes_wrap_test", |_, test| {
        let [key, msg, ct] = ["key", "msg", "ct"].map(|name| octets(&test[name]));
        // Eight octets, which RFC 3394 §2 forbids to wrap, are no session key here.
        if msg.len() == 8 {
            return None;
        }
        // Of nothing, rPGP leaves it to its callers to say that it is no key.
        let opened = aes_kw::unwrap(&key, &ct).is_ok_and(|opened| *opened == msg && !opened.is_empty());
        let made = aes_kw::wrap(&key, &msg).is_ok_and(|made| made == ct);
        if test["result"] == "valid" {
            assert_eq!(opened, made, "{}", test["tcId"]);
        }
        Some(opened)
    });
    assert_eq!(judged, 159);
}

#[test]
fn aes_eax() {
    let judged = wycheproof("aes_eax_test", |_, test| {
        let [key, iv, aad, msg, ct, tag] = ["key", "iv", "aad", "msg", "ct", "tag"].map(|name| octets(&test[name]));
        let cipher =
            [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256].into_iter().find(|it| it.key_len() == key.len())?;
        if iv.len() != Mode::Eax.nonce_len() || tag.len() != Mode::TAG_LEN {
            return None;
        }
        let key = ready(RustCrypto.key(cipher, Mode::Eax, &key, msg.len())).unwrap();
        let task = Task {
            direction: Direction::Open,
            nonce: &iv,
            associated_data: &aad,
            input: &[ct.as_slice(), &tag].concat(),
        };
        let mut output = vec![0; ct.len()];
        let opened =
            RustCrypto.begin(&key, task, &mut output).and_then(|job| ready(RustCrypto.finish(job, &mut output)));
        Some(opened.is_ok() && output == msg)
    });
    assert!(judged > 100, "{judged}");
}

#[test]
fn hkdf_sha256() {
    let judged = wycheproof("hkdf_sha256_test", |_, test| {
        let [ikm, salt, info, okm] = ["ikm", "salt", "info", "okm"].map(|name| octets(&test[name]));
        let mut made = vec![0; test["size"].as_u64().unwrap() as usize];
        let derived = Hkdf::<Sha256>::new(Some(&salt), &ikm).expand(&info, &mut made);
        Some(derived.is_ok() && made == okm)
    });
    assert_eq!(judged, 86);
}
