//! Links in the papers: every relative one must lead to a file, and its `#anchor` to a heading.

use std::path::Path;

use anyhow::{Result, bail};

use super::sources;
use crate::place;

/// Every Markdown file of the repository.
pub fn papers() -> Result<()> {
    let mut broken = Vec::new();
    for paper in sources::below("", &[".md"])? {
        let text = sources::text(&paper)?;
        for link in links(&text) {
            if let Some(problem) = problem(&paper, &text, link)? {
                broken.push(format!("{}: {link} {problem}", place::shown(&paper)));
            }
        }
    }
    if broken.is_empty() { Ok(()) } else { bail!("{}", broken.join("\n")) }
}

/// The targets of `[text](target)` outside code blocks.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, after)) = after.split_once(')') else { break };
            found.push(target);
            rest = after;
        }
    }
    found
}

fn problem(paper: &Path, text: &str, link: &str) -> Result<Option<&'static str>> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(None);
    }
    let (file, anchor) = match link.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (link, None),
    };
    let target = paper.parent().unwrap_or(paper).join(file);
    if !file.is_empty() && !target.exists() {
        return Ok(Some("leads nowhere"));
    }
    let Some(anchor) = anchor.filter(|_| file.is_empty() || file.ends_with(".md")) else { return Ok(None) };
    let found = if file.is_empty() { has(text, anchor) } else { has(&sources::text(&target)?, anchor) };
    Ok((!found).then_some("names no heading"))
}

fn has(text: &str, anchor: &str) -> bool {
    text.lines().filter_map(|line| line.strip_prefix('#')).any(|heading| slug(heading) == anchor)
}

/// A heading's anchor: lower case, spaces to hyphens, punctuation dropped.
fn slug(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::{has, links};

    #[test]
    fn finds_links_outside_code() {
        let text = "See [a](docs/a.md) and [b](#b-c).\n```\n[no](where)\n```\n";
        assert_eq!(links(text), ["docs/a.md", "#b-c"]);
    }

    #[test]
    fn knows_a_headings_anchor() {
        assert!(has("# One\n## What is, and is not, protected\n", "what-is-and-is-not-protected"));
        assert!(!has("# One\n", "two"));
    }
}
