//! What the operator's machine may ask: alive, ready, metrics; and that nobody else may.

use crate::testbed::ports::free;
use crate::testbed::spawned::Spawned;
use reqwest::Method;
use std::process::Command;

#[tokio::test]
async fn routes_are_counted_and_nothing_of_anybody() {
    let data = tempfile::tempdir().unwrap();
    let address = free().to_string();
    let server = Spawned::start(data.path(), &["--status-listen", &address]).await;
    let ask = async |path: &str| {
        let answer = reqwest::get(format!("http://{address}{path}")).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(ask("/live").await, (200, "alive\n".to_owned()));
    assert_eq!(ask("/ready").await, (200, "ready\n".to_owned()));
    assert_eq!(ask("/api/v1/server").await.0, 404, "nothing else is served in clear");
    for path in ["/live", "/ready", "/metrics"] {
        let outside = server.client.get(server.url(path)).send().await.unwrap();
        assert_eq!(outside.status(), 404, "{path} is for this machine");
    }

    server.login().await;
    let (id, token, _) = server.seal(100).await;
    assert_eq!(server.open(&id, &token).await.status(), 200);
    for method in ["BREW", "WHEN", "X1"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        server.client.request(method, server.url("/")).header("origin", &server.origin).send().await.unwrap();
    }
    let (status, text) = ask("/metrics").await;
    assert_eq!(status, 200);
    let has = |line: &str| assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    has(r#"envelock_requests_total{method="POST",route="/api/v1/session",status="200"} 1"#);
    has(r#"envelock_requests_total{method="POST",route="/api/v1/d/{id}/open",status="200"} 1"#);
    has(r#"envelock_requests_total{method="other",route="(file)",status="405"} 3"#);
    has(r#"envelock_request_seconds_count{route="/api/v1/session"} 1"#);
    has("envelock_connections_refused_total 0");
    has("# EOF");
    assert!(text.contains("envelock_maintenance_last_success_seconds 1"), "{text}");
    assert!(!text.contains("envelock_connections 0"), "ours is open: {text}");
    for secret in [id.as_str(), token.as_str(), "anna", "BREW"] {
        assert!(!text.contains(secret), "{secret} in\n{text}");
    }
}

#[tokio::test]
async fn connections_are_counted_as_they_come_and_go() {
    let data = tempfile::tempdir().unwrap();
    let address = free().to_string();
    let server = Spawned::start(data.path(), &["--status-listen", &address, "--connections-per-address", "2"]).await;
    let connections = async || {
        let text = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
        let number = |name: &str| -> u64 {
            text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().parse().unwrap()
        };
        (number("envelock_connections "), number("envelock_connections_refused_total "))
    };
    assert_eq!(connections().await, (0, 0));
    let connect = || std::net::TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let held = [connect(), connect(), connect()];
    let wait = async |wanted: (u64, u64)| {
        for _ in 0..3000 {
            if connections().await == wanted {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{:?} and not {wanted:?}", connections().await);
    };
    wait((2, 1)).await;
    drop(held);
    wait((0, 1)).await;
}

#[test]
fn an_address_that_others_reach_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0:9443", "192.0.2.1:9443", "[::]:9443"] {
        let output = Command::new(env!("CARGO_BIN_EXE_envelock-server"))
            .current_dir(directory.path())
            .args(["serve", "--check-config", "--status-listen", address])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("an address of this machine"), "{address}: {said}");
    }
}
