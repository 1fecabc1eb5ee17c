//! The server as one value: what handlers share. The routes over it are in `router`.

use crate::accounts::{AccountError, Accounts};
use crate::app_token::AppTokens;
use crate::clock::Clock;
use crate::data_directory::{DirectoryError, open_storage, open_web_root};
use crate::demo;
use crate::draft::Drafts;
use crate::envelope::Envelopes;
use crate::factor::Factors;
use crate::keyring::Keyrings;
use crate::keystore_backup::KeystoreBackups;
use crate::limits::{LoginLimits, Peer, RateLimit, SharedCounts, Uploads, WriteLimits};
use crate::login_secret::LoginSecret;
use crate::lookup::{Lookup, Network, SystemNetwork};
use crate::mail::Mailboxes;
use crate::metrics::Metrics;
use crate::outgoing::{NoOutgoing, Outgoing};
use crate::registration::Registrations;
use crate::session::Sessions;
use crate::settings::Settings;
use crate::storage::{Blobs, Database, EarlierVersion, StorageError};
use crate::web::WebRoot;
use envelock_wire::TooMany;
use std::sync::Arc;

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Rows or ciphertext could not be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Data directory or web root.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// No mail can be sent, though it is wanted.
    #[error(transparent)]
    Outgoing(#[from] NoOutgoing),
    /// The demo account could not be made.
    #[error(transparent)]
    Account(#[from] AccountError),
}

/// A running server without its network: cheap to clone, all clones are one.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    settings: Settings,
    database: Database,
    blobs: Blobs,
    envelopes: Envelopes,
    keyrings: Keyrings,
    keystore_backups: KeystoreBackups,
    drafts: Drafts,
    mailboxes: Mailboxes,
    outgoing: Option<Arc<Outgoing>>,
    outgoing_limit: RateLimit<i64>,
    accounts: Accounts,
    registrations: Registrations,
    sessions: Sessions,
    factors: Factors,
    app_tokens: AppTokens,
    web_root: Option<WebRoot>,
    login_limits: LoginLimits,
    registration_limit: RateLimit<Peer>,
    open_limit: RateLimit<Peer>,
    wrong_token_limit: RateLimit<Peer>,
    write_limits: WriteLimits,
    uploads: Uploads,
    lookup: Lookup,
    lookup_limit: RateLimit<i64>,
    shared_counts: Option<SharedCounts>,
    metrics: Metrics,
}

impl App {
    /// Opens or makes the data directory and everything in it.
    pub async fn open(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        Self::open_over(settings, clock, Arc::new(SystemNetwork)).await
    }

    /// The same, with lookups over this network.
    pub(crate) async fn open_over(
        settings: Settings,
        clock: Arc<dyn Clock>,
        network: Arc<dyn Network>,
    ) -> Result<Self, StartError> {
        let web_root = open_web_root(&settings)?;
        let (database, blobs) = open_storage(&settings, EarlierVersion::IsBroughtUpToDate).await?;
        let secret = Arc::new(LoginSecret::open(&database, &settings.data_dir).await?);
        if !secret.is_known() {
            tracing::warn!("{}", StorageError::UnprovenLoginSecret);
        }
        let accounts = Accounts::new(database.clone(), Arc::clone(&clock), Arc::clone(&secret));
        demo::open_or_close(&accounts, settings.demo).await?;
        let registrations = Registrations::new(database.clone(), Arc::clone(&clock), Arc::clone(&secret), &settings);
        let factors = Factors::new(database.clone(), Arc::clone(&clock), Arc::clone(&secret), &settings)?;
        let app_tokens = AppTokens::new(database.clone(), Arc::clone(&clock), settings.require_second_factor);
        let sessions = Sessions::new(database.clone(), Arc::clone(&clock), secret, settings.require_second_factor);
        let shared_counts = SharedCounts::of(&database, &settings.data_dir)?;
        let counts = shared_counts.as_ref();
        let metrics = Metrics::new();
        let envelopes = Envelopes::new(database.clone(), blobs.clone(), Arc::clone(&clock), &settings);
        let outgoing = Outgoing::open(database.clone(), Arc::clone(&clock), Arc::clone(&network), &settings)?;
        Ok(Self(Arc::new(Shared {
            outgoing: outgoing.map(Arc::new),
            outgoing_limit: RateLimit::per_minute(counts, "outgoing", settings.messages_per_minute)
                .counting(TooMany::Messages),
            lookup: Lookup::new(&settings, network, Arc::clone(&clock)),
            lookup_limit: RateLimit::per_minute(counts, "lookup", settings.lookups_per_minute)
                .counting(TooMany::Lookups),
            keyrings: Keyrings::new(database.clone(), blobs.clone(), Arc::clone(&clock), &settings),
            keystore_backups: KeystoreBackups::new(database.clone(), Arc::clone(&clock)),
            drafts: Drafts::new(database.clone(), blobs.clone(), Arc::clone(&clock), &settings),
            mailboxes: Mailboxes::new(database.clone(), blobs.clone(), clock, metrics.clone(), &settings),
            envelopes,
            accounts,
            registrations,
            sessions,
            factors,
            app_tokens,
            web_root,
            login_limits: LoginLimits::per_minute(counts, settings.login_attempts_per_minute),
            registration_limit: RateLimit::per_minute(counts, "registration", settings.registrations_per_minute),
            open_limit: RateLimit::per_minute(counts, "open", settings.open_attempts_per_minute),
            wrong_token_limit: RateLimit::per_minute(
                counts,
                "wrong token by network",
                settings.login_attempts_per_minute,
            ),
            write_limits: WriteLimits::per_minute(counts, settings.writes_per_minute),
            uploads: Uploads::new(settings.uploads),
            metrics,
            shared_counts,
            database,
            blobs,
            settings,
        })))
    }

