//! What whoever is logged in, or a program, can do to the server by writing much: before it comes, at a time, a minute.

use crate::testbed::programs::{TOKENS, bearer};
use crate::testbed::{self, Bed, Call, Reply, START, Sealed, octets, random};
use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use std::time::Duration;

const ANNA: &str = "anna@example.org";
const KEYRING: &str = "/api/v1/keyring";

fn draft(id: &str) -> String {
    format!("/api/v1/account/drafts/{id}")
}

fn first(bed: &Bed, path: &str, cookie: &str) -> Call {
    bed.call("PUT", path).cookie(cookie).header("if-none-match", "*")
}

/// So many octets are announced, a few come, and no more ever.
fn stalling(call: Call, length: usize) -> Call {
    let half = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"few"))]).chain(stream::pending());
    call.header("content-length", &length.to_string()).raw("application/octet-stream", Body::from_stream(half))
}

async fn wait_for_files(bed: &Bed, number: usize) {
    for _ in 0..1000 {
        if bed.files().len() == number {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} files and not {number}", bed.files().len());
}

#[track_caller]
fn is_later(reply: &Reply, status: u16, code: &str) {
    reply.is(status, code);
    let seconds: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

/// Which says of what there were too many.
#[track_caller]
fn is_too_many(reply: &Reply, what: &str) {
    is_later(reply, 429, "too-many-requests");
    assert_eq!(reply.json()["tooMany"], what);
    assert!(reply.json()["message"].as_str().unwrap().contains(what), "{}", reply.text());
}

/// The body of each would be waited for for ever.
#[tokio::test]
async fn what_there_is_no_room_for_is_refused_before_it_comes() {
    let bed = Bed::with(|settings| {
        settings.account_bytes = 1000;
        settings.account_drafts = 1.try_into().unwrap();
    })
    .await;
    let (anna, ben) = (bed.login(ANNA).await, bed.login("ben@example.org").await);
    assert_eq!(first(&bed, &draft(&random(16)), &anna).octets(octets(600)).send().await.status, 201);
    let refused = async |call: Call, length, code| {
        let answer = tokio::time::timeout(Duration::from_secs(20), stalling(call, length).send()).await;
        answer.expect("an answer before the body").is(507, code);
    };
    refused(first(&bed, &draft(&random(16)), &anna), 10, "too-many-drafts").await;
    refused(first(&bed, KEYRING, &anna), 401, "storage-full").await;
    refused(first(&bed, &draft(&random(16)), &ben), 1001, "storage-full").await;
    assert_eq!(bed.files().len(), 1);
}

#[tokio::test]
async fn uploads_at_a_time_are_few_in_each_session_and_of_each_program() {
    let bed = Bed::with(|settings| settings.uploads = 2.try_into().unwrap()).await;
    let (anna, another) = (bed.login(ANNA).await, bed.login(ANNA).await);
    let token = bed.token(&anna, &["drafts:write"]).await;
    let mut under_way = Vec::new();
    for path in [draft(&random(16)), KEYRING.to_owned()] {
        under_way.push(tokio::spawn(stalling(first(&bed, &path, &anna), 100).send()));
    }
    wait_for_files(&bed, 2).await;
    is_too_many(&stalling(first(&bed, &draft(&random(16)), &anna), 100).send().await, "uploads");
    let announced = testbed::announcement(&random(32), 100);
    let record = bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&announced).send().await.json();
    let path = format!("/api/v1/envelopes/{}/ciphertext", record["id"].as_str().unwrap());
    let sealed = bed.call("PUT", &path).cookie(&anna).octets(octets(100));
    is_too_many(&sealed.send().await, "uploads");
    // Others of the account write on.
    assert_eq!(first(&bed, &draft(&random(16)), &another).octets(octets(100)).send().await.status, 201);
    let of_program = bed.call("PUT", &draft(&random(16))).header("if-none-match", "*");
    assert_eq!(of_program.header("authorization", &bearer(&token)).octets(octets(100)).send().await.status, 201);
    for upload in under_way {
        upload.abort();
        assert!(upload.await.is_err());
    }
    assert_eq!(first(&bed, &draft(&random(16)), &anna).octets(octets(100)).send().await.status, 201);
}

#[tokio::test]
async fn replies_at_a_time_are_few_to_each_envelope_and_from_each_network() {
    let bed = Bed::with(|settings| settings.uploads = 1.try_into().unwrap()).await;
    let anna = bed.login(ANNA).await;
    let mut links = Vec::new();
    for _ in 0..5 {
        links.push(bed.seal(&anna, serde_json::json!({})).await);
    }
    let sealed = bed.files().len();
    let reply = |link: &Sealed| {
        let path = format!("/api/v1/d/{}/replies", link.id);
        bed.call("POST", &path).header("envelock-token", &link.token)
    };
    let mut under_way = Vec::new();
    for link in &links[..4] {
        under_way.push(tokio::spawn(stalling(reply(link), 100).send()));
        wait_for_files(&bed, sealed + under_way.len()).await;
        if under_way.len() == 1 {
            is_too_many(&stalling(reply(link), 100).send().await, "uploads");
        }
    }
    is_too_many(&stalling(reply(&links[4]), 100).send().await, "uploads");
    // Those of accounts are counted apart.
    assert_eq!(first(&bed, KEYRING, &anna).octets(octets(100)).send().await.status, 201);
    for upload in under_way {
        upload.abort();
        assert!(upload.await.is_err());
    }
    for link in &links {
        assert_eq!(reply(link).octets(octets(100)).send().await.status, 201);
    }
}

#[tokio::test]
async fn changes_a_minute_are_counted_by_session_and_by_program() {
    let bed = Bed::with(|settings| settings.writes_per_minute = 4.try_into().unwrap()).await;
    let (anna, another) = (bed.login(ANNA).await, bed.login(ANNA).await);
    let token = bed.token(&another, &["drafts:write", "drafts:read"]).await;
    let write = async |cookie: &str| first(&bed, &draft(&random(16)), cookie).octets(octets(10)).send().await;
    let of_program = async || {
        let put = bed.call("PUT", &draft(&random(16))).header("if-none-match", "*").octets(octets(10));
        put.header("authorization", &bearer(&token)).send().await
    };
    for _ in 0..4 {
        assert_eq!(write(&anna).await.status, 201);
        assert_eq!(of_program().await.status, 201);
    }
    is_too_many(&write(&anna).await, "changes");
    is_too_many(&of_program().await, "changes");
    is_too_many(&bed.call("DELETE", KEYRING).cookie(&anna).send().await, "changes");
    // Reading is no change; and whoever wants to end that session can.
    assert_eq!(bed.call("GET", "/api/v1/account/drafts").cookie(&anna).send().await.status, 200);
    assert_eq!(bed.call("DELETE", "/api/v1/sessions").cookie(&another).send().await.status, 204);
    assert_eq!(bed.call("DELETE", "/api/v1/account/tokens").cookie(&another).send().await.status, 204);
}

/// Sessions and tokens are dozens: with those of one account alone, all others wrote when it had done.
#[tokio::test]
async fn changes_a_minute_are_counted_by_account_but_for_what_ends_sessions_and_tokens() {
    let bed = Bed::with(|settings| settings.writes_per_minute = 1.try_into().unwrap()).await;
    let mut sessions = Vec::new();
    for _ in 0..9 {
        sessions.push(bed.login(ANNA).await);
    }
    let list = bed.call("GET", "/api/v1/sessions").cookie(&sessions[0]).send().await.json();
    let of_first = list["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    let id = of_first["id"].as_str().unwrap().to_owned();
    let ben = bed.login("ben@example.org").await;
    let write = async |cookie: &str| bed.call("DELETE", KEYRING).cookie(cookie).send().await;
    // Its making is the first of four.
    let token = bed.token(&sessions[0], &["keyring:write"]).await;
    let of_program = bed.call("DELETE", KEYRING).header("authorization", &bearer(&token)).send().await;
    assert_eq!(of_program.status, 204, "{}", of_program.text());
    for session in &sessions[1..3] {
        assert_eq!(write(session).await.status, 204);
    }
    is_too_many(&write(&sessions[3]).await, "changes");
    is_too_many(&bed.call("POST", "/api/v1/account/totp/start").cookie(&sessions[7]).send().await, "changes");
    assert_eq!(write(&ben).await.status, 204);
    for (session, path) in [
        (&sessions[8], format!("{TOKENS}/{}", bed.tokens(&sessions[1]).await[0]["id"].as_str().unwrap())),
        (&sessions[4], format!("/api/v1/sessions/{id}")),
        (&sessions[5], TOKENS.to_owned()),
        (&sessions[6], "/api/v1/sessions".to_owned()),
    ] {
        assert_eq!(bed.call("DELETE", &path).cookie(session).send().await.status, 204, "{path}");
    }
    assert_eq!(bed.answers_program(&token).await, 401);
}

/// A program that deletes without end neither keeps the owner from deleting or writing, nor fills the database.
#[tokio::test]
async fn of_what_was_deleted_the_latest_thousand_are_remembered_also_of_one_second() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let pool = testbed::databases::rows(bed.data.path()).await;
    let insert = "INSERT INTO drafts (account, id, version, changed, size, file)
                  SELECT id, $1, $1, $2, 0, NULL FROM accounts WHERE address = $3";
    let mut transaction = pool.begin().await.unwrap();
    for number in 0..1200_u128 {
        let id = number.to_be_bytes();
        let query = sqlx::query(insert).bind(id.as_slice()).bind(START).bind(ANNA);
        query.execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    // The first one's id comes behind all others, and its second is theirs.
    for id in [testbed::passwords::base64url(&[0xff; 16]), random(16)] {
        let stored = first(&bed, &draft(&id), &anna).octets(octets(10)).send().await;
        let version = stored.header("etag").to_owned();
        let deleted = bed.call("DELETE", &draft(&id)).cookie(&anna).header("if-match", &version).send().await;
        assert_eq!(deleted.status, 204);
        first(&bed, &draft(&id), &anna).octets(octets(10)).send().await.is(412, "draft-changed");
        let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM drafts").fetch_one(&pool).await.unwrap();
        assert_eq!(kept, 1000);
    }
    pool.close().await;
}

/// Another program, or an operator's, holds what is to be written for longer than anybody waits.
#[tokio::test]
async fn who_comes_while_the_database_is_held_is_told_to_come_again() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let pool = testbed::databases::rows(bed.data.path()).await;
    let hold = if std::env::var_os("ENVELOCK_TEST_POSTGRES").is_some() {
        "BEGIN; SELECT 1 FROM accounts FOR UPDATE"
    } else {
        "BEGIN IMMEDIATE"
    };
    let mut connection = pool.acquire().await.unwrap();
    sqlx::raw_sql(hold).execute(&mut *connection).await.unwrap();
    let refused = first(&bed, &draft(&random(16)), &anna).octets(octets(10)).send().await;
    is_later(&refused, 503, "unavailable");
    assert!(bed.files().is_empty());
    sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await.unwrap();
    drop(connection);
    pool.close().await;
    assert_eq!(first(&bed, &draft(&random(16)), &anna).octets(octets(10)).send().await.status, 201);
}
