//! Killed again and again in the middle of everything: whatever was acknowledged is there, and nothing happened once too often.

use crate::testbed::smtp::add_user;
use crate::testbed::spawned::Spawned;
use crate::testbed::{self, announcement, octets, random};
use reqwest::Response;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

const KILLS: usize = 200;
/// Each asks one thing after the other until the server is gone.
const CLIENTS: usize = 4;

/// An envelope and what its sender and reader were told.
struct Known {
    id: String,
    token: String,
    ciphertext: Vec<u8>,
    /// Openings that were confirmed; of three that are allowed.
    confirmed: u32,
    /// Openings asked to be confirmed without an answer: the server may have counted them, or else their lease lapses.
    unsure: u32,
    /// Openings asked for without an answer: there may be a lease that lapses.
    leases_unsure: u32,
    wrong: u32,
    wrong_unsure: u32,
    replies: Vec<Vec<u8>>,
    replies_unsure: usize,
    withdrawn: bool,
    withdrawal_unsure: bool,
}

/// Of all servers: how far the work on envelopes got.
static ANSWERS: AtomicUsize = AtomicUsize::new(0);

/// The answer, or nothing if the server died first.
async fn ask(request: reqwest::RequestBuilder) -> Option<Response> {
    let response = request.send().await.ok()?;
    ANSWERS.fetch_add(1, Ordering::SeqCst);
    assert!(!response.status().is_server_error() || response.status() == 503, "{}", response.status());
    Some(response)
}

fn post(server: &Spawned, path: &str, body: &Value) -> reqwest::RequestBuilder {
    server.client.post(server.url(path)).header("origin", &server.origin).json(body)
}

/// Announces and uploads. What was only announced is not acknowledged as sealed.
async fn seal(server: &Spawned) -> Option<Known> {
    let (token, ciphertext) = (random(32), octets(2000));
    let mut body = announcement(&token, ciphertext.len());
    testbed::merge(&mut body, json!({"maxOpenings": 3}));
    let announced = ask(post(server, "/api/v1/envelopes", &body)).await?;
    let record: Value = announced.json().await.ok()?;
    let id = record["id"].as_str().unwrap().to_owned();
    let put = server.client.put(server.url(&format!("/api/v1/envelopes/{id}/ciphertext")));
    let put = put.header("origin", &server.origin).header("content-type", "application/octet-stream");
    assert_eq!(ask(put.body(ciphertext.clone())).await?.status(), 204);
    Some(Known {
        id,
        token,
        ciphertext,
        confirmed: 0,
        unsure: 0,
        leases_unsure: 0,
        wrong: 0,
        wrong_unsure: 0,
        replies: Vec::new(),
        replies_unsure: 0,
        withdrawn: false,
        withdrawal_unsure: false,
    })
}

impl Known {
    fn link(&self, what: &str) -> String {
        format!("/api/v1/d/{}/{what}", self.id)
    }

    async fn open_and_confirm(&mut self, server: &Spawned) -> Option<()> {
        self.leases_unsure += 1;
        let opened = ask(post(server, &self.link("open"), &json!({"token": self.token}))).await?;
        self.leases_unsure -= 1;
        if opened.status() != 200 {
            return Some(());
        }
        let lease = opened.headers()["envelock-lease"].to_str().unwrap().to_owned();
        self.unsure += 1;
        assert_eq!(opened.bytes().await.ok()?, self.ciphertext);
        let confirm = json!({"token": self.token, "lease": lease});
        assert_eq!(ask(post(server, &self.link("confirm"), &confirm)).await?.status(), 200);
        self.unsure -= 1;
        self.confirmed += 1;
        Some(())
    }

    async fn guess(&mut self, server: &Spawned) -> Option<()> {
        self.wrong_unsure += 1;
        let guessed = ask(post(server, &self.link("open"), &json!({"token": random(32)}))).await?;
        self.wrong_unsure -= 1;
        self.wrong += u32::from(guessed.status() == 403);
        Some(())
    }

    async fn reply(&mut self, server: &Spawned) -> Option<()> {
        let reply = octets(500);
        let post = server.client.post(server.url(&self.link("replies"))).header("origin", &server.origin);
        let post = post.header("envelock-token", &self.token).header("content-type", "application/octet-stream");
        self.replies_unsure += 1;
        let posted = ask(post.body(reply.clone())).await?;
        self.replies_unsure -= 1;
        if posted.status() == 201 {
            self.replies.push(reply);
        }
        Some(())
    }

    async fn withdraw(&mut self, server: &Spawned) -> Option<()> {
        let url = server.url(&format!("/api/v1/envelopes/{}", self.id));
        self.withdrawal_unsure = true;
        assert_eq!(ask(server.client.delete(url).header("origin", &server.origin)).await?.status(), 204);
        self.withdrawn = true;
        Some(())
    }

