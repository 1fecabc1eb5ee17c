//! What wasm-bindgen's glue needs to be started again after a trap, and for a module in two parts.
//!
//! The glue reaches everything through its variable `wasm`; once the second part is there, that holds the exports of both.

use anyhow::{Result, ensure};

/// Where the glue makes a fresh instance, after a trap.
const RESET: &str = "    wasm = wasmInstance.exports;\n    wasm.__wbindgen_start();\n";

/// Where an object of the module is freed: in whatever instance there is now.
const FREE: &str = "    free() {\n";
/// Where a closure of the module is called that belongs to an earlier instance. The platform does that when a promise settles for which a
/// call waited that is gone, and nobody hears what is thrown: it would end a process.
const STALE: &str = "throw new Error('Cannot invoke closure from previous WASM instance');";

/// The glue whose objects and closures do nothing once their instance was replaced.
pub fn after_a_trap(glue: &str) -> Result<String> {
    let closures = glue.matches("\nfunction makeMutClosure(").count() + glue.matches("\nfunction makeClosure(").count();
    ensure!(
        glue.matches(STALE).count() == closures
            && glue.matches(FREE).count() == glue.matches("\nexport class ").count()
            && glue.contains("{ value: __wbg_instance_id, writable: true }"),
        "wasm-bindgen's glue is not as xtask/src/build/glue.rs knows it"
    );
    let free = format!("{FREE}        if (this.__wbg_inst !== __wbg_instance_id) return;\n");
    Ok(glue.replace(FREE, &free).replace(STALE, "return;"))
}

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
    use super::{RESET, STALE, after_a_trap, calls, for_two_parts};

    #[test]
    fn what_is_of_an_earlier_instance_does_nothing() {
        let wrapped =
            "        Object.defineProperty(obj, '__wbg_inst', { value: __wbg_instance_id, writable: true });\n";
        let class = format!("\nexport class Job {{\n{wrapped}    free() {{\n        wasm.free(1);\n    }}\n}}\n");
        let closure = format!("\nfunction makeMutClosure(arg0) {{\n{STALE}\n}}\n");
        let mended = after_a_trap(&format!("{class}{closure}")).unwrap_or_default();
        assert!(mended.contains(
            "    free() {\n        if (this.__wbg_inst !== __wbg_instance_id) return;\n        wasm.free(1);"
        ));
        assert!(mended.contains("\nfunction makeMutClosure(arg0) {\nreturn;\n}"));
        assert!(after_a_trap(&class.replace("free()", "release()")).is_err());
        assert!(after_a_trap(&format!("{class}\nfunction makeClosure(arg0) {{\n}}\n")).is_err());
    }

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
