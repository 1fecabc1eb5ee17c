//! Our server, and the world that it sends mail to: a signed DNS, and servers on addresses of this machine.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::signed_zone::SignedZone;
use crate::smtp_server::{Authority, Certificate, Manner, SmtpServer};
use crate::testbed::spawned::Spawned;
use reqwest::Response;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const MESSAGE: &str = "From: Anna <anna@demo.example>\r\nTo: bert@good.example\r\nBcc: hidden@good.example\r\nSubject: hi\r\n\r\nsecret words\r\n";

/// What stands between our server and the world.
pub struct World {
    pub data: tempfile::TempDir,
    pub authority: Authority,
    pub zone: SignedZone,
    pub port: u16,
    /// Keeps the port from being given to another test, as long as no server of this one is at its address.
    port_is_taken: TcpListener,
    pub clock: std::path::PathBuf,
}

pub fn at(last: u8, port: u16) -> SocketAddr {
    (Ipv4Addr::new(127, 0, 0, last), port).into()
}

impl World {
    /// A domain for each name, whose server is at `127.0.0.N`; TLSA where a key is given.
    pub fn new(authority: Authority, domains: &[(&str, u8, Option<&str>)], insecure: &str) -> Self {
        Self::with(authority, domains, insecure, String::new())
    }

    pub fn with(authority: Authority, domains: &[(&str, u8, Option<&str>)], insecure: &str, root: String) -> Self {
        let port_is_taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = port_is_taken.local_addr().unwrap().port();
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("authority.pem"), authority.pem()).unwrap();
        let clock = data.path().join("clock");
        std::fs::write(&clock, "0").unwrap();
        Self { authority, zone: zone(domains, insecure, root), port, port_is_taken, clock, data }
    }

    /// Has another zone take the place of the one before, for servers that are started from now on.
    pub fn publish(&mut self, domains: &[(&str, u8, Option<&str>)], root: String) {
        self.zone = zone(domains, "", root);
    }

    pub async fn server(&self, more: &[&str]) -> Spawned {
        let place = |name: &str| self.data.path().join(name).to_str().unwrap().to_owned();
        let (dns, port) = (self.zone.address.to_string(), self.port.to_string());
        let (anchor, authority) = (self.zone.anchor().to_str().unwrap().to_owned(), place("authority.pem"));
        let mut arguments = vec![
            "--public-name",
            "localhost",
            "--send-mail",
            "--mail-domain",
            "demo.example",
            "--test-mail-dns",
            &dns,
            "--test-mail-anchor",
            &anchor,
            "--test-mail-port",
            &port,
            "--test-mail-authority",
            &authority,
            "--test-clock-file",
            self.clock.to_str().unwrap(),
        ];
        arguments.extend(more);
        let server = Spawned::start(self.data.path(), &arguments).await;
        server.login().await;
        server
    }

    pub async fn smtp(&self, last: u8, certificate: &Certificate, manner: Manner) -> SmtpServer {
        SmtpServer::start(at(last, self.port), certificate, manner).await
    }

    /// Noon of UTC, today or tomorrow: what a test does is done in one day.
    pub fn at_noon(&self) {
        const DAY: i64 = 24 * 3600;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        self.wait((DAY / 2 - now).rem_euclid(DAY));
    }

    /// So many seconds later.
    pub fn wait(&self, seconds: i64) {
        let now: i64 = std::fs::read_to_string(&self.clock).unwrap().trim().parse().unwrap();
        // Whole or not at all: a clock read half written would jump.
        std::fs::write(self.clock.with_extension("next"), (now + seconds).to_string()).unwrap();
        std::fs::rename(self.clock.with_extension("next"), &self.clock).unwrap();
    }
}

fn zone(domains: &[(&str, u8, Option<&str>)], insecure: &str, mut root: String) -> SignedZone {
    for (name, last, key) in domains {
        root += &format!("{name}.example. MX 10 mx.{name}.example.\nmx.{name}.example. A 127.0.0.{last}\n");
        if let Some(key) = key {
            root += &format!("_25._tcp.mx.{name}.example. TLSA 3 1 1 {key}\n");
        }
    }
    root += "none.example. MX 0 .\n";
    SignedZone::start(&root, insecure, |signed| signed.replace("CAFECAFECAFECAFE", "CAFECAFECAFECAFF"))
}

pub async fn send(server: &Spawned, recipients: &str, message: &str) -> Response {
    server
        .client
        .post(server.url("/api/v1/outgoing"))
        .header("origin", &server.origin)
        .header("content-type", "application/octet-stream")
        .header("envelock-recipients", recipients)
        .body(message.to_owned())
        .send()
        .await
        .unwrap()
}

pub async fn taken(server: &Spawned, recipients: &str) -> String {
    let answer = send(server, recipients, MESSAGE).await;
    assert_eq!(answer.status(), 202, "{}", answer.text().await.unwrap());
    answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
}

pub async fn recipients(server: &Spawned, id: &str) -> Vec<Value> {
    let list: Value = server.client.get(server.url("/api/v1/outgoing")).send().await.unwrap().json().await.unwrap();
    let message = list["messages"].as_array().unwrap().iter().find(|message| message["id"] == id).unwrap().clone();
    message["recipients"].as_array().unwrap().clone()
}

/// Once every recipient is in one of these states: state and reason of each.
pub async fn fate(server: &Spawned, id: &str, states: &[&str]) -> Vec<String> {
    for _ in 0..300 {
        let found = recipients(server, id).await;
        if found.iter().all(|one| states.contains(&one["state"].as_str().unwrap())) {
            let told = |one: &Value| match one["reason"].as_str() {
                Some(reason) => format!("{} {reason}", one["state"].as_str().unwrap()),
                None => one["state"].as_str().unwrap().to_owned(),
            };
            return found.iter().map(told).collect();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{:?}", recipients(server, id).await);
}
