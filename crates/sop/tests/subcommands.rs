//! Each subcommand by itself. How they fail: `failures.rs`. Exchanges with other programs are in `tests/interop`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod command;

use command::{Folder, NOW, Person, at, good, run};

const DATA: &[u8] = b"one line\nand another\n";
const DAY: u32 = 86_400;
const PROFILES: [&str; 5] = ["compat", "rfc9580", "rsa", "nist", "pqc"];

#[test]
fn versions_and_profiles() {
    let said = |line: &str| String::from_utf8(good(line, &[], b"")).unwrap();
    assert!(said("version").starts_with("envelock-sop "));
    assert!(said("version --backend").starts_with("envelock "));
    assert!(said("version --extended").starts_with("envelock-sop ") && said("version --extended").contains("\nrPGP "));
    assert!(said("version --sop-spec").contains("draft-dkg-openpgp-stateless-cli-"));
    assert_eq!(said("version --sopv"), "1.0\n");
    let names = |line: &str| -> Vec<String> {
        said(line).lines().map(|line| line.split(':').next().unwrap().to_owned()).collect()
    };
    assert_eq!(names("list-profiles generate-key"), PROFILES);
    assert_eq!(names("list-profiles encrypt"), ["auto", "rfc9580", "rfc4880"]);
    assert_eq!(run("list-profiles sign", &[], b"").code, 89);
}

#[test]
fn every_profile_signs_and_encrypts_in_both_forms() {
    let work = Folder::new();
    for profile in PROFILES {
        let ann = Person::new(&work, &format!("--profile={profile}"));
        let (cert, key) = (ann.certificate.as_str(), ann.secret.as_str());
        for plain in ["", " --no-armor"] {
            let signature = good(&format!("sign{plain} {{0}}"), &[key], DATA);
            assert_eq!(signature.starts_with(b"-----BEGIN PGP SIGNATURE-----"), plain.is_empty());
            let lines = good("verify {0} {1}", &[&work.file(&signature), cert], DATA);
            let line = String::from_utf8(lines).unwrap();
            assert!(line.starts_with("2026-11-24T") && line.contains(" mode:binary {\"signers\":["), "{line}");

            let message = good(&format!("encrypt{plain} --sign-with={{0}} {{1}}"), &[key, cert], DATA);
            assert_eq!(message.starts_with(b"-----BEGIN PGP MESSAGE-----"), plain.is_empty());
            let out = work.fresh();
            let opened = good("decrypt --verifications-out={0} --verify-with={1} {2}", &[&out, cert, key], &message);
            assert_eq!(opened, DATA, "{profile}");
            assert_eq!(std::fs::read_to_string(out).unwrap().lines().count(), 1);
        }
    }
}

#[test]
fn armor_and_back() {
    let work = Folder::new();
    let ann = Person::new(&work, "");
    let signature = good("sign {0}", &[&ann.secret], DATA);
    let message = good("encrypt {0}", &[&ann.certificate], DATA);
    for (armored, label) in [
        (ann.secret(), "PRIVATE KEY BLOCK"),
        (ann.certificate(), "PUBLIC KEY BLOCK"),
        (signature, "SIGNATURE"),
        (message, "MESSAGE"),
        (good("inline-sign {0}", &[&ann.secret], DATA), "MESSAGE"),
    ] {
        let binary = good("dearmor", &[], &armored);
        assert!(binary[0] & 0x80 != 0);
        assert_eq!(good("dearmor", &[], &binary), binary);
        let again = good("armor", &[], &binary);
        assert!(again.starts_with(format!("-----BEGIN PGP {label}-----").as_bytes()), "{label}");
        assert_eq!(good("armor", &[], &again), again);
        assert_eq!(good("dearmor", &[], &again), binary);
    }
    for junk in [&b"hello"[..], b"", b"\x80", b"\xff\xff\xff"] {
        assert_eq!((run("armor", &[], junk).code, run("dearmor", &[], junk).code), (41, 41), "{junk:?}");
    }
}

