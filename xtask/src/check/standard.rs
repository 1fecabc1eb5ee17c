//! The map of the standard: every item, vector and test that `docs/rfc9580.md` names must exist, every row has one that shows it, and
//! every section that asks something of us has a row.

use anyhow::{Result, bail};

use super::sources;
use crate::place;

const MAP: &str = "docs/rfc9580.md";
const INDEX: &str = "tests/vectors/INDEX.tsv";

/// The sections of RFC 9580 that say what to read, to write or to refuse.
const SECTIONS: &str = "3.1–3.6, 3.7.1.1–3.7.1.4, 3.7.2, 4.2, 4.2.1.4, 4.3, 5.1, 5.1.3–5.1.7, 5.2, 5.2.1.1–5.2.1.15, 5.2.3.7, \
    5.2.3.9–5.2.3.36, 5.2.4, 5.2.5, 5.3.1–5.3.2, 5.4, 5.5.1–5.5.3, 5.5.5, 5.6–5.12, 5.13.1–5.13.2, 5.14, 6, 6.1, \
    7, 9.1–9.6, 10.1–10.4, 10.3.2.1, 11, 12.4, 13.1, 13.5, 13.7, 13.12, 14";

/// Every row of the map.
pub fn map() -> Result<()> {
    let map = sources::text(&place::at(MAP))?;
    let index = sources::text(&place::at(INDEX))?;
    let known: Vec<&str> = index.lines().filter_map(|row| row.split('\t').next()).collect();
    let mut broken = Vec::new();
    let mut sections = Vec::new();
    let (rows, prose): (Vec<&str>, Vec<&str>) =
        map.lines().partition(|line| line.starts_with("| §") || line.starts_with("| Appendix"));
    let mentioned = prose.iter().flat_map(|line| quoted(line)).filter(|name| is_id(name, &known));
    let lost = mentioned.filter(|id| !known.contains(id));
    broken.extend(lost.map(|id| format!("no vector {id}")));
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [section, _, status, items, vectors] = cells[..] else {
            broken.push(format!("not five columns: {row}"));
            continue;
        };
        sections.extend(numbers(section));
        if status.is_empty() {
            broken.push(format!("{section}: no status"));
        }
        broken.extend(lost_items(items)?.into_iter().map(|item| format!("{section}: no item {item}")));
        broken.extend(lost_evidence(vectors, &known)?.into_iter().map(|what| format!("{section}: no {what}")));
    }
    let wanted = numbers(SECTIONS).into_iter();
    broken.extend(wanted.filter(|number| !sections.contains(number)).map(|number| format!("§{number}: no row")));
    if broken.is_empty() { Ok(()) } else { bail!("{MAP}\n{}", broken.join("\n")) }
}

/// The sections that a cell names: `§1.2–§1.4, §2` are four.
fn numbers(cell: &str) -> Vec<String> {
    let ranges = cell.split(", ").map(|range| range.split_once('–').unwrap_or((range, range)));
    let numbers = ranges.flat_map(|(first, last)| {
        let split = |number: &'_ str| -> (String, u32) {
            let number = number.trim_start_matches('§');
            let (chapter, last) = number.rsplit_once('.').unwrap_or(("", number));
            (chapter.to_owned(), last.parse().unwrap_or_default())
        };
        let ((chapter, from), (_, to)) = (split(first), split(last));
        (from..=to)
            .map(move |number| if chapter.is_empty() { number.to_string() } else { format!("{chapter}.{number}") })
    });
    numbers.collect()
}

/// Whether a name is meant to be a vector's id: it begins as one of them does.
fn is_id(name: &str, known: &[&str]) -> bool {
    let family = name.split('-').next().unwrap_or_default();
    name.contains('-') && !name.ends_with('…') && known.iter().any(|id| id.split('-').next() == Some(family))
}

/// Vectors by their id that the index does not know, and tests, written as items are, that their file does not define.
fn lost_evidence(cell: &str, known: &[&str]) -> Result<Vec<String>> {
    if cell.is_empty() {
        return Ok(vec!["vector or test".to_owned()]);
    }
    let (vectors, tests) = cell.split_once('[').unwrap_or((cell, ""));
    let lost = quoted(vectors).into_iter().filter(|id| !known.contains(id));
    let mut lost: Vec<String> = lost.map(|id| format!("vector {id}")).collect();
    if !tests.is_empty() {
        lost.extend(lost_items(tests)?.into_iter().map(|test| format!("test {test}")));
    }
    Ok(lost)
}

/// Items, each as `[file](../file) name` with one name or several in backquotes, that their file does not define.
fn lost_items(cell: &str) -> Result<Vec<String>> {
    let mut lost = Vec::new();
    let mut count = 0;
    for item in cell.split("](../").skip(1) {
        count += 1;
        let (file, rest) = item.split_once(')').unwrap_or((item, ""));
        let (path, names) = (place::at(file), quoted(rest));
        if names.is_empty() || !path.is_file() {
            lost.push(format!("in {file}"));
            continue;
        }
        let text = sources::text(&path)?;
        lost.extend(names.iter().filter(|name| !defines(&text, name)).map(|name| format!("{name} in {file}")));
    }
    if count == 0 {
        lost.push("at all".to_owned());
    }
    Ok(lost)
}

fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn defines(text: &str, name: &str) -> bool {
    ["fn", "struct", "enum", "const", "trait", "type"].iter().any(|keyword| {
        let start = format!("{keyword} {name}");
        text.match_indices(&start).any(|(at, found)| {
            !text[at + found.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dangling_entries_are_found() {
        assert!(lost_items("[src/armor.rs](../src/armor.rs) `read_each`").unwrap().is_empty());
        for cell in [
            "",
            "[src/armor.rs](../src/armor.rs)",
            "[src/armor.rs](../src/armor.rs) `read_each`, `read_eac`",
            "[a](../a.rs) `b`",
        ] {
            assert_eq!(lost_items(cell).unwrap().len(), 1, "{cell}");
        }
    }

    #[test]
    fn sections_are_counted() {
        assert_eq!(numbers("§5.2.1.9–§5.2.1.11, §10.1"), ["5.2.1.9", "5.2.1.10", "5.2.1.11", "10.1"]);
        assert_eq!(numbers("14"), ["14"]);
    }

    #[test]
    fn ids_in_the_prose_are_told_from_other_names() {
        let known = ["pw-gpg-zlib"];
        assert!(is_id("pw-lost", &known));
        for other in ["pqc", "pw-…", "cargo-nextest"] {
            assert!(!is_id(other, &known), "{other}");
        }
    }

    #[test]
    fn rows_without_evidence_are_found() {
        let known = ["cert-base"];
        let test = "[tests/keys/copies.rs](../tests/keys/copies.rs) `local_certifications_do_not_leave_the_house`";
        for cell in ["`cert-base`", test, &format!("`cert-base`, {test}")] {
            assert!(lost_evidence(cell, &known).unwrap().is_empty(), "{cell}");
        }
        for cell in [
            "",
            "`cert-bas`",
            "[tests/keys/copies.rs](../tests/keys/copies.rs) `local`",
            "`cert-base`, [a](../a.rs) `b`",
        ] {
            assert_eq!(lost_evidence(cell, &known).unwrap().len(), 1, "{cell}");
        }
    }

    #[test]
    fn the_map_holds() {
        map().unwrap();
    }
}
