//! A signed root with everything below it, served by BIND on a port of this machine. One server answers for all zones, as a resolver
//! would.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct SignedZone {
    directory: tempfile::TempDir,
    server: Child,
    pub address: SocketAddr,
}

/// What is below a delegation without a signature: `insecure.`
const INSECURE: &str = "insecure. NS ns.insecure.\n";

impl SignedZone {
    /// With these lines in the root, signed, and these in `insecure`, not signed. `forge` changes the root after it was signed.
    pub fn start(root: &str, insecure: &str, forge: impl Fn(String) -> String) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let begin = "$TTL 60\n@ SOA ns. admin. 1 3600 900 86400 60\n@ NS ns.\n";
        fs::write(at("root"), format!("{begin}ns. A 127.0.0.1\n{INSECURE}ns.insecure. A 127.0.0.1\n{root}")).unwrap();
        let begin = "$TTL 60\n@ SOA ns.insecure. admin. 1 3600 900 86400 60\n@ NS ns.insecure.\nns A 127.0.0.1\n";
        fs::write(at("insecure"), format!("{begin}{insecure}")).unwrap();
        run(directory.path(), "dnssec-keygen", &["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "."]);
        run(directory.path(), "dnssec-keygen", &["-q", "-a", "ECDSAP256SHA256", "."]);
        run(directory.path(), "dnssec-signzone", &["-q", "-S", "-x", "-o", ".", "root"]);
        let signed = fs::read_to_string(at("root.signed")).unwrap();
        let forged = forge(signed.clone());
        fs::write(at("root.signed"), forged).unwrap();
        let key = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path());
        let anchor: String = key
            .filter(|path| path.extension().is_some_and(|end| end == "key"))
            .map(|path| fs::read_to_string(path).unwrap())
            .find(|text| text.contains("DNSKEY 257"))
            .unwrap();
        let record = anchor.lines().find(|line| !line.starts_with(';')).unwrap();
        fs::write(at("anchor"), format!("{record}\n")).unwrap();
        let address = free();
        fs::write(
            at("named.conf"),
            format!(
                "options {{ directory \"{}\"; listen-on port {} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; dnssec-validation no;\n\
                 pid-file none; session-keyfile none; }};\ncontrols {{ }};\n\
                 zone \".\" {{ type primary; file \"root.signed\"; }};\n\
                 zone \"insecure\" {{ type primary; file \"insecure\"; }};\n",
                directory.path().display(),
                address.port()
            ),
        )
        .unwrap();
        let log = fs::File::create(at("log")).unwrap();
        let server = Command::new(program("named"))
            .args(["-f", "-4", "-g", "-c"])
            .arg(at("named.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let zone = Self { directory, server, address };
        for _ in 0..200 {
            if zone.log().contains("running") {
                return zone;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("named does not run: {}", zone.log());
    }

    /// The root's key.
    pub fn anchor(&self) -> PathBuf {
        self.directory.path().join("anchor")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }
}

impl Drop for SignedZone {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn free() -> SocketAddr {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// Debian has servers' programs where not every user looks.
fn program(name: &str) -> PathBuf {
    let place = ["/usr/sbin", "/usr/bin", "/usr/local/sbin"].iter().map(|folder| Path::new(folder).join(name));
    place
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{name} is needed: Debian's bind9, bind9-utils"))
}

fn run(directory: &Path, name: &str, arguments: &[&str]) {
    let output = Command::new(program(name)).current_dir(directory).args(arguments).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}