#[test]
fn inline_signatures_in_all_forms() {
    let work = Folder::new();
    let ann = Person::new(&work, "--profile=rfc9580");
    for (form, mode) in [("binary", "mode:binary"), ("text", "mode:text"), ("clearsigned", "mode:text")] {
        let message = good(&format!("inline-sign --as={form} {{0}}"), &[&ann.secret], DATA);
        let out = work.fresh();
        let data = good("inline-verify --verifications-out={0} {1}", &[&out, &ann.certificate], &message);
        assert_eq!(data, DATA, "{form}");
        assert!(std::fs::read_to_string(&out).unwrap().contains(mode), "{form}");

        let signatures = work.fresh();
        let data = good("inline-detach --signatures-out={0}", &[&signatures], &message);
        assert_eq!(data, DATA);
        good("verify {0} {1}", &[&signatures, &ann.certificate], &data);
        assert_eq!(run("verify {0} {1}", &[&signatures, &ann.certificate], b"other").code, 3);
    }
    assert_eq!(run("inline-sign --no-armor --as=clearsigned {0}", &[&ann.secret], DATA).code, 83);
    assert_eq!(run("inline-sign --as=clearsigned {0}", &[&ann.secret], b"\xff").code, 53);
    let unsigned = good("decrypt {0}", &[&ann.secret], &good("encrypt {0}", &[&ann.certificate], DATA));
    assert_eq!(run("inline-verify {0}", &[&ann.certificate], &unsigned).code, 41);
}

#[test]
fn as_many_passwords_as_are_tried() {
    let work = Folder::new();
    let passwords: Vec<_> = (1..=9).map(|n| work.file(format!("{n} herons").as_bytes())).collect();
    // Read with the blank or without it.
    let last = work.file(b"8 herons ");
    for profile in ["rfc9580", "rfc4880"] {
        let line = |most: usize| {
            let given = (0..most).map(|n| format!("--with-password={{{n}}}")).collect::<Vec<_>>().join(" ");
            format!("encrypt --profile={profile} {given}")
        };
        let files: Vec<&str> = passwords.iter().map(String::as_str).collect();
        let message = good(&line(8), &files, DATA);
        assert_eq!(good("decrypt --with-password={0}", &[&last], &message), DATA, "{profile}");
        assert_eq!(run(&line(9), &files, DATA).code, 1);
    }
}

#[test]
fn passwords_and_session_keys() {
    let work = Folder::new();
    // The final line end of a file is not part of the password.
    let (password, same, other) =
        (work.file(b"seven herons\n"), work.file(b"seven herons"), work.file(b"eight herons"));
    for profile in ["auto", "rfc9580", "rfc4880", "default", "compatibility"] {
        let out = work.fresh();
        let line = format!("encrypt --profile={profile} --session-key-out={{0}} --with-password={{1}}");
        let message = good(&line, &[&out, &password], DATA);
        assert_eq!(good("decrypt --with-password={0}", &[&same], &message), DATA);
        assert_eq!(good("decrypt --with-password={0} --with-password={1}", &[&other, &password], &message), DATA);
        assert_eq!(run("decrypt --with-password={0}", &[&other], &message).code, 29);
        assert_eq!(good("decrypt --with-session-key={0}", &[&out], &message), DATA, "{profile}");
        let again = work.fresh();
        good("decrypt --session-key-out={0} --with-password={1}", &[&again, &password], &message);
        assert_eq!(std::fs::read(again).unwrap(), std::fs::read(&out).unwrap());
        let wrong = work.file(format!("9:{}", "AB".repeat(32)).as_bytes());
        assert_eq!(run("decrypt --with-session-key={0}", &[&wrong], &message).code, 29);
    }
    let both = good("encrypt --with-password={0} --with-password={1}", &[&password, &other], DATA);
    assert_eq!(good("decrypt --with-password={0}", &[&other], &both), DATA);
    assert_eq!(run("encrypt --with-password={0}", &[&work.file(b"\xff\xfe")], DATA).code, 31);
    assert_eq!(run("encrypt --profile=future --with-password={0}", &[&password], DATA).code, 89);
}

#[test]
fn locked_keys_and_several_passwords() {
    let work = Folder::new();
    let (old, new, wrong) = (work.file(b"old"), work.file(b"new"), work.file(b"wrong"));
    for profile in ["compat", "rfc9580"] {
        let ann = Person::new(&work, &format!("--profile={profile} --with-key-password={old}"));
        let bob = Person::new(&work, &format!("--profile={profile} --with-key-password={new}"));
        let message = good("encrypt {0}", &[&bob.certificate], DATA);
        let keys = [ann.secret.as_str(), &bob.secret, &old, &new, &wrong];
        assert_eq!(run("decrypt {0} {1}", &keys, &message).code, 67);
        assert_eq!(run("decrypt --with-key-password={4} {0} {1}", &keys, &message).code, 67);
        assert_eq!(good("decrypt --with-key-password={2} --with-key-password={3} {0} {1}", &keys, &message), DATA);

        assert_eq!(run("sign {0}", &keys, DATA).code, 67);
        let signed = good("sign --with-key-password={3} --with-key-password={2} {0} {1}", &keys, DATA);
        let lines = good("verify {0} {1} {2}", &[&work.file(&signed), &ann.certificate, &bob.certificate], DATA);
        assert_eq!(String::from_utf8(lines).unwrap().lines().count(), 2);

        let secret = ann.secret();
        assert_eq!(run("change-key-password", &[], &secret).code, 67);
        assert_eq!(run("change-key-password --old-key-password={4}", &keys, &secret).code, 67);
        let line = "change-key-password --old-key-password={4} --old-key-password={2} --new-key-password={3}";
        let changed = work.file(&good(line, &keys, &secret));
        let message = good("encrypt {0}", &[&ann.certificate], DATA);
        assert_eq!(run("decrypt --with-key-password={0} {1}", &[&old, &changed], &message).code, 67);
        assert_eq!(good("decrypt --with-key-password={0} {1}", &[&new, &changed], &message), DATA);
        let open = good("change-key-password --old-key-password={0}", &[&new], &std::fs::read(&changed).unwrap());
        assert_eq!(good("decrypt {0}", &[&work.file(&open)], &message), DATA);
    }
}

