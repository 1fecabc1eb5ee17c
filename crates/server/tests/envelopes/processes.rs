//! Several servers over one database behave as one: two processes on PostgreSQL, one on SQLite, which is not shared.

use crate::testbed::passwords::begin;
use crate::testbed::spawned::Spawned;
use crate::testbed::{self, announcement, random};
use envelock_server::storage::DatabaseLocation;
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::task::JoinSet;

struct Processes {
    _data: TempDir,
    servers: Vec<Arc<Spawned>>,
}

impl Processes {
    async fn start(more: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let many = match testbed::databases::location(data.path()).await {
            DatabaseLocation::DataDirectory => 1,
            _ => 2,
        };
        let mut servers = Vec::new();
        for _ in 0..many {
            let server = Spawned::start(data.path(), more).await;
            server.login().await;
            servers.push(Arc::new(server));
        }
        Self { _data: data, servers }
    }

    /// Calls that many times at once, each process in turn; how often there was which status.
    async fn race<F: Future<Output = u16> + Send + 'static>(
        &self,
        calls: usize,
        call: impl Fn(Arc<Spawned>, usize) -> F,
    ) -> BTreeMap<u16, usize> {
        let mut racing = JoinSet::new();
        for (number, server) in self.servers.iter().cycle().take(calls).enumerate() {
            racing.spawn(call(Arc::clone(server), number));
        }
        let mut statuses = BTreeMap::new();
        while let Some(status) = racing.join_next().await {
            *statuses.entry(status.unwrap()).or_default() += 1;
        }
        statuses
    }
}

