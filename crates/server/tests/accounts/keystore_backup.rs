//! The code of a keystore under the account's password: no lost update, and never apart from the password.

use crate::testbed::passwords::{PASSWORD, choose};
use crate::testbed::{self, Bed, Reply, random};
use serde_json::{Value, json};

const ANNA: &str = "anna@example.org";
const NEW: &str = "a new password";
const PATH: &str = "/api/v1/account/keystore-backup";

async fn read(bed: &Bed, cookie: &str) -> Reply {
    bed.call("GET", PATH).cookie(cookie).send().await
}

async fn write(bed: &Bed, cookie: &str, condition: (&str, &str), sealed: &str) -> Reply {
    let call = bed.call("PUT", PATH).cookie(cookie).header(condition.0, condition.1);
    call.json(&json!({"sealed": sealed})).send().await
}

const FIRST: (&str, &str) = ("if-none-match", "*");

/// A whole change of the password, with this code in it.
async fn change(bed: &Bed, cookie: &str, code: Option<Value>) -> Reply {
    let (choosing, body) = choose(NEW);
    let answer = bed.call("POST", "/api/v1/account/password/start").cookie(cookie).json(&body).send().await;
    let mut body = bed.all_but_logged_in(ANNA, PASSWORD).await;
    testbed::merge(&mut body, choosing.end(&answer.json()));
    if let Some(code) = code {
        body["keystoreBackup"] = code;
    }
    bed.call("PUT", "/api/v1/account/password").cookie(cookie).json(&body).send().await
}

/// As it stands in JSON.
fn version(reply: &Reply) -> String {
    reply.header("etag").trim_matches('"').to_owned()
}

#[tokio::test]
async fn it_is_written_over_what_was_read_and_nothing_else() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let mallory = bed.login("mallory@example.org").await;
    read(&bed, &anna).await.is(404, "not-found");
    let [one, two, three] = [random(55), random(55), random(55)];
    let first = write(&bed, &anna, FIRST, &one).await;
    assert_eq!(first.status, 201);
    write(&bed, &anna, FIRST, &two).await.is(412, "keyring-changed");
    let there = read(&bed, &anna).await;
    assert_eq!((there.json(), there.header("etag")), (json!({"sealed": one}), first.header("etag")));
    read(&bed, &mallory).await.is(404, "not-found");

    let second = write(&bed, &anna, ("if-match", first.header("etag")), &two).await;
    assert_eq!(second.status, 204);
    write(&bed, &anna, ("if-match", first.header("etag")), &three).await.is(412, "keyring-changed");
    let bare = bed.call("PUT", PATH).cookie(&anna).json(&json!({"sealed": three})).send().await;
    bare.is(428, "precondition-required");
    for sealed in ["", "a", "+", &random(513)] {
        write(&bed, &anna, FIRST, sealed).await.is(400, "invalid-request");
    }
    assert_eq!(read(&bed, &anna).await.json()["sealed"], json!(two));

    let remove = async |etag: Option<&str>| {
        let call = bed.call("DELETE", PATH).cookie(&anna);
        if let Some(etag) = etag { call.header("if-match", etag) } else { call }.send().await
    };
    remove(Some(first.header("etag"))).await.is(412, "keyring-changed");
    assert_eq!(remove(Some(second.header("etag"))).await.status, 204);
    assert_eq!(remove(None).await.status, 204);
    read(&bed, &anna).await.is(404, "not-found");
}

/// The answers to 24 writes at once under the same condition, in order.
async fn raced(bed: &Bed, cookie: &str, (name, value): (&str, &str)) -> Vec<u16> {
    let writes = (0..24).map(|_| {
        let call = bed.call("PUT", PATH).cookie(cookie).header(name, value).json(&json!({"sealed": random(55)}));
        tokio::spawn(async move { call.send().await.status.as_u16() })
    });
    let mut answers = Vec::new();
    for write in writes.collect::<Vec<_>>() {
        answers.push(write.await.unwrap());
    }
    answers.sort_unstable();
    answers
}

#[tokio::test]
async fn of_many_at_once_one_is_kept_and_the_others_hear_that_it_was_faster() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let first = raced(&bed, &anna, FIRST).await;
    assert_eq!((first[0], first[1], first[23]), (201, 412, 412), "{first:?}");
    let there = read(&bed, &anna).await;
    let next = raced(&bed, &anna, ("if-match", there.header("etag"))).await;
    assert_eq!((next[0], next[1], next[23]), (204, 412, 412), "{next:?}");
}

