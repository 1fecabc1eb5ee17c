//! Signatures that are made to say what their signer did not.

use envelock::{
    Certificate, Profile, SecretKey, Timestamp,
    message::{
        Reason, SignOptions, SignatureForm, SignedInput, Signer, Verdict, VerdictStatus, Verified, VerifyError,
        VerifyOptions, sign, verify,
    },
};
use envelock_seipd::packet::{Tag, split};
use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{
        Notation, PacketTrait, RevocationCode, SecretKey as SecretPacket, SignatureConfig, SignatureType, Subpacket,
        SubpacketData,
    },
    types::KeyDetails,
};

use crate::{
    cast::*,
    forge::{Forge, day, says},
};

const TEXT: &[u8] = b"The deposit goes to account 17.\n";

fn check(input: SignedInput<'_>, certificates: &[Certificate], when: Timestamp) -> Result<Verified, VerifyError> {
    verify(VerifyOptions { input, verify_with: certificates, ..VerifyOptions::default() }, &policy(), &limits(), when)
}

fn statuses(verified: &Verified) -> Vec<VerdictStatus> {
    verified.signatures.iter().map(|verdict| verdict.status).collect()
}

fn signed(key: &SecretKey, form: SignatureForm) -> Vec<u8> {
    let signers = [Signer { key, passphrase: None }];
    let options = SignOptions { data: TEXT, signers: &signers, form, armor: false, ..SignOptions::default() };
    sign(options, &policy(), &limits(), now(), &mut rng(5)).unwrap()
}

/// CVE-2025-47934: text beside the signed text in one message, shown as if it were signed.
#[test]
fn cve_2025_47934_text_added_to_a_signed_message() {
    let anna = key(Profile::Compat, "Anna");
    let certificates = [anna.certificate()];
    let signers = [Signer { key: &anna, passphrase: None }];
    let options = SignOptions {
        data: TEXT,
        signers: &signers,
        form: SignatureForm::Inline,
        armor: false,
        text: false,
        ..SignOptions::default()
    };
    let message = sign(options, &policy(), &limits(), now(), &mut rng(5)).unwrap();
    let parts: Vec<_> = split(&message).map(|packet| message[packet.unwrap().span].to_vec()).collect();
    let (ops, lit, sig) = (&parts[0], &parts[1], &parts[2]);
    let evil = literal(b"Transfer the deposit to account 99.");
    let compressed = packet(Tag::COMPRESSED, &[&[0], evil.as_slice()].concat());
    for extra in [&evil, &compressed] {
        for order in [
            vec![extra, ops, lit, sig],
            vec![ops, extra, lit, sig],
            vec![ops, lit, extra, sig],
            vec![ops, lit, sig, extra],
            vec![ops, extra, sig, lit],
            vec![extra, ops, lit, sig, extra],
        ] {
            let forged: Vec<u8> = order.into_iter().flatten().copied().collect();
            assert_eq!(check(SignedInput::Message(&forged), &certificates, now()).unwrap_err().code(), "malformed");
            let encrypted = encrypt_packets(&forged, "heron");
            assert_eq!(decrypt_with_password(&encrypted, "heron").unwrap_err().code(), "malformed");
        }
    }
    // The same packets without the addition are valid, alone, compressed, and with padding.
    let padded = [message.as_slice(), &packet(Tag::PADDING, b"....")].concat();
    let compressed = packet(Tag::COMPRESSED, &[&[0], message.as_slice()].concat());
    for good in [&message, &padded, &compressed] {
        let verified = check(SignedInput::Message(good), &certificates, now()).unwrap();
        assert_eq!(statuses(&verified), [VerdictStatus::Valid]);
    }
    // Replacing the text, or swapping it with an unsigned one, is noticed.
    let replaced = [ops.as_slice(), &evil, sig].concat();
    let verified = check(SignedInput::Message(&replaced), &certificates, now()).unwrap();
    assert_eq!(statuses(&verified), [VerdictStatus::Invalid]);
}

