#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
use pgp::{
    crypto::{
        Decryptor, Signer,
        rsa::{self as theirs, SecretKey},
    },
    types::{PkeskBytes, SignatureBytes},
};
use rand::{SeedableRng, rngs::StdRng};

use super::*;

fn plain(padded: &[u8]) -> Option<Vec<u8>> {
    unpadded(padded).map(|plain| plain.to_vec())
}

#[test]
fn padding() {
    let padded = |length: usize| [&[0, 2][..], &vec![0xAA; length], &[0], b"plain"].concat();
    assert_eq!(plain(&padded(8)).unwrap(), b"plain");
    assert_eq!(plain(&padded(200)).unwrap(), b"plain");
    assert_eq!(plain(&padded(7)), None);
    assert_eq!(plain(&[&[0, 2][..], &[1; 20]].concat()), None, "no end");
    assert_eq!(plain(&[&[0, 2][..], &[1; 20], &[0]].concat()).unwrap(), b"");
    assert_eq!(plain(&[&[0, 2][..], &[1; 20], &[0, 0, 7, 0]].concat()).unwrap(), [0, 7, 0], "the first zero");
    for start in [[0, 1], [1, 2], [0, 0]] {
        assert_eq!(plain(&[&start[..], &[1; 20], &[0, 5]].concat()), None);
    }
    assert_eq!(plain(&[0]), None);
}

/// For rPGP, for this, and the public half.
fn pair(bits: usize) -> (SecretKey, Numbers, RsaPublicParams) {
    let secret = SecretKey::generate(StdRng::seed_from_u64(bits as u64), bits).unwrap();
    let public = RsaPublicParams::from(&secret);
    let numbers = Numbers::of(&secret, &public).unwrap();
    (secret, numbers, public)
}

/// rPGP reads what this writes, and this what rPGP writes.
#[test]
fn messages_go_both_ways() {
    let mut rng = StdRng::seed_from_u64(1);
    let (theirs, ours, public) = pair(1024);
    for length in [0, 1, 35, 117] {
        for _ in 0..8 {
            let message = vec![7; length];
            let made = encrypt(&mut rng, &public, &message).unwrap();
            assert_eq!(*theirs.decrypt(&made).unwrap(), message);
            assert_eq!(*decrypt(&ours, &public, made.as_ref()).unwrap(), message);
            let PkeskBytes::Rsa { mpi } = theirs::encrypt(&mut rng, &public.key, &message).unwrap() else { panic!() };
            assert_eq!(*decrypt(&ours, &public, mpi.as_ref()).unwrap(), message);
        }
    }
    assert!(encrypt(&mut rng, &public, &[7; 118]).is_none(), "no room for eight octets of padding");
}

#[test]
fn what_is_no_message_decrypts_to_nothing() {
    let (_, ours, public) = pair(1024);
    let modulus = public.key.n().to_bytes_be();
    for number in [&[][..], &[0], &[1], &[2; 100], &modulus, &[1; 129]] {
        assert!(decrypt(&ours, &public, number).is_none());
    }
}

#[test]
fn signatures_go_both_ways() {
    let (theirs, ours, public) = pair(1024);
    for (hash, length) in [(HashAlgorithm::Sha256, 32), (HashAlgorithm::Sha384, 48), (HashAlgorithm::Sha512, 64)] {
        for octet in 0..8 {
            let digest = vec![octet; length];
            let made = sign(&ours, &public, hash, &digest).unwrap();
            assert_eq!(theirs.sign(hash, &digest).unwrap(), SignatureBytes::Mpis(vec![made.clone()]));
            assert_eq!(verify(&public, hash, &digest, &made), Some(true));
            let mut other = digest.clone();
            other[0] ^= 1;
            assert_eq!(verify(&public, hash, &other, &made), Some(false));
            let mut octets = made.as_ref().to_vec();
            octets[60] ^= 1;
            assert_eq!(verify(&public, hash, &digest, &Mpi::from_slice(&octets)), Some(false));
        }
        assert_eq!(verify(&public, hash, &vec![1; length - 1], &Mpi::from_slice(&[1])), None, "no such hash");
    }
    assert_eq!(verify(&public, HashAlgorithm::Sha1, &[1; 20], &Mpi::from_slice(&[1])), None, "left to rPGP");
}

/// Padding that is not as it must be: nothing at the end may be left over for a forger (Bleichenbacher 2006).
#[test]
fn padding_of_signatures_is_compared_whole() {
    let (_, ours, public) = pair(1024);
    let digest = [3; 32];
    let right = encoded(HashAlgorithm::Sha256, &digest, 128).unwrap();
    let verifies = |padded: &[u8]| {
        let forged = power(&ours, &public, padded).unwrap();
        verify(&public, HashAlgorithm::Sha256, &digest, &Mpi::from_slice(&forged)).unwrap()
    };
    assert!(verifies(&right));
    let info = &right[128 - 51..];
    let short = [&[0, 1][..], &[0xff; 8], &[0], info, &[0x55; 66]].concat();
    assert!(!verifies(&short), "garbage behind a short padding");
    for place in [1, 2, 50, 76, 77] {
        let mut other = right.clone();
        other[place] ^= 2;
        assert!(!verifies(&other), "{place}");
    }
}
