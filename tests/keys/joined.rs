//! Files that were joined, or pasted together: nothing of them is lost without being told.

use envelock::armor::{ArmorKind, write};
use envelock::{Keyring, KeyringItem, Limits, read_keys};

use crate::forge::{Forge, says};

fn read(input: &[u8]) -> Keyring {
    read_keys(input, &Limits::default()).unwrap()
}

/// Each of these certificates is of another person.
fn three() -> [Vec<u8>; 3] {
    let made = |name, seed| Forge::of(seed).user(name, [says(0).certify_and_sign()]).octets();
    [made("Anna", 1), made("Bert", 2), made("Cleo", 3)]
}

fn names(keyring: &Keyring) -> Vec<String> {
    let certificates = keyring.entries.iter().filter_map(|entry| match &entry.item {
        KeyringItem::Certificate(certificate) => certificate.user_ids().next(),
        _ => None,
    });
    certificates.map(|name| name.to_string()).collect()
}

#[test]
fn armored_and_binary_in_every_order() {
    let keys = three();
    for armored in 0..8u8 {
        for between in ["", "\n", "\r\n\n"] {
            let mut input = Vec::new();
            for (index, octets) in keys.iter().enumerate() {
                if armored & (1 << index) == 0 {
                    input.extend_from_slice(octets);
                } else {
                    let lead = if index > 0 { between } else { "" };
                    input.extend_from_slice(format!("{lead}{}", write(ArmorKind::PublicKey, octets)).as_bytes());
                }
            }
            let keyring = read(&input);
            assert_eq!(names(&keyring), ["Anna", "Bert", "Cleo"], "{armored:03b}");
            assert!(keyring.skipped.is_empty() && keyring.entries.iter().all(|entry| entry.problems.is_empty()));
            for entry in keyring.entries.iter().filter(|entry| entry.block == 0) {
                assert_eq!(input[entry.offset] & 0x80, 0x80, "the offset counts from the start of the input");
            }
        }
    }
}

#[test]
fn letters_behind_armor_are_text() {
    let [anna, bert, _] = three().map(|octets| write(ArmorKind::PublicKey, &octets));
    let keyring = read(format!("{anna}Őszintén, Ärger\n{bert}Ƃ").as_bytes());
    assert_eq!(names(&keyring), ["Anna", "Bert"]);
    assert!(keyring.skipped.is_empty());
}

#[test]
fn packets_of_messages_between_keys_spoil_none() {
    let [anna, bert, _] = three();
    for tag in [1, 3, 4, 8, 9, 11, 18, 19, 20] {
        let keyring = read(&[&anna[..], &[0xC0 | tag, 1, b'x'], &bert].concat());
        assert_eq!(names(&keyring), ["Anna", "Bert"], "{tag}");
        assert_eq!(keyring.entries[0].problems[0].code(), "misplaced-packet");
    }
}

#[test]
fn what_was_changed_on_the_way_is_named() {
    let armored = three().map(|octets| write(ArmorKind::PublicKey, &octets));
    let quoted: String = armored[0].lines().map(|line| format!("> {line}\n")).collect();
    let refused = read_keys(quoted.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(refused.code(), "bad-armor");
    assert!(refused.to_string().contains("quoted"), "{refused}");
    let keyring = read(format!("{}{quoted}", armored[1]).as_bytes());
    assert_eq!((names(&keyring), keyring.lost().count()), (vec!["Bert".to_owned()], 1));

    for (mark, octets) in [(0xFEFFu16, u16::to_le_bytes as fn(u16) -> [u8; 2]), (0xFEFF, u16::to_be_bytes)] {
        let units = std::iter::once(mark).chain(armored[0].encode_utf16());
        let utf16: Vec<u8> = units.flat_map(octets).collect();
        let refused = read_keys(&utf16, &Limits::default()).unwrap_err();
        assert!(refused.to_string().contains("UTF-16"), "{refused}");
    }
}