/// CVE-2023-41037: what stands before the blank line of a cleartext signed message is not signed, but was shown.
#[test]
fn cve_2023_41037_text_in_the_head_of_a_cleartext_message() {
    let anna = key(Profile::Compat, "Anna");
    let certificates = [anna.certificate()];
    let good = String::from_utf8(signed(&anna, SignatureForm::Cleartext)).unwrap();
    let head = "-----BEGIN PGP SIGNED MESSAGE-----\n";
    let evil = "Transfer the deposit to account 99.";
    let judged = |forged: &str| check(SignedInput::Message(forged.as_bytes()), &certificates, now());
    for forged in [
        good.replacen(head, &format!("{head}{evil}\n"), 1),
        good.replacen(head, &format!("{head}Comment: {evil}\n"), 1),
        good.replacen("\n\n", &format!("\n{evil}\n\n"), 1),
        good.replacen("\n\n", &format!("\nHash: {evil}\n\n"), 1),
        good.replacen("\n\n", &format!("\n \u{b}\n{evil}\n\n"), 1),
        good.replacen("\n\n", &format!("\n\u{a0}\n{evil}\n\n"), 1),
        // A line that looks blank, above the one that is: two readers may not agree where the text begins.
        good.replacen("\n\n", "\n\u{b}\n\n", 1),
        good.replacen("\n\n", "\n\u{c}\n\n", 1),
        good.replacen("\n\n", "\n\u{a0}\n\n", 1),
        good.replacen("\n\n", "\n\u{200b}\n\n", 1),
    ] {
        assert_eq!(judged(&forged).unwrap_err().code(), "malformed", "{forged}");
    }
    for forged in [
        good.replacen("\n\n", &format!("\n\r\n{evil}\n\n"), 1),
        good.replacen("\n\n", &format!("\n\n{evil}\n\n"), 1),
        good.replacen("\n\n", "\n\n\n", 1),
        good.replace("-----BEGIN PGP SIGNATURE-----", &format!("{evil}\n-----BEGIN PGP SIGNATURE-----")),
    ] {
        assert_eq!(statuses(&judged(&forged).unwrap()), [VerdictStatus::Invalid], "{forged}");
    }
    // Text outside the message is nobody's, and would be read with it.
    for around in [format!("{evil}\n{good}"), format!("{good}\n{evil}\n")] {
        assert_eq!(judged(&around).unwrap_err().code(), "malformed", "{around}");
    }
}

/// A detached signature over [`TEXT`] by a bare key packet, that says whatever is asked for.
fn forged(signer: &SecretPacket, hash: HashAlgorithm, hashed: Vec<Subpacket>, unhashed: Vec<Subpacket>) -> Vec<u8> {
    let mut config = SignatureConfig::v4(SignatureType::Binary, signer.algorithm(), hash);
    config.hashed_subpackets = hashed;
    config.unhashed_subpackets = unhashed;
    let signature = config.sign(signer, &pgp::types::Password::empty(), TEXT).unwrap();
    let mut packet = Vec::new();
    signature.to_writer_with_header(&mut packet).unwrap();
    packet
}

fn dated(seconds: u32) -> Subpacket {
    Subpacket::critical(SubpacketData::SignatureCreationTime(at(seconds))).unwrap()
}

