//! What this server is and accepts.

use crate::app::App;
use axum::Json;
use axum::extract::State;
use envelock_wire::{Limits, ServerInfo, limits};

/// What this server is and what it accepts.
#[utoipa::path(get, path = "/api/v1/server", tag = "server", responses((status = 200, description = "This server", body = ServerInfo)))]
pub(super) async fn server_info(State(app): State<App>) -> Json<ServerInfo> {
    let settings = app.settings();
    Json(ServerInfo {
        name: "Envelock".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        demo: settings.demo,
        lookup: settings.lookup,
        registration: settings.registration,
        registration_domains: settings.registration_domains.iter().map(ToString::to_string).collect(),
        mail_domains: settings.mail.domains.iter().map(ToString::to_string).collect(),
        seals_mail: settings.mail.seal_program.is_some(),
        limits: Limits {
            envelope_bytes: settings.envelope_bytes,
            reply_bytes: settings.reply_bytes,
            keyring_bytes: settings.keyring_bytes,
            draft_bytes: settings.draft_bytes,
            drafts: settings.account_drafts.get(),
            hint_chars: limits::HINT_CHARS as u32,
            note_bytes: limits::NOTE_BYTES as u32,
            replies: limits::REPLIES,
            min_expiry_seconds: limits::MIN_EXPIRY_SECONDS,
            max_expiry_seconds: limits::MAX_EXPIRY_SECONDS,
            default_expiry_seconds: limits::DEFAULT_EXPIRY_SECONDS,
            max_openings: limits::MAX_OPENINGS,
        },
    })
}
