//! `envelock-server user`: accounts made, changed and closed beside a running server.

use crate::testbed::databases;
use crate::testbed::spawned::Spawned;
use reqwest::Client;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the program; what it reads is `input`.
async fn user(data: &Path, arguments: &[&str], input: &str) -> Output {
    let database = databases::arguments(data).await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_envelock-server"))
        .arg("user")
        .args(arguments)
        .arg("--data-dir")
        .arg(data)
        .args(&database)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that reads nothing may be gone by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    if let Some(file) = database.last() {
        std::fs::remove_file(file).unwrap();
    }
    output
}

async fn done(data: &Path, arguments: &[&str], input: &str) -> String {
    let output = user(data, arguments, input).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn refused(data: &Path, arguments: &[&str], input: &str, because: &str) {
    let output = user(data, arguments, input).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(because), "{said}");
    assert!(output.stdout.is_empty(), "no password of nobody");
}

async fn who(server: &Spawned, client: &Client) -> u16 {
    client.get(server.url("/api/v1/session")).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn an_account_is_made_changed_closed_and_opened_again_beside_a_running_server() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Spawned::start(data, &[]).await;
    let client = &server.client;
    let ben = "Ben@example.org";

    let made = done(data, &["add", ben, "--name", "Ben Ohm"], "").await;
    let password = made.trim_end();
    assert!(password.len() == 23 && password.split('-').all(|group| group.len() == 5), "{password}");
    assert_eq!(server.log_in(client, "ben@example.org", "another password").await, 401);
    assert_eq!(server.log_in(client, "ben@example.org", password).await, 200);
    assert_eq!(who(&server, client).await, 200);

    refused(data, &["add", "ben@EXAMPLE.org", "--name", "B"], "", "there is an account").await;
    let list = done(data, &["list"], "").await;
    let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), 2, "the demo's and Ben's");
    assert_eq!((lines[1][0], lines[1][1]), (ben, "Ben Ohm"));
    assert_eq!(lines[1][3..], ["open", "password", "0", "-"]);
    let token = serde_json::json!({"name": "Backup", "scopes": ["envelopes:read"], "expiresInDays": 1});
    assert_eq!(server.post("/api/v1/account/tokens", &token).await.status(), 201);
    assert!(done(data, &["list"], "").await.ends_with("\topen\tpassword\t1\t-\n"));

    let arguments = ["password", ben, "--password-stdin"];
    assert_eq!(done(data, &arguments, "eight lilac horses\n").await, "", "it is known already");
    assert_eq!(who(&server, client).await, 204, "sessions end with the old password");
    assert_eq!(server.log_in(client, ben, password).await, 401);
    assert_eq!(server.log_in(client, ben, "eight lilac horses").await, 200);

    assert_eq!(done(data, &["close", ben], "").await, "");
    assert_eq!(who(&server, client).await, 204);
    assert_eq!(server.log_in(client, ben, "eight lilac horses").await, 401);
    assert!(done(data, &["list"], "").await.contains("\tclosed\tpassword\t0\t-\n"));
    let again = done(data, &["password", ben], "").await;
    assert_ne!(again, made);
    assert_eq!(server.log_in(client, ben, again.trim_end()).await, 200);
    // What no password belongs to any more is no account's. Nobody does that by mistake.
    for input in ["", "yes\n"] {
        refused(data, &["renew-secret"], input, "closes 2 accounts").await;
    }
    assert_eq!(who(&server, client).await, 200);
    assert!(done(data, &["renew-secret", "--yes"], "").await.starts_with("2 accounts are closed"));
    assert_eq!(who(&server, client).await, 204);
    assert!(!done(data, &["list"], "").await.contains("\topen\t"));
}

#[tokio::test]
async fn an_invitation_is_a_link_that_is_printed_once_listed_and_withdrawn() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Spawned::start(data, &["--registration", "invitation"]).await;
    let link =
        done(data, &["invite", "--address", "ben@example.org", "--days", "3", "--listen", "127.0.0.1:443"], "").await;
    let token = link.trim_end().strip_prefix("https://localhost:443/register#").unwrap();
    let named = done(data, &["invite", "--public-name", "mail.example.org", "--listen", "0.0.0.0:443"], "").await;
    assert!(named.starts_with("https://mail.example.org/register#"), "{named}");
    let named = done(data, &["invite", "--public-name", "mail.example.org:9443", "--listen", "0.0.0.0:443"], "").await;
    assert!(named.starts_with("https://mail.example.org:9443/register#"), "{named}");
    let list = done(data, &["invitations"], "").await;
    let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!((lines.len(), lines[0][1], lines[1][1]), (3, "ben@example.org", "any"));
    assert!(!list.contains(token), "nobody can look it up later");

    let show = async || {
        server.post("/api/v1/registration/invitation", &serde_json::json!({"invitation": token})).await.status()
    };
    assert_eq!(show().await, 200);
    assert_eq!(done(data, &["withdraw-invitation", lines[0][0]], "").await, "");
    assert_eq!(show().await, 403);
    refused(data, &["withdraw-invitation", lines[0][0]], "", "no invitation").await;
    refused(data, &["invite", "--address", "anna@demo.example"], "", "there is an account").await;
    refused(data, &["invite", "--days", "0"], "", "days").await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    refused(&data.join("not-here"), &["list"], "", "there is no data directory").await;
    assert!(!data.join("not-here").exists());
    // An account to make is one of a server that was started.
    Spawned::start(data, &[]).await.kill();
    for address in ["ben", "@example.org", "ben@", "b en@example.org", "ben@example.org\n", ""] {
        refused(data, &["add", address, "--name", "Ben"], "", "name@example.org").await;
    }
    for name in ["", "  ", "Ben\nOhm"] {
        refused(data, &["add", "ben@example.org", "--name", name], "", "one line").await;
    }
    let arguments = ["add", "ben@example.org", "--name", "Ben", "--password-stdin"];
    refused(data, &arguments, "short\n", "12 characters").await;
    refused(data, &arguments, "", "12 characters").await;
    refused(data, &arguments, &"x".repeat(1025), "1024 octets").await;
    refused(data, &["password", "ben@example.org"], "", "no account").await;
    refused(data, &["close", "ben@example.org"], "", "no account").await;
    assert_eq!(done(data, &["list"], "").await.lines().count(), 1, "that of the demo");
}
