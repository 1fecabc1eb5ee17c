//! Input that is small and wants much work done.

use std::time::{Duration, Instant};

use envelock::{
    Certificate,
    message::{SignedInput, VerdictStatus, VerifyOptions, verify},
};
use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{PacketTrait, SignatureConfig, SignatureType, Subpacket, SubpacketData},
    types::KeyDetails,
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
        let made = config.sign(&nora.primary, &pgp::types::Password::empty(), &data[..]).unwrap();
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
