//! What a signature is worth by the moment it was made at: what became of its key afterwards, and keys from clocks that go ahead.

use crate::cast::*;
use envelock::message::{
    Reason, SignOptions, SignatureForm, SignedInput, Signer, Verdict, VerdictStatus, VerifyOptions, sign, verify,
};
use envelock::{
    Certificate, EditOptions, GenerateOptions, KeyUse, Limits, NewSubkey, Policy, Profile, RevocationReason, SecretKey,
    Timestamp, generate,
};

const TEXT: &[u8] = b"Dear Bert\n";
const BOTH: [Profile; 2] = [Profile::Compat, Profile::Rfc9580];

fn signed(key: &SecretKey, when: Timestamp) -> Vec<u8> {
    let signers = [Signer { key, passphrase: None }];
    let options =
        SignOptions { data: TEXT, signers: &signers, form: SignatureForm::Detached, ..SignOptions::default() };
    sign(options, &policy(), &limits(), when, &mut rng(5)).unwrap()
}

fn verdict(signature: &[u8], certificate: Certificate, when: Timestamp) -> Verdict {
    let input = SignedInput::Detached { data: TEXT, signature };
    let options = VerifyOptions { input, verify_with: &[certificate], ..VerifyOptions::default() };
    verify(options, &policy(), &limits(), when).unwrap().signatures.remove(0)
}

struct Desk(Policy, Limits);

impl Desk {
    fn at(&self, at: Timestamp) -> EditOptions<'_> {
        EditOptions { passphrase: None, policy: &self.0, limits: &self.1, at }
    }
}

/// Signs, retires the key a minute later, writes to somebody: what was signed before stays signed.
#[test]
fn a_key_retired_a_minute_after_it_signed() {
    let desk = Desk(policy(), limits());
    for profile in BOTH {
        let anna = key(profile, "Anna");
        let signature = signed(&anna, now());
        for (reason, after, status) in [
            (RevocationReason::Retired, 60, VerdictStatus::Valid),
            (RevocationReason::Superseded, 1, VerdictStatus::Valid),
            (RevocationReason::Retired, 0, VerdictStatus::RevokedKey),
            (RevocationReason::Compromised, 60, VerdictStatus::RevokedKey),
        ] {
            let revoked = anna.revoke(reason, "", &desk.at(at(NOW + after)), &mut rng(6)).unwrap();
            let verdict = verdict(&signature, revoked.certificate(), at(NOW + 1000));
            assert_eq!(verdict.status, status, "{reason:?} after {after} s");
        }
    }
}

#[test]
fn a_signing_subkey_retired_a_minute_after_it_signed() {
    let desk = Desk(policy(), limits());
    let wanted = NewSubkey { key_use: KeyUse::Sign, algorithm: None, expires: None };
    for profile in BOTH {
        let anna = key(profile, "Anna").add_subkey(&wanted, &desk.at(at(NOW - 1000)), &mut rng(6)).unwrap();
        let subkey = anna.signing_key_at(&policy(), now()).unwrap().fingerprint();
        let signature = signed(&anna, now());
        for (reason, after, status) in [
            (RevocationReason::Retired, 60, VerdictStatus::Valid),
            (RevocationReason::Retired, 0, VerdictStatus::RevokedKey),
            (RevocationReason::Compromised, 60, VerdictStatus::RevokedKey),
        ] {
            let options = desk.at(at(NOW + after));
            let revoked = anna.revoke_subkey(&subkey, reason, "", &options, &mut rng(6)).unwrap();
            let verdict = verdict(&signature, revoked.certificate(), at(NOW + 1000));
            assert_eq!((verdict.key, verdict.status), (Some(subkey.clone()), status), "{reason:?} after {after} s");
        }
    }
}

/// Made on a device whose clock is a minute ahead, used on another: nobody takes a signature from before its key was made.
#[test]
fn a_key_made_by_a_clock_that_is_ahead_signs_at_once() {
    for profile in BOTH {
        let options = GenerateOptions {
            profile,
            user_ids: vec!["Anna <anna@demo.example>".into()],
            passphrase: None,
            created: at(NOW + 60),
            expires: None,
        };
        let anna = generate(&options, &mut rng(77)).unwrap().key;
        let verdict = verdict(&signed(&anna, now()), anna.certificate(), now());
        assert_eq!((verdict.status, verdict.reason), (VerdictStatus::Valid, None::<Reason>));
        assert_eq!(verdict.created, Some(at(NOW + 60)));
    }
}
