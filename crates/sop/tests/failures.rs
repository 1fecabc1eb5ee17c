//! How subcommands fail: the exit codes of draft-dkg-openpgp-stateless-cli, and what is said of malformed input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod command;

use command::{Folder, NOW, Person, at, good, run};

const DATA: &[u8] = b"one line\nand another\n";
const DAY: u32 = 86_400;

/// Every exit code that can be brought about here, by its name in the specification.
#[test]
fn exit_codes() {
    let work = Folder::new();
    let ann = Person::new(&work, "");
    let (cert, key) = (ann.certificate.as_str(), ann.secret.as_str());
    let message = good("encrypt {0}", &[cert], DATA);
    let signature = work.file(&good("sign {0}", &[key], DATA));
    let bob = Person::new(&work, "");
    let junk = work.file(b"junk");
    let missing = work.fresh();
    let files = [cert, key, signature.as_str(), bob.certificate.as_str(), bob.secret.as_str(), &junk, &missing];
    for (name, code, line, input) in [
        ("no signature", 3, "verify {2} {3}", DATA),
        ("cert cannot encrypt", 17, "encrypt {0}", DATA),
        ("missing arg", 19, "encrypt", DATA),
        ("missing arg", 19, "decrypt", &message),
        ("missing arg", 19, "sign", DATA),
        ("missing arg", 19, "inline-sign", DATA),
        ("missing arg", 19, "verify {2}", DATA),
        ("missing arg", 19, "inline-verify", DATA),
        ("missing arg", 19, "inline-detach", DATA),
        ("incomplete verification", 23, "decrypt --verify-with={0} {1}", &message),
        ("cannot decrypt", 29, "decrypt {4}", &message),
        ("unsupported option", 37, "sign --odd {1}", DATA),
        ("bad data", 41, "encrypt {5}", DATA),
        ("bad data", 41, "encrypt {1}", DATA),
        ("bad data", 41, "sign {0}", DATA),
        ("bad data", 41, "sign {5}", DATA),
        ("bad data", 41, "verify {5} {0}", DATA),
        ("bad data", 41, "decrypt {1}", b"junk"),
        ("bad data", 41, "extract-cert", b"junk"),
        ("expected text", 53, "sign --as=text {1}", b"\xff"),
        ("expected text", 53, "encrypt --as=text {0}", b"\xff"),
        ("output exists", 59, "decrypt --session-key-out={5} {1}", &message),
        ("missing input", 61, "encrypt {6}", DATA),
        ("unsupported subcommand", 69, "transmogrify", b""),
        ("unsupported special prefix", 71, "encrypt @ODD:x", DATA),
        ("incompatible options", 83, "version --backend --extended", b""),
        ("unsupported profile", 89, "generate-key --profile=odd Ann", b""),
        ("cert userid no match", 107, "certify-userid --userid=Eve {4}", &ann.certificate()),
    ] {
        // Ten years later the certificate is still valid; a date before it was made is the one when it cannot encrypt.
        let seconds = if code == 17 { NOW - DAY } else { NOW };
        let output = at(seconds, line, &files, input);
        assert_eq!(output.code, code, "{name}: {line}: {}", output.error);
        assert!(output.data.is_empty(), "{name}: {line} wrote something");
    }
    assert_eq!(at(NOW - DAY, "sign {1}", &files, DATA).code, 79, "key cannot sign");
    let revoked = work.file(&good("revoke-key", &[], &ann.secret()));
    let by_revoked = at(NOW - DAY, "certify-userid --userid=Ann<a@x.example> {1}", &files, &bob.certificate());
    assert_eq!(by_revoked.code, 103, "primary key bad");
    assert_eq!(run("encrypt {0}", &[&revoked], DATA).code, 17);
}

#[test]
fn what_is_malformed_is_told_with_packet_and_octet() {
    let work = Folder::new();
    let password = work.file(b"seven quiet herons");
    let message = good("encrypt --no-armor --with-password={0}", &[&password], DATA);
    let refused = run("decrypt --with-password={0}", &[&password], &message[..message.len() - 1]);
    assert_eq!(refused.code, 41, "{}", refused.error);
    assert!(refused.error.contains("(packet 18 at octet "), "{}", refused.error);
    let ann = Person::new(&work, "");
    let signed = good("inline-sign --no-armor {0}", &[&ann.secret], DATA);
    let twice = [signed.as_slice(), &signed].concat();
    let refused = run("inline-verify {0}", &[&ann.certificate], &twice);
    assert_eq!(refused.code, 41, "{}", refused.error);
    assert!(refused.error.contains("(packet "), "{}", refused.error);
}
