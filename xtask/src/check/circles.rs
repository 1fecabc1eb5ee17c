//! Which room of the server needs which: none may need one that needs it, by whatever way. So whoever reads a room has to know those
//! below it and no others.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use super::sources;
use crate::place;

const SERVER: &str = "crates/server/src";

/// Of each room, those it needs.
type Needs = BTreeMap<String, BTreeSet<String>>;

/// R7.
pub fn server_has_none() -> Result<()> {
    let library = sources::text(&place::at(SERVER).join("lib.rs"))?;
    let mut needs: Needs =
        library.lines().filter_map(declared).map(|room| (room.to_owned(), BTreeSet::new())).collect();
    let rooms: BTreeSet<String> = needs.keys().cloned().collect();
    for file in sources::below(SERVER, &[".rs"])? {
        let inside = file.strip_prefix(place::at(SERVER))?;
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        let room = parts.first().map_or("", |first| first.trim_end_matches(".rs"));
        // What is no room of the library is the program's.
        let Some(needed) = needs.get_mut(room).filter(|_| !parts.iter().any(|part| part == "tests")) else { continue };
        let text = sources::text(&file)?;
        let shipped = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for name in shipped.lines().flat_map(named) {
            if !rooms.contains(name) {
                bail!("{} names `crate::{name}`: name its room, one a line", place::shown(&file));
            }
            needed.insert(name.to_owned());
        }
    }
    let circle = circle(needs);
    if circle.is_empty() {
        return Ok(());
    }
    bail!("{}", circle.join("\n"))
}

fn declared(line: &str) -> Option<&str> {
    line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')
}

/// What follows `crate::` in a line, but for comments.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    code.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

/// Who needs whom where that leads back.
fn circle(mut needs: Needs) -> Vec<String> {
    for (room, needed) in &mut needs {
        needed.remove(room);
    }
    loop {
        let left: BTreeSet<String> = needs.keys().cloned().collect();
        let needed: BTreeSet<String> = needs.values().flatten().cloned().collect();
        // Whoever needs nobody that is left is in no circle, nor is whom nobody needs.
        needs.retain(|room, others| needed.contains(room) && !others.is_disjoint(&left));
        for others in needs.values_mut() {
            others.retain(|other| left.contains(other));
        }
        if needs.len() == left.len() {
            break;
        }
    }
    needs.iter().flat_map(|(room, others)| others.iter().map(move |other| format!("{room} needs {other}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_told_and_nothing_beside_it() {
        let needs = |pairs: &[(&str, &str)]| -> Needs {
            pairs
                .iter()
                .map(|(room, others)| ((*room).to_owned(), others.split(' ').map(str::to_owned).collect()))
                .collect()
        };
        assert!(circle(needs(&[("a", "b c a"), ("b", "c"), ("c", "d"), ("d", "e")])).is_empty());
        assert_eq!(
            circle(needs(&[("a", "b"), ("b", "c d"), ("c", "b"), ("d", "e"), ("e", "f")])),
            ["b needs c", "c needs b"]
        );
    }

    #[test]
    fn a_room_is_seen_wherever_it_is_named() {
        let names = |line| named(line).collect::<Vec<_>>();
        assert_eq!(names("use crate::storage::Database;"), ["storage"]);
        assert_eq!(names("fn f(a: crate::app::App) -> crate::problem::Problem {"), ["app", "problem"]);
        assert!(names("//! see crate::app").is_empty());
    }
}
