//! Autocrypt headers in and out, and Setup Messages.

use crate::cast::*;
use envelock::mail::{
    AutocryptHeader, ComposeError, ComposeOptions, Draft, Ignored, MailError, SetupOptions, autocrypt_of_mail,
    compose_blocking, open_setup_message, setup_message, setup_passphrase_hint,
};
use envelock::message::Format;
use envelock::{Limits, Passphrase, Policy, Profile, SecretKey};
use envelock_seipd::engine::{RustCrypto, ready};

fn header(key: &SecretKey, address: &str) -> AutocryptHeader {
    AutocryptHeader { address: address.into(), prefers_encryption: true, certificate: key.certificate() }
}

fn learned(fields: &str) -> Result<AutocryptHeader, Ignored> {
    autocrypt_of_mail(format!("{fields}\r\nhello\r\n").as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn a_mail_teaches_its_senders_certificate() {
    let (anna, bert, cleo) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"), key(Profile::Compat, "Cleo"));
    let own = header(&anna, "anna@demo.example");
    let recipients = [bert.certificate()];
    let gossip = [header(&cleo, "cleo@demo.example")];
    let draft = Draft { cc: vec![mailbox("Cleo", "Cleo@demo.example")], ..draft() };
    let options = ComposeOptions {
        draft: &draft,
        signers: &[],
        recipients: &recipients,
        passwords: &[],
        format: Format::Auto,
        hide_subject: true,
        hide_recipients: false,
        notations: &[],
        autocrypt: Some(&own),
        gossip: &gossip,
    };
    let compose =
        |options| compose_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(3), &mut ());
    let mail = compose(options).unwrap().mail;
    assert!(mail.split(|octet| *octet == b'\n').all(|line| line.len() <= 79));
    let read = opened(&mail, &[&bert], &[]);
    assert_eq!(read.autocrypt.unwrap(), own);
    assert_eq!(read.gossip, [AutocryptHeader { prefers_encryption: false, ..gossip[0].clone() }]);
    assert!(!read.fields.iter().any(|field| field.name == "Autocrypt-Gossip"));
    let blind = [header(&cleo, "eve@demo.example")];
    let refused = compose(ComposeOptions { gossip: &blind, ..options });
    assert_eq!(
        refused,
        Err(ComposeError::BadAutocrypt { reason: "gossip is for an address that is not in To or Cc" }),
        "who got a blind copy is not told"
    );
}

#[test]
fn gossip_about_people_who_did_not_get_the_mail() {
    let (bert, cleo) = (key(Profile::Compat, "Bert"), key(Profile::Compat, "Cleo"));
    let about = |address: &str| format!("Autocrypt-Gossip: {}\n", header(&cleo, address).value());
    let (of_cleo, of_dora) = (about("cleo@demo.example"), about("dora@demo.example"));
    let told = |outer: &str, inner: &str| {
        let payload = format!("{inner}\nx");
        let mail = format!("From: eve@demo.example\n{outer}{}", pgp_mime(&encrypted(payload.as_bytes(), &bert, &[])));
        let read = opened(mail.as_bytes(), &[&bert], &[]);
        read.gossip.iter().map(|header| header.address.clone()).collect::<Vec<_>>()
    };
    let both = format!("{of_cleo}{of_dora}");
    assert_eq!(told("To: bert@demo.example, Cleo <CLEO@demo.example>\n", &both), ["cleo@demo.example"]);
    assert_eq!(told("Cc: cleo@demo.example\n", &both), ["cleo@demo.example"]);
    assert_eq!(told("Bcc: dora@demo.example\nTo: \"dora@demo.example\" <bert@demo.example>\n", &both), [""; 0]);
    assert_eq!(told("To: cleo@demo.example\n", &format!("{of_cleo}{of_cleo}")), [""; 0], "two that may differ");
    // The recipients inside count where they are protected.
    let protected = format!("To: dora@demo.example\n{both}Content-Type: text/plain; hp=\"cipher\"\n");
    assert_eq!(told("To: cleo@demo.example\n", &protected), ["dora@demo.example"]);
    // Outside of encryption there is no gossip.
    let open = format!("From: eve@demo.example\nTo: cleo@demo.example\n{of_cleo}\nx");
    assert!(opened(open.as_bytes(), &[], &[]).gossip.is_empty());
}

#[test]
fn a_header_is_for_an_address_of_the_certificate_only() {
    let anna = key(Profile::Compat, "Anna").certificate();
    let of = |address: &str| AutocryptHeader::of_sender(&anna, address, false, &Policy::default(), now());
    let made = of("ANNA@demo.example").unwrap();
    assert_eq!((made.address.as_str(), made.certificate.fingerprint()), ("ANNA@demo.example", anna.fingerprint()));
    assert!(!made.certificate.at(&Policy::default(), now()).encryption_keys().is_empty());
    assert_eq!(AutocryptHeader::parse(&made.value(), &Limits::default()), Some(made));
    assert_eq!(of("eve@evil.example"), None);
}

#[test]
fn headers_that_teach_nothing() {
    let anna = key(Profile::Compat, "Anna");
    let value = header(&anna, "anna@demo.example").value();
    let from = "From: Anna <Anna@Demo.example>\r\n";
    let good = format!("Autocrypt: {value}\r\n");
    assert_eq!(learned(&format!("{from}{good}")).unwrap().certificate, anna.certificate());
    let passed_over = good.replace("addr=", "_extra=1; addr=");
    assert!(learned(&format!("{from}{passed_over}")).is_ok());
    for (fields, why) in [
        (from.to_owned(), Ignored::None),
        (format!("{from}{good}{good}"), Ignored::Several),
        (format!("{from}Autocrypt: x\r\n"), Ignored::Malformed),
        (format!("{from}{}", good.replace("addr=", "extra=1; addr=")), Ignored::Malformed),
        (format!("{from}{}", good.replace("keydata=", "keydata=!!")), Ignored::Malformed),
        (format!("From: eve@evil.example\r\n{good}"), Ignored::OtherSender),
        (format!("From: \"anna@demo.example\" <eve@evil.example>\r\n{good}"), Ignored::OtherSender),
        (format!("From: anna@demo.example, eve@evil.example\r\n{good}"), Ignored::OtherSender),
        (format!("{from}{from}{good}"), Ignored::OtherSender),
        (format!("{from}Content-Type: multipart/report; boundary=b\r\n{good}"), Ignored::Report),
    ] {
        assert_eq!(learned(&fields), Err(why), "{fields}");
    }
    // One malformed header beside a sound one does not hide it.
    assert!(learned(&format!("{from}Autocrypt: x\r\n{good}")).is_ok());
}

#[test]
fn a_key_moves_to_another_program() {
    let passphrase = Passphrase::from("harbour");
    let mut anna = key(Profile::Compat, "Anna");
    let plain = anna.to_bytes();
    anna.lock(&passphrase, &mut rng(9)).unwrap();
    let (policy, limits) = (Policy::default(), Limits::default());
    let options = SetupOptions {
        key: &anna,
        passphrase: Some(&passphrase),
        address: "anna@demo.example",
        prefers_encryption: true,
    };
    let made = ready(setup_message(options, &policy, &limits, now(), &mut rng(4), &RustCrypto, &mut ()));
    let made = made.unwrap();
    assert_eq!((made.code.len(), made.code.matches('-').count()), (44, 8));
    let text = String::from_utf8(made.mail.clone()).unwrap();
    assert!(text.contains("Autocrypt-Setup-Message: v1\r\n") && text.contains("Passphrase-Format: numeric9x4\r\n"));
    assert!(!text.contains(made.code.as_str()));
    let hint = setup_passphrase_hint(&made.mail, &limits).unwrap().unwrap();
    assert!(made.code.starts_with(&hint) && hint.len() == 2);
    let open = |code: &str| ready(open_setup_message(&made.mail, code, &limits, &policy, now(), &RustCrypto, &mut ()));
    for typed in [made.code.to_string(), made.code.replace('-', ""), made.code.replace('-', " ")] {
        let (key, prefers) = open(&typed).unwrap();
        assert_eq!((key.to_bytes() == plain, prefers), (true, true));
    }
    assert_eq!(open("0000-0000-0000-0000-0000-0000-0000-0000-0000").unwrap_err().code(), "decryption-failed");
    assert!(!format!("{made:?}").contains(made.code.as_str()));
    let locked = SetupOptions { passphrase: None, ..options };
    let refused = ready(setup_message(locked, &policy, &limits, now(), &mut rng(4), &RustCrypto, &mut ()));
    assert_eq!(refused.unwrap_err().code(), "passphrase-required");
    let other = written(&draft(), &[], &[], true);
    assert!(matches!(setup_passphrase_hint(&other, &limits), Err(MailError::Malformed { .. })));
}