#[test]
fn several_keys_in_one_file_and_several_files() {
    let work = Folder::new();
    let (ann, bob) = (Person::new(&work, ""), Person::new(&work, "--profile=rfc9580"));
    let binary = |armored: Vec<u8>| good("dearmor", &[], &armored);
    let ring = work.file(&[binary(ann.secret()), binary(bob.secret())].concat());
    let certificates = work.file(&[ann.certificate(), bob.certificate()].concat());
    assert_eq!(good("extract-cert", &[], &std::fs::read(&ring).unwrap()).len(), {
        let both = [binary(ann.certificate()), binary(bob.certificate())].concat();
        good("armor", &[], &both).len()
    });
    let message = good("encrypt {0}", &[&certificates], DATA);
    for key in [&ann.secret, &bob.secret, &ring] {
        assert_eq!(good("decrypt {0}", &[key], &message), DATA);
    }
    let signed = work.file(&good("sign {0}", &[&ring], DATA));
    let lines = |files: &[&str], line: &str| String::from_utf8(good(line, files, DATA)).unwrap().lines().count();
    assert_eq!(lines(&[&signed, &certificates], "verify {0} {1}"), 2);
    assert_eq!(lines(&[&signed, &ann.certificate, &bob.certificate], "verify {0} {1} {2}"), 2);
    assert_eq!(lines(&[&signed, &bob.certificate], "verify {0} {1}"), 1);
}

#[test]
fn signing_only_keys() {
    let work = Folder::new();
    for profile in ["compat", "rfc9580"] {
        let ann = Person::new(&work, &format!("--signing-only --profile={profile}"));
        good("verify {0} {1}", &[&work.file(&good("sign {0}", &[&ann.secret], DATA)), &ann.certificate], DATA);
        assert_eq!(run("encrypt {0}", &[&ann.certificate], DATA).code, 17);
    }
}

#[test]
fn only_signatures_of_the_period_count() {
    let work = Folder::new();
    let ann = Person::new(&work, "");
    let signed = at(NOW + DAY, "sign {0}", &[&ann.secret], DATA);
    let signature = work.file(&signed.data);
    let files = [signature.as_str(), &ann.certificate];
    let verify = |options: &str| at(NOW + 3 * DAY, &format!("verify {options}{{0}} {{1}}"), &files, DATA).code;
    assert_eq!(verify(""), 0);
    assert_eq!(verify("--not-before=2026-11-24 --not-after=2026-11-26 "), 0);
    assert_eq!(verify("--not-before=2026-11-26 "), 3);
    assert_eq!(verify("--not-after=2026-11-23 "), 3);
    assert_eq!(at(NOW, "verify {0} {1}", &files, DATA).code, 3, "a signature of tomorrow");
}

#[test]
fn the_digest_is_told() {
    let work = Folder::new();
    let ann = Person::new(&work, "");
    // Ed448 wants a longer one (RFC 9580 §5.2.3.5).
    let ed448 = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/00-keys/rpgp-v6-ed448-x448.tsk.asc");
    for (key, name) in [(ann.secret.as_str(), "pgp-sha256"), (ed448, "pgp-sha512")] {
        let out = work.fresh();
        good("sign --as=text --micalg-out={0} {1}", &[&out, key], DATA);
        assert_eq!(std::fs::read_to_string(out).unwrap(), name);
    }
}

