//! Running other programs: one line per step, and a program's own output only when it fails.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Runs one program to its end. Prints `label … 1.2 s`; on failure everything the program wrote.
pub fn run(label: &str, command: &mut Command) -> Result<String> {
    let started = Instant::now();
    announce(label);
    let output = command.stdin(Stdio::null()).output();
    let output = match output {
        Ok(output) => output,
        Err(cause) => {
            println!(" failed");
            return Err(cause).with_context(|| format!("cannot start {}", written(command)));
        }
    };
    if output.status.success() {
        println!(" {:.1} s", started.elapsed().as_secs_f64());
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    println!(" failed");
    let mut out = std::io::stdout().lock();
    out.write_all(&output.stdout)?;
    out.write_all(&output.stderr)?;
    bail!("{} ended with {}", written(command), output.status);
}

/// Does one piece of work in this process, shown like a program's step.
pub fn work<T>(label: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    announce(label);
    let outcome = work();
    match &outcome {
        Ok(_) => println!(" {:.1} s", started.elapsed().as_secs_f64()),
        Err(_) => println!(" failed"),
    }
    outcome
}

/// Says that a step had nothing to do.
pub fn unchanged(label: &str) {
    println!("{label} … unchanged");
}

/// A program's output without a line of its own; an error when it fails.
pub fn quiet(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", written(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}\n{}", written(command), output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program of that name can be started by name.
pub fn on_path(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|directory| directory.join(name).is_file()))
}

/// Runs a program and shows what it writes to its standard output while it writes it; `each` sees every line too.
/// Gives whether the program ended well.
pub fn stream(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    lines(command, |line| {
        println!("{line}");
        each(line);
    })
}

/// Runs a program and hands over its standard output line by line. Gives whether the program ended well.
pub fn lines(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", written(command)))?;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            each(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    Ok(child.wait()?.success())
}

/// `cargo`, as this process was started by it. In CI the lock file is the law; while developing, cargo may add to it.
pub fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::place::root()).arg(subcommand);
    if subcommand != "fmt" && std::env::var_os("CI").is_some() {
        command.arg("--locked");
    }
    command
}

fn announce(label: &str) {
    print!("{label} …");
    // Without a newline the text would stay in the buffer for the whole step.
    let _ = std::io::stdout().flush();
}

fn written(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
