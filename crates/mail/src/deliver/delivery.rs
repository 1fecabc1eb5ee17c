//! One conversation with a server that takes mail (RFC 5321), as a state machine: octets in, events out.

use super::content::Content;
use super::reply::{Front, Reply};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::VecDeque;
use zeroize::Zeroizing;

/// What is to be delivered.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The name we give ourselves.
    pub name: &'a str,
    /// Where failures are told (MAIL FROM); empty for news of failures.
    pub sender: &'a str,
    /// Addresses of recipients at this server.
    pub recipients: &'a [String],
    /// The message.
    pub content: &'a Content,
    /// Whether the server is asked to insist on TLS in its turn, if it offers to (RFC 8689). For servers of which DNSSEC or a policy says
    /// that they are the right ones (§4.2.1).
    pub require_tls: bool,
    /// Who we are, to a server that takes mail for everybody from those it knows (RFC 4954).
    pub login: Option<&'a Login>,
}

/// A name and a password. Not shown by anything.
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Zeroizing<String>,
}

/// What is to be done next.
#[derive(PartialEq, Eq)]
pub enum Event<'a> {
    /// Read more and [`feed`](Delivery::feed) it.
    Read,
    /// Write this. It may hold a password.
    Write(Zeroizing<Vec<u8>>),
    /// Write the message. Nothing else is written without TLS that came before.
    WriteContent(&'a [u8]),
    /// Begin TLS and verify the server, then tell [`secured`](Delivery::secured).
    StartTls,
    /// It is over.
    Done(Outcome),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// For each recipient in their order: taken, or the reply that refused it.
    Answered(Vec<Result<Reply, Reply>>),
    /// Nothing was sent.
    Failed(Failure),
}

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The server offers no TLS, or somebody in between took the offer out.
    #[error("the server offers no encryption (STARTTLS)")]
    NoTls,
    /// The server offers TLS and does not begin it.
    #[error("the server does not begin encryption: {}", .0.code)]
    TlsRefused(Reply),
    /// Octets in clear stood where TLS had to begin: somebody in between wants them taken for what the server says.
    #[error("something was said in clear where encryption had to begin")]
    Injected,
    /// The server takes no mail from us.
    #[error("the server refuses: {}", .0.code)]
    Refused(Reply),
    /// What it says is no SMTP.
    #[error("the server speaks no SMTP")]
    NotSmtp,
    /// The server takes no password that would have to be told (AUTH PLAIN).
    #[error("the server takes no login with a password")]
    NoLogin,
    /// The server does not know us.
    #[error("the server refuses the login: {}", .0.code)]
    LoginRefused(Reply),
    /// The message or an address needs what the server does not offer.
    #[error("the server does not offer {0}")]
    Lacks(&'static str),
    /// The message is larger than the server takes.
    #[error("the message is larger than the server takes")]
    TooLarge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    /// In a connection that began with TLS.
    GreetingOverTls,
    HelloInClear,
    StartTls,
    /// Waiting for TLS.
    Tls,
    Hello,
    Login,
    Mail,
    Recipient,
    Data,
    Content,
    Over,
}

/// A conversation.
pub struct Delivery<'a> {
    job: Job<'a>,
    stage: Stage,
    input: Vec<u8>,
    /// What the server offers under TLS.
    hello: Option<Reply>,
    events: VecDeque<Event<'a>>,
    /// For each recipient that was answered.
    answers: Vec<Result<Reply, Reply>>,
}

impl<'a> Delivery<'a> {
    /// A conversation over a connection that has no TLS yet.
    pub fn new(job: Job<'a>) -> Self {
        let (input, events, answers) = (Vec::new(), VecDeque::new(), Vec::new());
        Self { job, stage: Stage::Greeting, input, hello: None, events, answers }
    }

    /// A conversation over a connection that began with TLS (RFC 8314 §3), with the right server.
    pub fn over_tls(job: Job<'a>) -> Self {
        Self { stage: Stage::GreetingOverTls, ..Self::new(job) }
    }

    /// What the server sent.
    pub fn feed(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
    }

    /// TLS has begun, and the server is the right one. What it said before is forgotten (RFC 3207 §4.2).
    pub fn secured(&mut self) {
        if self.stage == Stage::Tls {
            self.input.clear();
            self.say(format!("EHLO {}\r\n", self.job.name), Stage::Hello);
        }
    }

    /// Whether TLS was asked for, and has not begun.
    pub fn awaits_tls(&self) -> bool {
        matches!(self.stage, Stage::StartTls | Stage::Tls)
    }