/// Eight who have the same link, at once. How it went for each of them.
async fn race_for_one(processes: &Processes, number: usize) -> BTreeMap<u16, usize> {
    let (id, token, _) = processes.servers[number % processes.servers.len()].seal(100).await;
    let open = |server: Arc<Spawned>, _| {
        let (id, token) = (id.clone(), token.clone());
        async move {
            let opened = server.open(&id, &token).await;
            let status = opened.status().as_u16();
            // The last opening: whoever got it says so, and it is gone for the others.
            if let Some(lease) = opened.headers().get("envelock-lease") {
                let confirm = json!({"token": token, "lease": lease.to_str().unwrap()});
                assert_eq!(server.post(&format!("/api/v1/d/{id}/confirm"), &confirm).await.status(), 200);
            }
            status
        }
    };
    processes.race(8, open).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_one_time_envelope_opens_once_in_each_of_a_thousand_races() {
    // Those that share a database count openings and changes together.
    let many = "10000000";
    let processes = Processes::start(&["--open-attempts-per-minute", many, "--writes-per-minute", many]).await;
    // A process that is alone takes turns: nothing new shows after a hundred.
    let races = if processes.servers.len() > 1 { 1000 } else { 100 };
    // Sixty-four clients: eight races of eight.
    futures_util::stream::iter(0..races)
        .for_each_concurrent(8, async |number| {
            let opened = race_for_one(&processes, number).await;
            assert_eq!(opened.get(&200), Some(&1), "race {number}: {opened:?}");
            assert_eq!(opened.values().sum::<usize>(), 8);
            assert!(opened.keys().all(|status| [200, 404, 409].contains(status)), "race {number}: {opened:?}");
        })
        .await;
}

/// Grants and purges of two processes see the same leases lapse, and no two of them count one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lease_that_lapsed_is_counted_once_by_all_processes() {
    let (many, place) = ("10000000", tempfile::tempdir().unwrap());
    let clock = place.path().join("clock");
    let arguments = ["--open-attempts-per-minute", many, "--writes-per-minute", many, "--test-clock-file"];
    let processes = Processes::start(&[&arguments[..], &[clock.to_str().unwrap()]].concat()).await;
    let server = &processes.servers[0];
    let mut sealed = Vec::new();
    for _ in 0..50 {
        sealed.push(server.seal(100).await);
    }
    for round in 0..=2 {
        // Whole or not at all: a clock read half written would jump.
        std::fs::write(clock.with_extension("next"), (round * 601).to_string()).unwrap();
        std::fs::rename(clock.with_extension("next"), &clock).unwrap();
        futures_util::stream::iter(&sealed)
            .for_each_concurrent(8, async |(id, token, _)| {
                let open = |server: Arc<Spawned>, _| {
                    let (id, token) = (id.clone(), token.clone());
                    async move { server.open(&id, &token).await.status().as_u16() }
                };
                assert_eq!(processes.race(8, open).await, BTreeMap::from([(200, 1), (409, 7)]));
            })
            .await;
        for (id, ..) in &sealed {
            let record = server.client.get(server.url(&format!("/api/v1/envelopes/{id}"))).send().await.unwrap();
            assert_eq!(record.json::<Value>().await.unwrap()["lapsedLeases"], round);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_clients_share_one_opening_ten_tries_and_one_quota() {
    let processes = Processes::start(&["--account-envelopes", "30", "--open-attempts-per-minute", "10000000"]).await;
    let (id, token, _) = processes.servers[0].seal(100).await;
    let guesses = processes
        .race(64, |server, _| {
            let id = id.clone();
            async move { server.open(&id, &random(32)).await.status().as_u16() }
        })
        .await;
    assert_eq!(guesses, BTreeMap::from([(403, 10), (423, 54)]));
    assert_eq!(processes.servers[0].open(&id, &token).await.status(), 423);

    let (id, token, _) = processes.servers[0].seal(100).await;
    let openings = processes
        .race(64, |server, _| {
            let (id, token) = (id.clone(), token.clone());
            async move { server.open(&id, &token).await.status().as_u16() }
        })
        .await;
    assert_eq!(openings, BTreeMap::from([(200, 1), (409, 63)]));

    // Two there are.
    let announced = processes
        .race(64, |server, _| async move {
            server.post("/api/v1/envelopes", &announcement(&random(32), 100)).await.status().as_u16()
        })
        .await;
    assert_eq!(announced, BTreeMap::from([(201, 28), (507, 36)]));
    let list = processes.servers[0].client.get(processes.servers[0].url("/api/v1/envelopes?limit=100"));
    let list: Value = list.send().await.unwrap().json().await.unwrap();
    assert_eq!(list["envelopes"].as_array().unwrap().len(), 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_rate_limit_for_all() {
    let processes = Processes::start(&["--open-attempts-per-minute", "20", "--login-attempts-per-minute", "12"]).await;
    let (id, ..) = processes.servers[0].seal(100).await;
    let opened = processes
        .race(64, |server, _| {
            let id = id.clone();
            async move { server.open(&id, &random(32)).await.status().as_u16() }
        })
        .await;
    let passed = 64 - opened[&429];
    // A second of waiting allows another, every three seconds.
    assert!((20..=22).contains(&passed), "{opened:?}");

    let logins = processes
        .race(40, |server, number| async move {
            let (_, start) = begin(&format!("{number}@example.org"), "wrong");
            server.post("/api/v1/session/start", &start).await.status().as_u16()
        })
        .await;
    let used = processes.servers.len();
    assert!((12 - used..=14).contains(&logins[&200]), "{logins:?}");
}

/// Each purged, counted and remade what the other had in hand, and nobody was told.
#[tokio::test]
async fn a_second_server_over_the_same_file_does_not_start() {
    let data = tempfile::tempdir().unwrap();
    let DatabaseLocation::DataDirectory = testbed::databases::location(data.path()).await else { return };
    let mut first = Spawned::start(data.path(), &[]).await;
    let second = std::process::Command::new(env!("CARGO_BIN_EXE_envelock-server"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && said.contains("another server is running"), "{said}");
    first.login().await;
    first.kill();
    Spawned::start(data.path(), &[]).await.login().await;
}
