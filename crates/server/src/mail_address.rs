//! Addresses as people write them.

use envelock_wire::{InvalidAddress, MailAddress};

/// With the domain's A-labels (RFC 5891, UTS #46, as browsers make them).
pub(crate) fn mail_address(text: &str) -> Result<MailAddress, InvalidAddress> {
    let (local_part, domain) = MailAddress::split(text)?;
    let domain =
        idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL).map_err(|_| InvalidAddress::Domain)?;
    MailAddress::new(local_part, &domain)
}
