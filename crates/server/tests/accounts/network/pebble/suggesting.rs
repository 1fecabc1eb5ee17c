//! In front of Pebble, which knows nothing of ACME Renewal Information (RFC 9773): offers it, answers what a test says, and repeats
//! what an order says that it replaces.

use super::{LIFE, Pebble, free_port};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use envelock_wire::Timestamp;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

/// A CA that suggests when to renew.
#[derive(Clone)]
pub struct Suggesting(Arc<Shared>);

struct Shared {
    port: u16,
    pebble: u16,
    client: reqwest::Client,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Seconds from now, by the certificate's name; of others two thirds of their life.
    windows: HashMap<String, (i64, i64)>,
    asked: Vec<String>,
    replaced: Vec<String>,
    has_replaced_all: bool,
}

impl Suggesting {
    /// At a port of its own, with the certificate of Pebble's host.
    pub fn before(pebble: &Pebble) -> Self {
        let shared =
            Shared { port: free_port(), pebble: pebble.port, client: pebble.client(), known: Mutex::default() };
        let this = Self(Arc::new(shared));
        let config = tls(&pebble.directory);
        let router = Router::new().fallback(answer).with_state(this.clone());
        let listener = std::net::TcpListener::bind(("127.0.0.1", this.0.port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        tokio::spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, service) = (acceptor.clone(), TowerToHyperService::new(router.clone()));
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        this
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}/dir", self.0.port)
    }

    /// Would have this certificate renewed between these seconds from now.
    pub fn suggest(&self, certificate: &str, window: (i64, i64)) {
        self.0.known.lock().unwrap().windows.insert(certificate.to_owned(), window);
    }

    /// Refuses every order that replaces something, as a CA does that has seen it replaced (§5).
    pub fn has_replaced_all(&self) {
        self.0.known.lock().unwrap().has_replaced_all = true;
    }

    /// The certificates that it was asked about.
    pub fn asked(&self) -> Vec<String> {
        self.0.known.lock().unwrap().asked.clone()
    }

    /// Those that orders said they replace.
    pub fn replaced(&self) -> Vec<String> {
        self.0.known.lock().unwrap().replaced.clone()
    }

    fn renewal_info(&self, certificate: &str) -> Response {
        let mut known = self.0.known.lock().unwrap();
        known.asked.push(certificate.to_owned());
        let (from, until) = known.windows.get(certificate).copied().unwrap_or((LIFE * 2 / 3, LIFE * 2 / 3 + 3600));
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
        let at = |seconds: i64| serde_json::to_value(Timestamp::from_unix(now + seconds)).unwrap();
        let window = json!({"suggestedWindow": {"start": at(from), "end": at(until)}, "explanationURL": "https://ca.example/why"});
        ([("retry-after", "21600")], axum::Json(window)).into_response()
    }
}

/// That of Pebble's host.
fn tls(directory: &Path) -> rustls::ServerConfig {
    let certificate = CertificateDer::from_pem_file(directory.join("host.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(directory.join("host.key")).unwrap();
    rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
}

/// What a signed request says that it replaces.
fn replaced(jws: &[u8]) -> Option<String> {
    let jws: Value = serde_json::from_slice(jws).ok()?;
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(jws["payload"].as_str()?).ok()?).ok()?;
    Some(payload["replaces"].as_str()?.to_owned())
}

async fn answer(State(this): State<Suggesting>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if let Some(certificate) = path.strip_prefix("/renewal-info/") {
        return this.renewal_info(certificate);
    }
    let asked = to_bytes(body, 1024 * 1024).await.unwrap();
    let replaced = replaced(&asked);
    if let Some(replaced) = &replaced {
        let mut known = this.0.known.lock().unwrap();
        if known.has_replaced_all {
            known.replaced.push(replaced.clone());
            let problem =
                json!({"type": "urn:ietf:params:acme:error:alreadyReplaced", "detail": "twice", "status": 409});
            return (axum::http::StatusCode::CONFLICT, axum::Json(problem)).into_response();
        }
    }
    // Pebble's links are those of the host that is asked for.
    let url = format!("https://localhost:{}{path}", this.0.pebble);
    let mut forwarded = this.0.client.request(parts.method, url).header("host", format!("localhost:{}", this.0.port));
    if let Some(kind) = parts.headers.get("content-type") {
        forwarded = forwarded.header("content-type", kind);
    }
    let answered = forwarded.body(asked).send().await.unwrap();
    let (status, headers) = (answered.status(), answered.headers().clone());
    let mut octets = answered.bytes().await.unwrap().to_vec();
    let add = |octets: &mut Vec<u8>, name: &str, value: String| {
        let mut all: Value = serde_json::from_slice(octets).unwrap();
        all[name] = json!(value);
        *octets = all.to_string().into_bytes();
    };
    if path == "/dir" {
        add(&mut octets, "renewalInfo", format!("https://localhost:{}/renewal-info", this.0.port));
    }
    // What was refused for its nonce is sent again.
    if let Some(replaced) = replaced.filter(|_| status == 201) {
        this.0.known.lock().unwrap().replaced.push(replaced.clone());
        add(&mut octets, "replaces", replaced);
    }
    let mut response = (status, Body::from(octets)).into_response();
    for name in ["content-type", "location", "replay-nonce", "link", "retry-after"] {
        for value in headers.get_all(name) {
            response.headers_mut().append(name, value.clone());
        }
    }
    response
}
