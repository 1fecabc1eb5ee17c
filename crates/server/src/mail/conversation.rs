//! One client: reads, writes, waits and stores as a [`Session`] says.

use super::Mailboxes;
use super::arrival::Incoming;
use crate::settings::MailSettings;
use crate::tls::Current;
use envelock_mail::receive::{Client, Ending, Envelope, Event, Rules, Secured, Session, Stored};
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

/// Longest time in which a reply is taken, and a handshake is made.
const REPLY: Duration = Duration::from_secs(60);

/// Octets that are read at once.
const PIECE: usize = 32 << 10;

/// What a conversation is held over.
pub(super) trait Line: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Line for S {}

/// Times that hold for a conversation.
#[derive(Clone, Copy)]
pub(super) struct Times {
    command: Duration,
    message: Duration,
    conversation: Duration,
}

impl Times {
    pub(super) fn of(settings: &MailSettings) -> Self {
        let MailSettings { command_time: command, message_time: message, conversation_time: conversation, .. } =
            *settings;
        Self { command, message, conversation }
    }
}

/// What all conversations of one kind have.
#[derive(Clone)]
pub(super) struct Conversations {
    pub(super) mailboxes: Mailboxes,
    pub(super) rules: Rules,
    pub(super) times: Times,
    /// With which TLS begins, if it may.
    pub(super) tls: Option<Current>,
    /// The server's end: whoever is between two messages is told, whoever sends one may finish.
    pub(super) ending: CancellationToken,
}

impl Conversations {
    /// Talks to a client until one of the two ends it.
    pub(super) async fn hold(&self, line: Box<dyn Line>, address: IpAddr) {
        let client = Client { address, name: None, tls: None };
        let session = Session::new(self.rules.clone(), client);
        let now = Instant::now();
        let conversation = Conversation {
            all: self,
            session,
            line,
            message: None,
            end: now + self.times.conversation,
            due: now + self.times.command,
        };
        // What a broken connection says is nobody's fault here, and the client knows what was acknowledged.
        let _ = conversation.go_on().await;
    }
}

struct Conversation<'a> {
    all: &'a Conversations,
    session: Session,
    line: Box<dyn Line>,
    message: Option<Incoming>,
    /// When it has lasted long enough.
    end: Instant,
    /// When what is waited for has to be there: a command, or the whole of a message.
    due: Instant,
}

impl Conversation<'_> {
    async fn go_on(mut self) -> io::Result<()> {
        let mut octets = vec![0; PIECE];
        loop {
            match self.session.next_event() {
                Event::Read => self.read(&mut octets).await?,
                Event::Write(reply) => self.write(&reply).await?,
                Event::StartTls => self = self.secured().await?,
                Event::Recipient(address) => {
                    let found = self.all.mailboxes.recipient(&address).await;
                    self.session.recipient(found);
                }
                Event::Open => {
                    let begun = Incoming::begin(&self.all.mailboxes).await;
                    if let Err(error) = &begun {
                        tracing::warn!(%error, "there is no room for a message");
                    }
                    self.message = begun.ok();
                    self.due = self.within(self.all.times.message);
                    self.session.opened(self.message.is_some());
                }
                Event::Content(piece) => {
                    if let Some(message) = &mut self.message {
                        message.take(&piece).await;
                    }
                }
                Event::Store(envelope) => {
                    let stored = self.store(envelope).await;
                    self.session.stored(&stored);
                }
                Event::Discard => self.message = None,
                Event::Close => return self.line.shutdown().await,
            }
        }
    }

    async fn read(&mut self, octets: &mut [u8]) -> io::Result<()> {
        let read = tokio::select! {
            read = timeout_at(self.due, self.line.read(octets)) => read,
            () = self.all.ending.cancelled(), if self.message.is_none() => {
                self.session.give_up(Ending::TooBusy);
                return Ok(());
            }
        };
        match read {
            Ok(Ok(0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => self.session.feed(octets.get(..read?).unwrap_or_default()),
            Err(_) => self.session.give_up(Ending::TooSlow),
        }
        Ok(())
    }

    async fn write(&mut self, reply: &[u8]) -> io::Result<()> {
        let line = &mut self.line;
        let written = async {
            line.write_all(reply).await?;
            line.flush().await
        };
        timeout_at(Instant::now() + REPLY, written).await.map_err(io::Error::other)??;
        if self.message.is_none() {
            self.due = self.within(self.all.times.command);
        }
        Ok(())
    }

    fn within(&self, time: Duration) -> Instant {
        (Instant::now() + time).min(self.end)
    }

    async fn secured(mut self) -> io::Result<Self> {
        let Some(tls) = &self.all.tls else { return Err(io::ErrorKind::Unsupported.into()) };
        let shaken = timeout_at(Instant::now() + REPLY, tls.secure(self.line)).await;
        let stream = shaken.map_err(io::Error::other)??;
        self.session.secured(secured(&stream));
        self.line = Box::new(stream);
        self.due = self.within(self.all.times.command);
        Ok(self)
    }

    async fn store(&mut self, envelope: Envelope) -> Vec<Stored> {
        let Some(message) = self.message.take() else { return vec![Stored::Later; envelope.recipients.len()] };
        let (recipients, size) = (envelope.recipients.len(), envelope.size);
        let (tls, name) = (envelope.client.tls.is_some(), self.all.rules.protocol.name());
        let stored = self.all.mailboxes.keep(message, envelope).await;
        let kept = stored.iter().filter(|one| **one == Stored::Kept).count();
        tracing::info!(protocol = name, tls, size, recipients, kept, "a message arrived");
        stored
    }
}

/// What `Received` tells of it, in IANA's names: rustls has a number in those of TLS 1.3, and no dots.
fn secured<S>(stream: &TlsStream<S>) -> Secured {
    let (_, connection) = stream.get_ref();
    let version = connection.protocol_version().and_then(|version| version.as_str()).unwrap_or("TLS");
    let suite = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or("unknown");
    Secured { version: version.replace('_', "."), suite: suite.replace("TLS13_", "TLS_") }
}
