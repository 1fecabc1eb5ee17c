//! Tokens with which programs act for an account: what each may do, on every route there is, and what it may not.

use crate::testbed::passwords::PASSWORD;
use crate::testbed::programs::{TOKENS, bearer};
use crate::testbed::{Bed, Reply, announcement, databases, operations, random};
use serde_json::{Value, json};

const ANNA: &str = "anna@example.org";
const BEN: &str = "ben@example.org";
const ENVELOPES: &str = "/api/v1/envelopes";

/// What each scope opens, and nothing besides: written down once more, so that a route is opened to programs on purpose.
const OPEN: [(&str, &[&str]); 8] = [
    (
        "envelopes:read",
        &[
            "GET /api/v1/envelopes",
            "GET /api/v1/envelopes/{id}",
            "GET /api/v1/envelopes/{id}/replies",
            "GET /api/v1/envelopes/{id}/replies/{number}",
        ],
    ),
    (
        "envelopes:write",
        &[
            "DELETE /api/v1/envelopes/{id}",
            "PATCH /api/v1/envelopes/{id}",
            "POST /api/v1/envelopes",
            "PUT /api/v1/envelopes/{id}/ciphertext",
        ],
    ),
    ("keyring:read", &["GET /api/v1/keyring"]),
    ("keyring:write", &["DELETE /api/v1/keyring", "PUT /api/v1/keyring"]),
    ("drafts:read", &["GET /api/v1/account/drafts", "GET /api/v1/account/drafts/{id}"]),
    ("drafts:write", &["DELETE /api/v1/account/drafts/{id}", "PUT /api/v1/account/drafts/{id}"]),
    ("mail:read", &["GET /api/v1/mailbox", "GET /api/v1/mailbox/{id}"]),
    (
        "mail:send",
        &[
            "DELETE /api/v1/outgoing/{id}",
            "GET /api/v1/outgoing",
            "GET /api/v1/outgoing/protection",
            "POST /api/v1/outgoing",
        ],
    ),
];

fn is_refused(reply: &Reply, status: u16, code: &str, challenge: &str) {
    reply.is(status, code);
    assert_eq!(reply.header("www-authenticate"), challenge);
    assert_eq!(reply.header("set-cookie"), "");
}

#[tokio::test]
async fn every_route_takes_the_tokens_that_it_names_the_scope_of_and_no_other() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let mut programs = Vec::new();
    for (scope, _) in OPEN {
        programs.push((vec![scope], bed.token(&cookie, &[scope]).await));
    }
    let all = OPEN.map(|(scope, _)| scope);
    programs.push((all.to_vec(), bed.token(&cookie, &all).await));
    let mut opened: Vec<String> = Vec::new();
    for (method, path, operation) in operations() {
        let pattern = path.replace("AAAAAAAAAAAAAAAAAAAAAA", "{id}").replace("/replies/1", "/replies/{number}");
        let name = format!("{method} {pattern}");
        let wanted = OPEN.iter().find(|(_, routes)| routes.contains(&name.as_str())).map(|(scope, _)| *scope);
        let says: Vec<&Value> = operation["security"].as_array().into_iter().flatten().collect();
        let says = says.iter().find_map(|one| one["token"][0].as_str());
        assert_eq!(says, wanted, "{name}: what the document says");
        for (scopes, token) in &programs {
            // A browser's session and origin beside it change nothing.
            for beside in [false, true] {
                let mut call = bed.call(&method, &path).header("authorization", &bearer(token));
                call = if beside { call.cookie(&cookie) } else { call.without("origin") };
                let reply = call.json(&json!({})).send().await;
                if wanted.is_some_and(|wanted| scopes.contains(&wanted)) {
                    assert!(![401, 403].contains(&reply.status.as_u16()), "{name} with {scopes:?}: {}", reply.text());
                    opened.push(name.clone());
                } else {
                    let scope = wanted.map_or(String::new(), |wanted| format!(", scope=\"{wanted}\""));
                    let challenge = format!("Bearer error=\"insufficient_scope\"{scope}");
                    is_refused(&reply, 403, "insufficient-scope", &challenge);
                }
            }
        }
    }
    let routes: usize = OPEN.iter().map(|(_, routes)| routes.len()).sum();
    assert_eq!(opened.len(), 4 * routes, "by its own token and by that of all, twice: {opened:?}");
    // None of all these has logged anybody out or revoked anything.
    assert_eq!(bed.standing(&cookie).await, "full");
    assert_eq!(bed.tokens(&cookie).await.len(), programs.len());
}

