//! A name server of the tests: answers from a list of records, on a port of this machine.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use envelock_mail::dns::Dns;
use envelock_mail::receive::{Client, Envelope};
use hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, PTR, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::UdpSocket;

/// What a name has.
#[derive(Clone, Default)]
pub struct Records {
    pub data: Vec<RData>,
    /// Questions for what it has none of fail (SERVFAIL).
    pub fails: bool,
}

/// Names in lower case, without the last dot.
pub type Zone = HashMap<String, Records>;

/// Runs until the test ends.
pub struct NameServer {
    zone: Arc<Mutex<Zone>>,
    address: SocketAddr,
}

impl NameServer {
    pub async fn start(zone: Zone) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let zone = Arc::new(Mutex::new(zone));
        let shared = Arc::clone(&zone);
        tokio::spawn(async move {
            let mut octets = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut octets).await {
                let Ok(asked) = Message::from_vec(&octets[..length]) else { continue };
                let answer = answer(&asked, &shared.lock().unwrap());
                let _ = socket.send_to(&answer.to_vec().unwrap(), from).await;
            }
        });
        Self { zone, address }
    }

    /// Whoever asks it, with nothing kept from before.
    pub fn dns(&self) -> Dns {
        Dns::at(&[self.address]).unwrap()
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn set(&self, name: &str, records: Records) {
        self.zone.lock().unwrap().insert(name.to_owned(), records);
    }
}

fn answer(asked: &Message, zone: &Zone) -> Message {
    let mut answer = Message::new(asked.metadata.id, MessageType::Response, OpCode::Query);
    answer.metadata.recursion_desired = true;
    answer.metadata.recursion_available = true;
    let Some(query) = asked.queries.first() else { return answer };
    answer.add_query(query.clone());
    let mut name = query.name().clone();
    loop {
        let Some(records) = zone.get(&key(&name)) else {
            answer.metadata.response_code = ResponseCode::NXDomain;
            break;
        };
        let of_type: Vec<&RData> =
            records.data.iter().filter(|data| data.record_type() == query.query_type()).collect();
        if records.fails && of_type.is_empty() {
            answer.metadata.response_code = ResponseCode::ServFail;
            break;
        }
        answer.answers.extend(of_type.into_iter().map(|data| Record::from_rdata(name.clone(), 60, data.clone())));
        let alias = records.data.iter().find_map(|data| match data {
            RData::CNAME(CNAME(other)) => Some(other.clone()),
            _ => None,
        });
        match alias {
            Some(other) if query.query_type() != RecordType::CNAME => {
                answer.add_answer(Record::from_rdata(name, 60, RData::CNAME(CNAME(other.clone()))));
                name = other;
            }
            _ => break,
        }
    }
    answer
}

fn key(name: &Name) -> String {
    let labels: Vec<String> = name.iter().map(|label| String::from_utf8_lossy(label).to_lowercase()).collect();
    labels.join(".")
}

pub fn name(name: &str) -> Name {
    Name::from_labels(name.trim_end_matches('.').split('.').map(str::as_bytes)).unwrap()
}

/// A text in strings of 255 octets.
pub fn txt(text: &str) -> RData {
    let strings: Vec<&[u8]> = text.as_bytes().chunks(255).collect();
    RData::TXT(TXT::from_bytes(strings))
}

pub fn strings(strings: &[&str]) -> RData {
    // There is no text without a string.
    let strings = if strings.is_empty() { &[""] } else { strings };
    RData::TXT(TXT::from_bytes(strings.iter().map(|text| text.as_bytes()).collect()))
}

pub fn a(address: &str) -> RData {
    RData::A(A(address.parse().unwrap()))
}

pub fn aaaa(address: &str) -> RData {
    RData::AAAA(AAAA(address.parse().unwrap()))
}

pub fn mx(preference: u16, exchange: &str) -> RData {
    let exchange = if exchange.is_empty() { Name::root() } else { name(exchange) };
    RData::MX(MX::new(preference, exchange))
}

pub fn ptr(of: &str) -> RData {
    RData::PTR(PTR(name(of)))
}

pub fn cname(of: &str) -> RData {
    RData::CNAME(CNAME(name(of)))
}

/// Names and their texts.
pub fn texts(pairs: &[(&str, &str)]) -> Zone {
    let mut zone = Zone::new();
    for (name, text) in pairs {
        zone.entry((*name).to_owned()).or_default().data.push(txt(text));
    }
    zone
}

pub fn envelope(address: &str, helo: &str, sender: &str) -> Envelope {
    let name = Some(helo.to_owned()).filter(|name| !name.is_empty());
    Envelope {
        client: Client { address: address.parse().unwrap(), name, tls: None },
        sender: sender.to_owned(),
        recipients: vec!["anna@example.org".into()],
        size: 0,
    }
}
