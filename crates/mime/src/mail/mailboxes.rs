//! Addresses in header fields (RFC 5322 §3.4).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::field::{decode_words, unquote};
use crate::Mailbox;
use crate::file_name::turns_direction;

/// The mailboxes of an unfolded, not yet decoded field value. Encoded words are decoded after taking apart, so that none can
/// make an address. What has no sound address is left out; group names are skipped.
pub fn mailboxes(value: &str) -> Vec<Mailbox> {
    let mut found = Vec::new();
    let (mut piece, mut quoted, mut escaped, mut comments, mut angle) = (String::new(), false, false, 0u32, false);
    for c in value.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted || comments > 0 => escaped = true,
            '"' if comments == 0 => quoted = !quoted,
            '(' if !quoted => comments += 1,
            ')' if !quoted && comments > 0 => {
                comments -= 1;
                continue;
            }
            '<' if !quoted && comments == 0 => angle = true,
            '>' if !quoted && comments == 0 => angle = false,
            ',' | ';' if !quoted && comments == 0 && !angle => {
                found.extend(mailbox(&core::mem::take(&mut piece)));
                continue;
            }
            ':' if !quoted && comments == 0 && !angle => {
                piece.clear();
                continue;
            }
            _ => {}
        }
        if comments == 0 {
            piece.push(c);
        }
    }
    found.extend(mailbox(&piece));
    found
}

fn mailbox(piece: &str) -> Option<Mailbox> {
    let piece = piece.trim();
    let (name, address) = match piece.strip_suffix('>') {
        Some(before) => {
            let (name, address) = before.rsplit_once('<')?;
            (name.trim(), address.trim())
        }
        None => ("", piece),
    };
    let sound = address
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && !address.chars().any(|c| c.is_control() || c.is_whitespace() || "<>\",;:\\()".contains(c));
    let name = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(quoted) => unquote(quoted),
        // A second address, which other programs might take for the one that counts.
        None if name.contains(['<', '>']) => return None,
        None => name.to_string(),
    };
    // What turns the direction of writing would turn the address beside it as well.
    let name = decode_words(&name).chars().filter(|c| !turns_direction(*c)).collect();
    sound.then(|| Mailbox { name, address: address.to_string() })
}
