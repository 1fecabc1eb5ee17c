//! What a row should reach. A row that misses is marked in the tables, not left out.

use serde_json::Value;

/// The figure of a row that a goal is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Our time as a share of the other side's.
    Ratio,
    /// Our time in milliseconds.
    Milliseconds,
    /// Our memory over the process at rest, in MiB.
    Memory,
    /// By how much the time per byte of our slowest size is above that of the fastest.
    Spread,
    /// What is loaded, gzip, in bytes.
    Gzip,
}

/// At most so much in Node (and natively), and in Chromium.
struct Goal {
    /// What the row's name begins with; the first that fits counts for its figure.
    work: &'static str,
    figure: Figure,
    node: f64,
    chromium: f64,
}

const fn ratio(work: &'static str, node: f64, chromium: f64) -> Goal {
    Goal { work, figure: Figure::Ratio, node, chromium }
}

const fn limit(work: &'static str, figure: Figure, most: f64) -> Goal {
    Goal { work, figure, node: most, chromium: most }
}

/// Every goal. Where two names begin alike, the longer comes first.
const GOALS: &[Goal] = &[
    // Large data, of which the time is that of the cipher.
    ratio("AES-256-GCM by key encrypt 1 MB", 0.5, 0.7),
    ratio("AES-256-GCM by key decrypt 1 MB", 0.5, 0.7),
    ratio("AES-256-GCM by password encrypt 1 MB", 0.5, 0.7),
    ratio("AES-256-GCM by password decrypt 1 MB", 0.5, 0.7),
    ratio("AES-256-GCM by key encrypt", 0.25, 0.4),
    ratio("AES-256-GCM by key decrypt", 0.25, 0.65),
    ratio("AES-256-GCM by password encrypt", 0.25, 0.4),
    ratio("AES-256-GCM by password decrypt", 0.25, 0.65),
    ratio("SEIPD v1", 1.0, 1.0),
    ratio("AES-256-OCB", 0.1, 0.14),
    // Everything else: time beside the other side's, then what has a limit of its own.
    ratio("envelope ", 0.6, 0.7),
    // The platform hashes for both; Argon2 is ours and theirs.
    ratio("Curve25519 v4 generate with a passphrase", 1.0, 1.0),
    ratio("Curve25519 v4 lock", 1.0, 1.0),
    ratio("Curve25519 v4 unlock", 1.0, 1.0),
    ratio("Curve25519 v4 decrypt 20 mails, the passphrase", 1.0, 1.0),
    ratio("Curve25519 v6 generate with a passphrase", 0.7, 0.8),
    ratio("Curve25519 v6 lock", 0.7, 0.8),
    ratio("Curve25519 v6 unlock", 0.7, 0.8),
    ratio("Curve25519 v4 decrypt 20 mails with", 1.0, 1.0),
    ratio("Curve25519 v6 decrypt 20 mails with", 1.0, 1.0),
    ratio("Curve25519 v4 generate", 0.13, 0.27),
    ratio("Curve25519 v6 generate", 0.13, 0.27),
    ratio("Curve25519", 0.13, 0.6),
    ratio("RSA-3072 generate", 1.05, 1.05),
    ratio("RSA-3072", 0.8, 1.0),
    ratio("P-256 generate", 0.8, 1.0),
    ratio("sign ", 0.9, 0.47),
    ratio("verify ", 0.2, 0.16),
    ratio("encrypt and sign", 0.5, 0.6),
    ratio("decrypt and verify", 0.5, 0.6),
    ratio("initialise", 0.35, 1.0),
    ratio("cold page", 1.0, 1.0),
    limit("stream ", Figure::Memory, 64.0),
    limit("stream ", Figure::Spread, 0.15),
    limit("cancel ", Figure::Milliseconds, 100.0),
    limit("longest task", Figure::Milliseconds, 50.0),
    limit("size:decrypt page", Figure::Gzip, 45_000.0),
    Goal { work: "size:envelock/", figure: Figure::Gzip, node: f64::INFINITY, chromium: f64::INFINITY },
    // Loaded by the calls that need it, not at first.
    Goal { work: "size:envelock_rest", figure: Figure::Gzip, node: f64::INFINITY, chromium: f64::INFINITY },
    limit("size:envelock", Figure::Gzip, 450_000.0),
];

/// The figures of a row that are beyond their goal.
pub fn missed(row: &Value) -> Vec<Figure> {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    // Others' programs are beside ours on the command line, not OpenPGP.js: no goal is about them.
    if text("runtime") == "native" {
        return Vec::new();
    }
    let beyond = |figure: &Figure| {
        let value = row.get(field(*figure)).and_then(Value::as_f64);
        let (node, chromium) = most(text("work"), *figure)?;
        Some(value? > if text("runtime").starts_with("chromium") { chromium } else { node })
    };
    let figures = [Figure::Ratio, Figure::Milliseconds, Figure::Memory, Figure::Spread, Figure::Gzip];
    figures.into_iter().filter(|figure| beyond(figure) == Some(true)).collect()
}

/// What a figure of a row of that name should be at most, in Node and in Chromium.
pub fn most(work: &str, figure: Figure) -> Option<(f64, f64)> {
    let goal = GOALS.iter().find(|goal| goal.figure == figure && work.starts_with(goal.work))?;
    goal.node.is_finite().then_some((goal.node, goal.chromium))
}

/// What a figure is called in a row.
pub fn field(figure: Figure) -> &'static str {
    match figure {
        Figure::Ratio => "ratio",
        Figure::Milliseconds => "ours_ms",
        Figure::Memory => "ours_peak_mib",
        Figure::Spread => "ours_spread",
        Figure::Gzip => "ours_gzip",
    }
}
