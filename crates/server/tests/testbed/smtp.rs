//! A client that brings mail, and a server that takes it.

use super::ports::free;
use super::spawned::Spawned;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub const ANNA: &str = "anna@demo.example";

pub trait Line: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Line for S {}

/// A conversation.
pub struct Smtp(BufStream<Box<dyn Line>>);

impl Smtp {
    /// After the greeting, if there is one.
    pub async fn connect(address: SocketAddr) -> Self {
        let mut smtp = Self::over(Box::new(TcpStream::connect(address).await.unwrap()));
        assert_eq!(smtp.reply().await.0, 220);
        smtp
    }

    pub fn over(line: Box<dyn Line>) -> Self {
        Self(BufStream::new(line))
    }

    /// The next reply: its code and all of its lines. 0 if the connection ends.
    pub async fn reply(&mut self) -> (u16, String) {
        let mut text = String::new();
        loop {
            let before = text.len();
            match self.0.read_line(&mut text).await {
                Ok(0) | Err(_) => return (0, text),
                Ok(_) if text.as_bytes().get(before + 3) == Some(&b' ') => {
                    return (text[before..before + 3].parse().unwrap(), text);
                }
                Ok(_) => {}
            }
        }
    }

    pub async fn send(&mut self, octets: &[u8]) -> bool {
        self.0.write_all(octets).await.is_ok() && self.0.flush().await.is_ok()
    }

    /// A line and what is said to it.
    pub async fn say(&mut self, line: &str) -> (u16, String) {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    pub async fn code(&mut self, line: &str) -> u16 {
        self.say(line).await.0
    }

    /// The same conversation in TLS, if the certificate in this file is the server's; gives its octets, too.
    pub async fn secure(mut self, pem: &Path) -> (Self, Vec<u8>) {
        assert_eq!(self.code("STARTTLS").await, 220);
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(pem).unwrap()).unwrap();
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, self.0.into_inner()).await.unwrap();
        let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
        (Self::over(Box::new(stream)), certificate)
    }

    /// The codes of a whole transaction, the last one or ones for the message.
    pub async fn bring(&mut self, sender: &str, recipients: &[&str], message: &str) -> Vec<u16> {
        let mut codes = vec![self.code(&format!("MAIL FROM:<{sender}>")).await];
        for recipient in recipients {
            codes.push(self.code(&format!("RCPT TO:<{recipient}>")).await);
        }
        codes.push(self.code("DATA").await);
        if codes.last() == Some(&354) {
            codes.push(self.code(&format!("{message}\r\n.")).await);
        }
        codes
    }
}

/// A message with a name of its own.
pub fn letter(name: &str, text: &str) -> String {
    format!(
        "From: Eve <eve@sender.example>\r\nTo: {ANNA}\r\nSubject: {name}\r\nMessage-ID: <{name}@sender.example>\r\n\r\n{text}"
    )
}

/// A server that takes mail for the demo account, who is logged in.
pub struct MailServer {
    pub server: Spawned,
    pub smtp: SocketAddr,
}

impl MailServer {
    pub async fn start(data: &Path, more: &[&str]) -> Self {
        let mail = Self::restart(data, more).await;
        mail.server.login().await;
        mail
    }

    /// The same with nobody logged in.
    pub async fn restart(data: &Path, more: &[&str]) -> Self {
        Self::without_demo(data, &[&["--demo"], more].concat()).await
    }

    /// The same for the mail of accounts that a test makes.
    pub async fn without_demo(data: &Path, more: &[&str]) -> Self {
        let smtp = free();
        let address = smtp.to_string();
        let mut arguments = vec!["--smtp-listen", &address, "--mail-domain", "demo.example"];
        // Nobody there answers questions.
        if !more.contains(&"--mail-nameserver") {
            arguments.extend(["--mail-nameserver", "127.0.0.1:9"]);
        }
        arguments.extend(more);
        Self { server: Spawned::without_demo(data, &arguments).await, smtp }
    }

    /// After EHLO.
    pub async fn greeted(&self) -> Smtp {
        let mut smtp = Smtp::connect(self.smtp).await;
        assert_eq!(smtp.code("EHLO out.sender.example").await, 250);
        smtp
    }

    /// The mailbox of whoever is logged in.
    pub async fn list(&self) -> Vec<Value> {
        let answer = self.server.client.get(self.server.url("/api/v1/mailbox?limit=500")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.unwrap()["messages"].as_array().unwrap().clone()
    }

    /// The message of this record.
    pub async fn read(&self, record: &Value) -> String {
        let url = self.server.url(&format!("/api/v1/mailbox/{}", record["id"].as_str().unwrap()));
        let answer = self.server.client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap()
    }

    pub async fn remove(&self, record: &Value) -> u16 {
        let url = self.server.url(&format!("/api/v1/mailbox/{}", record["id"].as_str().unwrap()));
        let delete = self.server.client.delete(url).header("origin", &self.server.origin);
        delete.send().await.unwrap().status().as_u16()
    }

    /// Waits until the list is as it should be.
    pub async fn wait(&self, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        for _ in 0..300 {
            let list = self.list().await;
            if wanted(&list) {
                return list;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{:#?}", self.list().await);
    }
}

/// What a list shows of a message.
pub fn summary(record: &Value) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(record["summary"].as_str().unwrap()).unwrap()).unwrap()
}

/// Another account of the demo's domain; gives its password.
pub async fn add_user(data: &Path, address: &str) -> String {
    run(data, &["user", "add", address, "--name", "Ben"]).await.trim().to_owned()
}

/// Runs the program beside the server, and gives what it prints.
pub async fn run(data: &Path, arguments: &[&str]) -> String {
    let database = super::databases::arguments(data).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_envelock-server"));
    command.args(arguments).arg("--data-dir").arg(data).args(&database).args(super::buckets::arguments_of_bed(data));
    let output = command.output().unwrap();
    if let Some(file) = database.last() {
        std::fs::remove_file(file).unwrap();
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
