//! Accounts that people make themselves: with an invitation, or where registration is open.

use crate::testbed::passwords::{PASSWORD, choose};
use crate::testbed::{self, Bed, DAY, Reply, databases, merge, random};
use envelock_wire::Registration::{Closed, Invitation, Open};
use serde_json::{Value, json};

const ANNA: &str = "anna@example.org";

async fn bed(who: envelock_wire::Registration, domains: &[&str]) -> Bed {
    Bed::with(|settings| {
        settings.registration = who;
        settings.registration_domains = domains.iter().map(|domain| domain.parse().unwrap()).collect();
        settings.registrations_per_minute = 10_000.try_into().unwrap();
    })
    .await
}

async fn invite(bed: &Bed, address: Option<&str>) -> String {
    bed.app.accounts().invite(address, 7).await.unwrap().into()
}

async fn start(bed: &Bed, more: Value) -> Reply {
    let mut body = choose(PASSWORD).1;
    merge(&mut body, more);
    bed.call("POST", "/api/v1/registration/start").json(&body).send().await
}

/// A whole registration; its end, with what is different there.
async fn register_but(bed: &Bed, who: &Value, different: Value) -> Reply {
    let (choosing, mut body) = choose(PASSWORD);
    merge(&mut body, who.clone());
    let answer = bed.call("POST", "/api/v1/registration/start").json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let mut end = choosing.end(&answer);
    end["name"] = json!("Anna Berg");
    merge(&mut end, who.clone());
    merge(&mut end, different);
    bed.call("POST", "/api/v1/registration").json(&end).send().await
}

async fn register(bed: &Bed, who: &Value) -> Reply {
    register_but(bed, who, json!({})).await
}

async fn show(bed: &Bed, invitation: &str) -> Reply {
    bed.call("POST", "/api/v1/registration/invitation").json(&json!({"invitation": invitation})).send().await
}

