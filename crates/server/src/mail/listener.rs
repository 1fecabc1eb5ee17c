//! Where mail comes in: SMTP for everybody, LMTP for a mail server of ours on this machine.
//!
//! Connections are counted as those of HTTPS are, and apart from them (`connection`): behind a balancer that names its clients
//! (PROXY protocol), SPF is asked about whom it names.

use super::Mailboxes;
use super::conversation::{Conversations, Line, Times};
use crate::connection::{Allowed, Gate};
use crate::settings::Settings;
use crate::tls::Current;
use envelock_mail::receive::{Protocol, Rules};
use std::io;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::num::NonZeroU32;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Recipients of one message (RFC 5321 §4.5.3.1.8).
pub(super) const RECIPIENTS: usize = 100;

/// Commands that may be wrong, unknown recipients among them.
const FAULTS: u32 = 20;

/// Time in which a client that is not let in takes the reason.
const REFUSAL: Duration = Duration::from_secs(2);

/// After a connection could not be taken for want of something that others give back.
const PAUSE: Duration = Duration::from_millis(100);

/// Said to whom there is no room for.
const TOO_MANY: &[u8] = b"421 4.3.2 Too many connections, try again later\r\n";

/// Where to listen for mail.
#[derive(Default)]
pub struct MailListeners {
    /// For everybody.
    pub smtp: Option<TcpListener>,
    /// For a mail server in front of this one, which is believed whom it got a message from (XFORWARD).
    pub lmtp: Option<LmtpListener>,
}

impl MailListeners {
    /// Whether there is no mail.
    pub fn is_empty(&self) -> bool {
        self.smtp.is_none() && self.lmtp.is_none()
    }
}

/// Where to listen for a mail server on the same machine.
pub enum LmtpListener {
    /// A port of it.
    Tcp(TcpListener),
    /// A file.
    Unix(UnixListener),
}

/// What listens for mail.
pub(crate) struct Listening {
    ending: CancellationToken,
    tasks: TaskTracker,
}

/// Takes mail from now on.
pub(crate) fn listen(
    listeners: MailListeners,
    mailboxes: &Mailboxes,
    tls: &Current,
    settings: &Settings,
) -> io::Result<Listening> {
    let listening = Listening { ending: CancellationToken::new(), tasks: TaskTracker::new() };
    let conversations = |protocol: Protocol| Conversations {
        mailboxes: mailboxes.clone(),
        rules: Rules {
            hostname: mailboxes.hostname.to_string(),
            protocol,
            size: settings.mail.message_bytes,
            recipients: RECIPIENTS,
            has_tls: protocol == Protocol::Smtp,
            is_forwarder: protocol == Protocol::Lmtp,
            faults: FAULTS,
        },
        times: Times::of(&settings.mail),
        tls: (protocol == Protocol::Smtp).then(|| tls.clone()),
        ending: listening.ending.clone(),
    };
    let number = |count: NonZeroU32| usize::try_from(count.get()).unwrap_or(usize::MAX);
    if let Some(listener) = listeners.smtp {
        let allowed = Allowed {
            connections: number(settings.mail.connections),
            of_one_network: number(settings.mail.connections_of_one_network),
            ..Allowed::by(settings)
        };
        let gate = Gate::new(allowed, settings.balancers.clone(), mailboxes.metrics.mail_connections.clone());
        listening.open(Door::Smtp(tcp(listener)?, gate), conversations(Protocol::Smtp));
    }
    if let Some(listener) = listeners.lmtp {
        let places = Arc::new(Semaphore::new(number(settings.mail.connections)));
        let door = match listener {
            LmtpListener::Tcp(listener) => Door::Lmtp(tcp(listener)?, places),
            LmtpListener::Unix(listener) => {
                listener.set_nonblocking(true)?;
                Door::LmtpFile(tokio::net::UnixListener::from_std(listener)?, places)
            }
        };
        listening.open(door, conversations(Protocol::Lmtp));
    }
    Ok(listening)
}

/// Where clients come in, and what counts them.
enum Door {
    Smtp(tokio::net::TcpListener, Gate),
    Lmtp(tokio::net::TcpListener, Arc<Semaphore>),
    LmtpFile(tokio::net::UnixListener, Arc<Semaphore>),
}

/// Who has connected.
enum Guest {
    Stranger(TcpStream, Gate),
    Front(Box<dyn Line>, Arc<Semaphore>),
}

impl Door {
    async fn next(&self) -> io::Result<Guest> {
        Ok(match self {
            Self::Smtp(listener, gate) => Guest::Stranger(listener.accept().await?.0, gate.clone()),
            Self::Lmtp(listener, places) => Guest::Front(Box::new(listener.accept().await?.0), Arc::clone(places)),
            Self::LmtpFile(listener, places) => Guest::Front(Box::new(listener.accept().await?.0), Arc::clone(places)),
        })
    }
}

impl Guest {
    async fn talk(self, conversations: Conversations) {
        match self {
            Self::Stranger(mut stream, gate) => match gate.admit(&mut stream).await {
                Ok((_place, address)) => {
                    // Replies are short, and each is waited for.
                    let _ = stream.set_nodelay(true);
                    conversations.hold(Box::new(stream), address).await;
                }
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => refuse(&mut stream).await,
                Err(_) => {}
            },
            // Whom a message comes from says XFORWARD, or nobody: the mail server in front is not who sent it.
            Self::Front(mut stream, places) => match places.try_acquire() {
                Ok(_place) => conversations.hold(stream, IpAddr::V4(Ipv4Addr::UNSPECIFIED)).await,
                Err(_) => refuse(&mut stream).await,
            },
        }
    }
}

async fn refuse(stream: &mut (impl AsyncWrite + Unpin)) {
    // Whoever does not take it finds the connection closed.
    let _ = timeout(REFUSAL, stream.write_all(TOO_MANY)).await;
}

fn tcp(listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

impl Listening {
    /// Lets clients in until the end, each with a task of its own.
    fn open(&self, door: Door, conversations: Conversations) {
        let (ending, tasks) = (self.ending.clone(), self.tasks.clone());
        self.tasks.spawn(async move {
            loop {
                let guest = tokio::select! {
                    () = ending.cancelled() => return,
                    guest = door.next() => guest,
                };
                match guest {
                    Ok(guest) => drop(tasks.spawn(guest.talk(conversations.clone()))),
                    Err(error) => {
                        tracing::warn!(%error, "a connection for mail could not be accepted");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        });
    }

    /// Nobody new is let in; whoever is between two messages is told to come again, and whoever sends one may finish for so long.
    pub(crate) async fn end(self, grace: Duration) {
        self.ending.cancel();
        self.tasks.close();
        if timeout(grace, self.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.tasks.len(), "mail that was coming in is broken off");
        }
    }
}
