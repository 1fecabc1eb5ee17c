//! An S3 server over a folder, which checks signatures, for tests with ciphertext in a bucket. It has threads of its own,
//! so that it answers whatever a test waits for, until the test program ends.

use super::{Bed, Reply, announcement, random};
use envelock_server::storage::BucketLocation;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use std::collections::HashMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

pub const KEY: &str = "envelock-test";
pub const SECRET: &str = "the secret of the test's bucket";
pub const BUCKET: &str = "bed";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static RUNNING: LazyLock<Mutex<HashMap<PathBuf, u16>>> = LazyLock::new(Mutex::default);

/// Whether all beds of this run have their ciphertext in a bucket.
pub fn are_wanted() -> bool {
    std::env::var_os("ENVELOCK_TEST_BUCKET").is_some()
}

/// An S3 server that can be stopped.
pub struct S3Server {
    pub root: PathBuf,
    pub port: u16,
    serving: JoinHandle<()>,
}

impl S3Server {
    /// Over this folder, with an empty bucket if there is none.
    pub fn start(root: &Path) -> Self {
        Self::on(root, TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn on(root: &Path, listener: TcpListener) -> Self {
        std::fs::create_dir_all(root.join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(root).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let port = listener.local_addr().unwrap().port();
        listener.set_nonblocking(true).unwrap();
        let serving = RUNTIME.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            // Connections end with what accepts them.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                connections.spawn(async move {
                    let connection = Builder::new(TokioExecutor::new());
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { root: root.to_owned(), port, serving }
    }

    /// Down, at once.
    pub fn stop(&self) {
        self.serving.abort();
        while !self.serving.is_finished() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Up again, where it was.
    pub fn start_again(&mut self) {
        *self = Self::on(&self.root, TcpListener::bind(("127.0.0.1", self.port)).unwrap());
    }

    pub fn location(&self) -> BucketLocation {
        location(self.port, SECRET)
    }

    /// What the program is told of it.
    pub fn arguments(&self) -> Vec<String> {
        arguments(&self.root, self.port)
    }

    /// Names of the objects below this path.
    pub fn objects(&self, below: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.root.join(BUCKET).join(below)) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// The bed's bucket at this port, for whoever has this secret.
pub fn location(port: u16, secret: &str) -> BucketLocation {
    let credentials = format!("access-key-id = \"{KEY}\"\nsecret-access-key = \"{secret}\"\n");
    BucketLocation::new(BUCKET, credentials.parse().unwrap()).unwrap().at(&format!("http://127.0.0.1:{port}")).unwrap()
}

fn arguments(root: &Path, port: u16) -> Vec<String> {
    let file = root.join("credentials");
    std::fs::write(&file, format!("access-key-id = \"{KEY}\"\nsecret-access-key = \"{SECRET}\"\n")).unwrap();
    let (endpoint, file) = (format!("http://127.0.0.1:{port}"), file.to_str().unwrap().to_owned());
    ["--bucket", BUCKET, "--bucket-endpoint", &endpoint, "--bucket-credentials-file", &file].map(str::to_owned).to_vec()
}

/// The port of a server beside this data directory, whose `blobs` then is the bucket's: tests find objects where they find files.
fn beside(data: &Path) -> (PathBuf, u16) {
    let root = data.join("s3");
    let mut running = RUNNING.lock().unwrap();
    let port = *running.entry(data.to_owned()).or_insert_with(|| {
        let blobs = root.join(BUCKET).join("blobs");
        std::fs::create_dir_all(&blobs).unwrap();
        std::os::unix::fs::symlink(blobs, data.join("blobs")).unwrap();
        S3Server::start(&root).port
    });
    (root, port)
}

/// Where the bed over this data directory has its ciphertext, if not on the disk.
pub fn of_bed(data: &Path) -> Option<BucketLocation> {
    are_wanted().then(|| location(beside(data).1, SECRET))
}

/// The same for the program.
pub fn arguments_of_bed(data: &Path) -> Vec<String> {
    if !are_wanted() {
        return Vec::new();
    }
    let (root, port) = beside(data);
    arguments(&root, port)
}

/// An envelope of so many octets that are still to come: its id and token.
pub async fn announce(bed: &Bed, anna: &str, size: usize) -> (String, String) {
    let token = random(32);
    let announced = bed.call("POST", "/api/v1/envelopes").cookie(anna).json(&announcement(&token, size)).send().await;
    (announced.json()["id"].as_str().unwrap().to_owned(), token)
}

/// They come.
pub async fn upload(bed: &Bed, anna: &str, id: &str, ciphertext: &[u8]) -> Reply {
    let path = format!("/api/v1/envelopes/{id}/ciphertext");
    bed.call("PUT", &path).cookie(anna).octets(ciphertext.to_vec()).send().await
}