    /// What the operator chose.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The pages, if this server has any.
    pub(crate) fn web_root(&self) -> Option<&WebRoot> {
        self.0.web_root.as_ref()
    }

    /// The envelopes.
    pub fn envelopes(&self) -> &Envelopes {
        &self.0.envelopes
    }

    /// The keyrings.
    pub fn keyrings(&self) -> &Keyrings {
        &self.0.keyrings
    }

    /// The codes of keystores.
    pub fn keystore_backups(&self) -> &KeystoreBackups {
        &self.0.keystore_backups
    }

    /// The drafts.
    pub fn drafts(&self) -> &Drafts {
        &self.0.drafts
    }

    /// The mailboxes.
    pub fn mailboxes(&self) -> &Mailboxes {
        &self.0.mailboxes
    }

    /// Mail on its way out, if this server sends any.
    pub(crate) fn outgoing(&self) -> Option<&Arc<Outgoing>> {
        self.0.outgoing.as_ref()
    }

    /// Counts messages that are to be sent.
    pub(crate) fn outgoing_limit(&self) -> &RateLimit<i64> {
        &self.0.outgoing_limit
    }

    /// The accounts.
    pub fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    /// The way to an account.
    pub fn registrations(&self) -> &Registrations {
        &self.0.registrations
    }

    /// The sessions and the accounts behind them.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// What accounts prove themselves with besides a password.
    pub(crate) fn factors(&self) -> &Factors {
        &self.0.factors
    }

    /// What programs act with for accounts.
    pub(crate) fn app_tokens(&self) -> &AppTokens {
        &self.0.app_tokens
    }

    /// The rows.
    pub(crate) fn database(&self) -> &Database {
        &self.0.database
    }

    /// Waits for running statements and closes the database.
    pub async fn close(&self) {
        self.0.database.close().await;
    }

    /// Whether what has the ciphertext answers.
    pub(crate) async fn reaches_ciphertext(&self) -> Result<(), StorageError> {
        self.0.blobs.answer().await
    }

    /// Refuses a login secret that is not the database's any more.
    pub(crate) async fn require_current_secret(&self) -> Result<(), StorageError> {
        self.0.sessions.require_current_secret().await
    }

    /// Whether the database answers.
    pub(crate) async fn answers(&self) -> Result<(), StorageError> {
        self.0.database.answers().await
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Forgets attempts that count no more.
    pub(crate) async fn purge_limits(&self) -> Result<(), StorageError> {
        self.0.login_limits.purge();
        self.0.registration_limit.purge();
        self.0.open_limit.purge();
        self.0.wrong_token_limit.purge();
        self.0.write_limits.purge();
        self.0.lookup_limit.purge();
        self.0.outgoing_limit.purge();
        match &self.0.shared_counts {
            Some(counts) => counts.purge().await,
            None => Ok(()),
        }
    }

    pub(crate) fn login_limits(&self) -> &LoginLimits {
        &self.0.login_limits
    }

    pub(crate) fn registration_limit(&self) -> &RateLimit<Peer> {
        &self.0.registration_limit
    }

    pub(crate) fn open_limit(&self) -> &RateLimit<Peer> {
        &self.0.open_limit
    }

    /// Counts tokens of programs that are nobody's.
    pub(crate) fn wrong_token_limit(&self) -> &RateLimit<Peer> {
        &self.0.wrong_token_limit
    }

    /// Counts what somebody changes who is logged in, or a program.
    pub(crate) fn write_limits(&self) -> &WriteLimits {
        &self.0.write_limits
    }

    pub(crate) fn uploads(&self) -> &Uploads {
        &self.0.uploads
    }

    pub(crate) fn lookup(&self) -> &Lookup {
        &self.0.lookup
    }

    pub(crate) fn lookup_limit(&self) -> &RateLimit<i64> {
        &self.0.lookup_limit
    }
}
