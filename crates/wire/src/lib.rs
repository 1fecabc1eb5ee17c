//! The HTTP API of an Envelock server, as types: what goes over the wire, what is valid, how large it may be.
//!
//! - What does a client send? [`CreateEnvelope`], [`ChangeEnvelope`], [`ListEnvelopes`], [`ListMail`], [`OpenEnvelope`],
//!   [`ConfirmOpening`], [`StartLogin`], [`FinishLogin`], [`EnterCode`], [`UsePasskey`], [`ConfirmSession`],
//!   [`ChangePassword`], [`AddPasskey`], [`StartRegistration`], [`FinishRegistration`],
//!   [`CreateAppToken`], [`InboundMail`].
//! - What does it get back? [`EnvelopeRecord`], [`EnvelopeList`], [`Head`], [`OpeningConfirmed`], [`ReplyList`],
//!   [`ReplyAccepted`], [`DraftList`], [`MailList`], [`InboundTaken`], [`OutgoingList`], [`Account`], [`SessionList`], [`LoginList`],
//!   [`Factors`], [`CeremonyStarted`], [`TotpStarted`], [`FactorAdded`], [`RecoveryCodes`], [`Withdrawn`],
//!   [`AppTokenList`], [`AppTokenCreated`],
//!   [`ServerInfo`], and for every refusal an [`ErrorBody`].
//! - Where is the certificate for an address published? [`wkd_advanced`], [`wkd_direct`], [`Keyserver`].
//! - How large may things be? [`limits`].
//!
//! Values are parsed, not checked later: an [`EnvelopeId`] that exists is a valid one. Requests refuse unknown
//! fields; replies do not, so that a newer server may add some.
//!
//! ```
//! use envelock_wire::{CreateEnvelope, EnvelopeId};
//! let id: EnvelopeId = "AAECAwQFBgcICQoLDA0ODw".parse()?;
//! assert_eq!(id.to_string(), "AAECAwQFBgcICQoLDA0ODw");
//! assert!("../../etc/passwd".parse::<EnvelopeId>().is_err());
//! assert!(serde_json::from_str::<CreateEnvelope>(r#"{"profile":2}"#).is_err());
//! # Ok::<(), envelock_wire::InvalidValue>(())
//! ```
//!
//! Not here: what the server does with them (`envelock-server`), what the ciphertext is (`envelock-seipd`), what a login says
//! (`envelock-login`).

mod app_token;
mod discovery;
mod draft;
mod envelope;
mod error;
mod factor;
mod keystore_backup;
pub mod limits;
mod mail_address;
mod mailbox;
mod octets;
mod opening;
mod outgoing;
mod registration;
mod reply;
mod server;
mod session;
mod text;
mod timestamp;
mod validity;

pub use app_token::{AppToken, AppTokenCreated, AppTokenList, AppTokenRecord, CreateAppToken, Scope, Scopes};
pub use discovery::{
    CertificateOrigin, FoundCertificates, InvalidKeyserver, Keyserver, LookUp, LookupUrl, UnreadOctets, wkd_advanced,
    wkd_direct,
};
pub use draft::{DraftList, DraftRecord};
pub use envelope::{ChangeEnvelope, CreateEnvelope, EnvelopeList, EnvelopeRecord, EnvelopeState, ListEnvelopes};
pub use error::{ErrorBody, ErrorCode, TooMany};
pub use factor::{
    AddPasskey, CeremonyStarted, ConfirmSession, EnterCode, FactorAdded, Factors, Method, PasskeyRecord, Pending,
    RecoveryCodes, TotpRecord, TotpStarted, UsePasskey, Withdrawn,
};
pub use keystore_backup::{KeystoreBackup, KeystoreBackupVersion, ResealedBackup, SealedCode};
pub use mail_address::{InvalidAddress, MailAddress};
pub use mailbox::{
    Alarm, CertificateOctets, InboundMail, InboundOutcome, InboundTaken, ListMail, MailFolder, MailList, MailRecord,
    MailboxCertificate, MailboxCertificateState, SUMMARY_HEADER, Verdict,
};
pub use octets::{
    AppTokenId, CeremonyId, DraftId, EnvelopeId, InvitationToken, Ke1, Ke2, Ke3, LeaseId, LoginId, LoginSecretHash,
    MailId, OutgoingId, PasskeyId, RegistrationRecord, RegistrationRequest, RegistrationResponse, Revision, Salt,
    SessionId, Token, TokenHash,
};
pub use opening::{ConfirmOpening, Head, OpenEnvelope, OpeningConfirmed, Sender};
pub use outgoing::{
    OutgoingAccepted, OutgoingList, OutgoingMessage, OutgoingReason, OutgoingRecipient, OutgoingState,
    RECIPIENTS_HEADER, Transport, TransportProtection,
};
pub use registration::{
    FinishRegistration, Invitation, Registration, RegistrationStarted, ShowInvitation, StartRegistration,
};
pub use reply::{ReplyAccepted, ReplyList, ReplySummary};
pub use server::{Limits, ServerInfo};
pub use session::{
    Account, Browser, ChangePassword, Device, FinishLogin, LoginList, LoginRecord, LoginStarted, PasswordChangeStarted,
    SessionList, SessionRecord, StartLogin, StartPasswordChange, System,
};
pub use text::{AppTokenName, Code, Hint, Note, PasskeyName};
pub use timestamp::Timestamp;
pub use validity::{AppTokenDays, ExpirySeconds, InvalidValue, MaxOpenings, PageLimit, Profile};

/// Response header of `POST /api/v1/d/{id}/open` that carries the [`LeaseId`].
pub const LEASE_HEADER: &str = "envelock-lease";

/// Request header of `POST /api/v1/d/{id}/replies` that carries the [`Token`]: the body is the ciphertext itself.
pub const TOKEN_HEADER: &str = "envelock-token";
