//! A bucket that is down, silent, breaks off, or is not who it should be: requests say so, nothing that was acknowledged is
//! lost, and all is well when the bucket is.

use crate::testbed::buckets::{self, S3Server, SECRET, announce, upload};
use crate::testbed::{Bed, Reply, octets};
use envelock_server::storage::BucketLocation;
use envelock_server::{App, Settings, SystemClock, maintain};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

#[track_caller]
fn says_so(reply: &Reply) {
    reply.is(503, "unavailable");
    assert_eq!(reply.header("retry-after"), "60");
}

async fn bed_over(bucket: BucketLocation) -> (Bed, String) {
    let bed = Bed::with(|settings| {
        settings.bucket = Some(bucket);
        settings.orphan_age = Duration::ZERO;
    })
    .await;
    let anna = bed.login("anna@example.org").await;
    (bed, anna)
}

fn nothing_is_incoming(bed: &Bed) -> bool {
    std::fs::read_dir(bed.data.path().join("incoming")).unwrap().next().is_none()
}

#[tokio::test]
async fn a_bucket_that_is_down_is_said_and_forgotten_when_it_is_up() {
    let root = tempfile::tempdir().unwrap();
    let mut server = S3Server::start(root.path());
    let (bed, anna) = bed_over(server.location()).await;
    let sealed = bed.seal(&anna, json!({})).await;
    let withdrawn = bed.seal(&anna, json!({})).await;
    let ciphertext = octets(200_000);
    let (late, token) = announce(&bed, &anna, ciphertext.len()).await;
    server.stop();

    for _ in 0..2 {
        says_so(&upload(&bed, &anna, &late, &ciphertext).await);
        says_so(&bed.reply(&sealed.id, &sealed.token, octets(100)).await);
        let keyring = bed.call("PUT", "/api/v1/keyring").cookie(&anna).header("if-none-match", "*");
        says_so(&keyring.octets(octets(100)).send().await);
        // It is leased to nobody: the next one may open it.
        says_so(&bed.open(&sealed.id, &sealed.token).await);
    }
    assert!(nothing_is_incoming(&bed));
    // What needs no ciphertext goes on, and what ends, ends.
    assert_eq!(bed.head(&sealed.id).await.status, 200);
    let path = format!("/api/v1/envelopes/{}", withdrawn.id);
    assert_eq!(bed.call("DELETE", &path).cookie(&anna).send().await.status, 204);
    bed.open(&withdrawn.id, &withdrawn.token).await.is(404, "gone");
    assert!(maintain(&bed.app).await.is_ok());
    assert!(bed.app.envelopes().purge_orphans().await.is_err());

    server.start_again();
    assert_eq!(server.objects("blobs").len(), 2);
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 1, "what was withdrawn");
    assert_eq!(upload(&bed, &anna, &late, &ciphertext).await.status, 204);
    assert_eq!(bed.open(&late, &token).await.body, ciphertext);
    assert_eq!(bed.open(&sealed.id, &sealed.token).await.body, sealed.ciphertext);
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 0);
    assert_eq!(server.objects("blobs").len(), 2);
}

/// Emptied by mistake, or made anew under the same name: no server starts over it again, so nothing that is put there is acknowledged.
#[tokio::test]
async fn a_bucket_that_lost_whose_it_is_takes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let (bed, anna) = bed_over(server.location()).await;
    let instance = root.path().join("bed/instance");
    let kept = std::fs::read(&instance).unwrap();
    std::fs::remove_file(&instance).unwrap();
    for length in [100, 6_000_000] {
        let (id, _) = announce(&bed, &anna, length).await;
        says_so(&upload(&bed, &anna, &id, &octets(length)).await);
    }
    std::fs::write(&instance, kept).unwrap();
    bed.seal(&anna, json!({})).await;
}

