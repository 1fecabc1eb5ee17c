//! What wasm-bindgen's glue needs for a module in two parts.
//!
//! The glue reaches everything through its variable `wasm`; once the second part is there, that holds the exports of both.

use anyhow::{Result, ensure};

/// Where the glue makes a fresh instance, after a trap.
const RESET: &str = "    wasm = wasmInstance.exports;\n    wasm.__wbindgen_start();\n";

/// The functions that the glue exports for callers.
pub fn calls(glue: &str) -> impl Iterator<Item = &str> {
    let names = glue.lines().filter_map(|line| line.strip_prefix("export function ")?.split(['(', ' ']).next());
    names.filter(|name| !name.starts_with("__"))
}

/// The glue with `later`, the calls that wait for the second part, and `join`, which starts it.
pub fn for_two_parts(glue: &str, later: &[&str]) -> Result<String> {
    ensure!(
        glue.matches(RESET).count() == 1 && glue.contains("function __wbg_get_imports()"),
        "wasm-bindgen's glue is not as xtask/src/build/glue.rs knows it"
    );
    let reset = format!("{RESET}    if (rest) join(rest);\n");
    Ok(format!(
        "{}\n/** The calls that wait for the second part. */\nexport const later = {later:?};\n{JOIN}",
        glue.replacen(RESET, &reset, 1)
    ))
}

const JOIN: &str = "
let rest;
/** Starts the second part beside the first, whose memory it shares. */
export function join(module) {
    const { exports } = new WebAssembly.Instance(module, { ...__wbg_get_imports(), first: wasm });
    wasm = { ...wasm, ...exports };
    rest = module;
}
";

#[cfg(test)]
mod tests {
    use super::{RESET, calls, for_two_parts};

    #[test]
    fn glue_of_another_shape_is_refused() {
        let glue = format!(
            "export function __wbg_reset_state () {{\n{RESET}}}\nexport function sign(a) {{\n}}\nfunction __wbg_get_imports() {{\n}}\n"
        );
        assert_eq!(calls(&glue).collect::<Vec<_>>(), ["sign"]);
        assert!(
            for_two_parts(&glue, &["sign"])
                .is_ok_and(|glue| glue.contains("later = [\"sign\"]") && glue.contains("if (rest) join(rest);"))
        );
        assert!(for_two_parts("export function sign(a) {\n}\n", &["sign"]).is_err());
    }
}
