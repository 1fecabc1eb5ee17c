//! Figures that a document has and its new tables have not: a job that failed or was left out must not go unseen.

use std::collections::BTreeSet;

/// The figures of the `present` tables that the `new` ones lack, as "row, column".
pub fn lost(present: &str, new: &str) -> Vec<String> {
    let new = figures(new);
    figures(present)
        .into_iter()
        .filter(|figure| !new.contains(figure))
        .map(|(row, column)| format!("{row}, {column}"))
        .collect()
}

/// Which cells have something in them: the row's name and the column's, but for the goals, which come and go with the sources.
fn figures(text: &str) -> BTreeSet<(String, String)> {
    let mut figures = BTreeSet::new();
    let mut columns: Vec<String> = Vec::new();
    for line in text.lines() {
        let Some(row) = line.strip_prefix("| ") else {
            columns.clear();
            continue;
        };
        let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
        if columns.is_empty() {
            columns = cells.iter().map(|cell| column(cell)).collect();
            continue;
        }
        let Some((name, rest)) = cells.split_first() else { continue };
        if name.chars().all(|letter| letter == '-') {
            continue;
        }
        for (cell, column) in rest.iter().zip(columns.iter().skip(1)) {
            if !cell.is_empty() && !column.starts_with("goal") {
                figures.insert(((*name).to_owned(), column.clone()));
            }
        }
    }
    figures
}

/// A column's name without the version of what is measured in it.
fn column(heading: &str) -> String {
    let is_version = |word: &&str| word.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit());
    heading.split(' ').filter(|word| !is_version(word)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::lost;

    const TABLES: &str = "\n| milliseconds | goal | node v24.1.0 | chromium 140.0.1 |\n| --- | --- | --- | --- |\n| sign 1 KB | ≤ 1 | 0.4 / 0.9 | 0.5 / 0.8 |\n| cancel | ≤ 100 ms |  | 12 ms |\n\n| milliseconds | envelock-sop | rsop 0.12.0 |\n| --- | --- | --- |\n| sign 1 KB | 3.1 | 4.2 (**0.7**) |\n";

    #[test]
    fn new_figures_and_other_versions_lose_nothing() {
        let new = TABLES.replace("v24.1.0", "v26.0.0").replace("0.4 / 0.9", "0.3 / 0.9 ✗").replace("≤ 1 ", " ");
        assert_eq!(lost(TABLES, &new), Vec::<String>::new());
        assert_eq!(lost("", TABLES), Vec::<String>::new());
    }

    #[test]
    fn a_row_or_a_cell_that_is_gone_is_named() {
        let new = TABLES.replace("| cancel | ≤ 100 ms |  | 12 ms |\n", "").replace("4.2 (**0.7**)", "");
        assert_eq!(lost(TABLES, &new), ["cancel, chromium", "sign 1 KB, rsop"]);
        let without_browser = TABLES.replace("0.5 / 0.8", "");
        assert_eq!(lost(TABLES, &without_browser), ["sign 1 KB, chromium"]);
    }
}
