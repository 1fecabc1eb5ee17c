//! Rows of `invitations`, and the accounts that are made with them.

use super::accounts::address_key;
use super::database::{Database, Writing};
use super::failure::StorageError;
use super::login_secret::{NewRecord, hold_login_secret};
use envelock_wire::InvitationToken;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;

/// An invitation as its operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationLine {
    /// Its name.
    pub id: i64,
    /// The only address it is good for.
    pub address: Option<String>,
    /// When it was made, in Unix seconds.
    pub created: i64,
    /// When it ends, in Unix seconds.
    pub expires: i64,
}

impl TryFrom<AnyRow> for InvitationLine {
    type Error = StorageError;

    fn try_from(row: AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.try_get("id")?,
            address: row.try_get("address")?,
            created: row.try_get("created")?,
            expires: row.try_get("expires")?,
        })
    }
}

/// An account that somebody makes who is not the operator.
pub(crate) struct NewGuest<'a> {
    pub(crate) address: &'a str,
    pub(crate) name: &'a str,
    pub(crate) new: &'a NewRecord,
    pub(crate) now: i64,
}

/// What making one led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Welcome {
    /// It is made, and the invitation is used.
    Made,
    /// There is no such invitation.
    NoInvitation,
    /// It is for another address.
    OtherAddress,
    /// There is an account with this address; the invitation stays.
    Taken,
}

impl Database {
    /// Keeps an invitation. Returns its name.
    pub(crate) async fn add_invitation(
        &self,
        token: &InvitationToken,
        address: Option<&str>,
        now: i64,
        expires: i64,
    ) -> Result<i64, StorageError> {
        let mut transaction = self.write().await?;
        let row = sqlx::query(
            "INSERT INTO invitations (token_hash, address, created, expires) VALUES ($1, $2, $3, $4) RETURNING id",
        )
        .bind(hash_of(token).as_slice())
        .bind(address)
        .bind(now)
        .bind(expires)
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(row.try_get(0)?)
    }

    /// Those that are not over, by name.
    pub(crate) async fn invitations(&self, now: i64) -> Result<Vec<InvitationLine>, StorageError> {
        let rows = sqlx::query("SELECT id, address, created, expires FROM invitations WHERE expires > $1 ORDER BY id")
            .bind(now)
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter().map(InvitationLine::try_from).collect()
    }

    /// The one of this token, if it is not over.
    pub(crate) async fn invitation(
        &self,
        token: &InvitationToken,
        now: i64,
    ) -> Result<Option<InvitationLine>, StorageError> {
        let row =
            sqlx::query("SELECT id, address, created, expires FROM invitations WHERE token_hash = $1 AND expires > $2")
                .bind(hash_of(token).as_slice())
                .bind(now)
                .fetch_optional(&self.readers)
                .await?;
        row.map(InvitationLine::try_from).transpose()
    }

    /// Forgets one; `false` if there is none of this name.
    pub(crate) async fn remove_invitation(&self, id: i64) -> Result<bool, StorageError> {
        let removed = sqlx::query("DELETE FROM invitations WHERE id = $1").bind(id).execute(&self.writer).await?;
        Ok(removed.rows_affected() > 0)
    }

    /// Forgets those that are over.
    pub(crate) async fn remove_old_invitations(&self, now: i64) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM invitations WHERE expires <= $1").bind(now).execute(&self.writer).await?;
        Ok(())
    }

    /// Makes an account, with this invitation if one is given, which is used by it: of any number of racing calls with one
    /// invitation or one address, one does. Otherwise nothing has changed.
    pub(crate) async fn welcome(
        &self,
        invitation: Option<&InvitationToken>,
        guest: &NewGuest<'_>,
    ) -> Result<Welcome, StorageError> {
        let mut transaction = self.write().await?;
        hold_login_secret(self, &mut transaction, &guest.new.made_with).await?;
        let outcome = welcome(&mut transaction, invitation, guest).await?;
        match outcome {
            Welcome::Made => transaction.commit().await?,
            _ => transaction.rollback().await?,
        }
        Ok(outcome)
    }
}

/// All that is kept of a token.
fn hash_of(token: &InvitationToken) -> [u8; 32] {
    Sha256::digest(token.as_octets()).into()
}

async fn welcome(
    transaction: &mut Writing,
    invitation: Option<&InvitationToken>,
    guest: &NewGuest<'_>,
) -> Result<Welcome, StorageError> {
    if let Some(token) = invitation {
        let used = sqlx::query("DELETE FROM invitations WHERE token_hash = $1 AND expires > $2 RETURNING address")
            .bind(hash_of(token).as_slice())
            .bind(guest.now)
            .fetch_optional(&mut **transaction)
            .await?;
        let Some(row) = used else { return Ok(Welcome::NoInvitation) };
        let only: Option<String> = row.try_get(0)?;
        if only.is_some_and(|only| address_key(&only) != address_key(guest.address)) {
            return Ok(Welcome::OtherAddress);
        }
    }
    let made = sqlx::query(
        "INSERT INTO accounts (address, address_key, name, login_record, created) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (address_key) DO NOTHING",
    )
    .bind(guest.address)
    .bind(address_key(guest.address))
    .bind(guest.name)
    .bind(guest.new.record.as_octets().as_slice())
    .bind(guest.now)
    .execute(&mut **transaction)
    .await?;
    Ok(if made.rows_affected() > 0 { Welcome::Made } else { Welcome::Taken })
}
