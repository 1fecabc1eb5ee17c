//! What wasm-bindgen's glue needs to be started again after a trap, and for a module in two parts; and what it can do without.
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

/// What `initSync` takes beside what our loader gives it.
const OTHER_PARAMETERS: &str = "    if (module !== undefined) {
        if (Object.getPrototypeOf(module) === Object.prototype) {
            ({module} = module)
        } else {
            console.warn('using deprecated parameters for `initSync()`; pass a single object instead')
        }
    }
";
/// For browsers before 2019.
const WITHOUT_ENCODE_INTO: &str = "if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function (arg, view) {
        const buf = cachedTextEncoder.encode(arg);
        view.set(buf);
        return {
            read: arg.length,
            written: buf.length
        };
    };
}
";
/// For modules that cannot reallocate.
const WITHOUT_REALLOC: &str = "    if (realloc === undefined) {
        const buf = cachedTextEncoder.encode(arg);
        const ptr = malloc(buf.length, 1) >>> 0;
        getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf);
        WASM_VECTOR_LEN = buf.length;
        return ptr;
    }
";

/// The glue without what nobody needs: pkg's loader is who calls it, and no object of the module reaches pkg's callers.
pub fn trimmed(glue: &str) -> Result<String> {
    let known = |unused, needed| glue.matches(unused).count() == glue.matches(needed).count();
    ensure!(
        known(OTHER_PARAMETERS, "\nfunction initSync(")
            && known(WITHOUT_ENCODE_INTO, "\nconst cachedTextEncoder")
            && known(WITHOUT_REALLOC, "\nfunction passStringToWasm0("),
        "wasm-bindgen's glue is not as xtask/src/build/glue.rs knows it"
    );
    let glue = glue.replace(OTHER_PARAMETERS, "    ({ module } = module);\n");
    let glue = glue.replace(WITHOUT_ENCODE_INTO, "").replace(WITHOUT_REALLOC, "");
    Ok(glue.split_inclusive('\n').filter(|line| !line.starts_with("if (Symbol.dispose) ")).collect())
}

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
    use super::{
        OTHER_PARAMETERS, RESET, STALE, WITHOUT_ENCODE_INTO, WITHOUT_REALLOC, after_a_trap, calls, for_two_parts,
        trimmed,
    };

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
    fn what_nobody_needs_is_left_out() {
        let strings = format!("\nfunction passStringToWasm0(arg, malloc, realloc) {{\n{WITHOUT_REALLOC}    arg;\n}}\n");
        let encoder = format!("\nconst cachedTextEncoder = new TextEncoder();\n\n{WITHOUT_ENCODE_INTO}");
        let start = format!("\nfunction initSync(module) {{\n{OTHER_PARAMETERS}    module;\n}}\n");
        let dispose = "if (Symbol.dispose) Job.prototype[Symbol.dispose] = Job.prototype.free;\n";
        let left = trimmed(&format!("{strings}{encoder}{start}{dispose}")).unwrap_or_default();
        assert!(left.contains("function initSync(module) {\n    ({ module } = module);\n    module;\n}"));
        for unused in ["deprecated", "=== undefined", "'encodeInto'", "Symbol.dispose"] {
            assert!(!left.contains(unused), "{unused}");
        }
        assert!(trimmed(&start.replace("deprecated", "old")).is_err());
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
