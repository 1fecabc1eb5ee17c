//! Replies of link holders. Their bodies are ciphertext and travel as octets, not as JSON.

use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// One reply, as the sender of the envelope sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplySummary {
    /// 1 for the first.
    pub number: u32,
    /// When it arrived.
    pub created: Timestamp,
    /// Octets of ciphertext.
    pub size: u64,
}

/// Answer of `GET /api/v1/envelopes/{id}/replies`, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplyList {
    /// The replies received.
    pub replies: Vec<ReplySummary>,
}

/// Answer of `POST /api/v1/d/{id}/replies`: the reply is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplyAccepted {
    /// Its number among the replies to this envelope.
    pub number: u32,
}