#[tokio::test]
async fn an_invitation_makes_one_account_and_no_more() {
    let bed = bed(Invitation, &[]).await;
    assert_eq!(bed.call("GET", "/api/v1/server").send().await.json()["registration"], "invitation");
    let token = invite(&bed, None).await;
    let shown = show(&bed, &token).await;
    assert_eq!((shown.status.as_u16(), shown.json()), (200, json!({"expires": "2027-01-22T08:00:00Z"})));
    let anna = json!({"invitation": token, "address": "Anna@example.org"});
    let made = register(&bed, &anna).await;
    assert_eq!((made.status.as_u16(), made.cookie()), (201, None), "whoever registers logs in like others");
    let session = bed.log_in(ANNA, PASSWORD).await;
    assert_eq!(session.json(), json!({"address": "Anna@example.org", "name": "Anna Berg"}));

    show(&bed, &token).await.is(403, "invitation-ended");
    start(&bed, json!({"invitation": token, "address": "ben@example.org"})).await.is(403, "invitation-ended");
    assert!(bed.app.accounts().invitations().await.unwrap().is_empty());
    // What was never one looks the same, and without one nobody begins.
    let used = show(&bed, &token).await;
    assert_eq!(show(&bed, &random(32)).await.text(), used.text());
    start(&bed, json!({"address": "ben@example.org"})).await.is(403, "registration-closed");
    assert_eq!(bed.app.accounts().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_many_at_once_one_uses_it() {
    let bed = bed(Invitation, &[]).await;
    let token = invite(&bed, None).await;
    let (choosing, mut body) = choose(PASSWORD);
    merge(&mut body, json!({"invitation": token, "address": ANNA}));
    let answer = bed.call("POST", "/api/v1/registration/start").json(&body).send().await.json();
    let chosen = choosing.end(&answer);
    let guests = (0..24).map(|guest| {
        let address = format!("guest{guest}@example.org");
        let mut end = json!({"invitation": token, "address": address, "name": "G"});
        merge(&mut end, chosen.clone());
        let call = bed.call("POST", "/api/v1/registration").json(&end);
        tokio::spawn(async move { call.send().await.status.as_u16() })
    });
    let mut answers = Vec::new();
    for guest in guests.collect::<Vec<_>>() {
        answers.push(guest.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!((answers[0], answers[1], answers[23]), (201, 403, 403), "{answers:?}");
    assert_eq!(bed.app.accounts().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn it_ends_with_time_or_when_the_operator_takes_it_back_and_only_its_hash_is_kept() {
    let bed = bed(Invitation, &[]).await;
    let [late, withdrawn, good] = [invite(&bed, None).await, invite(&bed, None).await, invite(&bed, Some(ANNA)).await];
    let lines = bed.app.accounts().invitations().await.unwrap();
    assert_eq!(lines.iter().map(|line| line.address.as_deref()).collect::<Vec<_>>(), [None, None, Some(ANNA)]);
    bed.app.accounts().withdraw_invitation(lines[1].id).await.unwrap();
    bed.app.accounts().withdraw_invitation(lines[1].id).await.unwrap_err();
    show(&bed, &withdrawn).await.is(403, "invitation-ended");
    assert_eq!(show(&bed, &good).await.json()["address"], ANNA);

    let kept = databases::everything(bed.data.path()).await;
    let contains = |needle: &[u8]| kept.windows(needle.len()).any(|window| window == needle);
    let octets: [u8; 32] = testbed::passwords::octets(&json!(good));
    assert!(contains(ANNA.as_bytes()), "the positive control: this is where the invitation is");
    assert!(!contains(&octets) && !contains(good.as_bytes()));

    bed.pass(7 * DAY - 1);
    assert_eq!(show(&bed, &late).await.status, 200);
    bed.pass(1);
    show(&bed, &late).await.is(403, "invitation-ended");
    start(&bed, json!({"invitation": late, "address": ANNA})).await.is(403, "invitation-ended");
    envelock_server::maintain(&bed.app).await.unwrap();
    let pool = databases::rows(bed.data.path()).await;
    let rows = sqlx::query("SELECT id FROM invitations").fetch_all(&pool).await.unwrap();
    assert_eq!(rows.len(), 0, "it is forgotten");
}

#[tokio::test]
async fn an_invitation_for_an_address_is_good_for_no_other() {
    let bed = bed(Invitation, &["example.org"]).await;
    // The operator may name one that nobody could choose.
    let token = invite(&bed, Some("Ünal@elsewhere.example")).await;
    start(&bed, json!({"invitation": token, "address": ANNA})).await.is(400, "address-not-allowed");
    let who = json!({"invitation": token, "address": "ünal@elsewhere.example"});
    register_but(&bed, &who, json!({"address": ANNA})).await.is(400, "address-not-allowed");
    assert_eq!(register(&bed, &who).await.status, 201);
    bed.app.accounts().invite(Some("ÜNAL@elsewhere.example"), 7).await.unwrap_err();
}

/// Those of RFC 2142 among them.
#[tokio::test]
async fn an_office_is_given_by_the_operator_alone() {
    let bed = bed(Invitation, &["example.org"]).await;
    let accounts = bed.app.accounts();
    accounts.add("postmaster@example.org", "Whoever is on duty", PASSWORD).await.unwrap();
    let any = json!({"invitation": invite(&bed, None).await, "address": "sales@example.org"});
    start(&bed, any.clone()).await.is(400, "address-not-allowed");
    // Nor at the end, for what began as something else.
    let named = json!({"invitation": any["invitation"], "address": ANNA});
    register_but(&bed, &named, json!({"address": "sales@example.org"})).await.is(400, "address-not-allowed");
    let named = json!({"invitation": invite(&bed, Some("sales@example.org")).await, "address": "sales@example.org"});
    assert_eq!(register(&bed, &named).await.status, 201);
    assert_eq!(bed.app.accounts().list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_taken_address_stays_with_whoever_has_it_and_the_invitation_stays_good() {
    let bed = bed(Invitation, &[]).await;
    bed.login(ANNA).await;
    let token = invite(&bed, None).await;
    let taken = json!({"invitation": token, "address": "ANNA@example.org"});
    let free = json!({"invitation": token, "address": "ben@example.org"});
    // Not told before the end: both beginnings look alike.
    let answers = [start(&bed, taken.clone()).await, start(&bed, free.clone()).await];
    assert_eq!(answers[0].body.len(), answers[1].body.len());
    register(&bed, &taken).await.is(409, "address-taken");
    let before = bed.app.accounts().list().await.unwrap();
    assert_eq!((before.len(), before[0].name.as_str()), (1, "Somebody"));
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);
    assert_eq!(register(&bed, &free).await.status, 201);
}

#[tokio::test]
async fn with_open_registration_an_address_is_of_the_servers_domains_and_nobodys_office() {
    let bed = bed(Open, &["example.org", "team.internal"]).await;
    let info = bed.call("GET", "/api/v1/server").send().await.json();
    assert_eq!(info["registration"], "open");
    assert_eq!(info["registrationDomains"], json!(["example.org", "team.internal"]));
    for address in [
        "anna@example.com",
        "anna@sub.example.org",
        "anna@example.org.",
        // No dot-atom (RFC 5321 §4.1.2).
        ".anna@example.org",
        "anna.@example.org",
        "anna..berg@example.org",
        "anna",
        "@example.org",
        "an na@example.org",
        "аnna@example.org",
        "a\u{202e}nna@example.org",
        "\"anna\"@example.org",
        "Postmaster@example.org",
        "admin@team.internal",
        "sales@example.org",
        "No-Reply@example.org",
        "postmaster+anna@example.org",
    ] {
        start(&bed, json!({"address": address})).await.is(400, "address-not-allowed");
    }
    for address in [ANNA, "ben@Team.internal"] {
        assert_eq!(register(&bed, &json!({"address": address})).await.status, 201, "{address}");
    }
    for name in ["", " ", "a\nb", &"x".repeat(1025)] {
        let refused = register_but(&bed, &json!({"address": "c@example.org"}), json!({"name": name})).await;
        refused.is(400, "invalid-request");
    }
    for record in [random(191), testbed::passwords::base64url(&[0; 192])] {
        let refused = register_but(&bed, &json!({"address": "c@example.org"}), json!({"record": record})).await;
        refused.is(400, "invalid-request");
    }
    start(&bed, json!({"address": "c@example.org", "invitation": random(32)})).await.is(403, "invitation-ended");
    assert_eq!(bed.app.accounts().list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn closed_is_the_default_and_no_invitation_opens_it() {
    let bed = Bed::new().await;
    assert_eq!(bed.call("GET", "/api/v1/server").send().await.json()["registration"], json!(Closed));
    let token = invite(&bed, None).await;
    for more in [json!({"address": ANNA}), json!({"address": ANNA, "invitation": token})] {
        start(&bed, more).await.is(403, "registration-closed");
    }
    show(&bed, &token).await.is(403, "registration-closed");
    let record = random(192);
    let end = json!({"address": ANNA, "name": "A", "record": record, "madeWith": random(32), "invitation": token});
    bed.call("POST", "/api/v1/registration").json(&end).send().await.is(403, "registration-closed");
    assert!(bed.app.accounts().list().await.unwrap().is_empty());
}

/// Each beginning is a guess at the password of whoever has that address, each end a question whether somebody has it.
#[tokio::test]
async fn trying_is_limited() {
    let bed = Bed::with(|settings| {
        settings.registration = Open;
        settings.registration_domains = vec!["example.org".parse().unwrap()];
        settings.login_attempts_per_minute = 4.try_into().unwrap();
        settings.registrations_per_minute = 2.try_into().unwrap();
    })
    .await;
    for _ in 0..4 {
        assert_eq!(start(&bed, json!({"address": ANNA})).await.status, 200);
    }
    start(&bed, json!({"address": ANNA})).await.is(429, "too-many-requests");
    let (_, login) = testbed::passwords::begin(ANNA, PASSWORD);
    bed.call("POST", "/api/v1/session/start").json(&login).send().await.is(429, "too-many-requests");
    let record = testbed::passwords::base64url(&[0; 192]);
    let end = json!({"address": ANNA, "name": "A", "record": record, "madeWith": random(32)});
    let finish = || bed.call("POST", "/api/v1/registration").json(&end).send();
    for _ in 0..2 {
        finish().await.is(400, "invalid-request");
    }
    finish().await.is(429, "too-many-requests");
    for _ in 0..4 {
        show(&bed, &random(32)).await.is(403, "invitation-ended");
    }
    show(&bed, &random(32)).await.is(429, "too-many-requests");
}

#[tokio::test]
async fn the_link_leads_to_the_application() {
    let bed = Bed::new().await;
    let page = bed.call("GET", "/register").send().await;
    assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"));
    assert!(page.text().contains("<title>App</title>"));
    assert_eq!(bed.call("GET", "/register/x").send().await.status, 404);
}
