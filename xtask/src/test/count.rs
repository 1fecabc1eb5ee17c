//! Counting tests from what their runners print.

use std::collections::HashSet;

/// How many tests passed and failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and groups that could not run.
    pub failed: u64,
    /// What to say beside the numbers.
    pub note: Option<String>,
    /// The tests that passed, by name.
    pub passes: HashSet<String>,
    /// The tests that failed, by name.
    pub failures: Vec<String>,
    /// Those that failed among others and passed when they ran alone.
    pub alone: Vec<String>,
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
        Count { failed: 1, note: Some(reason), ..Count::default() }
    }

    /// Adds another count; the first note stays.
    pub fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.note = self.note.take().or(other.note);
        self.passes.extend(other.passes);
        self.failures.extend(other.failures);
        self.alone.extend(other.alone);
    }

    /// Whether something failed, and all that did is known by name: then it can be run again.
    pub fn can_run_again(&self) -> bool {
        self.failed > 0 && self.failed == self.failures.len() as u64
    }

    /// What is so after those that failed ran once more, alone: which of them passed then passes, and is named in the summary. A run in which
    /// something else failed says nothing.
    pub fn after(mut self, second: &Count) -> Count {
        if second.failures.iter().any(|name| !self.failures.contains(name)) {
            return self;
        }
        let passed = |name: &String| second.passes.contains(name) && !second.failures.contains(name);
        let (alone, failures): (Vec<_>, Vec<_>) = std::mem::take(&mut self.failures).into_iter().partition(passed);
        self.passed += alone.len() as u64;
        self.failed -= alone.len() as u64;
        (self.failures, self.alone) = (failures, alone);
        self
    }

    /// Notes what came of a test, which its runner counts besides.
    pub fn note_test(&mut self, has_passed: bool, name: String) {
        if has_passed {
            self.passes.insert(name);
        } else {
            self.failures.push(name);
        }
    }

    /// Reads one line of cargo's test harness: `test result: ok. 3 passed; 0 failed; …`, or `test NAME ... FAILED`.
    pub fn read_rust(&mut self, line: &str) -> bool {
        if let Some((name, how)) = line.strip_prefix("test ").and_then(|line| line.rsplit_once(" ... ")) {
            self.note_test(how == "ok", name.to_owned());
        }
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
    fn what_fails_alone_too_has_failed() {
        let told = |lines: &[&str]| {
            let mut count = Count::default();
            for line in lines {
                count.read_rust(line);
            }
            count
        };
        let result = "test result: FAILED. 3 passed; 2 failed; 0 ignored";
        let first = told(&["test one ... FAILED", "test two ... FAILED", result]);
        assert!(first.can_run_again());
        let good = first.clone().after(&told(&["test one ... ok", "test two ... ok"]));
        assert_eq!((good.passed, good.failed, good.failures.len(), good.alone.len()), (5, 0, 0, 2));
        let bad = first.clone().after(&told(&["test one ... ok", "test two ... FAILED"]));
        assert_eq!((bad.passed, bad.failed), (4, 1));
        assert_eq!((bad.failures, bad.alone), (vec!["two".to_owned()], vec!["one".to_owned()]));
        // A second run that came to nothing, or in which something else failed, clears nobody.
        for lines in [&[][..], &["test one ... ok", "test three ... FAILED"]] {
            let after = first.clone().after(&told(lines));
            assert_eq!((after.failed, after.failures.len(), after.alone.len()), (2, 2, 0));
        }
    }

    #[test]
    fn what_has_no_name_is_not_run_again() {
        let nameless = Count { failed: 2, failures: vec!["one".to_owned()], ..Count::default() };
        for count in [nameless, Count::passed(3), Count::broken(&anyhow::anyhow!("no server"))] {
            assert!(!count.can_run_again());
        }
    }

    #[test]
    fn a_crash_is_a_failure() {
        assert_eq!(Count::passed(3).close(false, true).failed, 1);
        assert_eq!(Count::passed(0).close(true, false).failed, 1);
        assert_eq!(Count::passed(3).close(true, true).failed, 0);
    }
}
