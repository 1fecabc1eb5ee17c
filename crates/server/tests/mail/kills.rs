//! Killed again and again while mail comes in, at every point of a message: what was acknowledged is there, once and as it was, and
//! what was not comes again and is there once all the same.
//!
//! A client that heard no answer cannot know whether the server took the message, and has to bring it again (RFC 5321 §6.1, RFC 1047):
//! that it is there once is up to the server, which knows it again.

use crate::testbed;
use crate::testbed::smtp::{MailServer, Smtp, add_user, letter, run, summary};
use serde_json::Value;
use sqlx::Row;
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinSet;

const EVE: &str = "eve@sender.example";
const CARLA: &str = "carla@demo.example";
const BEN: &str = "ben@demo.example";
const KILLS: usize = 200;
/// Each brings one message after the other until the server is gone, beside the one whose message the kill is for.
const CLIENTS: usize = 3;
/// More than arrives between two kills.
const NEWEST: usize = 100;

/// Where in a message the server is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Point {
    /// Somewhere in its content.
    Content,
    /// When all of it came, but for the dot.
    BeforeDot,
    /// While it is being stored.
    Dot,
    /// When its recipient can read it and its client has not read the answer.
    Stored,
    /// When the answer was read.
    Answer,
}

const POINTS: [Point; 5] = [Point::Content, Point::BeforeDot, Point::Dot, Point::Stored, Point::Answer];

/// Microseconds that it took from the dot to the answer, a moment ago.
static STORING: AtomicU64 = AtomicU64::new(5000);

/// The kill that is for a message.
#[derive(Clone)]
struct Aim {
    mail: Arc<MailServer>,
    point: Point,
    /// How far in what the point says, of 100.
    place: usize,
}

/// A message and who has to get it still.
struct Parcel {
    name: String,
    missing: Vec<&'static str>,
}

/// What the clients know.
#[derive(Default)]
struct Ledger {
    waiting: Mutex<Vec<Parcel>>,
    begun: AtomicUsize,
    acknowledged: Mutex<HashSet<(String, &'static str)>>,
}

impl Ledger {
    /// Something that was not acknowledged, or else something new.
    fn next(&self) -> Parcel {
        if let Some(again) = self.waiting.lock().unwrap().pop() {
            return again;
        }
        let name = format!("n{}", self.begun.fetch_add(1, Ordering::SeqCst));
        Parcel { name, missing: vec![CARLA, BEN] }
    }

