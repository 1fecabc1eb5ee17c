//! What the operator's own machine may ask, in clear and on loopback only: is it alive, is it ready, what has it done
//! (OpenMetrics, as Prometheus reads it). Numbers by route, never by account or address.

use crate::app::App;
use crate::storage::StorageError;
use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// Longest wait for the database, and for what has the ciphertext, before the server calls itself not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// So long it counts whether ciphertext could be reached: some look every second, and a bucket is paid by the request.
const REMEMBERED: Duration = Duration::from_secs(5);

/// Borders of the times that are told apart, in seconds.
const SECONDS: [f64; 9] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is counted. Cheap to clone, all clones are one.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
    rounds: Family<Outcome, Counter>,
    last_round: Gauge,
    recipients: Family<Outcome, Counter>,
    mail: Family<Outcome, Counter>,
    validated: Family<Outcome, Counter>,
    /// Those of HTTPS.
    pub(crate) connections: Connections,
    /// Those of SMTP.
    pub(crate) mail_connections: Connections,
    is_ending: Arc<AtomicBool>,
}

/// Connections of one kind.
#[derive(Clone, Default)]
pub(crate) struct Connections {
    /// Those that are open.
    pub(crate) open: Gauge,
    /// Those that found no place.
    pub(crate) refused: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("envelock");
        let requests = Family::default();
        registry.register("requests", "Requests answered", requests.clone());
        let seconds = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        registry.register("request_seconds", "Time until the head of an answer", seconds.clone());
        let rounds = Family::default();
        registry.register("maintenance", "Rounds of maintenance", rounds.clone());
        let last_round = Gauge::default();
        let help = "End of the last round of maintenance that succeeded, in Unix seconds";
        registry.register("maintenance_last_success_seconds", help, last_round.clone());
        let connections = Connections::default();
        registry.register("connections", "Open connections", connections.open.clone());
        let help = "Connections closed because there were too many";
        registry.register("connections_refused", help, connections.refused.clone());
        let mail_connections = Connections::default();
        registry.register("mail_connections", "Open connections of SMTP", mail_connections.open.clone());
        let help = "Connections of SMTP closed because there were too many";
        registry.register("mail_connections_refused", help, mail_connections.refused.clone());
        let recipients = Family::default();
        registry.register("mail_recipients", "Recipients asked for, by the answer", recipients.clone());
        let mail = Family::default();
        registry.register("mail_messages", "Messages brought, by what became of them for each recipient", mail.clone());
        let validated = Family::default();
        registry.register("mail_validated", "Messages validated, by the alarm", validated.clone());
        Self {
            registry: Arc::new(registry),
            requests,
            seconds,
            rounds,
            last_round,
            recipients,
            mail,
            validated,
            connections,
            mail_connections,
            is_ending: Arc::default(),
        }
    }

    /// A request was answered, after this time.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: StatusCode, time: Duration) {
        let method = match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            // Whatever strangers make up must not be remembered.
            _ => "other",
        };
        let route = route.to_owned();
        self.seconds.get_or_create(&Route { route: route.clone() }).observe(time.as_secs_f64());
        self.requests.get_or_create(&Answered { method, route, status: status.as_u16() }).inc();
    }

    /// A round of maintenance ended.
    pub(crate) fn maintained(&self, is_done: bool) {
        let outcome = if is_done { "done" } else { "failed" };
        self.rounds.get_or_create(&Outcome { outcome }).inc();
        if is_done {
            self.last_round.set(OffsetDateTime::now_utc().unix_timestamp());
        }
    }

    /// A client asked for a recipient.
    pub(crate) fn mail_recipient(&self, outcome: &'static str) {
        self.recipients.get_or_create(&Outcome { outcome }).inc();
    }

    /// A message was brought for a recipient.
    pub(crate) fn mail_offered(&self, outcome: &'static str) {
        self.mail.get_or_create(&Outcome { outcome }).inc();
    }

    /// It was found out how loudly to warn of a message.
    pub(crate) fn mail_validated(&self, outcome: &'static str) {
        self.validated.get_or_create(&Outcome { outcome }).inc();
    }

    /// The server is on its way out: nobody should send it more.
    pub(crate) fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }
}

