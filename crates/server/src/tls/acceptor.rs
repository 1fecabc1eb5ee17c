//! The handshake: reads what a client says first, and answers with the offer for it.

use super::challenge::Challenges;
use super::offer::Offer;
use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use rustls::ServerConfig;
use rustls::server::Acceptor;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

/// The offer that new connections get; all clones are one.
#[derive(Clone)]
pub(crate) struct Current {
    offer: Arc<RwLock<Arc<Offer>>>,
    challenges: Option<Arc<Challenges>>,
}

impl Current {
    pub(crate) fn new(offer: Offer, challenges: Option<Challenges>) -> Self {
        Self { offer: Arc::new(RwLock::new(Arc::new(offer))), challenges: challenges.map(Arc::new) }
    }

    /// Connections that are there stay as they are.
    pub(crate) fn replace(&self, offer: Offer) {
        *self.offer.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(offer);
    }

    /// Shakes hands in the middle of another conversation than HTTP's (STARTTLS): the protocol is known there, and is not chosen.
    pub(crate) async fn secure<I>(&self, stream: I) -> io::Result<TlsStream<I>>
    where
        I: AsyncRead + AsyncWrite + Unpin,
    {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let mut config = ServerConfig::clone(&self.offer().to(&start.client_hello()));
        config.alpn_protocols.clear();
        start.into_stream(Arc::new(config)).await
    }

    fn offer(&self) -> Arc<Offer> {
        Arc::clone(&self.offer.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Shakes hands with whom another acceptor let in.
#[derive(Clone)]
pub(crate) struct TlsAcceptor<A> {
    inner: A,
    current: Current,
    patience: Duration,
}

impl<A> TlsAcceptor<A> {
    /// The whole handshake may take as long as `patience`.
    pub(crate) fn new(inner: A, current: Current, patience: Duration) -> Self {
        Self { inner, current, patience }
    }
}

impl<A, I, S> Accept<I, S> for TlsAcceptor<A>
where
    A: Accept<I, S>,
    A::Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A::Service: Send + 'static,
    A::Future: Send + 'static,
{
    type Stream = TlsStream<A::Stream>;
    type Service = A::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let admitted = self.inner.accept(stream, service);
        let (current, patience) = (self.current.clone(), self.patience);
        Box::pin(async move {
            let (stream, service) = admitted.await?;
            let stream = timeout(patience, shake_hands(stream, &current)).await.map_err(io::Error::other)??;
            Ok((stream, service))
        })
    }
}

async fn shake_hands<I>(stream: I, current: &Current) -> io::Result<TlsStream<I>>
where
    I: AsyncRead + AsyncWrite + Unpin,
{
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let hello = start.client_hello();
    if let Some(challenges) = &current.challenges
        && let Some(file) = challenges.asked_by(&hello)
        && let Ok(answer) = Challenges::answer(file)
    {
        // The certificate was the answer: nothing else is said on this connection (RFC 8737 §3).
        start.into_stream(answer).await?.shutdown().await?;
        return Err(io::Error::other("a CA has seen the proof"));
    }
    let config = current.offer().to(&hello);
    start.into_stream(config).await
}
