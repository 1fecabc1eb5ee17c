//! The rules of the house: what each room may know, how long its files may be, what they may be called.

use std::path::Path;

use anyhow::{Result, bail};

use super::sources;
use crate::{place, step};

/// The browser's names, clocks and hidden randomness: none of them in code whose results must be repeatable.
const IMPURE: [&str; 13] = [
    "wasm_bindgen",
    "js_sys",
    "web_sys",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Utc::now",
    "thread_rng",
    "rand::rng()",
    "OsRng",
    "getrandom",
    "rand::random",
    "from_entropy",
];

/// Crates that can read OpenPGP messages.
const OPENPGP: [&str; 6] = ["pgp", "envelock", "envelock-seipd", "sequoia-openpgp", "rpgpie", "gpgme"];

/// What www may import by name: the package, what draws, and what cleans HTML of strangers.
const PAGES_IMPORT: [&str; 6] =
    ["envelock", "lit-html", "dompurify", "uqr", "@zxcvbn-ts/core", "@zxcvbn-ts/language-common"];

const LONGEST: usize = 400;
/// Longer files that hold one job nevertheless, each with its reason.
const LONG: [(&str, &str); 1] = [("pkg/api.d.ts", "written by the build: the public face as one text")];

const NAMELESS: [&str; 9] = ["util", "utils", "helper", "helpers", "common", "types", "misc", "tools_misc", "stuff"];

const CODE: [&str; 5] = [".rs", ".ts", ".mjs", ".js", ".css"];

/// R1.
pub fn core_is_pure() -> Result<()> {
    let mut broken = Vec::new();
    for folder in ["src", "crates/login/src", "crates/mime/src", "crates/wire/src"] {
        for file in sources::below(folder, &[".rs"])? {
            for (number, line) in sources::text(&file)?.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                if let Some(name) = IMPURE.iter().find(|name| code.contains(*name)) {
                    broken.push(format!("{}:{} names {name}", place::shown(&file), number + 1));
                }
            }
        }
    }
    none(&broken)
}

/// The wasm modules are compiled with `-Zfmt-debug=none`: text made with `{:?}` would be empty there, and only there.
pub fn nothing_shown_by_debug() -> Result<()> {
    let mut broken = Vec::new();
    for folder in [
        "src",
        "crates/login/src",
        "crates/login-wasm/src",
        "crates/mime/src",
        "crates/reader/src",
        "crates/seipd/src",
        "crates/wasm/src",
        "crates/wire/src",
    ] {
        for file in sources::below(folder, &[".rs"])? {
            let text = sources::text(&file)?;
            let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in shipped.lines().enumerate() {
                if line.split("//").next().unwrap_or_default().contains(":?}") {
                    broken.push(format!("{}:{} formats with {{:?}}", place::shown(&file), number + 1));
                }
            }
        }
    }
    none(&broken)
}

/// R2.
pub fn server_cannot_decrypt() -> Result<()> {
    let mut tree = step::cargo("tree");
    tree.args(["--package", "envelock-server", "--all-features", "--edges", "normal,build", "--prefix", "none"]);
    let tree = step::quiet(tree.args(["--format", "{lib}\t{p}"]))?;
    let names = tree.lines().filter_map(|line| line.split('\t').nth(1)?.split(' ').next());
    let mut broken: Vec<String> =
        names.filter(|name| OPENPGP.contains(name)).map(|name| format!("envelock-server depends on {name}")).collect();
    broken.dedup();
    none(&broken)
}

/// Programs for OpenPGP depend on no OpenPGP crate, and of ours on the core alone.
pub fn programs_use_the_core() -> Result<()> {
    let mut broken = Vec::new();
    for program in ["envelock-sop", "envelock-seal"] {
        let mut tree = step::cargo("tree");
        tree.args(["--package", program, "--all-features", "--edges", "normal,build", "--depth", "1"]);
        let tree = step::quiet(tree.args(["--prefix", "none", "--format", "{p}"]))?;
        let direct = tree.lines().skip(1).filter_map(|line| line.split(' ').next());
        let others =
            direct.filter(|name| *name != "envelock" && (OPENPGP.contains(name) || name.starts_with("envelock-")));
        broken.extend(others.map(|name| format!("{program} depends on {name}")));
    }
    none(&broken)
}

