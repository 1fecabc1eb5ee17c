//! Finds a Rust compiler that can build for `wasm32-unknown-unknown`.
//!
//! Looked for in this order: the target is installed; rustup can install it; Debian's `rust-web` packages, which bring the
//! standard library's source, and `-Zbuild-std`. `ENVELOCK_WASM_TOOLCHAIN=rustup` or `=debian` skips the search.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{debian, place, step};

/// The one target of our wasm modules.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-19"];

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

    /// `cargo build` for the target; the caller adds package and profile.
    pub fn build(self) -> Command {
        let target_dir = place::target();
        let mut command = match self {
            Toolchain::Installed => {
                let mut command = step::cargo("build");
                command.arg("--target-dir").arg(target_dir.join("wasm"));
                command
            }
            Toolchain::Debian => {
                let mut command = Command::new("/usr/bin/cargo");
                command.current_dir(place::root());
                command.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
                for name in ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "CARGO", "RUSTDOC"] {
                    command.env_remove(name);
                }
                command.args(["build", "-Zbuild-std=std,panic_abort"]);
                command.arg("--target-dir").arg(target_dir.join("wasm-debian"));
                command
            }
        };
        command.args(["--target", TARGET]);
        command
    }

    /// Where that build puts a profile's output.
    pub fn output(self, profile: &str) -> std::path::PathBuf {
        let folder = match self {
            Toolchain::Installed => "wasm",
            Toolchain::Debian => "wasm-debian",
        };
        place::target().join(folder).join(TARGET).join(profile)
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

fn debian_ready() -> bool {
    ["/usr/bin/cargo", "/usr/bin/rustc", "/usr/bin/wasm-ld-19"].iter().all(|path| Path::new(path).exists())
        && step::quiet(Command::new("/usr/bin/rustc").env_remove("RUSTUP_TOOLCHAIN").args(["--print", "sysroot"]))
            .is_ok_and(|sysroot| Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std").exists())
}
