//! What node's test runner reports (TAP version 14): which tests passed and failed, and where those stand that failed.

use std::path::PathBuf;

use super::count::Count;

/// A report as far as it was read.
#[derive(Default)]
pub struct Report {
    /// Its tests.
    pub count: Count,
    /// The file of each test that failed; empty where it is not told.
    pub failed: Vec<PathBuf>,
    /// Whether its end was seen.
    pub is_whole: bool,
    test: Option<Test>,
}

/// A line `ok` or `not ok`, of which the lines that follow say more.
struct Test {
    has_passed: bool,
    name: String,
    file: PathBuf,
    is_suite: bool,
}

impl Report {
    /// Reads the next line.
    pub fn read(&mut self, line: &str) {
        self.is_whole |= self.count.read_node(line);
        let line = line.trim_start();
        let result = |words: &str| line.strip_prefix(words).and_then(|line| Some(line.split_once(" - ")?.1.to_owned()));
        let named = result("ok ").map(|name| (true, name)).or_else(|| result("not ok ").map(|name| (false, name)));
        if let Some((has_passed, name)) = named {
            self.test = Some(Test { has_passed, name, file: PathBuf::new(), is_suite: false });
        }
        let Some(test) = &mut self.test else { return };
        test.is_suite |= line == "type: 'suite'";
        if let Some(file) = location(line) {
            test.file = file;
        }
        if line == "..." {
            self.end_test();
        }
    }

    /// All that is said of a test was read. Suites are counted by what is in them.
    fn end_test(&mut self) {
        let Some(Test { has_passed, name, file, is_suite: false }) = self.test.take() else { return };
        self.count.note_test(has_passed, name);
        if !has_passed {
            self.failed.push(file);
        }
    }
}

/// The file that a line `location: 'FILE:LINE:COLUMN'` names.
fn location(line: &str) -> Option<PathBuf> {
    let place = line.strip_prefix("location: '")?.strip_suffix('\'')?;
    place.rsplitn(3, ':').nth(2).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::Report;
    use std::path::PathBuf;

    #[test]
    fn reads_which_tests_failed_and_where_they_stand() {
        let mut report = Report::default();
        let text = "# Subtest: mail
    # Subtest: arrives
    not ok 1 - arrives
      ---
      duration_ms: 1
      location: '/tests/e2e/mail.test.mjs:208:3'
      error: 'none'
      ...
    # Subtest: is read
    ok 2 - is read
      ---
      duration_ms: 1
      ...
not ok 1 - mail
  ---
  duration_ms: 2
  type: 'suite'
  location: '/tests/e2e/mail.test.mjs:20:1'
  ...
# pass 1
# fail 1";
        text.lines().for_each(|line| report.read(line));
        assert_eq!((report.count.passed, report.count.failed, report.is_whole), (1, 1, true));
        assert_eq!(report.count.failures, ["arrives"]);
        assert!(report.count.passes.contains("is read"));
        assert_eq!(report.failed, [PathBuf::from("/tests/e2e/mail.test.mjs")]);
    }
}
