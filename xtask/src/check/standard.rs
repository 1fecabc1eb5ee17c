//! The map of the standard: every item, vector and test that `docs/rfc9580.md` names must exist, and every row has one that shows it.

use anyhow::{Result, bail};

use super::sources;
use crate::place;

const MAP: &str = "docs/rfc9580.md";
const INDEX: &str = "tests/vectors/INDEX.tsv";

/// Every row of the map.
pub fn map() -> Result<()> {
    let map = sources::text(&place::at(MAP))?;
    let index = sources::text(&place::at(INDEX))?;
    let known: Vec<&str> = index.lines().filter_map(|row| row.split('\t').next()).collect();
    let mut broken = Vec::new();
    let mut rows = 0;
    for row in map.lines().filter(|line| line.starts_with("| §") || line.starts_with("| Appendix")) {
        rows += 1;
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [section, _, status, items, vectors] = cells[..] else {
            broken.push(format!("not five columns: {row}"));
            continue;
        };
        if status.is_empty() {
            broken.push(format!("{section}: no status"));
        }
        broken.extend(lost_items(items)?.into_iter().map(|item| format!("{section}: no item {item}")));
        broken.extend(lost_evidence(vectors, &known)?.into_iter().map(|what| format!("{section}: no {what}")));
    }
    if rows == 0 {
        broken.push("no rows".to_owned());
    }
    if broken.is_empty() { Ok(()) } else { bail!("{MAP}\n{}", broken.join("\n")) }
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

/// Items, each as `[file](../file) name` with the name in backquotes, that their file does not define.
fn lost_items(cell: &str) -> Result<Vec<String>> {
    let mut lost = Vec::new();
    let mut count = 0;
    for item in cell.split("](../").skip(1) {
        count += 1;
        let (file, rest) = item.split_once(')').unwrap_or((item, ""));
        let path = place::at(file);
        let Some(name) = quoted(rest).first().copied().filter(|_| path.is_file()) else {
            lost.push(format!("in {file}"));
            continue;
        };
        if !defines(&sources::text(&path)?, name) {
            lost.push(format!("{name} in {file}"));
        }
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
        for cell in
            ["", "[src/armor.rs](../src/armor.rs)", "[src/armor.rs](../src/armor.rs) `read_eac`", "[a](../a.rs) `b`"]
        {
            assert_eq!(lost_items(cell).unwrap().len(), 1, "{cell}");
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
