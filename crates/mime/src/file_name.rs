//! Names of files, as strangers give them.

use alloc::string::String;

/// The last component of a path, without control characters and without those that turn the direction of what follows; `None` if
/// nothing is left that names a file.
pub fn file_name(given: &str) -> Option<String> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !turns_direction(*c)).collect();
    (!matches!(clean.as_str(), "" | "." | "..")).then_some(clean)
}

/// Invisible characters that change the direction of what follows (Unicode Standard Annex 9 §2): they make names look like others.
pub(crate) fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_never_leave_the_directory() {
        for (given, kept) in [
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Windows\\a.exe", Some("a.exe")),
            ("..", None),
            ("a/..", None),
            ("..\u{202c}", None),
            ("line\nbreak\u{0}", Some("linebreak")),
            ("invoice\u{202e}fdp.exe", Some("invoicefdp.exe")),
            ("Maße.pdf", Some("Maße.pdf")),
            ("", None),
        ] {
            assert_eq!(file_name(given).as_deref(), kept, "{given:?}");
        }
    }
}
