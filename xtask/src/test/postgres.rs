//! A PostgreSQL server for the time of the tests: in a directory of its own, reached by its socket only.

use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{debian, step};

/// Where Debian puts the programs, one folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The server does not run as root; Debian's package makes this user.
const USER: &str = "postgres";
/// Every test has a schema, and its server connections of its own. Nothing here need survive the machine.
const OPTIONS: &str = "-c listen_addresses='' -c max_connections=600 -c fsync=off -c shared_buffers=64MB";

/// A running server; stopped and removed when dropped.
pub struct Postgres {
    directory: PathBuf,
    programs: PathBuf,
}

impl Postgres {
    /// Installs PostgreSQL if it is not there, and starts a server.
    pub fn start() -> Result<Postgres> {
        if programs().is_none() {
            debian::install(&["postgresql"])?;
        }
        let programs = programs().context("PostgreSQL was installed, and is not there")?;
        let directory = std::env::temp_dir().join(format!("envelock-postgres-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        DirBuilder::new().mode(0o700).create(&directory)?;
        if debian::available() {
            let id = |option| step::quiet(Command::new("id").args([option, USER]));
            chown(&directory, Some(id("-u")?.trim().parse()?), Some(id("-g")?.trim().parse()?))?;
        }
        let server = Postgres { directory, programs };
        let data = server.directory.join("data");
        let mut make = server.program("initdb");
        make.args(["--auth=trust", "--encoding=UTF8", "--username=envelock", "--no-sync", "-D"]).arg(&data);
        step::quiet(&mut make).context("cannot make a PostgreSQL database")?;
        let mut start = server.program("pg_ctl");
        start.arg("-D").arg(&data).arg("-l").arg(server.directory.join("log"));
        start.arg("-o").arg(format!("-k {} {OPTIONS}", server.directory.display())).args(["-w", "start"]);
        step::quiet(&mut start).context("cannot start PostgreSQL")?;
        Ok(server)
    }

    /// As the server's tests want it, with a query.
    pub fn url(&self) -> String {
        let socket = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://envelock@{socket}/postgres?application_name=test")
    }

    /// One of PostgreSQL's programs, as a user it runs as.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if debian::available() {
            let mut command = Command::new("setpriv");
            command.arg(format!("--reuid={USER}")).arg(format!("--regid={USER}")).arg("--clear-groups").arg(program);
            command
        } else {
            Command::new(program)
        };
        // It looks for its programs from where it stands.
        command.current_dir(&self.directory);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        let _ = step::quiet(stop.arg("-D").arg(self.directory.join("data")).args(["-m", "immediate", "stop"]));
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// The folder with the newest version's programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(Path::new(VERSIONS)).ok()?;
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    folders.filter(|folder| folder.join("initdb").exists()).max()
}
