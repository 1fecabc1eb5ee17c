//! Servers that take mail, on addresses of this machine: good ones, and what one meets in their place.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub struct Authority(CertifiedIssuer<'static, KeyPair>);

pub struct Certificate {
    config: Arc<ServerConfig>,
    /// SHA-256 of its key, as TLSA has it.
    pub key: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(vec!["authority.example".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// For these names, with commas between them.
    pub fn issue(&self, names: &str, is_expired: bool) -> Certificate {
        let names: Vec<String> = names.split(',').map(str::to_owned).collect();
        let mut params = CertificateParams::new(names).unwrap();
        if is_expired {
            (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 1, 1));
        }
        let key = KeyPair::generate().unwrap();
        let own = params.signed_by(&key, &self.0).unwrap();
        let hash = Sha256::digest(key.subject_public_key_info());
        let der = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![own.der().clone(), self.0.der().clone()], der).unwrap();
        let key = hash.iter().map(|octet| format!("{octet:02x}")).collect();
        Certificate { config: Arc::new(config), key }
    }
}

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Good,
    /// Offers no STARTTLS, as a proxy that takes it out would have it look.
    NoStartTls,
    /// Offers it and begins nothing.
    RefusesTls,
    /// Offers it and says nothing more once it is asked for.
    EndsAtTls,
    /// Says more in clear where TLS has to begin.
    Injects,
    /// Knows nobody.
    KnowsNobody,
    /// Wants everybody to come again, the first time.
    Greylists,
    /// Never answers once it has the message.
    Silent,
    /// Takes mail from Anna alone.
    WantsPassword,
}

#[derive(Default)]
pub struct Seen {
    /// Everything that came in clear.
    pub clear: Vec<u8>,
    /// Everything that came under TLS.
    pub sealed: Vec<u8>,
    /// What was taken.
    pub messages: Vec<String>,
    pub connections: usize,
}

pub struct SmtpServer {
    pub seen: Arc<Mutex<Seen>>,
    pub address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl SmtpServer {
    pub async fn start(address: SocketAddr, certificate: &Certificate, manner: Manner) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::clone(&certificate.config));
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    let _ = talk(stream, acceptor, manner, &seen).await;
                });
            }
        });
        Self { seen, address, task }
    }

    pub fn messages(&self) -> Vec<String> {
        self.seen.lock().unwrap().messages.clone()
    }

    pub fn clear(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap().clear).into_owned()
    }

    pub fn sealed(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap().sealed).into_owned()
    }
}

/// A web server that answers each host with the same, whatever is asked for; nothing where it knows none.
pub struct WebServer {
    pub address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl WebServer {
    /// Hosts with head (after the status line's version) and body of their answers.
    pub async fn start(
        certificate: &Certificate,
        answers: &'static [(&'static str, &'static str, &'static str)],
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::clone(&certificate.config));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(octet) => asked.push(octet),
                        Err(_) => break,
                    }
                }
                let asked = String::from_utf8_lossy(&asked).to_lowercase();
                let found = answers.iter().find(|(host, ..)| asked.contains(&format!("host: {host}\r\n")));
                let (_, head, body) = found.unwrap_or(&("", "404 Not Found", ""));
                let length = body.len();
                let answer = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, task }
    }
}

async fn talk(mut stream: TcpStream, acceptor: TlsAcceptor, manner: Manner, seen: &Mutex<Seen>) -> std::io::Result<()> {
    stream.write_all(b"220 mx\r\n").await?;
    loop {
        let line = line(&mut stream, |seen, octets| seen.clear.extend_from_slice(octets), seen).await?;
        let answer: &[u8] = match line.split(' ').next().unwrap() {
            "EHLO" if manner == Manner::NoStartTls => b"250-mx\r\n250 8BITMIME\r\n",
            "EHLO" => b"250-mx\r\n250 STARTTLS\r\n",
            "STARTTLS" if manner == Manner::RefusesTls => b"454 not now\r\n",
            "STARTTLS" if manner == Manner::EndsAtTls => return Ok(()),
            "STARTTLS" if manner == Manner::Injects => b"220 go\r\n250-mx\r\n250 8BITMIME\r\n",
            "STARTTLS" => {
                stream.write_all(b"220 go\r\n").await?;
                return take(&mut acceptor.accept(stream).await?, manner, seen).await;
            }
            "QUIT" => return Ok(()),
            // Who goes on in clear is taken at their word, and found out.
            "DATA" => b"354 go\r\n",
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}

async fn take(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    manner: Manner,
    seen: &Mutex<Seen>,
) -> std::io::Result<()> {
    let keep = |seen: &mut Seen, octets: &[u8]| seen.sealed.extend_from_slice(octets);
    let mut is_known = false;
    loop {
        let said = line(stream, keep, seen).await?;
        let again = manner == Manner::Greylists && seen.lock().unwrap().connections == 1;
        let answer: &[u8] = match said.split(' ').next().unwrap() {
            "EHLO" if manner == Manner::WantsPassword => b"250-mx\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n",
            "EHLO" => b"250-mx\r\n250-REQUIRETLS\r\n250 8BITMIME\r\n",
            "AUTH" if said.ends_with("AGFubmEAc2VjcmV0") => {
                is_known = true;
                b"235 in\r\n"
            }
            "AUTH" => b"535 who\r\n",
            "MAIL" if manner == Manner::WantsPassword && !is_known => b"530 who\r\n",
            "RCPT" if manner == Manner::KnowsNobody => b"550 5.1.1 nobody here by this name\r\n",
            "RCPT" if again => b"450 come again\r\n",
            "DATA" => {
                stream.write_all(b"354 go\r\n").await?;
                let mut message = String::new();
                loop {
                    match line(stream, keep, seen).await?.as_str() {
                        "." => break,
                        text => {
                            message.push_str(text.strip_prefix('.').unwrap_or(text));
                            message.push_str("\r\n");
                        }
                    }
                }
                seen.lock().unwrap().messages.push(message);
                if manner == Manner::Silent {
                    std::future::pending::<()>().await;
                }
                b"250 taken\r\n"
            }
            // Gone before it is bidden farewell.
            "QUIT" => return Ok(()),
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
        stream.flush().await?;
    }
}

async fn line(
    stream: &mut (impl AsyncRead + Unpin),
    keep: impl Fn(&mut Seen, &[u8]),
    seen: &Mutex<Seen>,
) -> std::io::Result<String> {
    let mut line = Vec::new();
    loop {
        let octet = stream.read_u8().await?;
        keep(&mut seen.lock().unwrap(), &[octet]);
        line.push(octet);
        if line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            return Ok(String::from_utf8_lossy(&line).into_owned());
        }
    }
}
