//! Which database the tests run on: SQLite, or the PostgreSQL server that `ENVELOCK_TEST_POSTGRES` names. There each
//! data directory has a schema of its own.

use envelock_server::storage::DatabaseLocation;
use sha2::{Digest, Sha256};
use sqlx::{AnyPool, PgPool, Row};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The server's URL, which has a query.
fn postgres() -> Option<String> {
    std::env::var("ENVELOCK_TEST_POSTGRES").ok()
}

fn schema(data: &Path) -> String {
    let hash = Sha256::digest(data.as_os_str().as_encoded_bytes());
    hash[..16].iter().fold("bed_".to_owned(), |mut name, octet| {
        write!(name, "{octet:02x}").unwrap();
        name
    })
}

/// The URL of this data directory's database, if it is not in the directory.
fn url(data: &Path) -> Option<String> {
    Some(format!("{}&options=-c%20search_path%3D{}", postgres()?, schema(data)))
}

/// Where the database of this data directory is; made empty if there is none.
pub async fn location(data: &Path) -> DatabaseLocation {
    let (Some(server), Some(url)) = (postgres(), url(data)) else { return DatabaseLocation::DataDirectory };
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(&server).await.unwrap();
    let create = format!("CREATE SCHEMA IF NOT EXISTS {}", schema(data));
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&pool).await.unwrap();
    pool.close().await;
    DatabaseLocation::Postgres(url.parse().unwrap())
}

/// The same through this port of this machine, and the socket that stands behind it; `None` if it is in the directory.
pub async fn location_through(data: &Path, port: u16) -> Option<(DatabaseLocation, PathBuf)> {
    location(data).await;
    let url = url(data)?;
    let (user, rest) = url.split_once('@').unwrap();
    let (socket, path) = rest.split_once('/').unwrap();
    let socket = Path::new(&socket.replace("%2F", "/")).join(".s.PGSQL.5432");
    Some((DatabaseLocation::Postgres(format!("{user}@127.0.0.1:{port}/{path}").parse().unwrap()), socket))
}

/// What the program is told of it: nothing, or a file with the URL, which the caller removes.
pub async fn arguments(data: &Path) -> Vec<String> {
    if matches!(location(data).await, DatabaseLocation::DataDirectory) {
        return Vec::new();
    }
    let file = std::env::temp_dir().join(schema(data));
    std::fs::write(&file, url(data).unwrap()).unwrap();
    vec!["--database-url-file".to_owned(), file.to_str().unwrap().to_owned()]
}

/// The rows themselves, for what only a look into the database can show.
pub async fn rows(data: &Path) -> AnyPool {
    sqlx::any::install_default_drivers();
    let url = url(data).unwrap_or_else(|| format!("sqlite:{}/envelock.sqlite", data.display()));
    AnyPool::connect(&url).await.unwrap()
}

/// Every octet that is kept beside the ciphertext: the files of the data directory, and all values of all tables.
pub async fn everything(data: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut octets: Vec<u8> = files.flat_map(|path| std::fs::read(path).unwrap()).collect();
    let Some(url) = url(data) else { return octets };
    let pool = PgPool::connect(&url).await.unwrap();
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = $1";
    let tables: Vec<String> = sqlx::query_scalar(tables).bind(schema(data)).fetch_all(&pool).await.unwrap();
    for table in tables {
        let all = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
        for row in sqlx::query(all).fetch_all(&pool).await.unwrap() {
            for column in 0..row.len() {
                octets.extend(row.try_get_raw(column).unwrap().as_bytes().unwrap_or_default());
            }
        }
    }
    octets
}