#[tokio::test]
async fn a_new_password_and_the_code_under_it_come_together_or_not_at_all() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let [old, new] = [random(55), random(55)];
    let stored = version(&write(&bed, &anna, FIRST, &old).await);
    // A client that knows nothing of codes, and one that another device was faster than: nothing has changed.
    change(&bed, &anna, None).await.is(428, "precondition-required");
    let late = json!({"sealed": new, "replaces": random(16)});
    change(&bed, &anna, Some(late)).await.is(412, "keyring-changed");
    assert_eq!(read(&bed, &anna).await.json()["sealed"], json!(old));
    bed.log_in(ANNA, NEW).await.is(401, "wrong-login");
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);

    let changed = change(&bed, &anna, Some(json!({"sealed": new, "replaces": stored}))).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let fresh = changed.cookie().unwrap();
    let there = read(&bed, &fresh).await;
    assert_eq!(there.json()["sealed"], json!(new));
    assert_ne!(version(&there), stored);
    bed.log_in(ANNA, PASSWORD).await.is(401, "wrong-login");
    assert_eq!(bed.log_in(ANNA, NEW).await.status, 200);
}

#[tokio::test]
async fn without_one_the_password_changes_as_ever_and_none_is_made_by_it() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let none = json!({"sealed": random(55), "replaces": random(16)});
    change(&bed, &anna, Some(none)).await.is(412, "keyring-changed");
    let changed = change(&bed, &anna, None).await;
    assert_eq!(changed.status, 200);
    read(&bed, &changed.cookie().unwrap()).await.is(404, "not-found");
}

#[tokio::test]
async fn whoever_finds_a_page_that_is_logged_in_neither_gets_it_nor_takes_it_away_nor_puts_another_in_its_place() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let ben = bed.login("ben@example.org").await;
    let sealed = random(55);
    let stored = write(&bed, &anna, FIRST, &sealed).await;
    let replaces = ("if-match", stored.header("etag"));
    assert_eq!(read(&bed, &anna).await.status, 200, "right after the login");
    bed.pass(5 * 60);
    read(&bed, &anna).await.is(403, "confirmation-required");
    write(&bed, &anna, replaces, &random(55)).await.is(403, "confirmation-required");
    write(&bed, &ben, FIRST, &random(55)).await.is(403, "confirmation-required");
    bed.call("DELETE", PATH).cookie(&anna).send().await.is(403, "confirmation-required");
    let guess = bed.all_but_logged_in(ANNA, "another password").await;
    bed.call("POST", "/api/v1/session/confirm").cookie(&anna).json(&guess).send().await.is(401, "wrong-login");
    read(&bed, &anna).await.is(403, "confirmation-required");
    assert_eq!(bed.confirm_session(&anna, ANNA, None).await.status, 200);
    assert_eq!(read(&bed, &anna).await.json()["sealed"], json!(sealed), "as it was");
    assert_eq!(write(&bed, &anna, replaces, &random(55)).await.status, 204);
}

#[tokio::test]
async fn that_another_device_changed_or_removed_it_is_seen_without_a_proof_and_the_code_is_not() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let ben = bed.login("ben@example.org").await;
    let stored = async |cookie: &str| bed.call("GET", &format!("{PATH}/version")).cookie(cookie).send().await.json();
    assert_eq!(stored(&anna).await, json!({"version": null}));
    let first = write(&bed, &anna, FIRST, &random(55)).await;
    bed.pass(5 * 60);
    assert_eq!(stored(&anna).await, json!({"version": version(&first)}));
    assert_eq!(stored(&ben).await, json!({"version": null}));
    bed.confirm_session(&anna, ANNA, None).await;
    let second = write(&bed, &anna, ("if-match", first.header("etag")), &random(55)).await;
    assert_eq!(stored(&anna).await, json!({"version": version(&second)}));
    assert_ne!(version(&first), version(&second));
    bed.call("DELETE", PATH).cookie(&anna).send().await;
    assert_eq!(stored(&anna).await, json!({"version": null}));
    bed.call("GET", &format!("{PATH}/version")).send().await.is(401, "login-required");
}

/// It opens no more; that there is one is what tells its owner why.
#[tokio::test]
async fn a_password_that_the_operator_sets_leaves_it_there_and_it_can_be_replaced() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let sealed = random(55);
    let stored = write(&bed, &anna, FIRST, &sealed).await;
    bed.app.accounts().set_password(ANNA, NEW).await.unwrap();
    let anna = bed.log_in(ANNA, NEW).await.cookie().unwrap();
    assert_eq!(read(&bed, &anna).await.json()["sealed"], json!(sealed));
    assert_eq!(write(&bed, &anna, ("if-match", stored.header("etag")), &random(55)).await.status, 204);
}