/// R4.
pub fn pages_use_the_package() -> Result<()> {
    let mut broken = Vec::new();
    for file in sources::below("www/src", &[".ts", ".js", ".mjs"])? {
        for (number, line) in sources::text(&file)?.lines().enumerate() {
            let Some(name) = imported(line) else { continue };
            let bare = name.split('?').next().unwrap_or(name);
            let allowed = match bare.strip_prefix('.') {
                Some(_) => !leaves(&file, bare),
                None => PAGES_IMPORT.iter().any(|known| bare == *known || bare.starts_with(&format!("{known}/"))),
            };
            if !allowed {
                broken.push(format!("{}:{} imports {name}", place::shown(&file), number + 1));
            }
        }
    }
    none(&broken)
}

/// R5.
pub fn files_are_short() -> Result<()> {
    let mut broken = Vec::new();
    for file in sources::below("", &CODE)? {
        let lines = sources::text(&file)?.lines().count();
        let shown = place::shown(&file);
        if lines > LONGEST && LONG.iter().all(|(long, _)| *long != shown) {
            broken.push(format!("{shown} has {lines} lines; make it a folder of the same name (at most {LONGEST})"));
        }
    }
    none(&broken)
}

/// R6.
pub fn files_are_named() -> Result<()> {
    let mut broken = Vec::new();
    for file in sources::below("", &CODE)? {
        let relative = place::shown(&file);
        let nameless = Path::new(&relative).components().any(|part| {
            let part = part.as_os_str().to_string_lossy().into_owned();
            let stem = part.split('.').next().unwrap_or_default();
            NAMELESS.contains(&stem)
        });
        if nameless {
            broken.push(format!("{relative} says nothing about what it is for"));
        }
    }
    none(&broken)
}

/// The module that a line imports, if it does: `import … from "x"`, `export … from "x"`, `import("x")`, `import "x"`.
fn imported(line: &str) -> Option<&str> {
    let line = line.trim();
    let begins = line.starts_with("import ") || line.starts_with("export ") || line.starts_with("} from ");
    let rest = if let Some((_, rest)) = line.split_once("import(") {
        rest
    } else if !begins {
        return None;
    } else if let Some((_, rest)) = line.split_once(" from ") {
        rest
    } else {
        line.strip_prefix("import ")?
    };
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    rest.get(1..)?.split(quote).next()
}

/// Whether a relative import climbs out of www.
fn leaves(file: &Path, import: &str) -> bool {
    let depth = file.strip_prefix(place::at("www")).map_or(0, |path| path.components().count()).saturating_sub(1);
    import.split('/').filter(|part| *part == "..").count() > depth
}

fn none(broken: &[String]) -> Result<()> {
    if broken.is_empty() {
        return Ok(());
    }
    bail!("{}", broken.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{imported, leaves};
    use crate::place;

    #[test]
    fn finds_what_is_imported() {
        assert_eq!(imported(r#"import { html } from "lit-html";"#), Some("lit-html"));
        assert_eq!(imported(r#"} from './rows.js';"#), Some("./rows.js"));
        assert_eq!(imported(r#"const page = await import("envelock/worker");"#), Some("envelock/worker"));
        assert_eq!(imported(r#"import "./style.css";"#), Some("./style.css"));
        assert_eq!(imported(r#"const text = "import nothing from here";"#), None);
    }

    #[test]
    fn sees_an_import_that_leaves_www() {
        let file = place::at("www/src/decrypt/page.ts");
        assert!(!leaves(&file, "../catalogue.js"));
        assert!(!leaves(&file, "../../public/words.js"));
        assert!(leaves(&file, "../../../pkg/src/index.js"));
    }
}
