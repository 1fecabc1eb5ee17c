//! The policy of MTA-STS (RFC 8461 §3.2): which servers take a domain's mail, and whether to insist on them.

/// Longest time a policy holds, in seconds: a year (§3.2).
const LONGEST_AGE: u64 = 31_557_600;
/// Largest policy that is read. §3.2 names no limit, §3.3 lets a sender set one.
const LARGEST: usize = 64 << 10;
/// Patterns of one policy.
const MOST_PATTERNS: usize = 100;

/// How much the policy wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StsMode {
    /// No server but those named, and only with a valid certificate.
    Enforce,
    /// Deliver all the same, and report.
    Testing,
    /// No policy any more.
    None,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsPolicy {
    /// How much it wants.
    pub mode: StsMode,
    /// Names of servers in lower case; `*.` stands for one label.
    pub mx: Vec<String>,
    /// Seconds it holds.
    pub max_age: u64,
}

/// A file that is no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidStsPolicy {
    /// It is no text, or too large.
    #[error("it is no text of at most 64 KiB")]
    Unreadable,
    /// It says it is something else.
    #[error("it has no `version: STSv1`")]
    Version,
    /// `mode` is missing or unknown.
    #[error("its `mode` is missing or unknown")]
    Mode,
    /// `max_age` is missing or no number.
    #[error("its `max_age` is missing or no number of seconds")]
    MaxAge,
    /// `mx` is missing, malformed, or there are too many.
    #[error("its `mx` are missing or malformed")]
    Mx,
}

impl StsPolicy {
    /// Reads a policy. Of what may stand there once, the first counts; what is not known is skipped (§3.2).
    ///
    /// # Errors
    /// See [`InvalidStsPolicy`].
    pub fn parse(octets: &[u8]) -> Result<Self, InvalidStsPolicy> {
        let text = std::str::from_utf8(octets)
            .ok()
            .filter(|text| text.len() <= LARGEST)
            .ok_or(InvalidStsPolicy::Unreadable)?;
        let fields: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(key, value)| (key.trim(), value.trim()))
            .collect();
        let first = |wanted: &str| fields.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
        if first("version") != Some("STSv1") {
            return Err(InvalidStsPolicy::Version);
        }
        let mode = match first("mode") {
            Some("enforce") => StsMode::Enforce,
            Some("testing") => StsMode::Testing,
            Some("none") => StsMode::None,
            _ => return Err(InvalidStsPolicy::Mode),
        };
        let max_age = first("max_age")
            .filter(|age| (1..=10).contains(&age.len()) && age.bytes().all(|octet| octet.is_ascii_digit()))
            .and_then(|age| age.parse::<u64>().ok())
            .ok_or(InvalidStsPolicy::MaxAge)?;
        let mx: Vec<String> =
            fields.iter().filter(|(key, _)| *key == "mx").map(|(_, value)| value.to_ascii_lowercase()).collect();
        let is_sound = mx.iter().all(|pattern| is_name(pattern.strip_prefix("*.").unwrap_or(pattern)));
        if !is_sound || mx.len() > MOST_PATTERNS || (mx.is_empty() && mode != StsMode::None) {
            return Err(InvalidStsPolicy::Mx);
        }
        Ok(Self { mode, mx, max_age: max_age.min(LONGEST_AGE) })
    }

    /// The policy as a domain publishes it.
    pub fn serialize(&self) -> String {
        let mode = match self.mode {
            StsMode::Enforce => "enforce",
            StsMode::Testing => "testing",
            StsMode::None => "none",
        };
        let mx: String = self.mx.iter().map(|pattern| format!("mx: {pattern}\r\n")).collect();
        format!("version: STSv1\r\nmode: {mode}\r\n{mx}max_age: {}\r\n", self.max_age)
    }

    /// Whether a server is one of those named (§4.1): a wildcard stands for the leftmost label alone.
    pub fn names(&self, server: &str) -> bool {
        let server = server.trim_end_matches('.').to_ascii_lowercase();
        self.mx.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(parent) => server.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == parent),
            None => server == *pattern,
        })
    }
}

