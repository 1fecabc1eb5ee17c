//! What the operator's own machine may ask, in clear and on loopback only: is it alive, is it ready, what has it done
//! (OpenMetrics, as Prometheus reads it). Not here: what is counted (`metrics`).

use crate::app::App;
use crate::storage::StorageError;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// Longest wait for the database, and for what has the ciphertext, before the server calls itself not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// So long it counts whether ciphertext could be reached: some look every second, and a bucket is paid by the request.
const REMEMBERED: Duration = Duration::from_secs(5);

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

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
    if asked.app.metrics().is_ending() {
        return not_ready("ending\n");
    }
    let rows = async {
        asked.app.answers().await?;
        asked.app.require_current_secret().await
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
    match asked.app.metrics().in_text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
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