    /// A reply for the first so many of those who had not got it.
    fn note(&self, parcel: &mut Parcel, code: u16, many: usize) -> Option<()> {
        if code == 0 {
            return None;
        }
        assert_eq!(code, 250);
        let got: Vec<_> = parcel.missing.drain(..many).collect();
        self.acknowledged.lock().unwrap().extend(got.into_iter().map(|recipient| (parcel.name.clone(), recipient)));
        Some(())
    }
}

/// Where it comes in.
#[derive(Clone)]
enum Entrance {
    Smtp(SocketAddr),
    Lmtp(PathBuf),
}

impl Entrance {
    async fn greeted(&self) -> Option<Smtp> {
        let (mut client, hello) = match self {
            Self::Smtp(address) => (Smtp::over(Box::new(TcpStream::connect(address).await.ok()?)), "EHLO a"),
            Self::Lmtp(path) => (Smtp::over(Box::new(UnixStream::connect(path).await.ok()?)), "LHLO a"),
        };
        (client.reply().await.0 == 220 && client.code(hello).await == 250).then_some(client)
    }
}

fn message(name: &str) -> String {
    letter(name, &format!(".{name} begins with a dot\r\n{}", format!("a line of {name}\r\n").repeat(400)))
}

/// Brings a message to whoever has not got it. `None` if the server was gone before it answered for all of them.
async fn bring(entrance: &Entrance, parcel: &mut Parcel, ledger: &Ledger, aim: Option<&Aim>) -> Option<()> {
    let kill_at = |point: Point| aim.filter(|aim| aim.point == point);
    let mut client = entrance.greeted().await?;
    let recipients = parcel.missing.iter().map(|recipient| format!("RCPT TO:<{recipient}>"));
    for line in std::iter::once(format!("MAIL FROM:<{EVE}>")).chain(recipients).chain(["DATA".to_owned()]) {
        match client.say(&line).await {
            (250 | 354, _) => {}
            (0, _) => return None,
            (_, said) => panic!("{line}: {said}"),
        }
    }
    let content = format!("{}\r\n", message(&parcel.name).replace("\r\n.", "\r\n.."));
    let (front, back) = content.split_at(content.len() * aim.map_or(50, |aim| aim.place) / 100);
    client.send(front.as_bytes()).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    if let Some(aim) = kill_at(Point::Content) {
        aim.mail.server.kill_now();
    }
    client.send(back.as_bytes()).await;
    if let Some(aim) = kill_at(Point::BeforeDot) {
        tokio::time::sleep(Duration::from_millis(2)).await;
        aim.mail.server.kill_now();
    }
    let since = Instant::now();
    client.send(b".\r\n").await;
    if let Some(aim) = kill_at(Point::Dot) {
        tokio::time::sleep(Duration::from_micros(STORING.load(Ordering::SeqCst) * aim.place as u64 / 80)).await;
        aim.mail.server.kill_now();
    }
    if let Some(aim) = kill_at(Point::Stored) {
        aim.mail.wait(|list| list.iter().any(|record| subject(record) == parcel.name)).await;
        aim.mail.server.kill_now();
        return None;
    }
    let (replies, recipients_each) = match entrance {
        Entrance::Smtp(_) => (1, parcel.missing.len()),
        Entrance::Lmtp(_) => (parcel.missing.len(), 1),
    };
    for _ in 0..replies {
        ledger.note(parcel, client.reply().await.0, recipients_each)?;
    }
    STORING.store(u64::try_from(since.elapsed().as_micros()).unwrap(), Ordering::SeqCst);
    if let Some(aim) = kill_at(Point::Answer) {
        aim.mail.server.kill_now();
    }
    Some(())
}

/// Brings what waits, then new messages, until the server is gone: of its own, or by the kill for the second one.
async fn work(entrance: Entrance, ledger: Arc<Ledger>, aim: Option<Aim>) {
    for number in 0.. {
        let mut parcel = ledger.next();
        let killing = aim.as_ref().filter(|_| number > 0);
        let brought = bring(&entrance, &mut parcel, &ledger, killing).await;
        if !parcel.missing.is_empty() {
            ledger.waiting.lock().unwrap().push(parcel);
        }
        if brought.is_none() || killing.is_some() {
            assert!(aim.is_none() || killing.is_some(), "the server was gone before it was killed");
            return;
        }
    }
}

fn subject(record: &Value) -> String {
    name_in(&summary(record))
}

fn name_in(summary: &str) -> String {
    summary.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().to_owned()
}

/// What Carla found in her mailbox, whatever became of it since: the id by the name.
#[derive(Default)]
struct Found(HashMap<String, Value>);

impl Found {
    /// Reads what is new, and deletes half of it: what is gone must not come again either.
    async fn look(&mut self, mail: &MailServer) {
        let url = mail.server.url(&format!("/api/v1/mailbox?limit={NEWEST}"));
        let page: Value = mail.server.client.get(url).send().await.unwrap().json().await.unwrap();
        let before = self.0.len();
        for record in page["messages"].as_array().unwrap() {
            let name = subject(record);
            if let Some(known) = self.0.get(&name) {
                assert_eq!(known, &record["id"], "{name} is there twice");
                continue;
            }
            let read = mail.read(record).await;
            assert!(read.ends_with(&format!("\r\n{}\r\n", message(&name))), "{read}");
            if self.0.len().is_multiple_of(2) {
                assert_eq!(mail.remove(record).await, 204);
            }
            self.0.insert(name, record["id"].clone());
        }
        assert!(self.0.len() - before < NEWEST, "there may be more that is new");
    }
}

/// Names of what Ben has.
async fn of_ben(data: &Path) -> Vec<String> {
    let pool = testbed::databases::rows(data).await;
    let select = "SELECT summary FROM mailbox WHERE account = (SELECT id FROM accounts WHERE address_key = $1)";
    let rows = sqlx::query(select).bind(BEN).fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows.iter().map(|row| name_in(&String::from_utf8(row.get("summary")).unwrap())).collect()
}

fn files(data: &Path, folder: &str) -> Vec<PathBuf> {
    std::fs::read_dir(data.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_kills_lose_nothing_that_was_acknowledged_and_double_nothing() {
    let data = tempfile::tempdir().unwrap();
    let socket = data.path().join("lmtp");
    let options = ["--lmtp-listen", socket.to_str().unwrap()];
    let (ledger, mut found, mut known_again, mut session) = (Arc::new(Ledger::default()), Found::default(), 0, None);
    for kill in 0..=KILLS {
        let mut mail = MailServer::without_demo(data.path(), &options).await;
        match session.take() {
            None => {
                let password = add_user(data.path(), CARLA).await;
                assert_eq!(mail.server.log_in(&mail.server.client, CARLA, &password).await, 200);
                add_user(data.path(), BEN).await;
            }
            // Who was logged in still is.
            Some(client) => mail.server.client = client,
        }
        found.look(&mail).await;
        for (name, _) in ledger.acknowledged.lock().unwrap().iter().filter(|(_, recipient)| *recipient == CARLA) {
            assert!(found.0.contains_key(name), "{name} was acknowledged and is not there");
        }
        known_again += ledger.waiting.lock().unwrap().iter().filter(|one| found.0.contains_key(&one.name)).count();
        let entrances = [Entrance::Smtp(mail.smtp), Entrance::Lmtp(socket.clone())];
        if kill == KILLS {
            while !ledger.waiting.lock().unwrap().is_empty() {
                let mut parcel = ledger.next();
                bring(&entrances[0], &mut parcel, &ledger, None).await.unwrap();
            }
            found.look(&mail).await;
            break;
        }
        let mail = Arc::new(mail);
        let aim = Aim { mail: Arc::clone(&mail), point: POINTS[kill % POINTS.len()], place: (kill * 37) % 100 };
        let mut working = JoinSet::new();
        working.spawn(work(entrances[kill / POINTS.len() % 2].clone(), Arc::clone(&ledger), Some(aim)));
        for client in 0..CLIENTS {
            working.spawn(work(entrances[client % 2].clone(), Arc::clone(&ledger), None));
        }
        while let Some(worked) = working.join_next().await {
            worked.unwrap();
        }
        session = Some(mail.server.client.clone());
    }
    let (begun, acknowledged) = (ledger.begun.load(Ordering::SeqCst), ledger.acknowledged.lock().unwrap().len());
    assert_eq!((found.0.len(), acknowledged), (begun, 2 * begun), "each came in the end");
    let mut of_ben = of_ben(data.path()).await;
    assert_eq!(of_ben.len(), begun, "and to Ben");
    of_ben.sort_unstable();
    of_ben.dedup();
    assert_eq!(of_ben.len(), begun, "once");
    assert!(known_again >= KILLS / POINTS.len(), "{known_again} were stored without an answer and brought again");
    what_kills_left_behind_goes(data.path(), begun).await;
}

/// Files without a row, once they are old enough; nothing else.
async fn what_kills_left_behind_goes(data: &Path, kept: usize) {
    let left = files(data, "incoming").len() + files(data, "blobs").len() - kept;
    assert!(left >= KILLS / POINTS.len(), "{left} files without a row");
    let old = SystemTime::now() - Duration::from_secs(2 * 3600);
    for file in ["incoming", "blobs"].iter().flat_map(|folder| files(data, folder)) {
        std::fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
    }
    let _mail = MailServer::without_demo(data, &[]).await;
    for _ in 0..1000 {
        if files(data, "incoming").is_empty() && files(data, "blobs").len() == kept {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let checked = run(data, &["check"]).await;
    assert!(checked.starts_with(&format!("whole\t{kept}\nwithout a row yet\t0\n")), "{checked}");
    assert!(files(data, "incoming").is_empty());
}
