//! A real balancer in front (HAProxy), which passes TLS through and says whom each connection comes from: limits are those of
//! whoever that is, and nobody else is believed.

use crate::testbed::passwords::begin;
use crate::testbed::ports::free;
use crate::testbed::spawned::Spawned;
use reqwest::Client;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ELLA: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const FINN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
const PATIENCE: Duration = Duration::from_secs(20);

/// HAProxy between `port` and the server, sending this; ends with the test.
struct Balancer {
    child: Child,
    port: u16,
}

impl Balancer {
    fn start(directory: &Path, sends: &str, server: u16) -> Self {
        let port = free().port();
        let file = directory.join("haproxy.cfg");
        let config = format!(
            "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n\
             listen tls\n  bind 127.0.0.1:{port}\n  server one 127.0.0.1:{server} check {sends}\n"
        );
        std::fs::write(&file, config).unwrap();
        let child = Command::new("haproxy").arg("-q").arg("-f").arg(&file).stderr(Stdio::null()).spawn().unwrap();
        let patience = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "HAProxy listens");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, port }
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody at this address.
fn at(address: IpAddr, data: &Path) -> Client {
    let pem = std::fs::read(data.join("tls/self-signed.pem")).unwrap();
    let authority = reqwest::Certificate::from_pem(&pem).unwrap();
    Client::builder().tls_certs_only([authority]).local_address(address).timeout(PATIENCE).build().unwrap()
}

/// The status of a login's beginning; `None` when there was no answer.
async fn try_login(client: &Client, port: u16) -> Option<u16> {
    let origin = format!("https://localhost:{port}");
    let (_, start) = begin("anna@demo.example", "wrong kestrel");
    let url = format!("{origin}/api/v1/session/start");
    Some(client.post(url).header("origin", &origin).json(&start).send().await.ok()?.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_those_of_whom_the_balancer_names() {
    for sends in ["send-proxy", "send-proxy-v2", "send-proxy-v2 check-send-proxy"] {
        let data = tempfile::tempdir().unwrap();
        let server =
            Spawned::start(data.path(), &["--balancer", "127.0.0.1", "--login-attempts-per-minute", "2"]).await;
        let balancer = Balancer::start(data.path(), sends, server.port());
        let (ella, finn) = (at(ELLA, data.path()), at(FINN, data.path()));
        assert_eq!(try_login(&ella, balancer.port).await, Some(200), "{sends}");
        assert_eq!(try_login(&ella, balancer.port).await, Some(200));
        assert_eq!(try_login(&ella, balancer.port).await, Some(429));
        assert_eq!(try_login(&finn, balancer.port).await, Some(200), "{sends}: somebody else");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_option_all_come_from_the_balancer() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &["--login-attempts-per-minute", "2"]).await;
    let balancer = Balancer::start(data.path(), "", server.port());
    let (ella, finn) = (at(ELLA, data.path()), at(FINN, data.path()));
    assert_eq!(try_login(&ella, balancer.port).await, Some(200));
    assert_eq!(try_login(&ella, balancer.port).await, Some(200));
    assert_eq!(try_login(&finn, balancer.port).await, Some(429), "the control: this is what the option is for");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_balancer_is_believed_and_the_balancer_has_to_say_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &["--balancer", "127.0.0.3/32,10.0.0.0/8"]).await;
    let (ella, finn) = (at(ELLA, data.path()), at(FINN, data.path()));
    assert_eq!(try_login(&ella, server.port()).await, Some(200), "who comes directly is served");
    assert_eq!(try_login(&finn, server.port()).await, None, "no TLS before it is said whom this comes from");

    // A stranger who says it is somebody else: to this server that is no TLS.
    let mut stranger = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stranger.set_read_timeout(Some(PATIENCE)).unwrap();
    stranger.write_all(b"PROXY TCP4 203.0.113.7 127.0.0.1 8080 443\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stranger.read_to_end(&mut answer);
    assert!(answer.len() <= 7 && answer.first().is_none_or(|first| *first == 21), "an alert at most: {answer:02x?}");
}
