//! OpenPGP inside of text, as it was before PGP/MIME: blocks of armor and cleartext signatures, told apart from the text around.

/// A stretch of a text part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text that nothing protects.
    Text(&'a str),
    /// A block from `BEGIN PGP MESSAGE` to its end.
    Message(&'a str),
    /// From `BEGIN PGP SIGNED MESSAGE` to the end of the signature.
    Cleartext(&'a str),
    /// What begins with a block that is one too many.
    Rest(&'a str),
}

const MESSAGE: (&str, &str) = ("-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----");
const CLEARTEXT: (&str, &str) = ("-----BEGIN PGP SIGNED MESSAGE-----", "-----END PGP SIGNATURE-----");

/// Cuts a text into its pieces, with no more than `most` blocks. Quoted and unfinished blocks are text.
pub(super) fn pieces(text: &str, most: usize) -> Vec<Piece<'_>> {
    let (mut pieces, mut blocks) = (Vec::new(), 0);
    let (mut start, mut at) = (0, 0);
    let mut open: Option<(usize, bool)> = None;
    for line in text.split_inclusive('\n') {
        let before = at;
        at += line.len();
        let line = line.trim_end();
        match open {
            None if line == MESSAGE.0 => open = Some((before, false)),
            None if line == CLEARTEXT.0 => open = Some((before, true)),
            Some((begin, is_cleartext)) if line == if is_cleartext { CLEARTEXT.1 } else { MESSAGE.1 } => {
                text_between(text, start, begin, &mut pieces);
                if blocks == most {
                    pieces.push(Piece::Rest(text.get(begin..).unwrap_or_default()));
                    return pieces;
                }
                blocks += 1;
                let block = text.get(begin..at).unwrap_or_default();
                pieces.push(if is_cleartext { Piece::Cleartext(block) } else { Piece::Message(block) });
                (start, open) = (at, None);
            }
            _ => {}
        }
    }
    text_between(text, start, text.len(), &mut pieces);
    pieces
}

fn text_between<'a>(text: &'a str, start: usize, end: usize, pieces: &mut Vec<Piece<'a>>) {
    let between = text.get(start..end).unwrap_or_default();
    if !between.trim().is_empty() {
        pieces.push(Piece::Text(between));
    }
}

/// The name of a decrypted attachment: without the extension that said it was encrypted. `None` if it had none.
pub(super) fn plain_name(name: &str) -> Option<&str> {
    [".pgp", ".gpg", ".asc"].iter().find_map(|extension| {
        let (stem, end) = name.split_at_checked(name.len().checked_sub(extension.len())?)?;
        (end.eq_ignore_ascii_case(extension) && !stem.is_empty()).then_some(stem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_the_text_around_them() {
        let block = "-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n";
        let text = format!("Hello\n\n{block}\nregards\n> {block}");
        let quoted = format!("\nregards\n> {block}");
        assert_eq!(pieces(&text, 9), [Piece::Text("Hello\n\n"), Piece::Message(block), Piece::Text(quoted.as_str())]);
        assert_eq!(pieces("just text", 9), [Piece::Text("just text")]);
        assert_eq!(
            pieces("-----BEGIN PGP MESSAGE-----\nno end", 9),
            [Piece::Text("-----BEGIN PGP MESSAGE-----\nno end")]
        );
        let signed = "-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nx\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nAAAA\r\n-----END PGP SIGNATURE-----\r\n";
        assert_eq!(pieces(signed, 9), [Piece::Cleartext(signed)]);
        let three = format!("{block}a\n{block}b\n{block}c\n");
        let rest = format!("{block}b\n{block}c\n");
        assert_eq!(pieces(&three, 1), [Piece::Message(block), Piece::Text("a\n"), Piece::Rest(rest.as_str())]);
        assert_eq!(pieces(&three, 0), [Piece::Rest(three.as_str())]);
    }

    #[test]
    fn names_of_encrypted_files() {
        assert_eq!(plain_name("a.pdf.pgp"), Some("a.pdf"));
        assert_eq!(plain_name("a.pdf.GPG"), Some("a.pdf"));
        assert_eq!(plain_name(".asc"), None);
        assert_eq!(plain_name("ä.pdf"), None);
        assert_eq!(plain_name("é"), None);
    }
}