    /// What the server says now is what it said, or what it may have done without being able to say so.
    async fn check(&self, server: &Spawned) {
        let url = server.url(&format!("/api/v1/envelopes/{}", self.id));
        // Whatever was leased has lapsed, and whoever opens it next counts that.
        let opened = server.open(&self.id, &self.token).await;
        let record: Value = server.client.get(&url).send().await.unwrap().json().await.unwrap();
        let number = |name: &str| record[name].as_u64().unwrap();
        let within = |name: &str, low: u64, unsure: u64| {
            let value = number(name);
            assert!(
                (low..=low + unsure).contains(&value),
                "{name} is {value}, not {low} to {}: {record}",
                low + unsure
            );
        };
        within("openings", u64::from(self.confirmed), u64::from(self.unsure));
        assert!(number("openings") <= 3, "{record}");
        let handed_out = number("openings") + number("lapsedLeases");
        let (low, unsure) = (u64::from(self.confirmed + self.unsure), u64::from(self.leases_unsure));
        assert!((low..=low + unsure).contains(&handed_out), "{record}");
        let wrong = u64::from(self.wrong + self.wrong_unsure).min(10);
        within("triesLeft", 10 - wrong, u64::from(self.wrong_unsure));
        within("replies", self.replies.len() as u64, self.replies_unsure as u64);
        assert!(!self.withdrawn || record["state"] == "withdrawn", "{record}");
        assert!(record["state"] != "withdrawn" || self.withdrawal_unsure, "{record}");
        let mut kept = Vec::new();
        for reply in 1..=number("replies") {
            let reply = server.client.get(format!("{url}/replies/{reply}")).send().await.unwrap();
            assert_eq!(reply.status(), 200, "a row without a file");
            kept.push(reply.bytes().await.unwrap());
        }
        assert!(self.replies.iter().all(|reply| kept.iter().any(|kept| kept == reply)), "a reply is lost");
        if record["state"] == "sealed" {
            assert_eq!(opened.status(), 200, "{record}");
            assert_eq!(opened.bytes().await.unwrap(), self.ciphertext);
        }
    }
}

/// Works on envelopes of its own until the server is gone.
async fn work(server: Arc<Spawned>, known: Arc<Mutex<Vec<Known>>>) {
    while let Some(mut envelope) = seal(&server).await {
        let doing = async {
            envelope.open_and_confirm(&server).await?;
            envelope.guess(&server).await?;
            envelope.reply(&server).await?;
            envelope.open_and_confirm(&server).await?;
            envelope.reply(&server).await?;
            envelope.guess(&server).await?;
            if octets(1)[0] < 128 { envelope.open_and_confirm(&server).await } else { envelope.withdraw(&server).await }
        };
        let died = doing.await.is_none();
        known.lock().unwrap().push(envelope);
        if died {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_kills_lose_nothing_that_was_acknowledged() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (many, clock) = ("1000000", place.path().join("clock"));
    let limits = ["--open-attempts-per-minute", many, "--writes-per-minute", many, "--account-envelopes", many];
    let options = [&limits[..], &["--test-clock-file", clock.to_str().unwrap()]].concat();
    let mut checked = [0; 5];
    let mut session = None;
    let known = Arc::new(Mutex::new(Vec::new()));
    // Each checks what the one before was told.
    for kill in 0..=KILLS {
        // Each starts when the leases of the one before have lapsed.
        std::fs::write(&clock, (kill * 601).to_string()).unwrap();
        let mut server = Spawned::without_demo(data.path(), &options).await;
        match session.take() {
            None => {
                let password = add_user(data.path(), "carla@demo.example").await;
                assert_eq!(server.log_in(&server.client, "carla@demo.example", &password).await, 200);
            }
            // Who was logged in still is.
            Some(client) => server.client = client,
        }
        let server = Arc::new(server);
        let before: Vec<Known> = known.lock().unwrap().drain(..).collect();
        for envelope in &before {
            let (confirmed, wrong) = (envelope.confirmed as usize, envelope.wrong as usize);
            let told = [1, confirmed, wrong, envelope.replies.len(), usize::from(envelope.withdrawn)];
            checked.iter_mut().zip(told).for_each(|(sum, more)| *sum += more);
        }
        futures_util::future::join_all(before.iter().map(|envelope| envelope.check(&server))).await;
        let mut working = JoinSet::new();
        let answers = ANSWERS.load(Ordering::SeqCst);
        for _ in 0..CLIENTS {
            working.spawn(work(Arc::clone(&server), Arc::clone(&known)));
        }
        // Sooner or later in the work on an envelope, however fast the machine is.
        for _ in 0..4000 {
            if ANSWERS.load(Ordering::SeqCst) - answers > 4 + (kill * 37) % 100 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis((kill as u64 * 7) % 10)).await;
        server.kill_now();
        while let Some(worked) = working.join_next().await {
            worked.unwrap();
        }
        session = Some(server.client.clone());
    }
    let what = "envelopes, confirmed openings, wrong tokens, replies, withdrawals";
    assert!(checked.iter().all(|number| *number > KILLS / 2), "{checked:?} {what} were told");
}
