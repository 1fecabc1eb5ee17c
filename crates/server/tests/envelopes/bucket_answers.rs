//! A bucket that answers wrongly: what it says is believed no further than it has to be. In between stands somebody who answers
//! in its place, or counts.

use crate::testbed::buckets::{self, S3Server, SECRET, announce, upload};
use crate::testbed::spawned::Spawned;
use crate::testbed::{Bed, DAY, HOST, ORIGIN, octets};
use axum::body::Body;
use axum::http::Request;
use envelock_server::{App, Settings, SystemClock, maintain};
use http_body_util::BodyExt;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

const PART: usize = 5 * 1024 * 1024;

/// What is said in the bucket's place.
enum Said {
    /// Nothing: the bucket answers itself.
    Nothing,
    /// This, and no more on this connection.
    This(String),
    /// The bucket's answer takes this long to begin with.
    Late(Duration),
}

const FAULT: &str = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The port of somebody between this server and the bucket at that port; `says` sees the head of every request. An answer ends
/// after `most` octets.
async fn between(to: u16, most: usize, says: impl Fn(&str) -> Said + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let says = Arc::new(says);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let says = Arc::clone(&says);
            tokio::spawn(async move {
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)).await else { return };
                let ((mut asks, mut hears), (mut answers, mut takes)) = (client.into_split(), server.into_split());
                let asking = async move {
                    let mut octets = vec![0; 64 * 1024];
                    while let Ok(length @ 1..) = asks.read(&mut octets).await {
                        let text = String::from_utf8_lossy(&octets[..length]);
                        let is_head = text.lines().next().is_some_and(|line| line.ends_with(" HTTP/1.1"));
                        match if is_head { says(&text) } else { Said::Nothing } {
                            Said::Nothing => {}
                            Said::Late(time) => tokio::time::sleep(time).await,
                            Said::This(answer) => return Some(answer),
                        }
                        if takes.write_all(&octets[..length]).await.is_err() {
                            break;
                        }
                    }
                    None
                };
                let answering = async {
                    let (mut octets, mut left) = (vec![0; 16 * 1024], most);
                    while let Ok(length @ 1..) = answers.read(&mut octets).await {
                        if length > left || hears.write_all(&octets[..length]).await.is_err() {
                            break;
                        }
                        left -= length;
                    }
                };
                let said = tokio::select! { said = asking => said, () = answering => None };
                if let Some(said) = said {
                    let _ = hears.write_all(said.as_bytes()).await;
                    let _ = hears.shutdown().await;
                }
            });
        }
    });
    port
}

async fn bed_at(port: u16) -> (Bed, String) {
    let bed = Bed::with(|settings| settings.bucket = Some(buckets::location(port, SECRET))).await;
    let anna = bed.login("anna@example.org").await;
    (bed, anna)
}

/// The octets of an opening, if they come to their end.
async fn opened(bed: &Bed, id: &str, token: &str) -> Option<Vec<u8>> {
    let request = Request::post(format!("/api/v1/d/{id}/open"))
        .header("host", HOST)
        .header("origin", ORIGIN)
        .header("content-type", "application/json")
        .body(Body::from(json!({"token": token}).to_string()))
        .unwrap();
    let response = bed.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    Some(response.into_body().collect().await.ok()?.to_bytes().to_vec())
}

#[tokio::test]
async fn what_the_bucket_has_not_as_a_whole_is_not_acknowledged() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let lies = Arc::new(AtomicBool::new(true));
    let port = between(server.port, usize::MAX, {
        let lies = Arc::clone(&lies);
        move |head| {
            if head.starts_with("HEAD ") && head.contains("/blobs/") && lies.load(Ordering::SeqCst) {
                let date = "last-modified: Fri, 15 Jan 2027 08:00:00 GMT\r\netag: \"x\"\r\nconnection: close";
                return Said::This(format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n{date}\r\n\r\n"));
            }
            Said::Nothing
        }
    })
    .await;
    let (bed, anna) = bed_at(port).await;
    let ciphertext = octets(PART + 7);
    let (id, token) = announce(&bed, &anna, ciphertext.len()).await;
    upload(&bed, &anna, &id, &ciphertext).await.is(503, "unavailable");
    bed.open(&id, &token).await.is(404, "gone");
    lies.store(false, Ordering::SeqCst);
    assert_eq!(upload(&bed, &anna, &id, &ciphertext).await.status, 204);
    assert!(opened(&bed, &id, &token).await.unwrap() == ciphertext);
}

