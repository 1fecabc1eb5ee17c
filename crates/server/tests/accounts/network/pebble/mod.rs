//! A CA that speaks ACME, on this machine: Let's Encrypt's Pebble, with an authority of its own for its directory.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

pub mod suggesting;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What its certificates last, in seconds.
pub const LIFE: i64 = 90 * 24 * 3600;

/// A port of this machine that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub struct Pebble {
    directory: PathBuf,
    port: u16,
    management: u16,
    /// Where it looks for proofs.
    looks_at: u16,
    /// Whom it asks for names, if not this machine.
    dns: Option<SocketAddr>,
    running: Option<Child>,
}

impl Pebble {
    /// Not started yet.
    pub fn new(directory: &Path, looks_at: u16) -> Self {
        // For every client of the test.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&authority_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let host = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let host = host.signed_by(&key, &Issuer::new(params, authority_key)).unwrap();
        for (name, pem) in [("root.pem", authority.pem()), ("host.pem", host.pem()), ("host.key", key.serialize_pem())]
        {
            std::fs::write(directory.join(name), pem).unwrap();
        }
        Self {
            directory: directory.to_owned(),
            port: free_port(),
            management: free_port(),
            looks_at,
            dns: None,
            running: None,
        }
    }

    pub fn asks(&mut self, dns: SocketAddr) {
        self.dns = Some(dns);
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// The authority of its own host.
    pub fn root(&self) -> String {
        self.directory.join("root.pem").to_str().unwrap().to_owned()
    }

    fn client(&self) -> reqwest::Client {
        let root = reqwest::Certificate::from_pem(&std::fs::read(self.root()).unwrap()).unwrap();
        // HTTP/1.1 has a header for the host that links are to lead to.
        reqwest::Client::builder().tls_certs_only([root]).http1_only().build().unwrap()
    }

    /// Starts it, with nothing that it knew before, and gives the authority of what it issues from now on, in PEM.
    pub async fn start(&mut self) -> Vec<u8> {
        let config = json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{}", self.port),
            "managementListenAddress": format!("127.0.0.1:{}", self.management),
            "certificate": self.directory.join("host.pem"),
            "privateKey": self.directory.join("host.key"),
            "httpPort": 1,
            "tlsPort": self.looks_at,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": LIFE,
        }});
        let file = self.directory.join("pebble.json");
        std::fs::write(&file, config.to_string()).unwrap();
        let log = std::fs::File::create(self.directory.join("pebble.log")).unwrap();
        // It refuses some nonces, as CAs do: that stays.
        let mut pebble = Command::new("pebble");
        pebble.env("PEBBLE_VA_NOSLEEP", "1").arg("-config").arg(file).stdin(Stdio::null());
        if let Some(dns) = self.dns {
            pebble.args(["-dnsserver", &dns.to_string()]);
        }
        self.running = Some(pebble.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        let (client, deadline) = (self.client(), Instant::now() + Duration::from_secs(20));
        loop {
            let asked = client.get(format!("https://localhost:{}/roots/0", self.management)).send().await;
            match asked {
                Ok(answer) => return answer.bytes().await.unwrap().to_vec(),
                Err(error) => assert!(Instant::now() < deadline, "{error}: {}", self.log()),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("pebble.log")).unwrap()
    }

    pub fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.kill();
            let _ = running.wait();
        }
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.stop();
    }
}
