//! Where a domain wants to be told (RFC 8460 §3).

/// Addresses of one domain that are told.
const MOST_ADDRESSES: usize = 3;

/// Addresses to which reports go, by the texts of `_smtp._tls` below a domain: none if there is not exactly one record. `https:` is passed
/// over, and so are addresses with escapes.
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
    let addresses = value.unwrap_or_default().split(',').filter_map(|uri| uri.trim().strip_prefix("mailto:"));
    addresses.filter(|address| !address.contains(['%', '?', '!'])).take(MOST_ADDRESSES).map(str::to_owned).collect()
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
        for none in [
            &[][..],
            &["v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:c@d.example"],
            &["v=TLSRPTv1"],
            &["v=TLSRPTv2; rua=mailto:a@b.example"],
            &["rua=mailto:a@b.example; v=TLSRPTv1"],
            &["v=TLSRPTv1; rua=mailto:a%2Cb@b.example"],
            &["v=TLSRPTv1; rua=mailto:a@b.example?cc=c@d.example"],
        ] {
            assert!(of(none).is_empty(), "{none:?}");
        }
    }
}
