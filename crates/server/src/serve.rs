//! The server on the network: TLS only, with limits on what a stranger may cost: time for the handshake and the head of a
//! request here, number, slowness and idleness of connections in `connection`, slowness of bodies in `request`.

use crate::acme::{Acme, AcmeError, keep_certified};
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::connection::{Allowed, Gate};
use crate::data_directory::{self, DirectoryError};
use crate::mail::{MailListeners, listen, seal_always, validate_always};
use crate::maintenance::maintain_always;
use crate::outgoing::{report_until, send_until};
use crate::public_name::PublicName;
use crate::redirect::{Redirecting, redirect_always};
use crate::request::{FIRST_REQUEST, HEADER, HEADER_BYTES, HEADER_FIELDS};
use crate::router::router;
use crate::settings::Settings;
use crate::status;
use crate::tls::{CertificateFiles, Current, Doubt, Offer, TlsAcceptor, TlsError, self_signed};
use axum_server::Handle;
use envelock_mail::dns::{Dns, NoDns};
use std::future::{Future, IntoFuture};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// So much of it is read over HTTP/2, to be refused in order (`request`). It is there for a moment, one of a connection at a time.
const HEADER_BYTES_READ: u32 = 128 * 1024;

/// Requests of one HTTP/2 connection at a time.
const STREAMS: u32 = 64;

/// Silent HTTP/2 connections are asked this often, and given so long to answer.
const PING: Duration = Duration::from_secs(30);
const PONG: Duration = Duration::from_secs(15);

/// Running requests may take this long to finish at shutdown.
const GRACE: Duration = Duration::from_secs(10);