#[tokio::test]
async fn parts_of_an_upload_that_failed_are_taken_back() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let ended = Arc::new(AtomicUsize::new(0));
    let port = between(server.port, usize::MAX, {
        let ended = Arc::clone(&ended);
        move |head| {
            if head.starts_with("DELETE ") && head.contains("uploadId=") {
                ended.fetch_add(1, Ordering::SeqCst);
            }
            if head.contains("partNumber=2") { Said::This(FAULT.to_owned()) } else { Said::Nothing }
        }
    })
    .await;
    let (bed, anna) = bed_at(port).await;
    let (id, _) = announce(&bed, &anna, 2 * PART).await;
    upload(&bed, &anna, &id, &octets(2 * PART)).await.is(503, "unavailable");
    assert_eq!(ended.load(Ordering::SeqCst), 1);
    let left = std::fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_str().unwrap().starts_with(".upload")), "no part is left");
}

/// Else the reader would get the beginning of one and the end of the other.
#[tokio::test]
async fn what_is_read_on_after_a_break_is_the_same_object() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    // As a bucket answers that has another object there by now (RFC 9110 §13.1.1).
    let port = between(server.port, 1_000_000, |head| {
        if head.to_lowercase().contains("\r\nif-match:") {
            return Said::This(
                "HTTP/1.1 412 Precondition Failed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into(),
            );
        }
        Said::Nothing
    })
    .await;
    let (bed, anna) = bed_at(port).await;
    let (id, token) = announce(&bed, &anna, 3_000_000).await;
    assert_eq!(upload(&bed, &anna, &id, &octets(3_000_000)).await.status, 204);
    assert_eq!(opened(&bed, &id, &token).await, None);
}

#[tokio::test]
async fn a_bucket_that_breaks_off_again_and_again_is_given_up() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let reads = Arc::new(AtomicUsize::new(0));
    let port = between(server.port, 200_000, {
        let reads = Arc::clone(&reads);
        move |head| {
            reads.fetch_add(usize::from(head.starts_with("GET ") && head.contains("/blobs/")), Ordering::SeqCst);
            Said::Nothing
        }
    })
    .await;
    let (bed, anna) = bed_at(port).await;
    let (id, token) = announce(&bed, &anna, 3_000_000).await;
    assert_eq!(upload(&bed, &anna, &id, &octets(3_000_000)).await.status, 204);
    assert_eq!(opened(&bed, &id, &token).await, None, "what is cut is no answer");
    assert_eq!(reads.load(Ordering::SeqCst), 12, "three tries of each of four reads");
}

/// Each has a part in memory.
#[tokio::test(flavor = "multi_thread")]
async fn eight_uploads_go_into_the_bucket_at_a_time() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let (under_way, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let port = between(server.port, usize::MAX, {
        let (under_way, most) = (Arc::clone(&under_way), Arc::clone(&most));
        move |head| {
            if !head.starts_with("PUT ") || !head.contains("/blobs/") {
                return Said::Nothing;
            }
            let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            let under_way = Arc::clone(&under_way);
            let time = Duration::from_secs(1);
            // It is over before the bucket has it.
            tokio::spawn(async move {
                tokio::time::sleep(time - Duration::from_millis(20)).await;
                under_way.fetch_sub(1, Ordering::SeqCst);
            });
            Said::Late(time)
        }
    })
    .await;
    let (bed, anna) = bed_at(port).await;
    let mut announced = Vec::new();
    for _ in 0..20 {
        announced.push(announce(&bed, &anna, 1000).await.0);
    }
    let mut uploads = Vec::new();
    for id in announced {
        let path = format!("/api/v1/envelopes/{id}/ciphertext");
        let call = bed.call("PUT", &path).cookie(&anna).octets(octets(1000));
        uploads.push(tokio::spawn(async move { call.send().await.status.as_u16() }));
    }
    for upload in uploads {
        assert_eq!(upload.await.unwrap(), 204);
    }
    assert_eq!(most.load(Ordering::SeqCst), 8);
}

