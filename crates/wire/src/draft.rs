//! Drafts: what somebody is writing, encrypted by their devices to themselves. The ciphertext travels as octets, not as JSON.

use crate::octets::{DraftId, Revision};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// One draft, as far as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DraftRecord {
    /// Its name, chosen by the device that began it.
    pub id: DraftId,
    /// Of the last write: its `ETag` without the quotes.
    pub revision: Revision,
    /// Octets of ciphertext.
    pub size: u64,
    /// When it was written last.
    pub changed: Timestamp,
}

/// Answer of `GET /api/v1/account/drafts`, the one written last first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DraftList {
    /// The drafts.
    pub drafts: Vec<DraftRecord>,
}
