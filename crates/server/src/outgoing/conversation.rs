//! One conversation with one server, over a socket. What is said and when is for `envelock_mail::deliver`.

use envelock_mail::deliver::{Delivery, Event, Outcome};
use envelock_wire::OutgoingReason;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, Error as TlsError};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longest wait for an answer, or for the server to take what is written (RFC 5321 §4.5.3.2).
const ANSWER: Duration = Duration::from_secs(300);

/// How a conversation went.
pub(super) struct Talked {
    pub(super) outcome: Result<Outcome, Broken>,
    /// Whether there was TLS with the right server.
    pub(super) is_sealed: bool,
}

/// How a conversation ended before it was over.
#[derive(Debug)]
pub(super) enum Broken {
    /// No TLS with the right server. Nothing but our name was told.
    Tls(OutgoingReason),
    /// It broke off.
    Off {
        /// Whether the server may have the message.
        may_have_it: bool,
    },
}

enum Wire {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    None,
}

impl Wire {
    async fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Clear(stream) => stream.read(octets).await,
            Self::Tls(stream) => stream.read(octets).await,
            Self::None => Ok(0),
        }
    }

    async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        match self {
            Self::Clear(stream) => stream.write_all(octets).await,
            Self::Tls(stream) => {
                stream.write_all(octets).await?;
                stream.flush().await
            }
            Self::None => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// TLS with the server of this name, or why not.
async fn secured(stream: TcpStream, tls: &TlsConnector, name: &ServerName<'static>) -> Result<Wire, Broken> {
    match timeout(ANSWER, tls.connect(name.clone(), stream)).await {
        Ok(Ok(stream)) => Ok(Wire::Tls(Box::new(stream))),
        Ok(Err(error)) => Err(Broken::Tls(reason(&error))),
        Err(_) => Err(Broken::Tls(OutgoingReason::TlsFailed)),
    }
}

/// What somebody says who begins in clear.
pub(super) async fn begin_in_clear(
    delivery: Delivery<'_>,
    stream: TcpStream,
    tls: &TlsConnector,
    name: &ServerName<'static>,
) -> Talked {
    let mut is_sealed = false;
    let outcome = converse(delivery, Wire::Clear(stream), tls, name, &mut is_sealed).await;
    Talked { outcome, is_sealed }
}

/// The same where TLS comes first.
pub(super) async fn begin_with_tls(
    delivery: Delivery<'_>,
    stream: TcpStream,
    tls: &TlsConnector,
    name: &ServerName<'static>,
) -> Talked {
    match secured(stream, tls, name).await {
        Ok(wire) => {
            let outcome = converse(delivery, wire, tls, name, &mut true).await;
            Talked { outcome, is_sealed: true }
        }
        Err(broken) => Talked { outcome: Err(broken), is_sealed: false },
    }
}

async fn converse(
    mut delivery: Delivery<'_>,
    mut wire: Wire,
    tls: &TlsConnector,
    name: &ServerName<'static>,
    is_sealed: &mut bool,
) -> Result<Outcome, Broken> {
    let mut octets = vec![0; 4096];
    let (mut may_have_it, mut is_off) = (false, false);
    loop {
        match delivery.next_event() {
            Event::Read => {
                let read = if is_off { Ok(Ok(0)) } else { timeout(ANSWER, wire.read(&mut octets)).await };
                match read {
                    Ok(Ok(length @ 1..)) => delivery.feed(octets.get(..length).unwrap_or_default()),
                    _ if delivery.awaits_tls() => return Err(Broken::Tls(OutgoingReason::TlsFailed)),
                    _ => return Err(Broken::Off { may_have_it }),
                }
            }
            // Whether it arrives is told by the answer. A farewell needs none: what was answered before stands.
            Event::Write(command) => is_off |= !is_written(wire.write(&command)).await,
            Event::WriteContent(content) => {
                if !matches!(wire, Wire::Tls(_)) {
                    return Err(Broken::Tls(OutgoingReason::NoTls));
                }
                may_have_it = true;
                is_off |= !is_written(wire.write(content)).await;
            }
            Event::StartTls => {
                wire = match std::mem::replace(&mut wire, Wire::None) {
                    Wire::Clear(stream) => secured(stream, tls, name).await?,
                    other => other,
                };
                *is_sealed = true;
                delivery.secured();
            }
            Event::Done(outcome) => return Ok(outcome),
        }
    }
}

async fn is_written(writing: impl Future<Output = io::Result<()>>) -> bool {
    matches!(timeout(ANSWER, writing).await, Ok(Ok(())))
}

/// Why there is no TLS.
fn reason(error: &io::Error) -> OutgoingReason {
    let Some(error) = error.get_ref().and_then(|cause| cause.downcast_ref::<TlsError>()) else {
        return OutgoingReason::TlsFailed;
    };
    let TlsError::InvalidCertificate(fault) = error else { return OutgoingReason::TlsFailed };
    match fault {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => OutgoingReason::CertificateExpired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            OutgoingReason::CertificateName
        }
        // What the verifier of DANE says.
        CertificateError::ApplicationVerificationFailure => OutgoingReason::NotByDane,
        _ => OutgoingReason::CertificateUnknown,
    }
}
