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
    /// The tests that failed, by name.
    pub failures: Vec<String>,
    /// Those that failed among others and passed when they ran alone.
    pub alone: Vec<String>,
}

/// More failures than this are not for want of time, and nothing is run again.
const FEW: usize = 5;

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
        self.failures.extend(other.failures);
        self.alone.extend(other.alone);
    }

    /// Whether what failed is worth a second run: a few tests, all known by name. Two processors run several servers, browsers and databases
    /// at a time here, and a test may miss a time limit for that alone.
    pub fn is_worth_another_run(&self) -> bool {
        self.failed > 0 && self.failures.len() <= FEW && self.failed <= self.failures.len() as u64
    }

    /// What is so after those that failed ran once more, alone: what passed then passes, and is named in the summary.
    pub fn after(mut self, second: Count) -> Count {
        let is_whole = second.passed + second.failed >= self.failed && second.failed <= second.failures.len() as u64;
        if !is_whole {
            return self;
        }
        let failed = second.failed.min(self.failed);
        self.passed += self.failed - failed;
        self.failed = failed;
        let (failures, alone) =
            std::mem::take(&mut self.failures).into_iter().partition(|name| second.failures.contains(name));
        (self.failures, self.alone) = (failures, alone);
        self
    }

    /// Reads one line of cargo's test harness: `test result: ok. 3 passed; 0 failed; …`, or `test NAME ... FAILED`.
    pub fn read_rust(&mut self, line: &str) -> bool {
        if let Some(name) = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED")) {
            self.failures.push(name.to_owned());
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

    /// Reads one line of node's TAP report: `# pass 3`, `# fail 0`, `# cancelled 0`, or `not ok 7 - NAME`.
    pub fn read_node(&mut self, line: &str) -> bool {
        if let Some((_, name)) = line.trim_start().strip_prefix("not ok ").and_then(|line| line.split_once(" - ")) {
            self.failures.push(name.to_owned());
        }
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
        let first =
            told(&["test one ... FAILED", "test two ... FAILED", "test result: FAILED. 3 passed; 2 failed; 0 ignored"]);
        assert!(first.is_worth_another_run() && !Count::broken(&anyhow::anyhow!("no server")).is_worth_another_run());
        let good = first.clone().after(told(&["test result: ok. 2 passed; 0 failed; 0 ignored"]));
        assert_eq!((good.passed, good.failed, good.failures.len(), good.alone.len()), (5, 0, 0, 2));
        let bad =
            first.clone().after(told(&["test two ... FAILED", "test result: FAILED. 1 passed; 1 failed; 0 ignored"]));
        assert_eq!(
            (bad.passed, bad.failed, &bad.failures[..], &bad.alone[..]),
            (4, 1, &["two".to_owned()][..], &["one".to_owned()][..])
        );
        // A second run that came to nothing clears nobody.
        let broken = first.after(Count::broken(&anyhow::anyhow!("gone")));
        assert_eq!((broken.failed, broken.failures.len()), (2, 2));
    }

    #[test]
    fn a_crash_is_a_failure() {
        assert_eq!(Count::passed(3).close(false, true).failed, 1);
        assert_eq!(Count::passed(0).close(true, false).failed, 1);
        assert_eq!(Count::passed(3).close(true, true).failed, 0);
    }
}
