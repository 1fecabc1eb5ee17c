//! Options by file: the same as flags, checked before anything is touched.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

fn check(directory: &Path, file: &str, flags: &[&str]) -> Output {
    let path = directory.join("envelock.toml");
    std::fs::write(&path, file).unwrap();
    Command::new(env!("CARGO_BIN_EXE_envelock-server"))
        .current_dir(directory)
        // The test's own, of which the server would say that it knows no such option.
        .env_remove("ENVELOCK_TEST_POSTGRES")
        .args(["serve", "--check-config", "--config", "envelock.toml"])
        .args(flags)
        .output()
        .unwrap()
}

#[track_caller]
fn refused(output: &Output, because: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(because), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_good_file_is_good_and_nothing_is_made() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("www")).unwrap();
    let file = r#"
        listen = "0.0.0.0:443"
        public-name = "mail.example.org"
        redirect-listen = "0.0.0.0:80"
        data-dir = "not/made/data"
        web-root = "www"
        keyserver = ["https://keys.openpgp.org"]
        envelope-bytes = 1000000
        login-attempts-per-minute = 10
        no-lookup = true
        registration = "open"
        registration-domain = ["example.org"]
        log = "json"
    "#;
    let output = check(directory.path(), file, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty() && output.stdout.is_empty());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "the file and the web root");
}

#[test]
fn a_certificate_that_browsers_will_refuse_is_told() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("www")).unwrap();
    let made = envelock_server::tls::self_signed(directory.path(), None, time::OffsetDateTime::now_utc()).unwrap();
    let shown = |path: &Path| path.display().to_string();
    let file = |name: &str| {
        format!(
            "public-name = \"{name}\"\nweb-root = \"www\"\ntls-certificate = \"{}\"\ntls-key = \"{}\"\n",
            shown(&made.certificate),
            shown(&made.key)
        )
    };
    let told = |name: &str| {
        let output = check(directory.path(), &file(name), &[]);
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(told("localhost"), "");
    assert!(told("mail.example.org").contains("not for the public name"));
}

/// What was left of a merge made the package's server end at its start.
#[test]
fn the_file_of_the_package_is_good_and_so_is_everything_it_suggests() {
    let directory = tempfile::tempdir().unwrap();
    let packaged = include_str!("../../../../packaging/envelock.toml");
    let here = |text: &str| {
        text.replace("web-root = \"/usr/share/envelock/www\"", "").replace("\"/var/lib/envelock\"", "\"data\"")
    };
    let output = check(directory.path(), &here(packaged), &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Each option that is commented out is one that there is.
    let known = |line: &str| {
        let output = check(directory.path(), line, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("unknown field") && !said.contains("TOML"), "{line}: {said}");
    };
    let suggested: Vec<_> = packaged.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(" = ")).collect();
    let suggested: Vec<_> = suggested.iter().filter(|(name, _)| !name.contains(' ')).collect();
    assert!(suggested.len() > 10, "the control: {suggested:?}");
    for (name, value) in suggested {
        known(&format!("{name} = {value}"));
    }
}