#[test]
fn revoked_keys_do_nothing_more() {
    let work = Folder::new();
    let password = work.file(b"old");
    for profile in ["compat", "rfc9580"] {
        let ann = Person::new(&work, &format!("--profile={profile} --with-key-password={password}"));
        let signature = work.file(&good("sign --with-key-password={0} {1}", &[&password, &ann.secret], DATA));
        assert_eq!(run("revoke-key", &[], &ann.secret()).code, 67);
        let revoked = work.file(&good("revoke-key --with-key-password={0}", &[&password], &ann.secret()));
        assert_eq!(run("encrypt {0}", &[&revoked], DATA).code, 17);
        assert_eq!(run("verify {0} {1}", &[&signature, &revoked], DATA).code, 3);
    }
}

#[test]
fn an_update_adds_what_is_missing_and_no_more() {
    let work = Folder::new();
    for profile in ["compat", "rfc9580"] {
        let ann = Person::new(&work, &format!("--signing-only --profile={profile}"));
        let secret = ann.secret();
        assert_eq!(good("update-key --signing-only", &[], &secret), secret, "nothing to do");
        let updated = good("update-key", &[], &secret);
        let certificate = work.file(&good("extract-cert", &[], &updated));
        let message = good("encrypt {0}", &[&certificate], DATA);
        assert_eq!(good("decrypt {0}", &[&work.file(&updated)], &message), DATA);
        assert_eq!(good("update-key", &[], &updated), updated, "nothing to do any more");
    }
}

#[test]
fn user_ids_are_certified_and_validated() {
    let work = Folder::new();
    let (authority, other) = (Person::new(&work, ""), Person::new(&work, "--profile=rfc9580"));
    for profile in ["compat", "rfc9580"] {
        let secret = good(&format!("generate-key --profile={profile} Bob<b@x.example>"), &[], b"");
        let bob = good("extract-cert", &[], &secret);
        for root in [&authority, &other] {
            let certified = good("certify-userid --userid=Bob<b@x.example> {0}", &[&root.secret], &bob);
            good("validate-userid Bob<b@x.example> {0}", &[&root.certificate], &certified);
            good("validate-userid --addr-spec-only b@x.example {0}", &[&root.certificate], &certified);
            for line in [
                "validate-userid Bob {0}",
                "validate-userid --addr-spec-only c@x.example {0}",
                "validate-userid --validate-at=2026-11-01 Bob<b@x.example> {0}",
            ] {
                assert_eq!(run(line, &[&root.certificate], &certified).code, 107, "{line}");
            }
            assert_eq!(run("validate-userid Bob<b@x.example> {0}", &[&root.certificate], &bob).code, 107);
        }
        let by_one = good("certify-userid --userid=Bob<b@x.example> {0}", &[&authority.secret], &bob);
        assert_eq!(run("validate-userid Bob<b@x.example> {0}", &[&other.certificate], &by_one).code, 107);
        assert_eq!(run("certify-userid --userid=Eve {0}", &[&authority.secret], &bob).code, 107);
        let mut revoked = good("revoke-key", &[], &authority.secret());
        assert_eq!(run("validate-userid Bob<b@x.example> {0}", &[&work.file(&revoked)], &by_one).code, 107);
        revoked.clear();
        let unbound = "certify-userid --no-require-self-sig --userid=Bob<b@x.example> {0}";
        assert_eq!(run(unbound, &[&authority.secret], &bob).code, 37);
    }
}

#[test]
fn copies_of_a_certificate_are_merged() {
    let work = Folder::new();
    let (ann, authority) = (Person::new(&work, ""), Person::new(&work, "--profile=rfc9580"));
    let plain = ann.certificate();
    let certified = good("certify-userid --userid=Ann<a@x.example> {0}", &[&authority.secret], &plain);
    let revoked = good("revoke-key", &[], &ann.secret());
    let files = [&work.file(&certified), &work.file(&revoked), &authority.certificate, &ann.certificate];
    let files = files.map(String::as_str);

    let merged = good("merge-certs {0} {1} {2}", &files, &plain);
    good("validate-userid Ann<a@x.example> {2}", &files, &good("merge-certs {0} {3}", &files, &plain));
    assert_eq!(run("encrypt {0}", &[&work.file(&merged)], DATA).code, 17, "the revocation is there");
    assert_eq!(good("merge-certs {1} {0}", &files, &merged), merged, "nothing is added twice");
    let ring = [good("dearmor", &[], &plain), good("dearmor", &[], &certified)].concat();
    assert_eq!(good("merge-certs", &[], &ring), certified, "copies in one file are one certificate");
    assert_eq!(good("merge-certs {2}", &files, &plain), plain, "others' certificates are not taken in");

    let updated = good("update-key --merge-certs={0}", &files, &ann.secret());
    good("validate-userid Ann<a@x.example> {2}", &files, &good("extract-cert", &[], &updated));
    assert_eq!(run("merge-certs", &[], &ann.secret()).code, 41);
}
