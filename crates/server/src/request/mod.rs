//! What is checked about a request before anything is done: where it comes from, who sends it, what it holds.

mod body;
mod head;
mod host;
mod origin;
mod path;
mod precondition;
mod program;
mod recipients;
mod rest;
mod signed_in;
mod summary;

pub(crate) use body::{JsonBody, OctetBody, SignedBody};
pub(crate) use head::{FIRST_REQUEST, HEADER, HEADER_BYTES, HEADER_FIELDS, require_short_head};
pub(crate) use host::{requested_host, require_host};
pub(crate) use origin::{INBOUND, require_same_origin};
pub(crate) use path::{
    LinkId, OwnAppToken, OwnDraft, OwnEnvelope, OwnMail, OwnOutgoing, OwnPasskey, OwnReply, OwnSession,
};
pub(crate) use precondition::{OnlyRevision, Replaces, SeenRevision};
pub(crate) use program::{RouteScopes, SCHEME, admit_program};
pub(crate) use recipients::Recipients;
pub(crate) use rest::take_rest_of_body;
pub(crate) use signed_in::{
    AnySession, Author, Caller, ConfirmedSession, ConfirmedUser, CurrentSession, CurrentUser, EndingSession,
    EnrollingSession, FactorOwner, PendingSession,
};
pub(crate) use summary::SummaryLength;