#[test]
fn what_is_wrong_is_named_with_file_and_place() {
    let directory = tempfile::tempdir().unwrap();
    let check = |file: &str| check(directory.path(), file, &[]);
    refused(&check("listn = \"0.0.0.0:443\""), "unknown field `listn`");
    refused(&check("listn = \"0.0.0.0:443\""), "envelock.toml");
    refused(&check("config = \"other.toml\""), "unknown field `config`");
    refused(&check("\n\nconnections = 0"), "line 3");
    refused(&check("keyserver = [\"http://keys.openpgp.org\"]"), "envelock.toml");
    refused(&check("web-root = \"not-here\""), "the web root not-here cannot be opened");
    refused(&check("redirect-listen = \"0.0.0.0:80\""), "--redirect-listen needs --public-name");
    refused(&check("registration = \"open\""), "--registration open needs --registration-domain");
    refused(&check("registration = \"perhaps\""), "envelock.toml");
    refused(&check("registration-domain = [\"anna@example.org\"]"), "what stands behind the @");
    refused(&check("public-name = \"https://mail.example.org\""), "a public name is a host name");
    let acme =
        |more: &str| check(&format!("public-name = \"mail.example.org\"\nacme-contact = \"anna@example.org\"\n{more}"));
    refused(&acme(""), "https://acme-v02.api.letsencrypt.org/directory");
    refused(&acme(""), "--acme-accept-terms");
    refused(&acme("acme-accept-terms = false"), "--acme-accept-terms");
    assert!(acme("acme-accept-terms = true").status.success());
    refused(&acme("acme-accept-terms = true\nacme-directory = \"http://ca.example\""), "begins with https://");
    refused(&acme("acme-accept-terms = true\nacme-root = \"envelock.toml\""), "envelock.toml has no certificate");
    refused(&acme("acme-accept-terms = true\ntls-certificate = \"a\"\ntls-key = \"b\""), "leave --tls-certificate");
    refused(&check("acme-directory = \"https://ca.example\""), "need --acme-contact");
    for name in ["", "public-name = \"192.0.2.7\""] {
        let file = format!("acme-contact = \"anna@example.org\"\nacme-accept-terms = true\n{name}");
        refused(&check(&file), "needs a --public-name");
    }
    for contact in
        ["anna", "@example.org", "anna@example.org,b@example.org", "anna@example.org?cc=x", "a b@example.org"]
    {
        refused(&check(&format!("acme-contact = \"{contact}\"")), "is a mail address");
    }
    refused(&check("smarthost = \"smtp.example.org\""), "need --send-mail");
    refused(&check("send-mail = true"), "--send-mail needs --mail-domain");
    let sending = |more: &str| check(&format!("send-mail = true\nmail-domain = [\"example.org\"]\n{more}"));
    refused(&sending(""), "needs a --public-name that is no address");
    let named = |more: &str| sending(&format!("public-name = \"mail.example.org\"\n{more}"));
    assert!(named("").status.success());
    refused(&named("smarthost = \"192.0.2.7\""), "--smarthost is the name of a server");
    refused(&named("smarthost-user = \"a\""), "need each other");
    refused(&check("mta-sts = \"enforce\""), "need --mail-domain");
    refused(&check("mta-sts = \"enforce\"\nmail-domain = [\"example.org\"]"), "--mta-sts needs a --public-name");
    refused(&check("tls-certificate = \"a.pem\""), "--tls-certificate and --tls-key need each other");
    refused(&check("tls-certificate = \"a.pem\"\ntls-key = \"a.key\""), "a.pem");
    refused(&check("database-url-file = \"url\""), "url: No such file");
    std::fs::write(directory.path().join("url"), "postgres://envelock:secret@db.example.org/envelock").unwrap();
    let output = check("database-url-file = \"url\"");
    refused(&output, "sslmode=verify-full");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("secret"));
    std::fs::create_dir(directory.path().join("www")).unwrap();
    std::fs::create_dir(directory.path().join("www/data")).unwrap();
    refused(&check("web-root = \"www\"\ndata-dir = \"www/data\""), "must not be inside the web root");
    refused(&check("web-root = \"www\"\ndata-dir = \"www/not/made/yet\""), "must not be inside the web root");
    assert!(check("web-root = \"www\"\ndata-dir = \"not/made/yet\"").status.success());
}

/// It said that all was well, and the server ended at its start.
#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("file"), "").unwrap();
    for place in ["/proc/data", "file", "file/data"] {
        let output = check(directory.path(), &format!("data-dir = \"{place}\""), &[]);
        refused(&output, &format!("the data directory {place} cannot be made or written"));
    }
}

#[test]
fn a_secret_that_others_may_read_is_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("secret");
    std::fs::write(&secret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    let file = "mail-domain = [\"example.org\"]\nwebhook-secret-file = \"secret\"";
    for (mode, is_open) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o602, true)] {
        std::fs::set_permissions(&secret, Permissions::from_mode(mode)).unwrap();
        let output = check(directory.path(), file, &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert_eq!(
            said.contains("others may read or write secret (--webhook-secret-file)"),
            is_open,
            "{mode:o}: {said}"
        );
        assert_eq!(said.is_empty(), !is_open, "{said}");
    }
    // In the log as well.
    let arguments = ["--listen", "127.0.0.1:0", "--web-root", "not-here", "--config", "envelock.toml"];
    let mut server = Command::new(env!("CARGO_BIN_EXE_envelock-server"));
    let output = server.current_dir(directory.path()).arg("serve").args(arguments).output().unwrap();
    refused(&output, "others may read or write secret (--webhook-secret-file)");
}

/// A pipe was waited for, for ever.
#[test]
fn a_secret_is_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (options, because) in [
        (
            "mail-domain = [\"example.org\"]\nwebhook-secret-file = \"pipe\"",
            "--webhook-secret-file pipe: not a regular file",
        ),
        ("database-url-file = \"pipe\"", "pipe: not a regular file"),
        ("bucket = \"a\"\nbucket-credentials-file = \"pipe\"", "pipe: not a regular file"),
    ] {
        refused(&check(directory.path(), options, &[]), because);
    }
    let file = "mail-domain = [\"example.org\"]\nwebhook-secret-file = \"secret\"";
    std::fs::write(directory.path().join("secret"), "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    refused(&check(directory.path(), file, &[]), "line 1 does not begin with whsec_");
}

#[test]
fn a_variable_that_is_no_option_is_named_without_its_value() {
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_envelock-server"))
        .current_dir(directory.path())
        .args(["serve", "--check-config"])
        .envs([("ENVELOCK_LISTN", "secret"), ("ENVELOCK_LISTEN", "127.0.0.1:0")])
        // As docs/programs.md has users set it, and examples read it.
        .env("ENVELOCK_TOKEN", "secret")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("ENVELOCK_LISTN:"), "{said}");
    assert!(
        !said.contains("ENVELOCK_LISTEN:") && !said.contains("ENVELOCK_TOKEN") && !said.contains("secret"),
        "{said}"
    );
}

#[test]
fn a_flag_stands_above_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let output = check(directory.path(), "web-root = \"not-here\"", &["--web-root", "nor-here"]);
    refused(&output, "nor-here");
}