/// Of several servers that purge at once.
#[tokio::test]
async fn what_another_server_removed_first_is_no_fault_and_the_rest_is_removed() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let asked = Arc::new(AtomicUsize::new(0));
    let port = between(server.port, usize::MAX, {
        let asked = Arc::clone(&asked);
        move |head| match head.starts_with("DELETE ") && asked.fetch_add(1, Ordering::SeqCst) == 0 {
            true => Said::This("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()),
            false => Said::Nothing,
        }
    })
    .await;
    let bed = Bed::with(|settings| {
        settings.bucket = Some(buckets::location(port, SECRET));
        settings.orphan_age = Duration::ZERO;
    })
    .await;
    let anna = bed.login("anna@example.org").await;
    for _ in 0..40 {
        bed.seal(&anna, json!({})).await;
    }
    bed.pass(400 * DAY);
    assert_eq!(maintain(&bed.app).await.unwrap().envelopes.expired, 40);
    assert_eq!(server.objects("blobs").len(), 1, "the one that is not there");
    asked.store(0, Ordering::SeqCst);
    bed.app.envelopes().purge_orphans().await.unwrap();
}

#[tokio::test]
async fn what_is_withdrawn_waits_for_no_silent_bucket() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let port = between(server.port, usize::MAX, |head| match head.starts_with("DELETE ") {
        true => Said::Late(Duration::from_secs(60)),
        false => Said::Nothing,
    })
    .await;
    let (bed, anna) = bed_at(port).await;
    let sealed = bed.seal(&anna, json!({})).await;
    let since = Instant::now();
    let path = format!("/api/v1/envelopes/{}", sealed.id);
    assert_eq!(bed.call("DELETE", &path).cookie(&anna).send().await.status, 204);
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    bed.open(&sealed.id, &sealed.token).await.is(404, "gone");
}

async fn open(data: &Path, port: u16) -> Result<App, String> {
    let mut settings = Settings::new(data);
    settings.bucket = Some(buckets::location(port, SECRET));
    App::open(settings, Arc::new(SystemClock)).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn nobody_is_followed_elsewhere_and_no_large_answer_is_read() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = elsewhere.local_addr().unwrap();
    let moved = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{address}/bed/instance\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let port = between(server.port, usize::MAX, move |_| Said::This(moved.clone())).await;
    let data = tempfile::tempdir().unwrap();
    assert!(open(data.path(), port).await.is_err());
    assert!(tokio::time::timeout(Duration::from_millis(100), elsewhere.accept()).await.is_err(), "nobody came");

    std::fs::write(root.path().join("bed/instance"), "0".repeat(65)).unwrap();
    let refused = open(data.path(), server.port).await.err().unwrap();
    assert!(refused.contains("invalid object `instance`"), "{refused}");
    // As long as ours: of a database that is gone, and may be followed by another while there is no ciphertext.
    std::fs::write(root.path().join("bed/instance"), "0".repeat(64)).unwrap();
    open(data.path(), server.port).await.unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_whether_the_server_is_ready_hears_of_the_bucket_soon() {
    let (root, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = S3Server::start(root.path());
    let (silent, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let port = between(server.port, usize::MAX, {
        let (silent, asked) = (Arc::clone(&silent), Arc::clone(&asked));
        move |head| {
            asked.fetch_add(usize::from(head.starts_with("HEAD ") && head.contains("/instance")), Ordering::SeqCst);
            if silent.load(Ordering::SeqCst) { Said::Late(Duration::from_secs(60)) } else { Said::Nothing }
        }
    })
    .await;
    let endpoint = format!("http://127.0.0.1:{port}");
    let status = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let arguments = server.arguments();
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments[3] = &endpoint;
    arguments.extend(["--status-listen", &status]);
    let _program = Spawned::start(data.path(), &arguments).await;
    let ask = async || {
        let since = Instant::now();
        let answer = reqwest::get(format!("http://{status}/ready")).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap(), since.elapsed())
    };
    for _ in 0..20 {
        assert_eq!(ask().await.0, 200);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "it is asked now and then");
    silent.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(5500)).await;
    let (status, text, time) = ask().await;
    assert_eq!((status, text.as_str()), (503, "ciphertext cannot be reached\n"));
    assert!(time < Duration::from_secs(4), "{time:?}");
    assert_eq!(ask().await.0, 503);
    silent.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(5500)).await;
    assert_eq!(ask().await.0, 200);
}
