//! The two npm projects: the package in `pkg`, the web pages in `www`. Each has its own build script; this only calls it.

use anyhow::Result;

use crate::stamp::Inputs;
use crate::{licences, npm, place, step};

/// `pkg/dist` from `pkg/src` and `pkg/wasm`.
pub fn build_package() -> Result<()> {
    let folder = place::at("pkg");
    npm::ci(&folder)?;
    // What the modules are made of travels with its licences.
    licences::write_for_package()?;
    let stamp = Inputs::new("pkg").add(&folder, &["node_modules", "dist", "test", "api.d.ts"])?.stamp("pkg");
    let label = "npm run build in pkg";
    if stamp.holds(&[folder.join("dist")]) {
        step::unchanged(label);
        return Ok(());
    }
    step::run(label, npm::npm(&folder).args(["run", "build"]))?;
    stamp.set()
}

/// `www/dist` from `www` and the built package.
pub fn build_pages() -> Result<()> {
    let folder = place::at("www");
    npm::ci(&folder)?;
    let stamp = Inputs::new("www")
        .add(&folder, &["node_modules", "dist"])?
        .add(&place::at("pkg/dist"), &[])?
        .add(&place::at("pkg/wasm"), &[])?
        .add(&place::at("pkg/package.json"), &[])?
        .add(&place::at("pkg").join(licences::FILE), &[])?
        // Two of them are pages too.
        .add(&place::at("docs/threat-model.md"), &[])?
        .add(&place::at("docs/best-practices.md"), &[])?
        .stamp("www");
    let label = "npm run build in www";
    if stamp.holds(&[folder.join("dist")]) {
        step::unchanged(label);
        return Ok(());
    }
    step::run(label, npm::npm(&folder).args(["run", "build"]))?;
    stamp.set()
}