#[tokio::test]
async fn a_program_seals_and_looks_without_a_browser_and_for_its_own_account_alone() {
    let bed = Bed::new().await;
    let (anna, ben) = (bed.login(ANNA).await, bed.login(BEN).await);
    let token = bearer(&bed.token(&anna, &["envelopes:read", "envelopes:write"]).await);
    let call = |method: &str, path: &str| bed.call(method, path).without("origin").header("authorization", &token);
    let body = announcement(&random(32), 5000);
    let announced = call("POST", ENVELOPES).json(&body).send().await;
    assert_eq!(announced.status, 201, "{}", announced.text());
    let own = format!("{ENVELOPES}/{}", announced.json()["id"].as_str().unwrap());
    let upload = call("PUT", &format!("{own}/ciphertext")).octets(vec![7; 5000]).send().await;
    assert_eq!(upload.status, 204, "{}", upload.text());
    assert_eq!(call("GET", &own).send().await.json()["state"], "sealed");
    assert_eq!(call("HEAD", &own).send().await.status, 200);
    let listed = bed.call("GET", ENVELOPES).cookie(&anna).send().await.json();
    assert_eq!(listed["envelopes"].as_array().unwrap().len(), 1);

    let other = bed.seal(&ben, json!({})).await;
    let theirs = format!("{ENVELOPES}/{}", other.id);
    for (method, path) in [("GET", &theirs), ("DELETE", &theirs)] {
        call(method, path).send().await.is(404, "not-found");
    }
    // Ben's session beside Anna's token is not looked at.
    let beside = bed.call("GET", &theirs).cookie(&ben).header("authorization", &token).send().await;
    beside.is(404, "not-found");
    assert_eq!(call("DELETE", &own).send().await.status, 204);
    assert_eq!(call("DELETE", &own).header("origin", "https://elsewhere.example").send().await.status, 204);
}

#[tokio::test]
async fn whatever_is_no_token_is_refused_in_the_same_words_and_the_cookie_beside_it_is_not_looked_at() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let good = bed.token(&cookie, &["envelopes:read"]).await;
    bed.pass(1);
    let revoked = bed.token(&cookie, &["envelopes:read"]).await;
    let id = bed.tokens(&cookie).await[1]["id"].as_str().unwrap().to_owned();
    assert_eq!(bed.call("DELETE", &format!("{TOKENS}/{id}")).cookie(&cookie).send().await.status, 204);
    // Of another server, with a checksum that fits.
    let unknown = Bed::new().await;
    let unknown = unknown.token(&unknown.login(ANNA).await, &["envelopes:read"]).await;
    let mistyped = format!("{}{}", &good[..20], &good[20..].replace(char::is_alphabetic, "a"));
    let session = cookie.split_once('=').unwrap().1.to_owned();
    let mut said = Vec::new();
    for wrong in [&revoked, &unknown, &mistyped, &good[..56].to_owned(), &good[9..].to_owned(), &session] {
        said.push(bearer(wrong));
    }
    said.extend(["", "Bearer", "Bearer ", "Basic YTpi"].map(str::to_owned));
    said.push(good.clone());
    said.push(format!("Token {good}"));
    said.push(format!("{} {good}", bearer(&good)));
    let challenge = "Bearer error=\"invalid_token\"";
    let mut texts = Vec::new();
    for wrong in &said {
        for path in [ENVELOPES, "/api/v1/sessions", "/api/v1/server", "/api/v1/session", "/api/v1/openapi.json"] {
            let reply = bed.call("GET", path).cookie(&cookie).header("authorization", wrong).send().await;
            is_refused(&reply, 401, "invalid-token", challenge);
            texts.push(reply.text());
        }
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let twice = bed.call("GET", ENVELOPES).header("authorization", &bearer(&good));
    is_refused(&twice.header("authorization", &bearer(&good)).send().await, 401, "invalid-token", challenge);
    // What a browser may add by itself, or no token at all, is no reason to believe that a program asks.
    for other in ["Basic YTpi", "Bearer", ""] {
        let call = bed.call("DELETE", "/api/v1/session").without("origin").header("authorization", other);
        call.cookie(&cookie).send().await.is(403, "cross-origin");
    }
    assert_eq!(bed.standing(&cookie).await, "full");
    assert_eq!(bed.call("GET", ENVELOPES).header("authorization", &bearer(&good)).send().await.status, 200);
    assert_eq!(bed.call("GET", "/").header("authorization", "Basic YTpi").send().await.status, 200, "a page");
}

#[tokio::test]
async fn wrong_tokens_are_limited_by_network_and_right_ones_are_not() {
    let bed = Bed::with(|settings| settings.login_attempts_per_minute = 8.try_into().unwrap()).await;
    let token = bed.token(&bed.login(ANNA).await, &["envelopes:read"]).await;
    let get = async |said: &str| bed.call("GET", ENVELOPES).header("authorization", said).send().await;
    for _ in 0..20 {
        assert_eq!(get(&bearer(&token)).await.status, 200);
    }
    for _ in 0..8 {
        get("Bearer wrong").await.is(401, "invalid-token");
    }
    let limited = get("Bearer wrong").await;
    limited.is(429, "too-many-requests");
    assert!(!limited.header("retry-after").is_empty());
    assert_eq!(get(&bearer(&token)).await.status, 200);
}

