//! Mail from outside: taken over SMTP, LMTP or a webhook, kept for accounts of this server, validated, handed to its owner.
//!
//! - On the network: `listener` (who may connect, when it ends), `conversation` (one client). What is said there is for
//!   `envelock_mail::receive`; this server logs nobody in and passes nothing on.
//! - By HTTP: what a program hands over that signs it (`handover`).
//! - [`Mailboxes`]: whose an address is (`recipients`), a message on its way in (`arrival`), what its owner does with it (`mailbox`).
//! - What SPF, DKIM and DMARC say is asked after a message was taken (`validation`): no client waits for somebody's DNS, and what got no
//!   answer is asked again before anybody is alarmed.
//! - Then it is encrypted to its owner, who may have given a certificate, by a process of its own (`sealing`).
//! - Beside it lie copies of what its owner sent, which their devices encrypt (`sent`).
//!
//! Not here: HTTP (`api`), SQL and files (`storage`), what is on its way out (`outgoing`).

mod arrival;
mod conversation;
mod handover;
mod listener;
mod mailbox;
mod recipients;
mod sealing;
mod sent;
mod validation;

pub(crate) use handover::HandoverRefusal;
pub(crate) use listener::listen;
pub use listener::{LmtpListener, MailListeners};
pub(crate) use mailbox::CertificateRefusal;
pub use mailbox::Mailboxes;
pub(crate) use sealing::{NotSealed, seal_always};
pub(crate) use sent::{SentMail, SentRefusal};
pub(crate) use validation::validate_always;
