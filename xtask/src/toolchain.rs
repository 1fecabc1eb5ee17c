//! Finds a Rust compiler that can build for `wasm32-unknown-unknown`.
//!
//! Looked for in this order: the target is installed; rustup can install it; Debian's `rust-web` packages, which bring the
//! standard library's source, and `-Zbuild-std`. `ENVELOCK_WASM_TOOLCHAIN=rustup` or `=debian` skips the search.
//!
//! What is shipped is compiled with the standard library, for size ([`SMALL`]), where its source is there: Debian's package
//! has it, rustup is asked for `rust-src`. Without it the modules work alike and are larger.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Result, bail};

use crate::{debian, place, step};

/// The one target of our wasm modules.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-19"];

/// No panic messages, no places in the source, no `{:?}`: nobody reads them in a browser, where a panic is a trap. `RUSTC_BOOTSTRAP`
/// lets a stable compiler take them.
const SMALL: &[&str] = &["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"];

/// Argon2 works on vectors (`crates/argon2`). Browsers have them since 2021, Safari since 16.4.
const VECTORS: &str = "-Ctarget-feature=+simd128";

/// A way to compile wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The compiler that runs this program, with the target's standard library installed.
    Installed,
    /// Debian's compiler, which builds the standard library itself.
    Debian,
}

impl Toolchain {
    /// Searches as the module says; one clear sentence if there is none.
    pub fn find() -> Result<Toolchain> {
        match std::env::var("ENVELOCK_WASM_TOOLCHAIN").as_deref() {
            Ok("rustup") => return Ok(Toolchain::Installed),
            Ok("debian") => return Toolchain::debian(),
            _ => {}
        }
        if installed() || added() {
            return Ok(Toolchain::Installed);
        }
        if debian_ready() || debian::available() {
            return Toolchain::debian();
        }
        bail!(
            "no Rust compiler here can build for {TARGET}: run `rustup target add {TARGET}`, or as root on Debian \
             `apt-get install {}`",
            DEBIAN_PACKAGES.join(" ")
        );
    }

    fn debian() -> Result<Toolchain> {
        if !debian_ready() {
            debian::install(DEBIAN_PACKAGES)?;
        }
        Ok(Toolchain::Debian)
    }

    /// `cargo rustc` for the target; the caller adds package and profile, and may add flags for that package alone. `small`: as it is shipped.
    pub fn build(self, feature: Option<&str>, small: bool) -> Command {
        let mut command = match self {
            Toolchain::Installed => step::cargo("rustc"),
            Toolchain::Debian => {
                let mut command = Command::new("/usr/bin/cargo");
                command.current_dir(place::root());
                command.env("RUSTC", "/usr/bin/rustc");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
                for name in ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "CARGO", "RUSTDOC"] {
                    command.env_remove(name);
                }
                command.arg("rustc");
                command
            }
        };
        let small = small && self.can_be_small();
        if small || self == Toolchain::Debian {
            command.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
        }
        let mut flags = vec![VECTORS];
        if small {
            command.arg("-Zbuild-std-features=optimize_for_size");
            flags.extend(SMALL);
        }
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        command.arg("--target-dir").arg(self.folder(feature));
        command.args(["--target", TARGET]);
        if let Some(feature) = feature {
            command.args(["--features", feature]);
        }
        command
    }

    /// Whether [`SMALL`] can be had: the standard library's source is there, or can be fetched, and the compiler knows the flags.
    pub fn can_be_small(self) -> bool {
        static ANSWER: OnceLock<bool> = OnceLock::new();
        *ANSWER.get_or_init(|| {
            let rustc = match self {
                Toolchain::Installed => "rustc",
                Toolchain::Debian => "/usr/bin/rustc",
            };
            let knows = || {
                let mut probe = Command::new(rustc);
                probe.env("RUSTC_BOOTSTRAP", "1").args(SMALL).args(["--print", "cfg", "--target", TARGET]);
                step::quiet(&mut probe).is_ok()
            };
            let small = (has_source(rustc) || (self == Toolchain::Installed && source_added())) && knows();
            if !small {
                println!(
                    "the standard library's source is not to be had (`rustup component add rust-src`): larger modules"
                );
            }
            small
        })
    }

    /// One for each feature: in a common one cargo would link the same file anew whenever the feature changes.
    fn folder(self, feature: Option<&str>) -> std::path::PathBuf {
        let folder = match self {
            Toolchain::Installed => "wasm",
            Toolchain::Debian => "wasm-debian",
        };
        place::target().join(feature.map_or_else(|| folder.to_owned(), |feature| format!("{folder}-{feature}")))
    }

    /// Where that build puts a profile's output.
    pub fn output(self, feature: Option<&str>, profile: &str) -> std::path::PathBuf {
        self.folder(feature).join(TARGET).join(profile)
    }
}

/// Whether the running compiler has the target's standard library.
fn installed() -> bool {
    let Ok(library) = step::quiet(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET])) else {
        return false;
    };
    std::fs::read_dir(library.trim()).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
    })
}

/// Asks rustup for the target. Where rustup may not download, it says so within a second.
fn added() -> bool {
    step::on_path("rustup")
        && step::quiet(Command::new("rustup").args(["target", "add", TARGET])).is_ok()
        && installed()
}

/// Asks rustup for the standard library's source.
fn source_added() -> bool {
    step::on_path("rustup")
        && step::quiet(Command::new("rustup").args(["component", "add", "rust-src"])).is_ok()
        && has_source("rustc")
}

fn debian_ready() -> bool {
    ["/usr/bin/cargo", "/usr/bin/rustc", "/usr/bin/wasm-ld-19"].iter().all(|path| Path::new(path).exists())
        && has_source("/usr/bin/rustc")
}

fn has_source(rustc: &str) -> bool {
    let mut print = Command::new(rustc);
    if rustc.starts_with('/') {
        print.env_remove("RUSTUP_TOOLCHAIN");
    }
    step::quiet(print.args(["--print", "sysroot"]))
        .is_ok_and(|sysroot| Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std").exists())
}
