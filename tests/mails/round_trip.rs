//! What `compose` writes, `read` reads; and what lies on the wire in between.

use crate::cast::*;
use envelock::mail::{Attachment, ComposeError, ComposeOptions, Draft, compose_blocking};
use envelock::message::{Format, FromMatch, Signer, VerdictStatus};
use envelock::{Limits, Policy, Profile};

#[test]
fn a_plain_mail() {
    let mail = written(&draft(), &[], &[], true);
    let read = opened(&mail, &[], &[]);
    assert_eq!(field(&read, "subject"), ("Results", "unprotected"));
    assert_eq!(read.protection.code(), "unprotected");
    assert_eq!(read.parts[0].text.as_deref(), Some("All is well.\r\n"));
    assert_eq!(read.from.unwrap().address, "anna@demo.example");
}

#[test]
fn a_signed_mail_and_the_same_after_changes_on_the_way() {
    let anna = key(Profile::Compat, "Anna");
    let text = "Grüße\n\nFrom here on:\n- trailing blanks \t\n.\n-- \nAnna\n".to_owned() + &"long ".repeat(60);
    let mail = written(&Draft { text: text.clone(), ..draft() }, &[&anna], &[], true);
    assert!(mail.is_ascii() && mail.split(|octet| *octet == b'\n').all(|line| line.len() <= 78));
    let ends_blank = |line: &[u8]| line.ends_with(b" \r") || line.ends_with(b"\t\r");
    assert!(!mail.split(|octet| *octet == b'\n').any(|line| line.starts_with(b"From ") || ends_blank(line)));
    let certificates = [anna.certificate()];
    let whole = String::from_utf8(mail).unwrap();
    assert!(whole.contains("micalg=\"pgp-sha256\""), "{whole}");
    for on_the_way in [whole.clone(), whole.replace("\r\n", "\n"), format!("Received: by mx\r\n{whole}")] {
        let read = opened(on_the_way.as_bytes(), &[], &certificates);
        assert_eq!(read.protection.code(), "signed");
        assert_eq!(read.signatures[0].from, Some(FromMatch::Match));
        assert_eq!(field(&read, "subject"), ("Results", "signed"));
        assert_eq!(read.parts[0].text.as_deref().unwrap().replace("\r\n", "\n"), text);
        assert!(read.mismatches.is_empty(), "{:?}", read.mismatches);
    }
    let changed = opened(whole.replace("trailing", "Trailing").as_bytes(), &[], &certificates);
    assert_eq!(changed.signatures[0].status, VerdictStatus::Invalid);
    assert_eq!((changed.protection.code(), changed.parts[0].protection.code()), ("unprotected", "unprotected"));
    let renamed = opened(whole.replacen("Subject: Results", "Subject: Pay", 1).as_bytes(), &[], &certificates);
    assert_eq!(field(&renamed, "subject"), ("Results", "signed"), "the signed one is shown");
    assert_eq!(renamed.mismatches[0].outer.as_deref(), Some("Pay"));
}

#[test]
fn an_encrypted_mail_with_everything_in_it() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let everything = Draft {
        subject: "Ergebnisse für Bert, streng geheim und über eine Zeile hinaus lang".into(),
        html: Some("<p>All is <b>well</b>.</p>".into()),
        attachments: vec![
            Attachment { name: "ä.pdf".into(), mime_type: "application/pdf".into(), data: vec![0, 255, 13, 10] },
            Attachment { name: "empty.txt".into(), mime_type: "text/plain".into(), data: Vec::new() },
        ],
        references: Some("<a@demo.example> <b@demo.example>".into()),
        in_reply_to: Some("<b@demo.example>".into()),
        ..draft()
    };
    let mail = written(&everything, &[&anna], &[bert.certificate()], true);
    let text = String::from_utf8(mail.clone()).unwrap();
    assert!(text.contains("Subject: [...]\r\n") && !text.contains("Ergebnisse") && !text.contains(".pdf"));
    let read = opened(&mail, &[&bert], &[anna.certificate()]);
    assert_eq!(read.protection.code(), "signed-and-encrypted");
    assert_eq!(field(&read, "Subject"), (everything.subject.as_str(), "signed-and-encrypted"));
    assert_eq!(field(&read, "To").1, "signed", "readable outside");
    assert!(read.mismatches.is_empty(), "{:?}", read.mismatches);
    let types: Vec<_> = read.parts.iter().map(|part| (part.path.as_str(), part.mime_type.as_str())).collect();
    assert_eq!(
        types,
        [("1.1.1", "text/plain"), ("1.1.2", "text/html"), ("1.2", "application/pdf"), ("1.3", "text/plain"),]
    );
    assert_eq!(read.parts[0].group.as_ref().unwrap().0, "alternative");
    assert_eq!((read.parts[2].name.as_deref(), read.parts[2].attachment), (Some("ä.pdf"), true));
    assert_eq!(*read.parts[2].data, [0, 255, 13, 10]);
    assert!(read.parts.iter().all(|part| part.protection.code() == "signed-and-encrypted"));
    assert_eq!(read.signatures[0].from, Some(FromMatch::Match));

    let closed = opened(&mail, &[&anna], &[]);
    assert_eq!(closed.parts[0].problem.as_ref().unwrap().code, "no-matching-key");
    assert_eq!((closed.parts.len(), closed.parts[0].data.len()), (1, 0));
    assert_eq!(field(&closed, "subject"), ("[...]", "unprotected"));
    assert_eq!(closed.protection.code(), "unprotected");
}

