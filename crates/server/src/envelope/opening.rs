//! What the holder of a link does: look at the head, open with the token, confirm.

use super::{Envelopes, Refusal, read_size};
use crate::ciphertext::Ciphertext;
use crate::storage::{Attempt, Confirmation, EnvelopeRow, StorageError, StoredState};
use envelock_wire::limits::LEASE_SECONDS;
use envelock_wire::{
    ConfirmOpening, EnvelopeId, Head, Hint, LeaseId, OpenEnvelope, OpeningConfirmed, Profile, Salt, Sender, Timestamp,
    Token,
};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Ciphertext handed out under a lease.
#[derive(Debug)]
pub struct Opening {
    /// To be confirmed within ten minutes.
    pub lease: LeaseId,
    /// The ciphertext.
    pub ciphertext: Ciphertext,
}

pub(super) fn hash(octets: &[u8]) -> [u8; 32] {
    Sha256::digest(octets).into()
}

impl Envelopes {
    /// What a link holder learns before the password. Changes nothing: looking burns nothing.
    pub async fn head(&self, id: &EnvelopeId) -> Result<Head, Refusal> {
        let now = self.now();
        let row =
            self.database.envelope(id.as_octets()).await?.filter(|row| openable(row, now)).ok_or(Refusal::Gone)?;
        let corrupt = |_| Refusal::Storage(StorageError::Corrupt("envelope"));
        Ok(Head {
            profile: Profile::try_from(row.profile).map_err(corrupt)?,
            salt: Salt::from_octets(row.salt),
            link_secret: row.link_secret,
            sender: Sender { address: row.sender_address, name: row.sender_name },
            created: Timestamp::from_unix(row.created),
            expires: Timestamp::from_unix(row.expires),
            size: read_size(row.size),
            // It helps nobody as long as nobody can open it, and its sender may have withdrawn it (after a restore).
            hint: row.hint.filter(|_| row.tries_left > 0).and_then(|hint| Hint::try_from(hint).ok()),
            tries_left: row.tries_left,
            openings_left: row.max_openings.map(|max| max.saturating_sub(row.openings)),
        })
    }

    /// Hands out the ciphertext for the right token, under a lease that holds one opening. With a lease that still
    /// holds, hands it out again under the same one. What is not confirmed until the lease lapses is counted for the sender.
    pub async fn open(&self, id: &EnvelopeId, request: &OpenEnvelope) -> Result<Opening, Refusal> {
        let now = self.now();
        let row = self.try_token(id, &request.token, |row| openable(row, now), false).await?;
        let held = match &request.lease {
            Some(lease) if self.database.has_lease(&hash(lease.as_octets()), id.as_octets(), now).await? => {
                Some(*lease)
            }
            _ => None,
        };
        let lease = match held {
            Some(lease) => lease,
            None => self.lease(id, now).await?,
        };
        let missing = Refusal::Storage(StorageError::Corrupt("envelope without file"));
        let ciphertext = match row.file {
            Some(file) => Ciphertext::open(&self.blobs, file).await.map_err(Refusal::from),
            None => Err(missing),
        };
        match ciphertext {
            Ok(ciphertext) => Ok(Opening { lease, ciphertext }),
            Err(refusal) => {
                // Under one that was held before, the ciphertext may be out already.
                if held.is_none() {
                    self.database.remove_lease(&hash(lease.as_octets())).await?;
                }
                // It may have been withdrawn between lease and file.
                let still = self.database.envelope(id.as_octets()).await?.is_some_and(|row| openable(&row, now));
                Err(if still { refusal } else { Refusal::Gone })
            }
        }
    }

    /// Counts a leased opening; saying it twice counts once. At the last one the bytes are removed.
    ///
    /// Works on an envelope that others locked meanwhile: whoever holds a lease has opened it.
    pub async fn confirm(&self, id: &EnvelopeId, request: &ConfirmOpening) -> Result<OpeningConfirmed, Refusal> {
        let now = self.now();
        let lease = hash(request.lease.as_octets());
        let holds = self.database.has_lease(&lease, id.as_octets(), now).await?;
        self.try_token(id, &request.token, |row| repliable(row, now), holds).await?;
        match self.database.confirm_lease(&lease, id.as_octets(), now).await? {
            Confirmation::Confirmed { openings_left, remove } => {
                if let Some(file) = remove {
                    self.blobs.remove(file).await;
                }
                Ok(OpeningConfirmed { openings_left })
            }
            // Whoever comes without a lease to an envelope opened its last time learns no more than anybody.
            Confirmation::NoLease => match self.database.envelope(id.as_octets()).await? {
                Some(row) if openable(&row, now) => Err(Refusal::LeaseExpired),
                _ => Err(Refusal::Gone),
            },
        }
    }

    async fn lease(&self, id: &EnvelopeId, now: i64) -> Result<LeaseId, Refusal> {
        let mut octets = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut octets);
        if self.database.add_lease(&hash(&octets), id.as_octets(), now + i64::from(LEASE_SECONDS), now).await? {
            return Ok(LeaseId::from_octets(octets));
        }
        match self.database.envelope(id.as_octets()).await? {
            Some(row) if openable(&row, now) && row.tries_left == 0 => Err(Refusal::Locked),
            Some(row) if openable(&row, now) => Err(Refusal::InUse),
            _ => Err(Refusal::Gone),
        }
    }

    /// The envelope, if it is usable and the token is right; a wrong token costs a sealed one a try.
    ///
    /// One that was opened its last time says so only to the right token, to others it is gone as any other.
    pub(super) async fn try_token(
        &self,
        id: &EnvelopeId,
        token: &Token,
        usable: impl Fn(&EnvelopeRow) -> bool,
        even_if_locked: bool,
    ) -> Result<EnvelopeRow, Refusal> {
        let hash = hash(token.as_octets());
        let right = |expected: &[u8; 32]| hash.ct_eq(expected).into();
        match self.database.try_token(id.as_octets(), usable, right, even_if_locked).await? {
            Attempt::Right(row) => Ok(*row),
            Attempt::Wrong { tries_left } => Err(Refusal::WrongToken { tries_left }),
            Attempt::Locked => Err(Refusal::Locked),
            Attempt::Nothing => Err(Refusal::Gone),
        }
    }
}

fn openable(row: &EnvelopeRow, now: i64) -> bool {
    row.state == StoredState::Sealed && row.expires > now
}

/// Replies and repeated confirmations are also taken after the last opening, until the end.
pub(super) fn repliable(row: &EnvelopeRow, now: i64) -> bool {
    matches!(row.state, StoredState::Sealed | StoredState::Opened) && row.expires > now
}
