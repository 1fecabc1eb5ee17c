//! Mail with OpenPGP in it: PGP/MIME (RFC 3156), protected header fields (RFC 9788), Autocrypt (Level 1).
//!
//! * I want to write a mail, signed or encrypted → [`compose()`]
//! * I want to read a mail, and know what of it is protected how → [`read()`]
//! * I want to tell others my certificate, or learn theirs → [`AutocryptHeader`]
//! * I want to move a secret key to another mail program → [`setup_message`], [`open_setup_message`]
//!
//! Every part carries its own protection. Nothing decrypted is ever joined with anything that was not in the same encryption
//! (EFAIL), and nothing here renders HTML. Not here: the format without cryptography (`envelock_mime::mail`), sending.

mod author;
mod autocrypt;
mod compose;
mod error;
mod inline;
mod layers;
mod parts;
mod protected;
mod read;
mod setup;

pub use self::{
    autocrypt::{AutocryptHeader, Ignored, of_mail as autocrypt_of_mail},
    compose::{ComposeOptions, Composed, Draft, compose, compose_blocking},
    error::{ComposeError, MailError},
    protected::{FieldProtection, Mismatch, ShownField},
    read::{Mail, MailLayer, MailPart, MailProblem, ReadOptions, read, read_blocking},
    setup::{SetupMessage, SetupOptions, open_setup_message, setup_message, setup_passphrase_hint},
};
pub use envelock_mime::{Attachment, Mailbox};