fn verdict(signature: &[u8], certificate: &Certificate, when: Timestamp) -> Verdict {
    let input = SignedInput::Detached { data: TEXT, signature };
    let mut verdicts = check(input, std::slice::from_ref(certificate), when).unwrap().signatures;
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

#[test]
fn expired_and_backdated_signers() {
    let status = |forge: &Forge, signed: u32| {
        let signature = forged(&forge.primary, HashAlgorithm::Sha256, vec![dated(day(signed).as_secs())], Vec::new());
        verdict(&signature, &forge.certificate(), day(100)).status
    };
    let ending = Forge::new().user("Nora", [says(0).certify_and_sign().key_days(30)]);
    assert_eq!(status(&ending, 20), VerdictStatus::Valid);
    assert_eq!(status(&ending, 40), VerdictStatus::ExpiredKey, "made after the key had ended");
    // The thief of a key dates its signatures back, before the revocation, or before the key was made.
    let stolen = Forge::usual().revoke(says(50).reason(RevocationCode::KeyCompromised));
    assert_eq!(status(&stolen, 20), VerdictStatus::RevokedKey);
    assert_ne!(status(&Forge::of(9).user("Nora", [says(10).certify_and_sign()]), 5), VerdictStatus::Valid);
    let usual = Forge::usual();
    let before = forged(&usual.primary, HashAlgorithm::Sha256, vec![dated(day(0).as_secs() - 86_400)], Vec::new());
    let before = verdict(&before, &usual.certificate(), day(100));
    assert_eq!((before.status, before.reason), (VerdictStatus::Invalid, Some(Reason::KeyNotYetMade)));
}

/// SHA-1 collisions (2017, chosen prefix 2020) make one signature fit two texts, whatever date it bears.
#[test]
fn sha1_over_data() {
    let ivan = Forge::rsa().user("Ivan", [says(0).at(1_090_000_000).certify_and_sign()]);
    for (hash, seconds, valid) in [
        (HashAlgorithm::Sha256, day(5).as_secs(), true),
        (HashAlgorithm::Sha1, day(5).as_secs(), false),
        (HashAlgorithm::Sha256, 1_200_000_000, true),
        (HashAlgorithm::Sha1, 1_200_000_000, false),
        (HashAlgorithm::Md5, day(5).as_secs(), false),
        (HashAlgorithm::Ripemd160, day(5).as_secs(), false),
    ] {
        let signature = forged(&ivan.primary, hash, vec![dated(seconds)], Vec::new());
        let status = verdict(&signature, &ivan.certificate(), day(10)).status;
        assert_eq!(status == VerdictStatus::Valid, valid, "{hash:?} {seconds}");
    }
}

/// Ed25519 does not take so short a hash, so that whether the signature is correct is not known; the reason is the same.
#[test]
fn sha1_over_data_by_a_key_that_does_not_take_it() {
    let nora = Forge::usual();
    let good = forged(&nora.primary, HashAlgorithm::Sha256, vec![dated(day(5).as_secs())], Vec::new());
    let body = split(&good).next().unwrap().unwrap().body.to_vec();
    let mut weak = body.clone();
    weak[3] = HashAlgorithm::Sha1.into();
    let found = verdict(&packet(Tag::SIGNATURE, &weak), &nora.certificate(), day(10));
    assert_eq!((found.status, found.reason), (VerdictStatus::Weak, Some(Reason::WeakHash)));
    assert_eq!(found.signer, None, "nothing is proven");
}

/// Anybody can change the unhashed area: a date there would revive an ended key.
#[test]
fn what_is_said_in_the_unhashed_area() {
    let nora = Forge::usual();
    let only_unhashed = forged(&nora.primary, HashAlgorithm::Sha256, Vec::new(), vec![dated(day(5).as_secs())]);
    if let Ok(verified) =
        check(SignedInput::Detached { data: TEXT, signature: &only_unhashed }, &[nora.certificate()], day(10))
    {
        assert_ne!(statuses(&verified), [VerdictStatus::Valid]);
    }
    // A second date there moves nothing.
    let hashed = vec![dated(day(5).as_secs())];
    let both = forged(&nora.primary, HashAlgorithm::Sha256, hashed, vec![dated(day(8).as_secs())]);
    assert_eq!(verdict(&both, &nora.certificate(), day(10)).created, Some(day(5)));
}

#[test]
fn unknown_critical_notations_and_subpackets() {
    let nora = Forge::usual();
    let notation = || {
        SubpacketData::Notation(Notation {
            readable: true,
            name: "only-if@bank.example".into(),
            value: "countersigned".into(),
        })
    };
    let said = |extra: Subpacket| {
        let signature = forged(&nora.primary, HashAlgorithm::Sha256, vec![dated(day(5).as_secs()), extra], Vec::new());
        verdict(&signature, &nora.certificate(), day(10)).status
    };
    assert_eq!(said(Subpacket::regular(notation()).unwrap()), VerdictStatus::Valid);
    assert_eq!(said(Subpacket::critical(notation()).unwrap()), VerdictStatus::Invalid);
}
