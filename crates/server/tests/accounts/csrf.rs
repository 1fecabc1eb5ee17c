//! Whatever changes something comes from a page of this server, on every route there is.

use crate::testbed::{Bed, HOST, ORIGIN, operations};
use serde_json::json;

#[tokio::test]
async fn every_state_changing_route_refuses_other_origins() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let foreign: &[&[(&str, &str)]] = &[
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", "https://evil.localhost:8443")],
        &[("origin", "http://localhost:8443")],
        &[("origin", "https://localhost:9999")],
        &[("origin", "https://localhost:8443.evil.example")],
        &[("origin", "")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", ORIGIN), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        &[("referer", "https://localhost:8443/")],
        &[("origin", ORIGIN), ("origin", "https://evil.example")],
    ];
    let bodies = [
        ("application/json", "{}"),
        ("application/x-www-form-urlencoded", "a=b"),
        ("multipart/form-data; boundary=x", "--x--"),
        ("text/plain", "{\"unlock\":true}"),
        ("application/octet-stream", "x"),
    ];
    let mut checked = 0;
    for (method, path, _) in operations() {
        // What is signed as a whole comes from no page: who else was logged in is not looked at (`mail_webhook`).
        if method == "GET" || path == "/api/v1/inbound" {
            continue;
        }
        let path = path.replace("AAAAAAAAAAAAAAAAAAAAAA", &sealed.id);
        for headers in foreign {
            for (content_type, body) in bodies {
                let mut call = bed.call(&method, &path).without("origin").cookie(&anna);
                for (name, value) in *headers {
                    call = call.header(name, value);
                }
                let reply = call.raw(content_type, body).send().await;
                assert_eq!(
                    (reply.status.as_u16(), reply.code().as_str()),
                    (403, "cross-origin"),
                    "{method} {path} {headers:?}"
                );
            }
        }
        checked += 1;
    }
    assert_eq!(
        checked, 47,
        "registration, logins, logout, sessions and their confirmation, password, what it opens, factors, app tokens, drafts, the mailbox and its certificate, envelopes, links, the keyring, mail that is sent"
    );
    assert_eq!(bed.record(&anna, &sealed.id).await["state"], "sealed");
    // Routes that do not exist do not even say so to a stranger.
    bed.call("POST", "/api/v1/nothing").without("origin").send().await.is(403, "cross-origin");
}

#[tokio::test]
async fn what_browsers_send_from_our_pages_passes() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    for headers in [
        &[("origin", ORIGIN)][..],
        &[("origin", ORIGIN), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-origin")],
        &[("origin", "https://LOCALHOST:8443")],
    ] {
        let mut call = bed.call("DELETE", "/api/v1/session").without("origin").cookie(&anna);
        for (name, value) in headers {
            call = call.header(name, value);
        }
        assert_eq!(call.send().await.status, 204, "{headers:?} at {HOST}");
    }
    // Reading needs none of it.
    assert_eq!(bed.call("GET", "/api/v1/server").without("origin").send().await.status, 200);
}
