//! Command lines that the crate `sop` refuses without the exit code that the specification gives them.

use std::process::ExitCode;

/// A required argument is missing (`MISSING_ARG`).
const MISSING_ARG: u8 = 19;
/// Options that exclude each other (`INCOMPATIBLE_OPTIONS`).
const INCOMPATIBLE_OPTIONS: u8 = 83;

/// What a subcommand cannot do without: how many plain arguments, and which options.
const REQUIRED: [(&str, usize, &[&str]); 6] = [
    ("list-profiles", 1, &[]),
    ("verify", 2, &[]),
    ("inline-verify", 1, &[]),
    ("inline-detach", 0, &["--signatures-out"]),
    ("certify-userid", 1, &["--userid"]),
    ("validate-userid", 2, &[]),
];

/// The exit code for a command line that lacks something, or asks for two things at once. Everything else is left to `sop`.
pub fn objection(arguments: impl Iterator<Item = String>) -> Option<ExitCode> {
    let mut arguments = arguments.skip_while(|argument| argument == "--debug");
    let subcommand = arguments.next()?;
    let arguments: Vec<String> = arguments.collect();
    let asks_help = arguments.iter().any(|argument| argument == "--help" || argument == "-h");
    if asks_help {
        return None;
    }
    let (options, plain) = sorted(&arguments);
    if subcommand == "version" && options.len() > 1 {
        eprintln!("the options of version exclude each other");
        return Some(ExitCode::from(INCOMPATIBLE_OPTIONS));
    }
    let (_, count, names) = REQUIRED.iter().find(|(name, ..)| *name == subcommand)?;
    let lacks = names.iter().find(|name| !options.iter().any(|option| option == *name));
    if let Some(name) = lacks {
        eprintln!("{subcommand} needs {name}");
        return Some(ExitCode::from(MISSING_ARG));
    }
    if plain < *count {
        eprintln!("{subcommand} needs {count} arguments, {plain} were given");
        return Some(ExitCode::from(MISSING_ARG));
    }
    None
}

/// The options without their values, and the number of plain arguments.
fn sorted(arguments: &[String]) -> (Vec<&str>, usize) {
    let mut only_plain = false;
    let (mut options, mut plain) = (Vec::new(), 0);
    for argument in arguments {
        if only_plain || !argument.starts_with("--") {
            plain += 1;
        } else if argument == "--" {
            only_plain = true;
        } else if argument != "--debug" {
            options.push(argument.split_once('=').map_or(argument.as_str(), |(name, _)| name));
        }
    }
    (options, plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> Option<ExitCode> {
        objection(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn complete_lines_pass() {
        for line in [
            "",
            "nonsense",
            "version",
            "version --extended",
            "verify sig cert",
            "verify --not-after=now sig cert other",
            "verify --help",
            "inline-detach --signatures-out=x",
            "inline-detach --signatures-out x",
            "certify-userid --userid=a key",
            "validate-userid -- --odd root",
        ] {
            assert!(code(line).is_none(), "{line}");
        }
    }

    #[test]
    fn incomplete_lines_do_not() {
        for line in ["verify", "verify sig", "inline-verify", "inline-detach", "certify-userid key", "list-profiles"] {
            assert_eq!(format!("{:?}", code(line)), format!("{:?}", Some(ExitCode::from(MISSING_ARG))), "{line}");
        }
        assert!(code("version --extended --backend").is_some());
    }
}
