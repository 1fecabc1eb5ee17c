//! `GET /api/v1/lookup` as a page calls it.

use super::world::{CERTIFICATE, PUBLIC, World, ok, with};
use crate::app::App;
use crate::clock::Clock;
use crate::router::router;
use crate::session::device_of;
use crate::settings::Settings;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use envelock_wire::{FinishLogin, Ke1, Ke3, StartLogin, Timestamp};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt;

struct At(AtomicI64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::SeqCst))
    }
}

struct Served {
    world: World,
    app: App,
    router: Router,
    clock: Arc<At>,
    _data: TempDir,
}

impl Served {
    async fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let world = World::new(&["example.org"]).await;
        world.name("example.org", &[PUBLIC]);
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::new(At(AtomicI64::new(1_800_000_000)));
        let mut settings = Settings::new(data.path());
        change(&mut settings);
        let app = App::open_over(settings, clock.clone(), Arc::new(world.clone())).await.unwrap();
        Self { world, router: router(app.clone()), app, clock, _data: data }
    }

    async fn login(&self, address: &str) -> String {
        self.app.accounts().put(address, "Somebody", "a long password").await.unwrap();
        let rng = &mut rand::rngs::OsRng;
        let (login, ke1) = envelock_login::Login::start("a long password", rng).unwrap();
        let start = StartLogin { address: address.into(), request: Ke1::from_octets(ke1) };
        let started = self.app.sessions().start_login(&start).await.unwrap();
        let finalization = Ke3::from_octets(login.finish(started.response.as_octets(), rng).unwrap().ke3);
        let finish = FinishLogin { login: started.login, finalization };
        let (token, _) = self.app.sessions().finish_login(&finish, device_of(&HeaderMap::new())).await.unwrap();
        crate::session::set_cookie(&token).split(';').next().unwrap().to_owned()
    }

    async fn get(&self, cookie: &str, query: &str) -> (StatusCode, Value) {
        let request =
            Request::get(format!("/api/v1/lookup{query}")).header("host", "localhost").header("cookie", cookie);
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn code(&self, cookie: &str, query: &str) -> (u16, String) {
        let (status, body) = self.get(cookie, query).await;
        assert!(!body["message"].as_str().unwrap().is_empty());
        (status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }
}

#[tokio::test]
async fn who_is_logged_in_gets_what_was_found_and_where() {
    let served = Served::new(|_| {}).await;
    served.world.answer("example.org/", ok(CERTIFICATE));
    assert_eq!(served.code("", "?address=anna@example.org").await, (401, "login-required".into()));
    assert!(served.world.resolved().is_empty(), "nothing is asked for strangers");
    let cookie = served.login("bert@example.net").await;
    let (status, body) = served.get(&cookie, "?address=anna%40example.org").await;
    assert_eq!(status, 200);
    assert_eq!(body, json!({"origin": "wkd-direct", "host": "example.org", "certificates": "mDMgYSBjZXJ0aWZpY2F0ZQ"}));
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let served = Served::new(|settings| settings.lookups_per_minute = 10.try_into().unwrap()).await;
    let cookie = served.login("bert@example.net").await;
    for query in ["", "?address=", "?address=anna", "?address=anna@127.0.0.1", "?address=anna@example.org&x=1"] {
        assert_eq!(served.code(&cookie, query).await, (400, "invalid-request".into()), "{query}");
    }
    assert_eq!(served.code(&cookie, "?address=anna@example.org").await, (404, "no-certificate".into()));
    served.world.answer("example.org/", with("500 Oops", "", b""));
    assert_eq!(served.code(&cookie, "?address=bert@example.org").await, (502, "lookup-failed".into()));
    let mut last = (0, String::new());
    for _ in 0..10 {
        last = served.code(&cookie, "?address=anna@example.org").await;
    }
    assert_eq!(last, (429, "too-many-requests".into()));
    let other = served.login("cleo@example.net").await;
    assert_eq!(served.code(&other, "?address=anna@example.org").await.0, 502, "limits are for each account");
}

#[tokio::test]
async fn an_operator_may_switch_it_off() {
    let served = Served::new(|settings| settings.lookup = false).await;
    let cookie = served.login("bert@example.net").await;
    assert_eq!(served.code(&cookie, "?address=anna@example.org").await, (404, "lookup-off".into()));
    assert!(served.world.resolved().is_empty());
}

#[tokio::test]
async fn asking_again_asks_nobody_for_some_minutes() {
    let served = Served::new(|_| {}).await;
    let bert = served.login("bert@example.net").await;
    let ask = async |cookie: &str, expected: u16, requests: usize| {
        let (status, _) = served.get(cookie, "?address=anna@example.org").await;
        assert_eq!((status.as_u16(), served.world.requests().len()), (expected, requests));
    };
    ask(&bert, 404, 1).await;
    served.world.answer("example.org/", ok(CERTIFICATE));
    ask(&bert, 404, 1).await;
    served.clock.0.fetch_add(301, Ordering::SeqCst);
    ask(&bert, 200, 2).await;
    ask(&bert, 200, 2).await;
    // Another account cannot tell from the time it takes what somebody else looked up.
    let cleo = served.login("cleo@example.net").await;
    ask(&cleo, 200, 3).await;
    served.clock.0.fetch_add(601, Ordering::SeqCst);
    ask(&bert, 200, 4).await;
}
