//! What a server has done, in numbers: by route, never by account or address. Who asks for them: `status`.

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use time::OffsetDateTime;

/// Borders of the times that are told apart, in seconds.
const SECONDS: [f64; 9] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

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

    /// Whether it is.
    pub(crate) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// All of it as OpenMetrics.
    pub(crate) fn in_text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
