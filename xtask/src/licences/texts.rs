//! One file with the licences of many crates: which has which, and each text once.
//!
//! The same crates give the same file on every machine: nothing of time, place or compiler is in it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::Crate;
use super::list::read_licence;
use crate::place;

/// How files with a licence, or with what has to be said beside it, begin.
const BEGINNINGS: [&str; 6] = ["license", "licence", "copying", "copyright", "notice", "unlicense"];

/// Endings of files that only speak of licences.
const CODE: [&str; 16] =
    ["rs", "py", "c", "h", "cc", "cpp", "go", "sh", "pl", "js", "toml", "json", "yml", "yaml", "html", "cmake"];

/// Folders of what is not compiled in.
const ASIDE: [&str; 7] = ["tests", "test", "benches", "examples", "fuzz", "docs", ".github"];

/// The texts so far, in the order of their first use.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    /// The number of this text: that of one which differs in spaces and line ends only, if there is one.
    fn number(&mut self, text: &str) -> usize {
        let is_same = |known: &String| known.split_whitespace().eq(text.split_whitespace());
        let at = self.0.iter().position(is_same).unwrap_or_else(|| {
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            self.0.push(lines.join("\n").trim_matches('\n').to_owned());
            self.0.len() - 1
        });
        at + 1
    }
}

/// The whole file, for these crates, which are in order.
pub fn of(crates: &[Crate], what: &str) -> Result<String> {
    let mut texts = Texts::default();
    let apache = fs::read_to_string(place::at("LICENSE-APACHE")).context("cannot read LICENSE-APACHE")?;
    let mut list = format!(
        "Rust's standard library\n  licence: MIT OR Apache-2.0\n  authors: The Rust Project Contributors\n  text: {}\n",
        texts.number(&apache)
    );
    for one in crates {
        let Crate { name, version, licence, authors, folder, .. } = one;
        list.push_str(&format!("\n{name} {version}\n  licence: {licence}\n"));
        if !authors.is_empty() {
            list.push_str(&format!("  authors: {}\n", authors.join(", ")));
        }
        let mut found = Vec::new();
        collect(folder, &mut found)?;
        found.sort();
        let mut numbers: Vec<usize> = if found.is_empty() {
            list.push_str("  the crate comes without a text; these are SPDX's, for its authors:\n");
            standard(one)?.iter().map(|text| texts.number(text)).collect()
        } else {
            found.iter().map(|(_, text)| texts.number(text)).collect()
        };
        numbers.sort_unstable();
        numbers.dedup();
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        list.push_str(&format!("  text: {}\n", numbers.join(", ")));
    }
    let mut whole = format!(
        "This is what others wrote of {what}, under which licence each part is, and the text of it.\n\
         The source code of each is at https://crates.io/crates/NAME/VERSION, unchanged.\n\n\
         Envelock's own licences are beside this file, or in its sources: MIT or Apache-2.0.\n\n{list}"
    );
    for (at, text) in texts.0.iter().enumerate() {
        whole.push_str(&format!("\n{}\nText {}\n\n{text}\n", "=".repeat(72), at + 1));
    }
    Ok(whole)
}

/// The texts of SPDX's list, for a crate that brings none.
fn standard(one: &Crate) -> Result<Vec<&'static str>> {
    let Crate { name, licence, .. } = one;
    let expression = read_licence(licence).map_err(|why| anyhow::anyhow!("{name} {why}"))?;
    let ids = expression.requirements().filter_map(|asked| asked.req.license.id());
    let texts: Vec<&str> = ids.map(|id| id.text()).filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        bail!("{name} comes without a text of its licence ({licence}), and SPDX has none");
    }
    Ok(texts)
}

/// Files with licences, those of code that a crate carries along included, and all of a folder of them (REUSE).
fn collect(folder: &Path, found: &mut Vec<(String, String)>) -> Result<()> {
    let is_theirs = folder.file_name().is_some_and(|name| name.eq_ignore_ascii_case("licenses"));
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let kind = entry.file_type()?;
        if kind.is_dir() && !ASIDE.contains(&name.as_str()) {
            collect(&entry.path(), found)?;
        }
        let is_code = name.rsplit_once('.').is_some_and(|(_, end)| CODE.contains(&end));
        let is_one = is_theirs || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
        if !kind.is_file() || is_code || !is_one {
            continue;
        }
        let path = entry.path();
        // What is no text is no licence.
        if let Ok(text) = fs::read_to_string(&path)
            && !text.trim().is_empty()
        {
            found.push((path.to_string_lossy().into_owned(), text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn each_crate_is_named_with_its_text_and_equal_texts_stand_once() {
        let folder = place::target().join("licences-of-the-test");
        let make = |name: &str, files: &[(&str, &str)]| {
            let at = folder.join(name);
            let _ = fs::remove_dir_all(&at);
            for (file, text) in files {
                let file = at.join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            fs::create_dir_all(&at).unwrap();
            Crate {
                name: name.to_owned(),
                version: "1.0.0".to_owned(),
                licence: "MIT OR Zlib".to_owned(),
                authors: vec!["Anna".to_owned()],
                source: None,
                folder: at,
                wildcards: Vec::new(),
            }
        };
        let crates = [
            make("a", &[("LICENSE-MIT", "Text of\nAnna\n"), ("src/license.rs", "code"), ("tests/LICENSE", "aside")]),
            make("b", &[("LICENCE.md", "Text  of\r\nAnna"), ("LICENSES/C.txt", "Text of C")]),
            make("c", &[]),
        ];
        let text = of(&crates, "a test").unwrap();
        assert_eq!(text, of(&crates, "a test").unwrap());
        assert!(text.contains("\na 1.0.0\n  licence: MIT OR Zlib\n  authors: Anna\n  text: 2\n"), "{text}");
        assert!(text.contains("\nb 1.0.0\n  licence: MIT OR Zlib\n  authors: Anna\n  text: 2, 3\n"), "{text}");
        assert!(text.contains("SPDX's, for its authors:\n  text: 4, 5\n"), "{text}");
        assert!(text.contains("Text 3\n\nText of C\n") && text.contains("Permission is hereby granted"), "{text}");
        assert!(!text.contains("code\n") && !text.contains("aside"));
        let unknown = Crate { licence: "LicenseRef-Own".to_owned(), ..crates[2].clone() };
        assert!(of(&[unknown], "a test").is_err(), "nothing is passed on without a text");
    }
}
