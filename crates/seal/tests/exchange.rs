//! What `envelock-seal` encrypts, other programs decrypt: GnuPG and Sequoia.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs a program with this input.
fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it is installed");
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    // Some end before they have read everything.
    let writing = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

fn done(output: Output) -> Vec<u8> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn seal(arguments: &[&str], certificate: &[u8], message: &[u8]) -> Output {
    let length = u32::try_from(certificate.len()).unwrap().to_be_bytes();
    let input = [&length, certificate, message].concat();
    run(Command::new(env!("CARGO_BIN_EXE_envelock-seal")).args(arguments), &input)
}

fn gpg(home: &Path) -> Command {
    let mut gpg = Command::new("gpg");
    gpg.env("GNUPGHOME", home).args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]);
    gpg
}

/// A new key in this folder; its certificate, binary.
fn gnupg_key(home: &Path, algorithm: &str, expires: &str) -> Vec<u8> {
    let generate = ["--quick-generate-key", "Anna <anna@demo.example>", algorithm, "default", expires];
    done(run(gpg(home).args(generate), b""));
    done(run(gpg(home).args(["--export", "anna@demo.example"]), b""))
}

#[test]
fn gnupg_decrypts_what_is_encrypted() {
    let home = tempfile::tempdir().unwrap();
    let certificate = gnupg_key(home.path(), "future-default", "1y");
    done(seal(&["--check"], &certificate, b""));
    let large: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
    for message in [b"From: a@b\r\n\r\nTr\xc3\xa4ume\r\n".as_slice(), b"", &large] {
        let sealed = done(seal(&[], &certificate, message));
        assert!(!sealed.windows(9).any(|octets| octets == b"From: a@b"));
        assert!(done(run(gpg(home.path()).arg("--decrypt"), &sealed)) == message);
    }
    let armored = done(run(gpg(home.path()).args(["--armor", "--export"]), b""));
    let sealed = done(seal(&[], &armored, b"hi"));
    assert_eq!(done(run(gpg(home.path()).arg("--decrypt"), &sealed)), b"hi");
}

#[test]
fn sequoia_decrypts_what_is_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let made = done(run(Command::new("sqop").args(["generate-key", "Anna <anna@demo.example>"]), b""));
    std::fs::write(&key, &made).unwrap();
    let certificate = done(run(Command::new("sqop").arg("extract-cert"), &made));
    let sealed = done(seal(&[], &certificate, b"hi"));
    assert_eq!(done(run(Command::new("sqop").arg("decrypt").arg(&key), &sealed)), b"hi");
}

/// It reads what strangers wrote: whatever they make it do, it has nothing to do it with.
#[test]
fn it_can_open_nothing_before_it_reads_anything() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_envelock-seal"));
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let limits = || std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let confined = |limits: &str| {
        ["Max open files", "Max processes", "Max core file size"].iter().all(|name| {
            let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().take(2).all(|most| most == "0")
        }) && !limits.contains("Max address space         unlimited")
    };
    for _ in 0..100 {
        if confined(&limits()) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let limits = limits();
    assert!(confined(&limits), "{limits}");
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(74));
}

#[test]
fn what_cannot_be_encrypted_to_is_told_and_nothing_goes_out() {
    let home = tempfile::tempdir().unwrap();
    let expired = gnupg_key(home.path(), "future-default", "seconds=1");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let signs_only = {
        let home = tempfile::tempdir().unwrap();
        let generate = ["--quick-generate-key", "Anna <anna@demo.example>", "ed25519", "sign", "1y"];
        done(run(gpg(home.path()).args(generate), b""));
        done(run(gpg(home.path()).arg("--export"), b""))
    };
    for certificate in [expired.as_slice(), &signs_only, b"", b"no certificate", expired.get(..40).unwrap()] {
        for arguments in [["--check"].as_slice(), &[]] {
            let refused = seal(arguments, certificate, b"a secret");
            assert_eq!((refused.status.code(), refused.stdout.len()), (Some(65), 0), "{refused:?}");
            assert!(!refused.stderr.is_empty() && !String::from_utf8_lossy(&refused.stderr).contains("secret"));
        }
    }
    // A secret key is told apart, in whatever form.
    let home = tempfile::tempdir().unwrap();
    gnupg_key(home.path(), "future-default", "1y");
    for arguments in [["--export-secret-keys"].as_slice(), &["--armor", "--export-secret-keys"]] {
        let key = done(run(gpg(home.path()).args(arguments), b""));
        for arguments in [["--check"].as_slice(), &[]] {
            let refused = seal(arguments, &key, b"a secret");
            assert_eq!((refused.status.code(), refused.stdout.len()), (Some(77), 0), "{refused:?}");
        }
    }
    let program = || Command::new(env!("CARGO_BIN_EXE_envelock-seal"));
    assert_eq!(run(&mut program(), &u32::MAX.to_be_bytes()).status.code(), Some(65), "too long");
    assert_eq!(run(&mut program(), b"\0\0").status.code(), Some(74), "not even a length");
    assert_eq!(run(program().arg("--decrypt"), b"").status.code(), Some(64));
}