    /// What is to be done next.
    pub fn next_event(&mut self) -> Event<'a> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            if matches!(self.stage, Stage::Tls | Stage::Over) {
                return Event::Read;
            }
            match Reply::take(&self.input) {
                Front::Unfinished => return Event::Read,
                Front::Malformed => self.fail(Failure::NotSmtp),
                Front::Whole(reply, length) => {
                    self.input.drain(..length);
                    self.answered(reply);
                }
            }
        }
    }

    fn answered(&mut self, reply: Reply) {
        match self.stage {
            Stage::Greeting if reply.is_good() => self.say(format!("EHLO {}\r\n", self.job.name), Stage::HelloInClear),
            Stage::GreetingOverTls if reply.is_good() => self.say(format!("EHLO {}\r\n", self.job.name), Stage::Hello),
            Stage::HelloInClear if reply.is_good() => match reply.extension("STARTTLS") {
                Some(_) => self.say("STARTTLS\r\n".into(), Stage::StartTls),
                None => self.fail(Failure::NoTls),
            },
            // A server that knows no EHLO knows no STARTTLS either.
            Stage::HelloInClear if reply.is_permanent() => self.fail(Failure::NoTls),
            Stage::StartTls if reply.code == 220 => {
                if !self.input.is_empty() {
                    return self.fail(Failure::Injected);
                }
                self.stage = Stage::Tls;
                self.events.push_back(Event::StartTls);
            }
            Stage::StartTls => self.fail(Failure::TlsRefused(reply)),
            Stage::Hello if reply.is_good() => match self.job.login {
                Some(login) => self.log_in(login, reply),
                None => self.mail(&reply),
            },
            Stage::Login if reply.is_good() => match self.hello.take() {
                Some(hello) => self.mail(&hello),
                None => self.fail(Failure::NotSmtp),
            },
            Stage::Login => self.fail(Failure::LoginRefused(reply)),
            Stage::Mail if reply.is_good() => self.next_recipient(),
            Stage::Recipient => {
                self.answers.push(if reply.is_good() { Ok(reply) } else { Err(reply) });
                self.next_recipient();
            }
            Stage::Data if reply.code == 354 => {
                self.stage = Stage::Content;
                self.events.push_back(Event::WriteContent(self.job.content.octets()));
            }
            // One answer for whoever was taken so far.
            Stage::Data | Stage::Content => {
                let last = if self.stage == Stage::Content && reply.is_good() { Ok(reply) } else { Err(reply) };
                let answers = std::mem::take(&mut self.answers);
                self.done(answers.into_iter().map(|answer| answer.and_then(|_| last.clone())).collect());
            }
            _ => self.fail(Failure::Refused(reply)),
        }
    }

    /// AUTH PLAIN (RFC 4616), as there is TLS.
    fn log_in(&mut self, login: &Login, hello: Reply) {
        let offers = hello
            .extension("AUTH")
            .is_some_and(|offered| offered.split_whitespace().any(|mechanism| mechanism.eq_ignore_ascii_case("PLAIN")));
        if !offers {
            return self.fail(Failure::NoLogin);
        }
        self.hello = Some(hello);
        let response = Zeroizing::new(format!("\0{}\0{}", login.user, login.password.as_str()));
        let encoded = Zeroizing::new(STANDARD.encode(response.as_bytes()));
        self.stage = Stage::Login;
        let mut command = Zeroizing::new(Vec::with_capacity(encoded.len() + 13));
        for part in ["AUTH PLAIN ", &encoded, "\r\n"] {
            command.extend_from_slice(part.as_bytes());
        }
        self.events.push_back(Event::Write(command));
    }

    fn mail(&mut self, hello: &Reply) {
        match self.mail_command(hello) {
            Ok(command) => self.say(command, Stage::Mail),
            Err(failure) => self.fail(failure),
        }
    }

    /// MAIL with what the message needs, as far as it is offered.
    fn mail_command(&self, hello: &Reply) -> Result<String, Failure> {
        let Job { sender, recipients, content, require_tls, .. } = self.job;
        let mut command = format!("MAIL FROM:<{sender}>");
        if let Some(size) = hello.extension("SIZE") {
            let length = content.octets().len();
            if size.parse::<usize>().is_ok_and(|most| most > 0 && most < length) {
                return Err(Failure::TooLarge);
            }
            command.push_str(&format!(" SIZE={length}"));
        }
        let mut need = |is_needed: bool, name: &'static str, parameter: &str| {
            if is_needed {
                hello.extension(name).ok_or(Failure::Lacks(name))?;
                command.push_str(parameter);
            }
            Ok(())
        };
        need(content.is_8bit(), "8BITMIME", " BODY=8BITMIME")?;
        need(!sender.is_ascii() || !recipients.iter().all(|address| address.is_ascii()), "SMTPUTF8", " SMTPUTF8")?;
        if require_tls && hello.extension("REQUIRETLS").is_some() {
            command.push_str(" REQUIRETLS");
        }
        command.push_str("\r\n");
        Ok(command)
    }

    fn next_recipient(&mut self) {
        match self.job.recipients.get(self.answers.len()) {
            Some(address) => self.say(format!("RCPT TO:<{address}>\r\n"), Stage::Recipient),
            None if self.answers.iter().any(Result::is_ok) => self.say("DATA\r\n".into(), Stage::Data),
            None => {
                let answers = std::mem::take(&mut self.answers);
                self.done(answers);
            }
        }
    }

    fn say(&mut self, command: String, next: Stage) {
        self.stage = next;
        self.events.push_back(Event::Write(command.into_bytes().into()));
    }

    fn done(&mut self, answers: Vec<Result<Reply, Reply>>) {
        self.end(Outcome::Answered(answers));
    }

    fn fail(&mut self, failure: Failure) {
        self.end(Outcome::Failed(failure));
    }

    fn end(&mut self, outcome: Outcome) {
        // Where something was injected nothing more is said.
        if outcome != Outcome::Failed(Failure::Injected) {
            self.events.push_back(Event::Write(b"QUIT\r\n".to_vec().into()));
        }
        self.events.push_back(Event::Done(outcome));
        self.stage = Stage::Over;
    }
}
