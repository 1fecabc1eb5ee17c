//! The client's first message (RFC 8446 §4.1.2, RFC 6101 §5.6.1.2, RFC 6176 for what must not be answered).

use super::Said;
use super::answer::{Answer, read_answer};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub const X25519: u16 = 0x001d;
pub const P256: u16 = 0x0017;
pub const P384: u16 = 0x0018;
pub const X25519_MLKEM768: u16 = 0x11ec;

/// Every signature scheme that ever had a number in use: RSA, DSA and ECDSA with all hashes, PSS, EdDSA.
const SCHEMES: [u16; 24] = [
    0x0101, 0x0102, 0x0103, 0x0201, 0x0202, 0x0203, 0x0301, 0x0302, 0x0303, 0x0401, 0x0402, 0x0403, 0x0501, 0x0502,
    0x0503, 0x0601, 0x0602, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0809, 0x080b,
];

/// A hello for one version.
pub struct Hello {
    version: u16,
    said: Said,
    name: &'static str,
    suites: Vec<u16>,
    groups: Vec<u16>,
    /// Whether a key for X25519 comes along.
    has_key: bool,
    compressions: Vec<u8>,
    protocols: Vec<&'static str>,
    signals_renegotiation: bool,
}

impl Hello {
    pub fn new(version: u16, said: Said) -> Self {
        Self {
            version,
            said,
            name: "localhost",
            suites: vec![0x1301, 0x1302, 0x1303],
            groups: vec![X25519, P256, P384],
            has_key: false,
            compressions: vec![0],
            protocols: Vec::new(),
            signals_renegotiation: true,
        }
    }

    pub fn to(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    pub fn suites(mut self, suites: &[u16]) -> Self {
        self.suites = suites.to_vec();
        self
    }

    pub fn groups(mut self, groups: &[u16]) -> Self {
        self.groups = groups.to_vec();
        self
    }

    pub fn with_key_for_x25519(mut self) -> Self {
        self.has_key = true;
        self
    }

    pub fn compressions(mut self, methods: &[u8]) -> Self {
        self.compressions = methods.to_vec();
        self
    }

    pub fn protocols(mut self, names: &[&'static str]) -> Self {
        self.protocols = names.to_vec();
        self
    }

    pub fn without_renegotiation_info(mut self) -> Self {
        self.signals_renegotiation = false;
        self
    }

    /// What the server at this address says to it.
    pub fn ask(&self, server: SocketAddr) -> Answer {
        let mut stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        // Who hangs up before the end of a hello refuses it.
        let _ = stream.write_all(&self.octets());
        read_answer(&mut stream, self.said == Said::InExtension && self.version == 0x0304)
    }

    fn octets(&self) -> Vec<u8> {
        if self.said == Said::InSsl2Form {
            return self.in_ssl2_form();
        }
        let head = if self.said == Said::InHead { self.version } else { 0x0303 };
        let mut body = head.to_be_bytes().to_vec();
        body.extend([0x5a; 32]);
        // No session to resume.
        body.push(0);
        with_length_16(&mut body, &numbers(&self.suites));
        body.push(self.compressions.len() as u8);
        body.extend(&self.compressions);
        with_length_16(&mut body, &self.extensions());

        let mut message = vec![1, 0];
        with_length_16(&mut message, &body);
        let record_version = self.version.min(0x0301);
        let mut record = vec![22];
        record.extend(record_version.to_be_bytes());
        with_length_16(&mut record, &message);
        record
    }

    fn extensions(&self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut add = |kind: u16, content: &[u8]| {
            all.extend(kind.to_be_bytes());
            with_length_16(&mut all, content);
        };
        let list = |content: &[u8]| {
            let mut list = Vec::new();
            with_length_16(&mut list, content);
            list
        };
        let mut name = vec![0];
        with_length_16(&mut name, self.name.as_bytes());
        add(0, &list(&name));
        add(10, &list(&numbers(&self.groups)));
        // Points as they are.
        add(11, &[1, 0]);
        add(13, &list(&numbers(&SCHEMES)));
        if self.signals_renegotiation {
            // RFC 5746 §3.4.
            add(0xff01, &[0]);
        }
        if !self.protocols.is_empty() {
            let names: Vec<u8> =
                self.protocols.iter().flat_map(|name| [&[name.len() as u8], name.as_bytes()].concat()).collect();
            add(16, &list(&names));
        }
        if self.said == Said::InExtension {
            let [high, low] = self.version.to_be_bytes();
            add(43, &[2, high, low]);
            let mut keys = Vec::new();
            if self.has_key {
                keys.extend(X25519.to_be_bytes());
                // The base point: any point does, as nobody goes on from here.
                with_length_16(&mut keys, &[&[9][..], &[0; 31]].concat());
            }
            add(51, &list(&keys));
            add(45, &[1, 1]);
        }
        all
    }

    /// Suites have three octets here; those of SSL 2.0 itself begin with another than 0.
    fn in_ssl2_form(&self) -> Vec<u8> {
        let own = [0x01_0080, 0x02_0080, 0x03_0080, 0x04_0080, 0x05_0080, 0x06_0040, 0x07_00c0_u32];
        let suites = own.into_iter().chain(self.suites.iter().map(|suite| u32::from(*suite)));
        let suites: Vec<u8> = suites.flat_map(|suite| suite.to_be_bytes()[1..].to_vec()).collect();
        let mut body = vec![1];
        body.extend(self.version.to_be_bytes());
        body.extend((suites.len() as u16).to_be_bytes());
        body.extend([0, 0, 0, 16]);
        body.extend(suites);
        body.extend([0x5a; 16]);
        let mut octets = (body.len() as u16 | 0x8000).to_be_bytes().to_vec();
        octets.extend(body);
        octets
    }
}

fn numbers(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn with_length_16(octets: &mut Vec<u8>, content: &[u8]) {
    octets.extend((content.len() as u16).to_be_bytes());
    octets.extend(content);
}
