//! A row: what a script measured, completed with who the other side is, how the two compare, and whether the goals are met.
//!
//! Always `work` and, but for sizes, `runtime`; then what was measured of ours and the peer's: `_ms`, `_per_second`, `_p50`, `_p99`,
//! `_longest`, `_peak_mib`, `_spread`, `_gzip`, `_brotli`. What a job takes at least is nobody's: `floor_ms`, `floor_peak_mib`. `missed` names
//! the figures that are beyond their goal.

use serde_json::{Value, json};

use super::goals::{self, Figure};

/// Completes a script's row; `peer` is who is beside us unless the row says so itself.
pub fn complete(mut row: Value, peer: &str) -> Value {
    if let Some(fields) = row.as_object_mut() {
        let has_peer = fields.iter().any(|(name, value)| name.starts_with("peer_") && value.is_number());
        if has_peer && !fields.contains_key("peer") {
            fields.insert("peer".to_owned(), json!(peer));
        }
        for value in fields.values_mut().filter(|value| value.is_f64()) {
            *value = json!(rounded(value.as_f64().unwrap_or_default()));
        }
    }
    let (ours, theirs) = (number(&row, "ours_ms"), number(&row, "peer_ms"));
    if let (Some(ours), Some(theirs), Some(fields)) = (ours, theirs, row.as_object_mut()) {
        fields.insert("ratio".to_owned(), json!(rounded(ours / theirs)));
    }
    let missed: Vec<&str> = goals::missed(&row).into_iter().map(goals::field).collect();
    if let (false, Some(fields)) = (missed.is_empty(), row.as_object_mut()) {
        fields.insert("missed".to_owned(), json!(missed));
    }
    row
}

/// Whether two rows measure the same: the work, where, and beside whom.
pub fn is_same(one: &Value, other: &Value) -> bool {
    ["work", "runtime", "peer"].into_iter().all(|field| text(one, field) == text(other, field))
}

/// What can be measured of a side: the end of the field's name, and how it is said.
const FIGURES: [(&str, &str); 9] = [
    ("ms", "ms"),
    ("per_second", "a second"),
    ("p50", "ms (median)"),
    ("p99", "ms (p99)"),
    ("longest", "ms (longest)"),
    ("peak_mib", "MiB"),
    ("spread", "of time per byte"),
    ("gzip", "B gzip"),
    ("brotli", "B brotli"),
];

/// One line for whoever waits.
pub fn shown(row: &Value) -> String {
    let mut line = format!("{:44} {:23}", text(row, "work"), text(row, "runtime"));
    if let Some(error) = row.get("error").and_then(Value::as_str) {
        return format!("{line} not measured: {error}");
    }
    for (figure, unit) in FIGURES {
        match (number(row, &format!("ours_{figure}")), number(row, &format!("peer_{figure}"))) {
            (Some(ours), Some(theirs)) => {
                line += &format!("   Envelock {ours} {unit}, {} {theirs} {unit}", text(row, "peer"));
            }
            (Some(ours), None) => line += &format!("   Envelock {ours} {unit}"),
            _ => {}
        }
        if let Some(least) = number(row, &format!("floor_{figure}")) {
            line += &format!("   {least} {unit}");
        }
    }
    if let Some(ratio) = number(row, "ratio") {
        line += &format!("   ratio {ratio:.2}");
    }
    if row.get("missed").is_some() {
        line += " ✗";
    }
    if is_slower(row) {
        line += SLOWER;
    }
    line
}

/// What stands beside a ratio above 1 where no goal says how much it may be.
pub const SLOWER: &str = " ▲";

/// Whether we are slower than the other side, and no goal is there to be missed.
pub fn is_slower(row: &Value) -> bool {
    number(row, "ratio").is_some_and(|ratio| ratio > 1.0)
        && (text(row, "runtime") == "native" || goals::most(text(row, "work"), Figure::Ratio).is_none())
}

/// A figure, if the row has it.
pub fn number(row: &Value, name: &str) -> Option<f64> {
    row.get(name).and_then(Value::as_f64)
}

/// A word of the row, or nothing.
pub fn text<'r>(row: &'r Value, name: &str) -> &'r str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
