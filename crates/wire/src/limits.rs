//! Sizes and times both sides agree on. Each says where it comes from; a server may be configured to allow less or
//! more ciphertext and tells so in [`ServerInfo`](crate::ServerInfo).

/// Largest ciphertext of an envelope, in octets, unless configured otherwise: what mail providers commonly accept
/// as a whole message.
pub const ENVELOPE_BYTES: u64 = 25 * 1024 * 1024;

/// Largest ciphertext of one reply, in octets, unless configured otherwise.
pub const REPLY_BYTES: u64 = 25 * 1024 * 1024;

/// Largest file in which the devices of an account meet, in octets, unless configured otherwise: thousands of
/// certificates of the usual size.
pub const KEYRING_BYTES: u64 = 16 * 1024 * 1024;

/// Largest ciphertext of a draft, in octets, unless configured otherwise: it is sent anew after every pause in writing, so it is
/// smaller than an envelope may be.
pub const DRAFT_BYTES: u64 = 8 * 1024 * 1024;

/// Drafts of one account, unless configured otherwise: a list of more is looked through by nobody.
pub const DRAFTS: u32 = 100;

/// Replies one envelope takes.
pub const REPLIES: u32 = 5;

/// Characters (Unicode scalar values) of a password hint. It is stored in clear, so it stays short.
pub const HINT_CHARS: usize = 200;

/// Octets of a sender's note: an armored message to oneself with subject, recipients and link secret.
pub const NOTE_BYTES: usize = 16 * 1024;

/// Characters of what somebody types as a code: a recovery code with hyphens and spaces has about thirty.
pub const CODE_CHARS: usize = 64;

/// Characters of what an owner calls a passkey.
pub const PASSKEY_NAME_CHARS: usize = 60;

/// Passkeys of one account: a challenge names all of them.
pub const PASSKEYS: u32 = 20;

/// Characters of what an owner calls an app token.
pub const APP_TOKEN_NAME_CHARS: usize = 60;

/// App tokens of one account: as many as its owner can keep in view.
pub const APP_TOKENS: u32 = 20;

/// Longest life of an app token, in days: whoever still needs it makes another one.
pub const APP_TOKEN_DAYS: u32 = 365;

/// Shortest life of an envelope: one hour.
pub const MIN_EXPIRY_SECONDS: u32 = 3600;

/// Longest life of an envelope: 365 days.
pub const MAX_EXPIRY_SECONDS: u32 = 365 * 24 * 3600;

/// Life of an envelope whose sender did not choose: seven days.
pub const DEFAULT_EXPIRY_SECONDS: u32 = 7 * 24 * 3600;

/// Largest number of openings that can be counted; more is "unlimited".
pub const MAX_OPENINGS: u32 = 1000;

/// Wrong tokens that lock an envelope.
pub const TRIES: u32 = 10;

/// Seconds a lease holds one opening before it goes back unless confirmed.
pub const LEASE_SECONDS: u32 = 600;

/// Leases of an envelope of counted openings that may lapse before it locks: a recipient's broken connection is one, and who goes on
/// after three does so on purpose, or needs the sender anyway.
pub const LAPSED_LEASES: u32 = 3;

/// Envelopes of a page of the list, unless the caller says otherwise.
pub const PAGE: u32 = 100;

/// Most envelopes of a page: each may carry a note of 16 KiB.
pub const MAX_PAGE: u32 = 500;

/// Octets of the encrypted summary that lies with the copy of a sent message: as many as header fields of what arrived.
pub const SUMMARY_BYTES: usize = 8 * 1024;

/// Largest message that is sent, in octets, what the server writes on top not counted: what most servers take.
pub const OUTGOING_BYTES: u64 = 25 * 1024 * 1024;

/// Recipients of one message (RFC 5321 §4.5.3.1.8: every server takes as many).
pub const RECIPIENTS: usize = 100;

/// Largest JSON request body, in octets.
pub const JSON_BYTES: usize = 64 * 1024;

/// Octets before the `@` of a mail address (RFC 5321 §4.5.3.1.1).
pub const LOCAL_PART_BYTES: usize = 64;

/// Octets of a domain's label (RFC 1035 §2.3.4).
pub const LABEL_BYTES: usize = 63;

/// Octets of an address's domain: 253 (RFC 1035 §2.3.4) with room for `openpgpkey.` in front.
pub const DOMAIN_BYTES: usize = 242;

/// Octets of what a directory or keyserver may answer: as much as the largest certificates in use, hundreds of
/// certifications included.
pub const LOOKUP_BYTES: usize = 1024 * 1024;