#[tokio::test]
async fn a_token_is_told_once_and_kept_as_a_hash() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let body = json!({"name": "Nightly report", "scopes": ["keyring:read", "envelopes:read"], "expiresInDays": 30});
    let made = bed.call("POST", TOKENS).cookie(&cookie).json(&body).send().await;
    assert_eq!((made.status.as_u16(), made.header("cache-control")), (201, "no-store"));
    let token = made.json()["token"].as_str().unwrap().to_owned();
    assert!(token.len() == 57 && token.starts_with("envelock_"), "{token}");
    let mut record = json!({
        "id": made.json()["record"]["id"], "name": "Nightly report", "scopes": ["envelopes:read", "keyring:read"],
        "created": "2027-01-15T08:00:00Z", "expires": "2027-02-14T08:00:00Z", "used": null
    });
    assert_eq!(made.json(), json!({"token": token, "record": record}));
    assert_eq!(bed.tokens(&cookie).await, [record.clone()]);

    // The use is noted once a minute at most.
    for (later, used) in [(100, "08:01:40"), (59, "08:01:40"), (1, "08:02:40")] {
        bed.pass(later);
        assert_eq!(bed.call("GET", ENVELOPES).header("authorization", &bearer(&token)).send().await.status, 200);
        record["used"] = format!("2027-01-15T{used}Z").into();
        assert_eq!(bed.tokens(&cookie).await, [record.clone()]);
    }
    let kept = databases::everything(bed.data.path()).await;
    let is_kept = |octets: &[u8]| kept.windows(octets.len()).any(|window| window == octets);
    let secret: envelock_wire::AppToken = token.parse().unwrap();
    assert!(is_kept(b"Nightly report"), "the search sees what is there");
    assert!(!is_kept(token.as_bytes()) && !is_kept(secret.as_octets()) && !is_kept(&token.as_bytes()[9..]));
}

#[tokio::test]
async fn who_makes_one_has_proved_themselves_and_says_what_it_may_do_and_for_how_long() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let good = json!({"name": "Backup", "scopes": ["keyring:read"], "expiresInDays": 365});
    let make = async |body: &Value| bed.call("POST", TOKENS).cookie(&cookie).json(body).send().await;
    for (field, bad) in [
        (
            "name",
            vec![json!(""), json!("  "), json!("two\nlines"), json!("\u{202e}gib"), json!("a".repeat(61)), json!(1)],
        ),
        ("scopes", vec![json!([]), json!(["account:write"]), json!("keyring:read"), json!(null)]),
        ("expiresInDays", vec![json!(0), json!(366), json!(-1), json!(1.5), json!("1"), json!(null)]),
        ("token", vec![json!("envelock_")]),
    ] {
        for value in bad {
            let mut body = good.clone();
            body[field] = value;
            make(&body).await.is(400, "invalid-request");
        }
    }
    for missing in ["name", "scopes", "expiresInDays"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(missing);
        make(&body).await.is(400, "invalid-request");
    }
    bed.call("POST", TOKENS).json(&good).send().await.is(401, "login-required");
    bed.call("POST", TOKENS).without("origin").cookie(&cookie).json(&good).send().await.is(403, "cross-origin");
    bed.pass(300);
    make(&good).await.is(403, "confirmation-required");
    assert_eq!(bed.confirm_session(&cookie, ANNA, None).await.status, 200);
    for _ in 0..20 {
        assert_eq!(make(&good).await.status, 201);
    }
    make(&good).await.is(409, "too-many-tokens");
    assert_eq!(bed.tokens(&cookie).await.len(), 20);

    // To take power away, being logged in is enough; nobody sees or revokes those of others.
    bed.pass(300);
    let ben = bed.login(BEN).await;
    assert!(bed.tokens(&ben).await.is_empty());
    let id = bed.tokens(&cookie).await[0]["id"].as_str().unwrap().to_owned();
    for nothing in [id.as_str(), &random(16), &random(32), "x", "%00"] {
        bed.call("DELETE", &format!("{TOKENS}/{nothing}")).cookie(&ben).send().await.is(404, "not-found");
    }
    assert_eq!(bed.call("DELETE", TOKENS).cookie(&ben).send().await.status, 204);
    bed.call("DELETE", TOKENS).send().await.is(401, "login-required");
    assert_eq!(bed.tokens(&cookie).await.len(), 20);
    let own = format!("{TOKENS}/{id}");
    assert_eq!(bed.call("DELETE", &own).cookie(&cookie).send().await.status, 204);
    bed.call("DELETE", &own).cookie(&cookie).send().await.is(404, "not-found");
    assert_eq!(bed.tokens(&cookie).await.len(), 19);
    for _ in 0..2 {
        assert_eq!(bed.call("DELETE", TOKENS).cookie(&cookie).send().await.status, 204);
    }
    assert!(bed.tokens(&cookie).await.is_empty());
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);
}
