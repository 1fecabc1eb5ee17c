//! Envelopes: sealed with a password, opened from a link, answered; and what a hostile server can do about it.

use crate::cast::*;
use crate::thief::with_new_signing_subkey;
use envelock::envelope::{
    Access, Attachment, Content, LinkSecret, Lock, OpenError, OpenOptions, OpenWith, Opened, ReplyOptions, SealOptions,
    Sealed, derive_access_blocking, open_blocking, seal_blocking, seal_reply_blocking, verify_inner,
};
use envelock::message::{CertificateSource, DecryptError, Decryptor, EncryptError, Signer, VerdictStatus};
use envelock::{Certificate, EditOptions, Password, Profile, RevocationReason, SecretKey};
use envelock_seipd::engine::{RustCrypto, ready};
use envelock_seipd::packet::Tag;
use envelock_seipd::{padding, sealed};
use pgp::types::KeyDetails;

fn content(text: &str) -> Content {
    Content {
        subject: "Ergebnisse".into(),
        text: text.into(),
        attachments: vec![Attachment {
            name: "Röntgen.png".into(),
            mime_type: "image/png".into(),
            data: vec![0, 255, 10],
        }],
        ..Content::default()
    }
}

fn seal(
    text: &str,
    password: &str,
    link_secret: bool,
    recipients: &[Certificate],
    signer: Option<&SecretKey>,
) -> Sealed {
    let signers: Vec<_> = signer.into_iter().map(|key| Signer { key, passphrase: None }).collect();
    let password = Password::from(password);
    let lock = Lock::New { password: &password, link_secret };
    let options = SealOptions { content: content(text), lock, recipients, signers: &signers };
    seal_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap()
}

fn open_with(ciphertext: &[u8], with: OpenWith<'_>, verify_with: &[Certificate]) -> Result<Opened, OpenError> {
    open_blocking(OpenOptions { ciphertext, with, verify_with }, &policy(), &limits(), now(), &mut ())
}

fn open(sealed: &Sealed, password: &str, link_secret: Option<&LinkSecret>) -> Result<Opened, OpenError> {
    let password = Password::from(password);
    open_with(&sealed.ciphertext, OpenWith::Password { password: &password, link_secret, salt: Some(sealed.salt) }, &[])
}

const FAILED: OpenError = OpenError::Decrypt(DecryptError::DecryptionFailed);

#[test]
fn sealed_and_opened_with_and_without_link_secret() {
    for link_secret in [true, false] {
        let sealed = seal("Alles gut.\nAnna", "Ahornallee 17", link_secret, &[], None);
        assert_eq!(sealed.link_secret.is_some(), link_secret);
        let opened = open(&sealed, "Ahornallee 17", sealed.link_secret.as_ref()).unwrap();
        assert_eq!((opened.content.subject.as_str(), opened.content.text.as_str()), ("Ergebnisse", "Alles gut.\nAnna"));
        assert_eq!(opened.content.attachments, content("").attachments);
        assert!(opened.signatures.is_empty() && opened.sender_certificate.is_none());
        assert_eq!(open(&sealed, "Ahornallee 18", sealed.link_secret.as_ref()).unwrap_err(), FAILED);
    }
    let sealed = seal("x", "Ahornallee 17", true, &[], None);
    assert_eq!(open(&sealed, "Ahornallee 17", None).unwrap_err(), FAILED);
    assert_eq!(open(&sealed, "Ahornallee 17", Some(&LinkSecret::generate(&mut rng(2)))).unwrap_err(), FAILED);
}

#[test]
fn passwords_are_normalised() {
    let sealed = seal("x", "Grüße", false, &[], None);
    assert!(open(&sealed, "Gru\u{308}ße", None).is_ok(), "typed on a Mac");
    let password = Password::new([0xff, 0xfe]);
    let lock = Lock::New { password: &password, link_secret: true };
    let options = SealOptions { content: content("x"), lock, recipients: &[], signers: &[] };
    let refused = seal_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ());
    assert_eq!(refused.unwrap_err(), EncryptError::PasswordNotText);
}

#[test]
fn the_token_is_the_one_the_server_was_told_to_expect() {
    let sealed = seal("x", "Ahornallee 17", true, &[], None);
    let password = Password::from("Ahornallee 17");
    let access = derive_access_blocking(&password, sealed.link_secret.as_ref(), sealed.salt).unwrap();
    assert_eq!(access.token_hash(), sealed.token_hash);
    assert!(open_with(&sealed.ciphertext, OpenWith::Access(&access), &[]).is_ok());
}