#[test]
fn hidden_recipients_are_not_told_to_each_other() {
    let (anna, bert, cleo) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"), key(Profile::Compat, "Cleo"));
    let recipients = [bert.certificate(), cleo.certificate()];
    let signers = [Signer { key: &anna, passphrase: None }];
    let draft = draft();
    for hide_recipients in [true, false] {
        let options = ComposeOptions {
            draft: &draft,
            signers: &signers,
            recipients: &recipients,
            passwords: &[],
            format: Format::Auto,
            hide_subject: true,
            hide_recipients,
            notations: &[],
            autocrypt: None,
            gossip: &[],
        };
        let mail = compose_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(3), &mut ());
        let read = opened(&mail.unwrap().mail, &[&bert], &[anna.certificate()]);
        assert_eq!(read.protection.code(), "signed-and-encrypted");
        assert_eq!(read.signatures[0].intended_recipients.is_empty(), hide_recipients);
    }
}

#[test]
fn the_subject_outside_if_wished() {
    let bert = key(Profile::Rfc9580, "Bert");
    let mail = written(&draft(), &[], &[bert.certificate()], false);
    assert!(String::from_utf8_lossy(&mail).contains("Subject: Results\r\n"));
    let read = opened(&mail, &[&bert], &[]);
    assert_eq!(read.protection.code(), "encrypted");
    assert_eq!(field(&read, "subject"), ("Results", "unprotected"), "known outside, and nobody signed it");
}

#[test]
fn a_stranger_cannot_put_another_author_inside() {
    let (eve, bert) = (key(Profile::Compat, "Eve"), key(Profile::Rfc9580, "Bert"));
    let mail = written(&draft(), &[&eve], &[bert.certificate()], true);
    let posted = String::from_utf8(mail).unwrap().replacen("\"Anna\" <anna@demo.example>", "Eve <eve@demo.example>", 1);
    let read = opened(posted.as_bytes(), &[&bert], &[eve.certificate()]);
    assert_eq!(read.from.as_ref().unwrap().address, "eve@demo.example");
    assert_eq!(read.signatures[0].from, Some(FromMatch::Match), "compared with who is shown");
    assert_eq!(field(&read, "from").1, "unprotected");
    assert!(read.mismatches.iter().any(|mismatch| mismatch.name == "From"));
    // With the owner's signature the one inside counts.
    let anna = key(Profile::Compat, "Anna");
    let mail = written(&draft(), &[&anna], &[bert.certificate()], true);
    let posted =
        String::from_utf8(mail).unwrap().replacen("\"Anna\" <anna@demo.example>", "List <list@demo.example>", 1);
    let read = opened(posted.as_bytes(), &[&bert], &[anna.certificate()]);
    assert_eq!(read.from.as_ref().unwrap().address, "anna@demo.example");
    assert_eq!(field(&read, "from"), ("\"Anna\" <anna@demo.example>", "signed"));
}

#[test]
fn headers_cannot_be_smuggled_in() {
    let compose = |draft: &Draft| {
        let options = ComposeOptions {
            draft,
            signers: &[],
            recipients: &[],
            passwords: &[],
            format: Format::Auto,
            hide_subject: true,
            hide_recipients: false,
            notations: &[],
            autocrypt: None,
            gossip: &[],
        };
        compose_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(3), &mut ())
    };
    for address in ["bert@demo.example\r\nBcc: eve@evil.example", "bert", "a b@c", "bért@demo.example", "<b@c>"] {
        let refused = compose(&Draft { to: vec![mailbox("", address)], ..draft() });
        assert_eq!(refused, Err(ComposeError::BadAddress { field: "To" }), "{address:?}");
    }
    for id in ["x", "<a@b>\r\nBcc: eve@evil.example", "<a@b> x"] {
        let refused = compose(&Draft { in_reply_to: Some(id.into()), ..draft() });
        assert_eq!(refused, Err(ComposeError::BadHeader { field: "In-Reply-To" }), "{id:?}");
    }
    let odd = Draft {
        subject: "a\r\nBcc: eve@evil.example".into(),
        to: vec![mailbox("B\r\nBcc: eve@evil.example", "bert@demo.example")],
        ..draft()
    };
    let mail = String::from_utf8(compose(&odd).unwrap().mail).unwrap();
    assert!(!mail.contains("Bcc"), "{mail}");
}
