//! A commit whose answer is lost was made or was not: what it may have named stays.

use crate::testbed::passwords::PASSWORD;
use crate::testbed::{self, Bed, Reply, announcement, octets, random};
use envelock_server::{App, renew_login_secret, router};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};

/// The line to the database, which breaks when this answer comes.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<Option<&'static [u8]>>>);

impl Line {
    fn breaks_at(&self, answer: &'static [u8]) {
        *self.0.lock().unwrap() = Some(answer);
    }

    fn broke(&self) -> bool {
        self.0.lock().unwrap().is_none()
    }

    fn breaks(&self, octets: &[u8]) -> bool {
        let mut answer = self.0.lock().unwrap();
        let comes = answer.is_some_and(|answer| octets.windows(answer.len()).any(|window| window == answer));
        if comes {
            *answer = None;
        }
        comes
    }

    async fn carry(self, listener: TcpListener, socket: std::path::PathBuf) {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let (line, socket) = (self.clone(), socket.clone());
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = UnixStream::connect(socket).await.unwrap().into_split();
                let asks = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
                let mut buffer = vec![0; 64 * 1024];
                loop {
                    match from_server.read(&mut buffer).await {
                        Ok(length) if length > 0 && !line.breaks(&buffer[..length]) => {
                            if to_client.write_all(&buffer[..length]).await.is_err() {
                                break;
                            }
                        }
                        _ => break,
                    }
                }
                asks.abort();
            });
        }
    }
}

/// `None` with SQLite: it is no further away than a function call, and nothing is lost on the way.
async fn bed_behind_a_line() -> Option<(Line, Bed)> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (line, data) = (Line::default(), tempfile::tempdir().unwrap());
    let (location, socket) = testbed::databases::location_through(data.path(), port).await?;
    tokio::spawn(line.clone().carry(listener, socket));
    let bed = Bed::with(|settings| {
        settings.data_dir = data.path().to_owned();
        settings.database = location;
        settings.orphan_age = Duration::ZERO;
    })
    .await;
    Some((line, Bed { data, ..bed }))
}

#[track_caller]
fn is_unsure(line: &Line, sent: &Reply) {
    assert!(line.broke());
    sent.is(500, "outcome-unknown");
    assert!(sent.text().contains("not known whether this was done"), "{}", sent.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn ciphertext_stays_when_the_answer_to_its_commit_is_lost() {
    let Some((line, bed)) = bed_behind_a_line().await else { return };
    let anna = bed.login("anna@example.org").await;

    let (token, ciphertext) = (random(32), octets(100));
    let body = announcement(&token, 100);
    let record = bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.json();
    let id = record["id"].as_str().unwrap();
    line.breaks_at(b"COMMIT\0");
    let path = format!("/api/v1/envelopes/{id}/ciphertext");
    let sent = bed.call("PUT", &path).cookie(&anna).octets(ciphertext.clone()).send().await;
    is_unsure(&line, &sent);

    line.breaks_at(b"COMMIT\0");
    let sent = bed.reply(id, &token, octets(10)).await;
    is_unsure(&line, &sent);

    line.breaks_at(b"COMMIT\0");
    let keyring = bed.call("PUT", "/api/v1/keyring").cookie(&anna).header("if-none-match", "*").octets(octets(20));
    let sent = keyring.send().await;
    is_unsure(&line, &sent);

    // All three were made, and the purge knows it.
    bed.app.envelopes().purge_orphans().await.unwrap();
    assert_eq!(bed.open(id, &token).await.body, ciphertext);
    let reply = bed.call("GET", &format!("/api/v1/envelopes/{id}/replies/1")).cookie(&anna).send().await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (200, 10));
    let keyring = bed.call("GET", "/api/v1/keyring").cookie(&anna).send().await;
    assert_eq!((keyring.status.as_u16(), keyring.body.len()), (200, 20));
    assert_eq!(bed.record(&anna, id).await["replies"], json!(1));
}

/// The old one was put back, and the database knew the new one.
#[tokio::test(flavor = "multi_thread")]
async fn the_login_secret_is_the_one_that_the_database_knows_when_the_answer_to_its_commit_is_lost() {
    let Some((line, bed)) = bed_behind_a_line().await else { return };
    bed.login("anna@example.org").await;
    bed.app.close().await;
    line.breaks_at(b"COMMIT\0");
    let renewed = renew_login_secret(bed.app.settings()).await;
    assert!(line.broke() && renewed.is_err());
    let app = App::open(bed.app.settings().clone(), bed.clock.clone()).await.unwrap();
    app.accounts().set_password("anna@example.org", PASSWORD).await.unwrap();
    let bed = Bed { router: router(app.clone()), app, ..bed };
    assert_eq!(bed.log_in("anna@example.org", PASSWORD).await.status, 200);
}
