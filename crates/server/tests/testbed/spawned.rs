//! The real program on a real port, called over TLS.

use super::passwords::begin;
use super::{announcement, octets, random};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct Spawned {
    pub child: Child,
    pub origin: String,
    pub client: Client,
}

impl Spawned {
    /// Starts `serve --demo` over this data directory and waits for its ready line.
    pub async fn start(data: &Path, more: &[&str]) -> Self {
        Self::without_demo(data, &[&["--demo"], more].concat()).await
    }

    /// The same for accounts that a test makes: five times as fast, as no password is registered.
    pub async fn without_demo(data: &Path, more: &[&str]) -> Self {
        // Another test of this process may have done it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let database = super::databases::arguments(data).await;
        let mut child = Command::new(env!("CARGO_BIN_EXE_envelock-server"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .args(&database)
            .args(super::buckets::arguments_of_bed(data))
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if let Some(file) = database.last() {
            std::fs::remove_file(file).unwrap();
        }
        let origin = line.trim().strip_prefix("Envelock is ready at ").expect("a ready line").to_owned();
        // The certificate the program made is the only one trusted: the connection proves that it is for localhost.
        let pem = std::fs::read(data.join("tls/self-signed.pem")).unwrap();
        let client = Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
            .cookie_store(true)
            .build()
            .unwrap();
        Self { child, origin, client }
    }

    pub fn port(&self) -> u16 {
        self.origin.rsplit(':').next().unwrap().parse().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.client.post(self.url(path)).header("origin", &self.origin).json(body).send().await.unwrap()
    }

    pub async fn login(&self) {
        assert_eq!(self.log_in(&self.client, "anna@demo.example", "envelock demo").await, 200);
    }

    /// The status of a whole login by this client.
    pub async fn log_in(&self, client: &Client, address: &str, password: &str) -> u16 {
        let (begun, start) = begin(address, password);
        let post = async |path, body: &Value| {
            client.post(self.url(path)).header("origin", &self.origin).json(body).send().await.unwrap()
        };
        let answer = post("/api/v1/session/start", &start).await;
        assert_eq!(answer.status(), 200);
        let end = begun.end(&answer.json().await.unwrap());
        post("/api/v1/session", &end).await.status().as_u16()
    }

    /// Announces an envelope; returns its id and token.
    pub async fn announce(&self, size: usize) -> (String, String) {
        let token = random(32);
        let response = self.post("/api/v1/envelopes", &announcement(&token, size)).await;
        assert_eq!(response.status(), 201);
        let record: Value = response.json().await.unwrap();
        (record["id"].as_str().unwrap().to_owned(), token)
    }

    pub async fn upload(&self, id: &str, ciphertext: Vec<u8>) -> Response {
        self.client
            .put(self.url(&format!("/api/v1/envelopes/{id}/ciphertext")))
            .header("origin", &self.origin)
            .header("content-type", "application/octet-stream")
            .body(ciphertext)
            .send()
            .await
            .unwrap()
    }

    pub async fn seal(&self, size: usize) -> (String, String, Vec<u8>) {
        let (id, token) = self.announce(size).await;
        let ciphertext = octets(size);
        assert_eq!(self.upload(&id, ciphertext.clone()).await.status(), 204);
        (id, token, ciphertext)
    }

    pub async fn open(&self, id: &str, token: &str) -> Response {
        self.post(&format!("/api/v1/d/{id}/open"), &json!({"token": token})).await
    }

    /// As a power cut would: no handler runs.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The same while others use it.
    pub fn kill_now(&self) {
        let killed = Command::new("kill").args(["-s", "KILL", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