/// Who is asked, with what was found out a moment ago.
#[derive(Clone)]
struct Asked {
    app: App,
    reached: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Asked {
    /// Whether ciphertext can be reached. Whoever asks meanwhile waits for the same answer.
    async fn reaches_ciphertext(&self) -> bool {
        let mut reached = self.reached.lock().await;
        if let Some((_, is_there)) = reached.filter(|(since, _)| since.elapsed() < REMEMBERED) {
            return is_there;
        }
        let is_there = matches!(timeout(PATIENCE, self.app.reaches_ciphertext()).await, Ok(Ok(())));
        *reached = Some((Instant::now(), is_there));
        is_there
    }
}

/// What is answered on loopback.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/live", get(|| async { "alive\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Asked { app, reached: Arc::default() })
}

async fn ready(State(asked): State<Asked>) -> Response {
    let not_ready = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    if asked.app.metrics().is_ending.load(Ordering::Relaxed) {
        return not_ready("ending\n");
    }
    let rows = async {
        asked.app.answers().await?;
        asked.app.knows_passwords().await
    };
    match tokio::join!(timeout(PATIENCE, rows), asked.reaches_ciphertext()) {
        (Ok(Err(cause @ (StorageError::ReplacedLoginSecret | StorageError::OtherLoginSecret))), _) => {
            tracing::error!(%cause, "not ready");
            not_ready("the file login-secret was replaced: restart the server\n")
        }
        (Ok(Ok(())), true) => "ready\n".into_response(),
        (Ok(Ok(())), false) => not_ready("ciphertext cannot be reached\n"),
        _ => not_ready("the database does not answer\n"),
    }
}

async fn metrics(State(asked): State<Asked>) -> Response {
    let mut text = String::new();
    match encode(&mut text, &asked.app.metrics().registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::{Settings, SystemClock};
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    #[tokio::test]
    async fn not_ready_on_its_way_out_nor_without_a_database() {
        let data = tempfile::tempdir().unwrap();
        let app = App::open(Settings::new(data.path()), Arc::new(SystemClock)).await.unwrap();
        let ask = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router(app.clone()).oneshot(request).await.unwrap().status().as_u16()
        };
        assert_eq!(ask("/ready").await, 200);
        app.close().await;
        assert_eq!((ask("/ready").await, ask("/live").await), (503, 200));
        let app = App::open(Settings::new(data.path()), Arc::new(SystemClock)).await.unwrap();
        app.metrics().end();
        let request = Request::get("/ready").body(Body::empty()).unwrap();
        assert_eq!(router(app).oneshot(request).await.unwrap().status(), 503);
    }

    #[tokio::test]
    async fn not_ready_with_a_login_secret_that_is_not_the_databases_any_more() {
        let data = tempfile::tempdir().unwrap();
        let app = App::open(Settings::new(data.path()), Arc::new(SystemClock)).await.unwrap();
        let ask = async || {
            let request = Request::get("/ready").body(Body::empty()).unwrap();
            let answer = router(app.clone()).oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            (status, axum::body::to_bytes(answer.into_body(), 1000).await.unwrap())
        };
        assert_eq!(ask().await.0, 200);
        crate::login_secret::renew_login_secret(app.settings()).await.unwrap();
        let (status, said) = ask().await;
        assert_eq!(
            (status, said.as_ref()),
            (503, b"the file login-secret was replaced: restart the server\n".as_slice())
        );
    }

    #[tokio::test]
    async fn not_ready_without_a_place_for_ciphertext_which_is_looked_at_now_and_then() {
        let data = tempfile::tempdir().unwrap();
        let app = App::open(Settings::new(data.path()), Arc::new(SystemClock)).await.unwrap();
        let status = router(app);
        let ask = async || {
            let request = Request::get("/ready").body(Body::empty()).unwrap();
            status.clone().oneshot(request).await.unwrap().status().as_u16()
        };
        assert_eq!(ask().await, 200);
        std::fs::rename(data.path().join("blobs"), data.path().join("elsewhere")).unwrap();
        assert_eq!(ask().await, 200, "it was there a moment ago");
        tokio::time::sleep(REMEMBERED).await;
        assert_eq!(ask().await, 503);
        std::fs::rename(data.path().join("elsewhere"), data.path().join("blobs")).unwrap();
        tokio::time::sleep(REMEMBERED).await;
        assert_eq!(ask().await, 200);
    }
}
