//! Counting tests from what their runners print.

/// How many tests passed and failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and groups that could not run.
    pub failed: u64,
    /// What to say beside the numbers.
    pub note: Option<String>,
}

impl Count {
    /// That many passed.
    pub fn passed(passed: u64) -> Count {
        Count { passed, ..Count::default() }
    }

    /// Something that could not run at all: one failure with its reason.
    pub fn broken(error: &anyhow::Error) -> Count {
        println!("error: {error:#}");
        let reason = format!("{error:#}").lines().next().unwrap_or_default().to_owned();
        Count { passed: 0, failed: 1, note: Some(reason) }
    }

    /// Adds another count; the first note stays.
    pub fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.note = self.note.take().or(other.note);
    }

    /// Reads one line of cargo's test harness: `test result: ok. 3 passed; 0 failed; …`.
    pub fn read_rust(&mut self, line: &str) -> bool {
        let Some(result) = line.strip_prefix("test result: ") else { return false };
        let before = |word: &str| {
            let words: Vec<&str> = result.split([' ', ';']).filter(|word| !word.is_empty()).collect();
            let place = words.iter().position(|found| *found == word)?;
            words.get(place.checked_sub(1)?)?.parse::<u64>().ok()
        };
        self.passed += before("passed").unwrap_or(0);
        self.failed += before("failed").unwrap_or(0);
        true
    }

    /// Reads one line of node's TAP report: `# pass 3`, `# fail 0`, `# cancelled 0`.
    pub fn read_node(&mut self, line: &str) -> bool {
        let Some((name, number)) = line.strip_prefix("# ").and_then(|line| line.split_once(' ')) else { return false };
        let Ok(number) = number.parse::<u64>() else { return false };
        match name {
            "pass" => self.passed += number,
            "fail" | "cancelled" => self.failed += number,
            _ => return false,
        }
        true
    }

    /// A runner that ended badly without naming a failed test, or without any result, has failed.
    pub fn close(mut self, ended_well: bool, saw_result: bool) -> Count {
        if (!ended_well && self.failed == 0) || !saw_result {
            self.failed += 1;
            self.note = Some("a test program ended without naming what failed".to_owned());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn reads_the_rust_harness() {
        let mut count = Count::default();
        assert!(count.read_rust(
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.01s"
        ));
        assert!(!count.read_rust("test result_is_read ... ok"));
        assert_eq!((count.passed, count.failed), (12, 3));
    }

    #[test]
    fn reads_nodes_report() {
        let mut count = Count::default();
        for line in ["# tests 9", "# suites 2", "# pass 7", "# fail 1", "# cancelled 1", "# skipped 0", "# note 3 x"] {
            count.read_node(line);
        }
        assert_eq!((count.passed, count.failed), (7, 2));
    }

    #[test]
    fn a_crash_is_a_failure() {
        assert_eq!(Count::passed(3).close(false, true).failed, 1);
        assert_eq!(Count::passed(0).close(true, false).failed, 1);
        assert_eq!(Count::passed(3).close(true, true).failed, 0);
    }
}