#[test]
fn who_signed() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let anna = key(profile, "Anna");
        let sealed = seal("x", "Ahornallee 17", false, &[], Some(&anna));
        let password = Password::from("Ahornallee 17");
        let access = derive_access_blocking(&password, None, sealed.salt).unwrap();

        let unknown = open_with(&sealed.ciphertext, OpenWith::Access(&access), &[]).unwrap();
        assert_eq!(unknown.sender_certificate.as_ref().map(Certificate::fingerprint), Some(anna.fingerprint()));
        assert_eq!(unknown.signatures[0].status, VerdictStatus::Valid);
        assert_eq!(unknown.signatures[0].certificate, CertificateSource::Enclosed, "that proves nothing about Anna");

        let known = open_with(&sealed.ciphertext, OpenWith::Access(&access), &[anna.certificate()]).unwrap();
        assert_eq!(known.signatures[0].certificate, CertificateSource::Known);
        assert_eq!(known.signatures[0].signer, Some(anna.fingerprint()));

        // The decrypt page opens with the small module and checks the signature afterwards.
        let seipd_limits = envelock_seipd::Limits::default();
        let packets =
            ready(sealed::open_sealed(&RustCrypto, &sealed.ciphertext, &access, &seipd_limits, &mut ())).unwrap();
        let verified = verify_inner(&packets, &[], &policy(), &limits(), now()).unwrap();
        assert_eq!(verified.signatures, unknown.signatures);
        assert!(verified.sender_certificate.is_some());
    }
}

#[test]
fn an_enclosed_copy_of_a_known_certificate_has_no_say() {
    let anna = key(Profile::Compat, "Anna");
    let stolen = with_new_signing_subkey(&anna, &key(Profile::Compat, "Thief"));
    let sealed = seal("x", "Ahornallee 17", false, &[], Some(&stolen));
    let access = derive_access_blocking(&Password::from("Ahornallee 17"), None, sealed.salt).unwrap();
    let verdict = |verify_with: &[Certificate]| {
        open_with(&sealed.ciphertext, OpenWith::Access(&access), verify_with).unwrap().signatures[0].clone()
    };
    assert_eq!(
        verdict(&[]).status,
        VerdictStatus::Valid,
        "who does not know Anna sees that message and copy belong together"
    );
    let known = verdict(&[anna.certificate()]);
    assert_eq!((known.status, known.certificate), (VerdictStatus::UnknownSigner, CertificateSource::Known));
    let bystander = key(Profile::Compat, "Eve").certificate();
    assert_eq!(verdict(&[bystander]).certificate, CertificateSource::Enclosed);
}

#[test]
fn keys_open_as_well() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let (anna, eve) = (key(profile, "Anna"), key(profile, "Eve"));
        let sealed = seal("for the sent folder", "Ahornallee 17", true, &[anna.certificate()], Some(&anna));
        let keys = [Decryptor { key: &anna, passphrase: None }];
        let opened = open_with(&sealed.ciphertext, OpenWith::Keys(&keys), &[anna.certificate()]).unwrap();
        assert_eq!(opened.content.text, "for the sent folder");
        assert_eq!(opened.signatures[0].status, VerdictStatus::Valid);
        let keys = [Decryptor { key: &eve, passphrase: None }];
        let refused = open_with(&sealed.ciphertext, OpenWith::Keys(&keys), &[]).unwrap_err();
        assert_eq!(refused, FAILED, "whether a packet was meant for Eve cannot be told");
        assert!(open(&sealed, "Ahornallee 17", sealed.link_secret.as_ref()).is_ok());
    }
}

#[test]
fn a_dozen_recipients_and_the_password_open() {
    let people: Vec<SecretKey> = (0..12).map(|number| key(Profile::Rfc9580, &format!("Reader {number}"))).collect();
    let recipients: Vec<Certificate> = people.iter().map(SecretKey::certificate).collect();
    let sealed = seal("for all", "Ahornallee 17", false, &recipients, None);
    assert_eq!(open(&sealed, "Ahornallee 17", None).unwrap().content.text, "for all");
    for person in [&people[0], &people[11]] {
        let keys = [Decryptor { key: person, passphrase: None }];
        assert_eq!(open_with(&sealed.ciphertext, OpenWith::Keys(&keys), &[]).unwrap().content.text, "for all");
    }
    let crowd: Vec<Certificate> =
        (0..65).map(|number| key(Profile::Compat, &format!("Guest {number}")).certificate()).collect();
    let password = Password::from("Ahornallee 17");
    let lock = Lock::New { password: &password, link_secret: false };
    let options = SealOptions { content: content("x"), lock, recipients: &crowd, signers: &[] };
    let refused = seal_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap_err();
    assert_eq!(refused, EncryptError::TooManyRecipients { found: 65, allowed: sealed::MAX_PKESKS });
}

