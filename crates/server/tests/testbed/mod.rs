//! A server in a temporary directory, called in process, with a clock that tests move.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

pub mod authenticator;
pub mod buckets;
pub mod databases;
pub mod factors;
pub mod operator;
pub mod passwords;
pub mod ports;
pub mod programs;
pub mod smtp;
pub mod spawned;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use envelock_server::storage::DatabaseLocation;
use envelock_server::{App, Clock, Settings, router};
use envelock_wire::Timestamp;
use http_body_util::BodyExt;
use passwords::{PASSWORD, begin};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt;

pub const START: i64 = 1_800_000_000;
pub const HOST: &str = "localhost:8443";
pub const ORIGIN: &str = "https://localhost:8443";
pub const HOUR: i64 = 3600;
pub const DAY: i64 = 24 * HOUR;

pub struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::SeqCst))
    }
}

pub struct Bed {
    pub data: TempDir,
    pub web: TempDir,
    pub app: App,
    pub clock: Arc<ManualClock>,
    pub router: Router,
}

/// An envelope as its sender knows it.
pub struct Sealed {
    pub id: String,
    pub token: String,
    pub ciphertext: Vec<u8>,
}

impl Bed {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::over(change, true).await
    }

    /// Over the data directory of an earlier version, which knew SQLite only.
    pub async fn of_earlier_version(directory: &Path) -> Self {
        Self::over(|settings| settings.data_dir = directory.to_owned(), false).await
    }

    async fn over(change: impl FnOnce(&mut Settings), any_database: bool) -> Self {
        let data = tempfile::tempdir().unwrap();
        let web = tempfile::tempdir().unwrap();
        std::fs::write(web.path().join("index.html"), "<!doctype html><title>App</title>").unwrap();
        std::fs::write(web.path().join("decrypt.html"), "<!doctype html><title>Decrypt</title>").unwrap();
        let clock = Arc::new(ManualClock(AtomicI64::new(START)));
        let mut settings = Settings::new(data.path());
        settings.web_root = Some(web.path().to_owned());
        settings.login_attempts_per_minute = 10_000.try_into().unwrap();
        settings.open_attempts_per_minute = 10_000.try_into().unwrap();
        settings.uploads = 10_000.try_into().unwrap();
        settings.writes_per_minute = 10_000.try_into().unwrap();
        change(&mut settings);
        if any_database && let DatabaseLocation::DataDirectory = settings.database {
            settings.database = databases::location(&settings.data_dir).await;
        }
        if any_database && settings.bucket.is_none() {
            settings.bucket = buckets::of_bed(&settings.data_dir);
        }
        let app = App::open(settings, clock.clone()).await.unwrap();
        let router = router(app.clone());
        Self { data, web, app, clock, router }
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        let request = Request::builder().method(method).uri(path).header("host", HOST).header("origin", ORIGIN);
        Call { router: self.router.clone(), request, body: Body::empty() }
    }

    /// A logged-in account; made on the way.
    pub async fn login(&self, address: &str) -> String {
        self.app.accounts().put(address, "Somebody", PASSWORD).await.unwrap();
        let reply = self.log_in(address, PASSWORD).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.cookie().unwrap()
    }

    /// The answer to a whole login.
    pub async fn log_in(&self, address: &str, password: &str) -> Reply {
        let end = self.all_but_logged_in(address, password).await;
        self.call("POST", "/api/v1/session").json(&end).send().await
    }

    /// What `POST /api/v1/session` takes after everything that comes before.
    pub async fn all_but_logged_in(&self, address: &str, password: &str) -> Value {
        self.all_but_proved("", address, password).await
    }

    /// The same, begun by whoever is logged in with this cookie.
    pub async fn all_but_proved(&self, cookie: &str, address: &str, password: &str) -> Value {
        let (begun, start) = begin(address, password);
        let answer = self.call("POST", "/api/v1/session/start").cookie(cookie).json(&start).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        begun.end(&answer.json())
    }

    /// Announces and uploads an envelope; `more` overrides fields of the announcement.
    pub async fn seal(&self, cookie: &str, more: Value) -> Sealed {
        let sealed = Sealed { id: String::new(), token: random(32), ciphertext: octets(5000) };
        let mut body = announcement(&sealed.token, sealed.ciphertext.len());
        merge(&mut body, more);
        let reply = self.call("POST", "/api/v1/envelopes").cookie(cookie).json(&body).send().await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let id = reply.json()["id"].as_str().unwrap().to_owned();
        let upload = self
            .call("PUT", &format!("/api/v1/envelopes/{id}/ciphertext"))
            .cookie(cookie)
            .octets(sealed.ciphertext.clone())
            .send()
            .await;
        assert_eq!(upload.status, 204, "{}", upload.text());
        Sealed { id, ..sealed }
    }

    pub async fn open(&self, id: &str, token: &str) -> Reply {
        self.call("POST", &format!("/api/v1/d/{id}/open")).json(&json!({"token": token})).send().await
    }

    pub async fn confirm(&self, id: &str, token: &str, lease: &str) -> Reply {
        self.call("POST", &format!("/api/v1/d/{id}/confirm"))
            .json(&json!({"token": token, "lease": lease}))
            .send()
            .await
    }

    pub async fn head(&self, id: &str) -> Reply {
        self.call("GET", &format!("/api/v1/d/{id}")).send().await
    }

    pub async fn record(&self, cookie: &str, id: &str) -> Value {
        let reply = self.call("GET", &format!("/api/v1/envelopes/{id}")).cookie(cookie).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    pub async fn reply(&self, id: &str, token: &str, ciphertext: Vec<u8>) -> Reply {
        self.call("POST", &format!("/api/v1/d/{id}/replies"))
            .header("envelock-token", token)
            .octets(ciphertext)
            .send()
            .await
    }

    /// Names of the files of ciphertext on disk (or in the bucket), complete and partial.
    pub fn files(&self) -> Vec<PathBuf> {
        ["blobs", "incoming"]
            .iter()
            .flat_map(|directory| std::fs::read_dir(self.data.path().join(directory)).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect()
    }
}

pub struct Call {
    router: Router,
    request: axum::http::request::Builder,
    body: Body,
}

impl Call {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.request.headers_mut().unwrap().remove(name);
        self
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub fn json(self, value: &Value) -> Self {
        self.raw("application/json", value.to_string())
    }

    pub fn octets(self, octets: Vec<u8>) -> Self {
        let length = octets.len().to_string();
        self.header("content-length", &length).raw("application/octet-stream", octets)
    }

    pub fn raw(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.request = self.request.header("content-type", content_type);
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Reply {
        let response = self.router.oneshot(self.request.body(self.body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text()))
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn lease(&self) -> String {
        self.header("envelock-lease").to_owned()
    }

    /// The cookie as a browser would send it back.
    pub fn cookie(&self) -> Option<String> {
        Some(self.headers.get("set-cookie")?.to_str().unwrap().split(';').next().unwrap().to_owned())
    }

    #[track_caller]
    pub fn is(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code().as_str()), (status, code), "{}", self.text());
        assert!(!self.json()["message"].as_str().unwrap().is_empty());
    }
}

pub fn announcement(token: &str, size: usize) -> Value {
    let hash = Sha256::digest(URL_SAFE_NO_PAD.decode(token).unwrap());
    json!({"profile": 1, "salt": random(16), "linkSecret": true, "tokenHash": URL_SAFE_NO_PAD.encode(hash), "size": size})
}

pub fn merge(into: &mut Value, more: Value) {
    if let Value::Object(more) = more {
        into.as_object_mut().unwrap().extend(more);
    }
}

pub fn octets(length: usize) -> Vec<u8> {
    let mut octets = vec![0; length];
    rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, &mut octets);
    octets
}

/// Random octets in base64url.
pub fn random(length: usize) -> String {
    URL_SAFE_NO_PAD.encode(octets(length))
}

/// Calls `check` for every operation of the API: its method, its path with ids that exist nowhere, its description.
pub fn operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(&envelock_server::api::document().unwrap()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "AAAAAAAAAAAAAAAAAAAAAA").replace("{number}", "1");
        for (method, operation) in item.as_object().unwrap() {
            operations.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    assert!(operations.len() >= 16, "the document lists {} operations", operations.len());
    operations
}