/// Takes connections and says nothing.
#[tokio::test]
async fn a_silent_bucket_keeps_nobody_for_ever() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let silent = Arc::new(AtomicUsize::new(0));
    let port = through(server.port, Arc::clone(&silent), usize::MAX).await;
    let (bed, anna) = bed_over(buckets::location(port, SECRET)).await;
    let sealed = bed.seal(&anna, json!({})).await;
    let (late, _) = announce(&bed, &anna, 100).await;
    silent.store(1, Ordering::SeqCst);
    let since = Instant::now();
    let ciphertext = octets(100);
    let (uploaded, opened) = tokio::join!(upload(&bed, &anna, &late, &ciphertext), bed.open(&sealed.id, &sealed.token));
    says_so(&uploaded);
    says_so(&opened);
    assert!(since.elapsed() < Duration::from_secs(60), "{:?}", since.elapsed());
    assert!(nothing_is_incoming(&bed));
}

/// A forwarder to this port that says nothing once it is told to be silent, and breaks off after so many octets of an answer.
async fn through(to: u16, silent: Arc<AtomicUsize>, most: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let silent = Arc::clone(&silent);
            tokio::spawn(async move {
                let server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let ((mut asks, mut hears), (mut answers, mut takes)) = (client.into_split(), server.into_split());
                let asking = async move {
                    let mut octets = vec![0; 16 * 1024];
                    while let Ok(length @ 1..) = asks.read(&mut octets).await {
                        if silent.load(Ordering::SeqCst) > 0 {
                            std::future::pending::<()>().await;
                        }
                        takes.write_all(&octets[..length]).await.unwrap();
                    }
                };
                let answering = async move {
                    let (mut octets, mut left) = (vec![0; 16 * 1024], most);
                    while let Ok(length @ 1..) = answers.read(&mut octets).await {
                        if length > left || hears.write_all(&octets[..length]).await.is_err() {
                            break;
                        }
                        left -= length;
                    }
                };
                tokio::select! { () = asking => {}, () = answering => {} }
            });
        }
    });
    port
}

#[tokio::test]
async fn a_read_that_breaks_off_goes_on_where_it_was() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let port = through(server.port, Arc::default(), 1_000_000).await;
    let (bed, anna) = bed_over(buckets::location(port, SECRET)).await;
    let ciphertext = octets(3_000_000);
    let (id, token) = announce(&bed, &anna, ciphertext.len()).await;
    assert_eq!(upload(&bed, &anna, &id, &ciphertext).await.status, 204);
    assert!(bed.open(&id, &token).await.body == ciphertext);
}

/// An S3 server over TLS, with a certificate of its own.
async fn over_tls(to: u16) -> (u16, tempfile::NamedTempFile) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(pem.path(), cert.pem()).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut client) = acceptor.accept(client).await else { return };
                let mut server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (port, pem)
}

#[tokio::test]
async fn only_a_bucket_with_a_certificate_of_the_named_authority_is_talked_to() {
    let root = tempfile::tempdir().unwrap();
    let server = S3Server::start(root.path());
    let (port, pem) = over_tls(server.port).await;
    let (_, other) = over_tls(server.port).await;
    let at = |port: u16| server.location().at(&format!("https://localhost:{port}")).unwrap();
    for stranger in [at(port), at(port).certified_by(other.path())] {
        let data = tempfile::tempdir().unwrap();
        assert!(open(data.path(), stranger).await.is_err());
    }
    assert!(server.objects("").is_empty());
    let data = tempfile::tempdir().unwrap();
    open(data.path(), at(port).certified_by(pem.path())).await.unwrap().close().await;
    assert_eq!(server.objects(""), ["instance"]);
    let missing = at(port).certified_by(Path::new("/nowhere/ca.pem"));
    let said = open(data.path(), missing).await.err().unwrap();
    assert!(said.contains("/nowhere/ca.pem"), "{said}");
}

async fn open(data: &Path, bucket: BucketLocation) -> Result<App, String> {
    let mut settings = Settings::new(data);
    settings.bucket = Some(bucket);
    App::open(settings, Arc::new(SystemClock)).await.map_err(|error| error.to_string())
}