/// Which policy a domain says it has, by the texts of `_mta-sts` below it (§3.1): none if there is not exactly one.
pub fn sts_id(texts: &[Vec<u8>]) -> Option<String> {
    let mut records = texts.iter().filter_map(|text| std::str::from_utf8(text).ok()).filter_map(|text| {
        let (version, fields) = text.split_once(';')?;
        (version.trim_end() == "v=STSv1").then_some(fields)
    });
    let (fields, None) = (records.next()?, records.next()) else { return None };
    let id = fields.split(';').find_map(|field| field.trim().strip_prefix("id="))?;
    let is_sound = (1..=32).contains(&id.len()) && id.bytes().all(|octet| octet.is_ascii_alphanumeric());
    is_sound.then(|| id.to_owned())
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::{InvalidStsPolicy, StsMode, StsPolicy, sts_id};

    /// The example of §3.2.
    const EXAMPLE: &str = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n";

    #[test]
    fn the_example_of_the_rfc() {
        let policy = StsPolicy::parse(EXAMPLE.as_bytes());
        let mx = ["mail.example.com", "*.example.net", "backupmx.example.com"].map(str::to_owned).to_vec();
        let expected = StsPolicy { mode: StsMode::Enforce, mx, max_age: 604_800 };
        assert_eq!(policy, Ok(expected.clone()));
        assert_eq!(expected.serialize(), EXAMPLE);
        for (server, named) in [
            ("mail.example.com", true),
            ("MAIL.example.com.", true),
            ("mx1.example.net", true),
            ("a.mx1.example.net", false),
            ("example.net", false),
            (".example.net", false),
            ("mail.example.com.evil.example", false),
            ("other.example.com", false),
        ] {
            assert_eq!(expected.names(server), named, "{server}");
        }
    }

    #[test]
    fn what_comes_first_counts_and_what_is_unknown_is_skipped() {
        let text = format!("{EXAMPLE}mode: none\nfuture: x\nno colon\nmax_age: 1\n").replace("\r\n", "\n");
        let policy = StsPolicy::parse(text.as_bytes());
        assert_eq!(policy.map(|policy| (policy.mode, policy.max_age)), Ok((StsMode::Enforce, 604_800)));
        let off = StsPolicy::parse(b"version: STSv1\nmode: none\nmax_age: 99999999999");
        assert_eq!(off, Err(InvalidStsPolicy::MaxAge));
        let off = StsPolicy::parse(b"version: STSv1\nmode: none\nmax_age: 9999999999");
        assert_eq!(off.map(|policy| policy.max_age), Ok(31_557_600));
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let without = |line: &str| EXAMPLE.lines().filter(|one| !one.starts_with(line)).collect::<Vec<_>>().join("\n");
        for (text, error) in [
            (without("version"), InvalidStsPolicy::Version),
            (without("mode"), InvalidStsPolicy::Mode),
            (without("max_age"), InvalidStsPolicy::MaxAge),
            (without("mx"), InvalidStsPolicy::Mx),
            (EXAMPLE.replace("STSv1", "STSv2"), InvalidStsPolicy::Version),
            (EXAMPLE.replace("enforce", "Enforce"), InvalidStsPolicy::Mode),
            (EXAMPLE.replace("604800", "-1"), InvalidStsPolicy::MaxAge),
            (EXAMPLE.replace("*.example.net", "*"), InvalidStsPolicy::Mx),
            (EXAMPLE.replace("*.example.net", "mx.*.example.net"), InvalidStsPolicy::Mx),
            (format!("{EXAMPLE}{}", "x".repeat(64 << 10)), InvalidStsPolicy::Unreadable),
        ] {
            assert_eq!(StsPolicy::parse(text.as_bytes()), Err(error));
        }
        assert_eq!(StsPolicy::parse(&[0xff]), Err(InvalidStsPolicy::Unreadable));
    }

    #[test]
    fn one_text_says_which_policy_it_is() {
        let of = |texts: &[&str]| sts_id(&texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
        assert_eq!(of(&["v=STSv1; id=20160831085700Z;"]).as_deref(), Some("20160831085700Z"));
        assert_eq!(of(&["v=spf1 -all", "v=STSv1 ; x=y; id=a"]).as_deref(), Some("a"));
        for none in [
            &[][..],
            &["v=STSv1; id=a", "v=STSv1; id=b"],
            &["v=STSv1"],
            &["v=STSv1; id="],
            &["v=STSv1; id=a-b"],
            &["v=STSv2; id=a"],
            &["id=a; v=STSv1"],
            &["v=STSv1; id=123456789012345678901234567890123"],
        ] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }
}
