//! SPF (RFC 7208): whether an address may send for a domain.
//!
//! Ours, as the library that does DKIM and DMARC takes broken records for sound ones: of the cases of the RFC's own test suite in
//! `tests/vectors` it answers a third wrong. Explanations (`exp=`) are checked and not fetched: strangers' texts are shown to nobody.

mod evaluate;
mod expand;
mod record;

pub(super) use evaluate::{Asked, check_host};
