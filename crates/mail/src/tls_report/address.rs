//! Where a domain wants to be told (RFC 8460 §3).

/// Addresses of one domain that are told.
const MOST_ADDRESSES: usize = 3;

/// Addresses to which reports go, by the texts of `_smtp._tls` below a domain: none if there is not exactly one record. `https:` is passed
/// over, and so is what says more than an address (RFC 6068 §2). Whether they are addresses is not looked at.
pub fn report_addresses(texts: &[Vec<u8>]) -> Vec<String> {
    let mut records = texts.iter().filter_map(|text| std::str::from_utf8(text).ok()).filter_map(|text| {
        let (version, fields) = text.split_once(';')?;
        (version.trim_end() == "v=TLSRPTv1").then_some(fields)
    });
    let (Some(fields), None) = (records.next(), records.next()) else { return Vec::new() };
    let value = fields.split(';').find_map(|field| {
        let (name, value) = field.split_once('=')?;
        (name.trim() == "rua").then_some(value)
    });
    value.unwrap_or_default().split(',').filter_map(mail_address).take(MOST_ADDRESSES).collect()
}

fn mail_address(uri: &str) -> Option<String> {
    let (scheme, address) = uri.trim().split_once(':')?;
    let is_address = scheme.eq_ignore_ascii_case("mailto") && !address.contains(['?', '!']);
    is_address.then(|| decoded(address)).flatten()
}

/// Without escapes (RFC 3986 §2.1); `None` if one is none.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut octets = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let is_octet = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        octets.push(u8::from_str_radix(digits, 16).ok().filter(|_| is_octet)?);
        octets.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::report_addresses;

    #[test]
    fn one_record_says_where() {
        let of =
            |texts: &[&str]| report_addresses(&texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
        // The examples of §3.1.
        assert_eq!(of(&["v=TLSRPTv1;rua=mailto:reports@example.com"]), ["reports@example.com"]);
        assert!(of(&["v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt"]).is_empty());
        let several = "v=TLSRPTv1; x=y; rua=mailto:a@b.example, https://b.example/x ,mailto:c@d.example;";
        assert_eq!(of(&["v=spf1 -all", several]), ["a@b.example", "c@d.example"]);
        assert_eq!(of(&["v=TLSRPTv1; rua=mailto:a@b,mailto:b@b,mailto:c@b,mailto:d@b"]).len(), 3);
        // Of a URI the scheme is in any case (RFC 3986 §3.1), and commas, semicolons and `!` are escaped (§3).
        assert_eq!(of(&["v=TLSRPTv1; rua=MailTo:a%21%2c%3B@b.example"]), ["a!,;@b.example"]);
        for none in [
            &[][..],
            &["v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:c@d.example"],
            &["v=TLSRPTv1"],
            &["v=TLSRPTv2; rua=mailto:a@b.example"],
            &["rua=mailto:a@b.example; v=TLSRPTv1"],
            &["v=TLSRPTv1; rua=mailto:a%2@b.example"],
            &["v=TLSRPTv1; rua=mailto:a%+1@b.example"],
            &["v=TLSRPTv1; rua=mailto:a@b.example%f"],
            &["v=TLSRPTv1; rua=mailto:%ff@b.example"],
            &["v=TLSRPTv1; rua=mailto:a@b.example!10m"],
            &["v=TLSRPTv1; rua=mailto:a@b.example?cc=c@d.example"],
        ] {
            assert!(of(none).is_empty(), "{none:?}");
        }
    }
}