/// Why a server ended or could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// What is to be served cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Data directory or web root.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// What is needed to order a certificate.
    #[error(transparent)]
    Acme(#[from] AcmeError),
    /// What mail is validated with.
    #[error(transparent)]
    Dns(#[from] NoDns),
    /// The network.
    #[error("the network failed: {0}")]
    Network(#[from] io::Error),
}

/// What to serve on.
pub struct Serving {
    /// Bound already, so that the caller knows the port.
    pub listener: TcpListener,
    /// A certificate of the operator's; without one it is self-signed.
    pub certificate: Option<CertificateFiles>,
    /// Who else issues one, unless there is one of the operator's.
    pub acme: Option<Acme>,
    /// The name others use for this server, for the self-signed certificate.
    pub public_name: Option<PublicName>,
    /// Where those who come in clear are sent to HTTPS.
    pub redirect: Option<Redirecting>,
    /// Where the operator asks how it is, in clear: bound to loopback.
    pub status: Option<TcpListener>,
    /// Where mail comes in.
    pub mail: MailListeners,
    /// Where lookups go instead of the network.
    #[cfg(feature = "test-network")]
    pub lookups: Option<crate::lookup::TestNetwork>,
}

impl Serving {
    /// On this listener, with a self-signed certificate.
    pub fn on(listener: TcpListener) -> Self {
        Self {
            listener,
            certificate: None,
            acme: None,
            public_name: None,
            redirect: None,
            status: None,
            mail: MailListeners::default(),
            #[cfg(feature = "test-network")]
            lookups: None,
        }
    }
}

/// Whether a server could start with these settings, as far as that can be told without touching what is in the data directory or
/// the database: the directory could be written, the web root is there and apart from it, certificate and key fit together. What browsers
/// will not like about the certificate comes back.
pub fn check(
    settings: &Settings,
    certificate: Option<&CertificateFiles>,
    acme: Option<&Acme>,
    public_name: Option<&PublicName>,
) -> Result<Vec<Doubt>, ServeError> {
    data_directory::open_web_root(settings)?;
    data_directory::can_be_written(&settings.data_dir)?;
    acme.map_or(Ok(()), Acme::check)?;
    let Some(files) = certificate else { return Ok(Vec::new()) };
    let now = OffsetDateTime::now_utc().unix_timestamp();
    Ok(Offer::with(files)?.doubts(public_name, &settings.mail.policy_hosts(), now))
}

/// Serves until `shutdown` is done, then lets running requests finish. Calls `ready` once connections are accepted. From its
/// beginning SIGHUP ends nothing: what comes before the certificate was read for the first time reads it once more.
pub async fn serve(
    mut settings: Settings,
    clock: Arc<dyn Clock>,
    serving: Serving,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let hangup = signal(SignalKind::hangup());
    let (data_dir, interval) = (settings.data_dir.clone(), settings.purge_every);
    let certified_by = Arc::clone(&clock);
    let address = serving.listener.local_addr()?;
    settings.public_name = serving.public_name.clone();
    settings.listening_port = address.port();
    let _held = data_directory::hold(&settings)?;
    #[cfg(feature = "test-network")]
    let app = match serving.lookups {
        Some(network) => App::open_over(settings, clock, Arc::new(network)).await?,
        None => App::open(settings, clock).await?,
    };
    #[cfg(not(feature = "test-network"))]
    let app = App::open(settings, clock).await?;
    let acme = serving.acme.filter(|_| serving.certificate.is_none());
    let kept = acme.as_ref().and_then(|acme| acme.offer(&data_dir));
    let self_signed = || self_signed(&data_dir, serving.public_name.as_ref(), OffsetDateTime::now_utc());
    let (offer, files) = match (serving.certificate, kept) {
        (Some(files), _) => {
            let offer = Offer::with(&files)?;
            warn_of(&offer, app.settings());
            (offer, Some(files))
        }
        (None, Some(offer)) => (offer, None),
        (None, None) if acme.is_some() => {
            tracing::warn!("the certificate is self-signed until the CA has issued one");
            (Offer::with(&self_signed()?)?, None)
        }
        (None, None) => {
            let files = self_signed()?;
            (Offer::with(&files)?, Some(files))
        }
    };
    let policy_hosts = app.settings().mail.policy_hosts();
    let tls = Current::new(offer, acme.as_ref().map(|acme| acme.challenges(&data_dir, &policy_hosts)));
    let gate =
        Gate::new(Allowed::by(app.settings()), app.settings().balancers.clone(), app.metrics().connections.clone());

    let handle = Handle::new();
    let mut server = axum_server::from_tcp(serving.listener)?
        .acceptor(TlsAcceptor::new(gate.clone(), tls.clone(), HEADER))
        .first_request_timeout(FIRST_REQUEST)
        .handle(handle.clone());
    let builder = server.http_builder();
    builder.http1().header_read_timeout(HEADER).max_buf_size(HEADER_BYTES).max_headers(HEADER_FIELDS);
    builder
        .http2()
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES_READ)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    let service = router(app.clone()).into_make_service();

    let asked = match serving.status {
        Some(listener) => {
            listener.set_nonblocking(true)?;
            let listener = tokio::net::TcpListener::from_std(listener)?;
            Some(tokio::spawn(axum::serve(listener, status::router(app.clone())).into_future()))
        }
        None => None,
    };
    let redirecting = serving.redirect.map(|redirecting| {
        tokio::spawn(async move {
            if let Err(error) = redirect_always(redirecting, address.port(), gate).await {
                tracing::error!(%error, "nobody is redirected to HTTPS any more");
            }
        })
    });
    let mail = match serving.mail.is_empty() {
        true => None,
        false => {
            let dns = match app.settings().mail.nameservers.as_slice() {
                [] => Dns::of_this_machine()?,
                servers => Dns::at(servers)?,
            };
            let validating = tokio::spawn(validate_always(app.mailboxes().clone(), dns, interval));
            Some((listen(serving.mail, app.mailboxes(), &tls, app.settings())?, validating))
        }
    };
    let sealing = app.mailboxes().sealer();
    let sealing = sealing.map(|sealer| tokio::spawn(seal_always(app.mailboxes().clone(), sealer, interval)));
    let maintenance = tokio::spawn(maintain_always(app.clone()));
    let ended = CancellationToken::new();
    let sending = app.outgoing().cloned().map(|outgoing| tokio::spawn(send_until(outgoing, interval, ended.clone())));
    let reporting =
        app.outgoing().cloned().map(|outgoing| tokio::spawn(report_until(outgoing, interval, ended.clone())));
    let certified = acme
        .map(|acme| tokio::spawn(keep_certified(acme, policy_hosts, data_dir, tls.clone(), certified_by, interval)));
    let reloading = tokio::spawn(reload_certificate(hangup, tls, files, app.clone()));
    let served = tokio::spawn(server.serve(service));
    if handle.listening().await.is_some() {
        ready(address);
        shutdown.await;
        app.metrics().end();
        ended.cancel();
        handle.graceful_shutdown(Some(GRACE));
    }
    if let Some((listening, validating)) = mail {
        listening.end(GRACE).await;
        validating.abort();
    }
    let result = served.await.map_err(io::Error::other);
    maintenance.abort();
    sealing.inspect(tokio::task::JoinHandle::abort);
    asked.inspect(tokio::task::JoinHandle::abort);
    redirecting.inspect(tokio::task::JoinHandle::abort);
    certified.inspect(tokio::task::JoinHandle::abort);
    reloading.abort();
    ended.cancel();
    if let Some(reporting) = reporting {
        let _ = reporting.await;
    }
    // It has a time limit of its own, and no panic of it is a fault of the network.
    if let Some(sending) = sending {
        let _ = sending.await;
    }
    app.close().await;
    Ok(result??)
}

/// Reads certificate and key again whenever the process gets SIGHUP, as ACME clients send after a renewal. New
/// connections get the new certificate; if it is broken the old one stays.
async fn reload_certificate(hangup: io::Result<Signal>, tls: Current, files: Option<CertificateFiles>, app: App) {
    let mut hangup = match hangup {
        Ok(hangup) => hangup,
        Err(error) => return tracing::warn!(%error, "the certificate will not be reloaded on SIGHUP"),
    };
    while hangup.recv().await.is_some() {
        // One that is ordered is served as soon as it is there.
        let Some(files) = &files else { continue };
        match Offer::with(files) {
            Ok(offer) => {
                warn_of(&offer, app.settings());
                tls.replace(offer);
                tracing::info!("the certificate was reloaded");
            }
            Err(error) => tracing::error!(%error, "the certificate was not reloaded"),
        }
    }
}

/// Says what browsers will refuse the certificate for. It is served all the same: a clock that is wrong ends no service.
fn warn_of(offer: &Offer, settings: &Settings) {
    let (name, policy_hosts) = (settings.public_name.as_ref(), settings.mail.policy_hosts());
    for doubt in offer.doubts(name, &policy_hosts, OffsetDateTime::now_utc().unix_timestamp()) {
        tracing::warn!("{doubt}");
    }
}