#[test]
fn an_envelope_does_not_name_its_recipients() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let anna = key(profile, "Anna");
        let sealed = seal("x", "Ahornallee 17", true, &[anna.certificate()], Some(&anna));
        for key in anna.certificate().component_keys() {
            let fingerprint = key.fingerprint();
            let shows =
                sealed.ciphertext.windows(8).any(|window| fingerprint.as_bytes().windows(8).any(|it| it == window));
            assert!(!shows, "{fingerprint}");
        }
    }
}

#[test]
fn attempts_at_anonymous_packets_are_bounded() {
    let (anna, eve) = (key(Profile::Rfc9580, "Anna"), key(Profile::Rfc9580, "Eve"));
    let sealed = seal("x", "Ahornallee 17", true, &[eve.certificate(), anna.certificate()], None);
    let keys = [Decryptor { key: &anna, passphrase: None }];
    let open = |anonymous_attempts| {
        let mut limits = limits();
        limits.anonymous_attempts = anonymous_attempts;
        let options = OpenOptions { ciphertext: &sealed.ciphertext, with: OpenWith::Keys(&keys), verify_with: &[] };
        open_blocking(options, &policy(), &limits, now(), &mut ())
    };
    assert!(open(2).is_ok());
    assert!(open(1).is_err());
}

#[test]
fn an_answer_is_read_by_both() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let anna = key(profile, "Anna");
        let sealed = seal("x", "Ahornallee 17", true, &[], Some(&anna));
        let password = Password::from("Ahornallee 17");
        let access = derive_access_blocking(&password, sealed.link_secret.as_ref(), sealed.salt).unwrap();
        let certificate =
            open_with(&sealed.ciphertext, OpenWith::Access(&access), &[]).unwrap().sender_certificate.unwrap();

        let options = ReplyOptions {
            content: content("Danke!"),
            access: &access,
            sender_certificate: &certificate,
            signers: &[],
        };
        let reply = seal_reply_blocking(options, &policy(), &limits(), now(), &mut rng(3), &mut ()).unwrap();
        let keys = [Decryptor { key: &anna, passphrase: None }];
        for with in [OpenWith::Keys(&keys), OpenWith::Access(&access)] {
            assert_eq!(open_with(&reply, with, &[]).unwrap().content.text, "Danke!");
        }
    }
}

/// An envelope that somebody signed, and what opens it.
fn sealed_by(signer: &SecretKey) -> (Sealed, Access) {
    let sealed = seal("x", "Ahornallee 17", true, &[], Some(signer));
    let password = Password::from("Ahornallee 17");
    let access = derive_access_blocking(&password, sealed.link_secret.as_ref(), sealed.salt).unwrap();
    (sealed, access)
}

#[test]
fn an_answer_goes_by_the_copy_that_was_known() {
    let anna = key(Profile::Compat, "Anna");
    let (sealed, access) = sealed_by(&anna);
    let (policy, limits) = (policy(), limits());
    let options = EditOptions { passphrase: None, policy: &policy, limits: &limits, at: now() };
    let revoked = anna.revoke(RevocationReason::Superseded, "", &options, &mut rng(5)).unwrap().certificate();
    let answer = |verify_with: &[Certificate]| {
        let opened = open_with(&sealed.ciphertext, OpenWith::Access(&access), verify_with).unwrap();
        let certificate = opened.sender_certificate.unwrap();
        let options =
            ReplyOptions { content: content("x"), access: &access, sender_certificate: &certificate, signers: &[] };
        seal_reply_blocking(options, &policy, &limits, now(), &mut rng(3), &mut ()).map(|_| ())
    };
    assert_eq!(answer(&[]), Ok(()));
    assert_eq!(answer(&[anna.certificate()]), Ok(()));
    assert!(matches!(answer(&[revoked]), Err(EncryptError::UnusableRecipient { .. })), "the enclosed copy hides it");
}

#[test]
fn an_answer_goes_by_the_known_copy_too_if_there_is_no_room_to_merge() {
    let anna = key(Profile::Compat, "Anna");
    let (sealed, access) = sealed_by(&anna);
    let (policy, limits) = (policy(), limits());
    let options = EditOptions { passphrase: None, policy: &policy, limits: &limits, at: now() };
    let known = anna
        .add_user_id("Ann <ann@demo.example>", false, &options, &mut rng(4))
        .and_then(|more| more.revoke(RevocationReason::Superseded, "", &options, &mut rng(5)))
        .unwrap()
        .certificate();
    let mut narrow = limits.clone();
    narrow.user_ids = 1;
    assert!(known.merge(&anna.certificate(), &narrow).is_err());
    let options = OpenOptions {
        ciphertext: &sealed.ciphertext,
        with: OpenWith::Access(&access),
        verify_with: std::slice::from_ref(&known),
    };
    let opened = open_blocking(options, &policy, &narrow, now(), &mut ()).unwrap();
    assert_eq!(opened.sender_certificate.map(|copy| copy.to_bytes()), Some(known.to_bytes()));
}

