//! What a list shows of a message: a few fields of its header section, cut to a size.

use envelock_mime::mail::{Entity, MailLimits};

/// Most octets of a summary.
pub const LONGEST: usize = 8 << 10;

/// Most octets of one field: a list of recipients may be endless.
const LONGEST_FIELD: usize = 2 << 10;

/// Those that are shown, what matters most first.
const FIELDS: [&str; 7] = ["From", "Subject", "Date", "Message-ID", "Content-Type", "To", "Cc"];

/// These fields of a message's header section, each on a line of its own, not decoded. Every From is among them, as more than one is
/// what a reader has to be told of. Nothing if there is no header section that could be read.
pub fn summary(message: &[u8]) -> Vec<u8> {
    let mut summary = String::new();
    let Ok(entity) = Entity::parse(message, &MailLimits::default()) else { return Vec::new() };
    for name in FIELDS {
        for field in entity.fields.all(name) {
            let value: String =
                field.unfolded().chars().map(|one| if one.is_control() && one != '\t' { ' ' } else { one }).collect();
            let line = format!("{name}: {}\r\n", cut(&value, LONGEST_FIELD));
            if summary.len() + line.len() <= LONGEST {
                summary.push_str(&line);
            }
        }
    }
    summary.into_bytes()
}

/// Whether a message has a name, so that two of the same octets are one message that came twice: its own (Message-ID, RFC 5322 §3.6.4),
/// or the one that a mail server on its way gave it (`id` of Received, RFC 5321 §4.4).
pub fn has_name(message: &[u8]) -> bool {
    let Ok(entity) = Entity::parse(message, &MailLimits::default()) else { return false };
    let own = entity.fields.only("Message-ID").is_some_and(|field| field.unfolded().len() > 2);
    own || entity.fields.all("Received").any(|field| has_id(&field.unfolded()))
}

/// Whether `id` and what it is stand before the date.
fn has_id(received: &str) -> bool {
    let Some((clauses, _date)) = received.rsplit_once(';') else { return false };
    let mut words = clauses.split_ascii_whitespace();
    words.any(|word| word.eq_ignore_ascii_case("id")) && words.next().is_some()
}

/// As much of a value as fits, without half an address or half a word at its end.
fn cut(value: &str, most: usize) -> &str {
    if value.len() <= most {
        return value;
    }
    let front = value.get(..value.floor_char_boundary(most)).unwrap_or_default();
    let end = front.rfind(',').or_else(|| front.rfind(' ')).unwrap_or(front.len());
    front.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, has_name, summary};

    #[test]
    fn a_few_fields_in_one_order() {
        let message =
            "Received: x\r\nto: b@c\r\nSubject: a\r\n b\r\nFROM: a@b\r\nFrom: e@f\r\nX: y\r\n\r\nDate: no\r\n";
        let shown = "From: a@b\r\nFrom: e@f\r\nSubject: a b\r\nTo: b@c\r\n";
        assert_eq!(String::from_utf8_lossy(&summary(message.as_bytes())), shown);
        assert_eq!(summary(b"no header\r\n"), b"");
        assert_eq!(summary(&[0xff; 300 << 10]), b"");
    }

    #[test]
    fn whatever_is_longer_is_cut() {
        let many = "somebody@example.org, ".repeat(2000);
        let message = format!("To: {many}\r\nCc: {many}\r\nSubject: {}\r\nFrom: a@b\r\n\r\n", "word ".repeat(10_000));
        let shown = String::from_utf8_lossy(&summary(message.as_bytes())).into_owned();
        assert!(shown.len() <= LONGEST && shown.starts_with("From: a@b\r\nSubject: word"), "{shown}");
        assert!(shown.lines().count() == 4 && shown.lines().all(|line| !line.ends_with("somebody@exam")), "{shown}");
        let umlauts = format!("Subject: {}\r\n\r\n", "\u{fc}".repeat(3000));
        assert!(summary(umlauts.as_bytes()).len() < 2100);
        let froms = "From: a@b\r\n".repeat(5000);
        assert!(summary(froms.as_bytes()).len() <= LONGEST);
    }

    #[test]
    fn a_control_character_begins_no_field() {
        assert_eq!(summary(b"Subject: a\rFrom: b\0c\r\n\r\n"), b"Subject: a From: b c\r\n");
    }

    #[test]
    fn a_name_is_one_that_stands_there_once_or_one_of_a_mail_server() {
        let by_server = "Received: from a by b\r\n\twith ESMTP id 4bXY12;\r\n\tMon, 30 Nov 2026 06:00:00 +0000\r\n\r\n";
        for with in ["Message-Id: <a@b>\r\n\r\n", by_server] {
            assert!(has_name(with.as_bytes()), "{with}");
        }
        for without in [
            "",
            "Message-ID: <>\r\n\r\n",
            "Message-ID: <a>\r\nMessage-ID: <b>\r\n\r\n",
            "Subject: x\r\n\r\n",
            "Received: from a by b with ESMTP; Mon, 30 Nov 2026 06:00:00 +0000\r\n\r\n",
            "Received: from a by b id ; Mon, 30 Nov 2026 06:00:00 +0000\r\n\r\n",
            "Subject: x\r\n\r\nMessage-ID: <a@b>\r\n",
        ] {
            assert!(!has_name(without.as_bytes()), "{without}");
        }
    }
}
