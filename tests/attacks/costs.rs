//! Input that is small and wants much work done.

use std::time::{Duration, Instant};

use envelock::{
    Certificate, Limits, Timestamp,
    message::{Reason, SignedInput, Verdict, VerdictStatus, VerifyOptions, verify},
};
use envelock_seipd::packet::{split, write_header};
use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{PacketTrait, SignatureConfig, SignatureType, Subpacket, SubpacketData},
    types::{KeyDetails, Password},
};

use crate::{
    cast::*,
    forge::{Forge, day, says},
};

/// The shortest of three tries: others work on the machine.
fn time(mut work: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..3).map(once).min().unwrap()
}

/// Text that holds no key, as an envelope or a directory may hand it out where a certificate is expected.
#[test]
fn much_text_without_a_key() {
    let lines = vec![b'\n'; 1 << 20];
    let ends = b"-----END PGP PUBLIC KEY BLOCK-----\n\xC6\xE0".repeat(1 << 15);
    for text in [lines, ends] {
        let taken = time(|| assert!(Certificate::parse(&text, &limits()).is_err()));
        assert!(taken < Duration::from_secs(5), "{taken:?}");
    }
}

/// A signature that does not say whose it is may be by any key there is. The data is hashed once for all of them.
#[test]
fn a_signature_without_an_issuer_over_much_data() {
    let mut nora = Forge::new().user("Nora", [says(0).certify_and_sign()]);
    let few = nora.certificate();
    for _ in 0..90 {
        nora = nora.signing_subkey(says(0).sign(), None);
    }
    let many = nora.certificate();
    let data = vec![b'x'; 4 << 20];
    for typ in [SignatureType::Binary, SignatureType::Text] {
        let mut config = SignatureConfig::v4(typ, nora.primary.algorithm(), HashAlgorithm::Sha3_256);
        config.hashed_subpackets = vec![Subpacket::critical(SubpacketData::SignatureCreationTime(day(5))).unwrap()];
        let mut signature = Vec::new();
        let made = config.sign(&nora.primary, &Password::empty(), &data[..]).unwrap();
        made.to_writer_with_header(&mut signature).unwrap();
        let check = |data: &[u8], certificate: &Certificate| {
            let input = SignedInput::Detached { data, signature: &signature };
            let options =
                VerifyOptions { input, verify_with: std::slice::from_ref(certificate), ..VerifyOptions::default() };
            verify(options, &policy(), &limits(), day(9)).unwrap().signatures[0].status
        };
        assert_eq!(check(&data, &many), VerdictStatus::Valid);
        // Other data, so that no key fits.
        let other = &data[1..];
        let [one, all] = [&few, &many].map(|known| time(|| assert_eq!(check(other, known), VerdictStatus::Invalid)));
        assert!(all < 8 * one, "{one:?} with one key, {all:?} with ninety-one");
    }
}

/// With 900 signatures by which its owner seems to certify its user ID: each has to be verified before it is known for junk.
fn flooded(nora: &Forge) -> Certificate {
    let mut octets = Vec::new();
    let mut write = |tag: u8, body: &[u8]| {
        write_header(&mut octets, tag, body.len() as u32);
        octets.extend_from_slice(body);
    };
    for packet in split(&nora.octets()).map(Result::unwrap) {
        let body = packet.body.to_vec();
        for number in (0..900u16).filter(|_| packet.tag == 2) {
            let mut junk = body.clone();
            let end = junk.len();
            junk[end - 2..].copy_from_slice(&number.to_be_bytes());
            write(2, &junk);
        }
        write(packet.tag, &body);
    }
    Certificate::parse(&octets, &Limits::default()).unwrap()
}

/// Many signatures of many dates: its signer would have to be judged for each of them.
#[test]
fn a_flooded_certificate_and_signatures_of_many_dates() {
    let nora = Forge::new().user("Nora", [says(0).certify_and_sign()]);
    let flooded = flooded(&nora);
    let signed = |date: &dyn Fn(u32) -> Timestamp| -> Vec<Verdict> {
        let mut signatures = Vec::new();
        for number in 0..32 {
            let mut config =
                SignatureConfig::v4(SignatureType::Binary, nora.primary.algorithm(), HashAlgorithm::Sha256);
            let dated = SubpacketData::SignatureCreationTime(date(number));
            config.hashed_subpackets = vec![Subpacket::critical(dated).unwrap()];
            let made = config.sign(&nora.primary, &Password::empty(), &b"text"[..]).unwrap();
            made.to_writer_with_header(&mut signatures).unwrap();
        }
        let input = SignedInput::Detached { data: b"text", signature: &signatures };
        let options = VerifyOptions { input, verify_with: std::slice::from_ref(&flooded), ..VerifyOptions::default() };
        verify(options, &policy(), &limits(), day(50)).unwrap().signatures
    };
    let of_one_date = signed(&|_| day(5));
    assert!(of_one_date.iter().all(|verdict| verdict.status == VerdictStatus::Valid), "judged once");
    let of_many = signed(&day);
    let (valid, others) = of_many.split_at(2);
    assert!(valid.iter().all(|verdict| verdict.status == VerdictStatus::Valid));
    let expected = (VerdictStatus::Invalid, Some(Reason::TooExpensive));
    assert!(others.iter().all(|verdict| (verdict.status, verdict.reason) == expected));
}