#[test]
fn a_hostile_server_cannot_change_the_derivation() {
    let sealed = seal("x", "Ahornallee 17", false, &[], None);
    let salted: Vec<u8> = [4].into_iter().chain(sealed.salt).chain([3, 4, 16]).collect();
    let place = sealed.ciphertext.windows(20).position(|window| window == salted).unwrap();
    let password = Password::from("Ahornallee 17");
    let open = |ciphertext: &[u8], salt| {
        let with = OpenWith::Password { password: &password, link_secret: None, salt };
        open_with(ciphertext, with, &[]).map(|opened| opened.content.text)
    };
    let mismatch = Err(OpenError::ProfileMismatch { what: "password derivation" });
    for (offset, value) in [(1, sealed.salt[0] ^ 1), (17, 1), (18, 1), (19, 15), (19, 10)] {
        let mut changed = sealed.ciphertext.clone();
        changed[place + offset] = value;
        assert_eq!(open(&changed, Some(sealed.salt)), mismatch, "octet {offset} of the S2K");
    }
    assert_eq!(open(&sealed.ciphertext, Some([0; 16])), mismatch, "another salt than the head's");
    assert_eq!(open(&sealed.ciphertext, None).as_deref(), Ok("x"), "a saved copy has no head");
}

#[test]
fn every_flipped_bit_and_every_cut_fails() {
    let anna = key(Profile::Compat, "Anna");
    let password = Password::from("Ahornallee 17");
    // As small as an envelope with everything in it can be.
    let signers = [Signer { key: &anna, passphrase: None }];
    let small = Content {
        subject: "s".into(),
        text: "t".into(),
        sender_certificate: Some(b"-".to_vec()),
        ..Content::default()
    };
    let lock = Lock::New { password: &password, link_secret: false };
    let options = SealOptions { content: small, lock, recipients: &[], signers: &signers };
    let sealed = seal_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
    let access = derive_access_blocking(&password, None, sealed.salt).unwrap();
    assert!(open_with(&sealed.ciphertext, OpenWith::Access(&access), &[]).is_ok());
    for place in 0..sealed.ciphertext.len() {
        for bit in 0..8 {
            let mut flipped = sealed.ciphertext.clone();
            flipped[place] ^= 1 << bit;
            assert!(open_with(&flipped, OpenWith::Access(&access), &[]).is_err(), "bit {bit} of octet {place}");
        }
        assert!(
            open_with(&sealed.ciphertext[..place], OpenWith::Access(&access), &[]).is_err(),
            "cut to {place} octets"
        );
    }
}

#[test]
fn what_is_inside_must_be_one_message_of_ours() {
    let access = derive_access_blocking(&Password::from("Ahornallee 17"), None, [9; 16]).unwrap();
    let put = |inner: &[u8]| {
        let key = sealed::new_session_key(access.profile().suite(), &mut rng(1));
        let ciphertext = ready(sealed::seal(&RustCrypto, &access, &key, &[], inner, &mut rng(2), &mut ())).unwrap();
        open_with(&ciphertext, OpenWith::Access(&access), &[]).map(|opened| opened.content.subject)
    };
    let mime = b"Subject: s\r\nEnvelock-Reply: no\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nt";
    let mut padded = literal(mime);
    padding::pad(&mut padded, &mut rng(3));
    assert_eq!(put(&padded).as_deref(), Ok("s"));
    let compressed = packet(Tag::COMPRESSED, &[&[0], literal(mime).as_slice()].concat());
    for odd in [
        [literal(mime), literal(mime)].concat(),
        [literal(b"before"), literal(mime)].concat(),
        compressed,
        Vec::new(),
        literal(b"not MIME"),
        [packet(Tag::SIGNATURE, b"x"), literal(mime)].concat(),
    ] {
        assert!(put(&odd).is_err(), "{odd:?}");
    }
}

#[test]
fn an_unusable_recipient_or_signer_seals_nothing() {
    let password = Password::from("Ahornallee 17");
    let olga = key_until(Profile::Compat, "Olga", Some(at(NOW - 1)));
    let recipients = [olga.certificate()];
    let signers = [Signer { key: &olga, passphrase: None }];
    for (recipients, signers, code) in
        [(&recipients[..], &[][..], "unusable-recipient"), (&[][..], &signers[..], "key-not-usable")]
    {
        let lock = Lock::New { password: &password, link_secret: true };
        let options = SealOptions { content: content("x"), lock, recipients, signers };
        let refused = seal_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap_err();
        assert_eq!(refused.code(), code);
    }
    let empty = Password::from("");
    let options = SealOptions {
        content: content("x"),
        lock: Lock::New { password: &empty, link_secret: true },
        recipients: &[],
        signers: &[],
    };
    let refused = seal_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap_err();
    assert_eq!(refused, EncryptError::EmptyPassword);
}
