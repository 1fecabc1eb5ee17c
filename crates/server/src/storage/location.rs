//! Where the database is.

use std::fmt;
use std::str::FromStr;
use url::Url;
use zeroize::Zeroizing;

/// Where the database is.
#[derive(Debug, Clone, Default)]
pub enum DatabaseLocation {
    /// SQLite's file in the data directory.
    #[default]
    DataDirectory,
    /// A PostgreSQL server, which several processes may share.
    Postgres(PostgresUrl),
}

/// `postgres://USER:PASSWORD@HOST/DATABASE?…`: over TLS with a verified certificate, or on this machine.
#[derive(Clone)]
pub struct PostgresUrl(Zeroizing<String>);

/// Why a URL is not one of a database that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDatabaseUrl {
    /// Not `postgres://…`.
    #[error("the URL of the database must begin with postgres://")]
    Scheme,
    /// Another machine without TLS.
    #[error(
        "a database on another machine needs ?sslmode=verify-full in its URL (and sslrootcert=FILE for an authority of your own)"
    )]
    Clear,
    /// No host: the environment would choose it.
    #[error("the URL of the database names no host; for a socket write ?host=/run/postgresql")]
    NoHost,
    /// Something in the query that has no meaning here.
    #[error("the URL of the database has an unknown parameter in its query")]
    UnknownParameter,
}

/// What may stand in the query. Others would be passed over, and logged with their values.
const PARAMETERS: [&str; 17] = [
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "application_name",
    "options",
];

impl PostgresUrl {
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresUrl(…)")
    }
}

impl FromStr for PostgresUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| InvalidDatabaseUrl::Scheme)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(InvalidDatabaseUrl::Scheme);
        }
        // What the query says stands in the place of the URL's own, and of what it said before.
        let (mut host, mut mode) = (url.host_str().unwrap_or_default().to_owned(), String::new());
        for (name, value) in url.query_pairs() {
            match &*name {
                "host" | "hostaddr" => host = value.into_owned(),
                "sslmode" | "ssl-mode" => mode = value.into_owned(),
                name if PARAMETERS.contains(&name) || (name.starts_with("options[") && name.ends_with(']')) => {}
                _ => return Err(InvalidDatabaseUrl::UnknownParameter),
            }
        }
        if host.is_empty() {
            return Err(InvalidDatabaseUrl::NoHost);
        }
        // A socket's path begins with a slash, which a URL's host can only hold encoded.
        let socket = host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f");
        let here = socket || matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1" | "[::1]");
        if !here && mode != "verify-full" {
            return Err(InvalidDatabaseUrl::Clear);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_asked_over_verified_tls_only() {
        for url in [
            "postgres://envelock@%2Frun%2Fpostgresql/envelock",
            "postgres:///envelock?host=/run/postgresql",
            "postgresql://envelock:secret@localhost:5433/envelock",
            "postgres://envelock@[::1]:5432/envelock",
            "postgres://envelock:secret@db.example.org/envelock?sslmode=verify-full",
        ] {
            assert!(url.parse::<PostgresUrl>().is_ok(), "{url}");
        }
        for url in [
            "postgres://envelock:secret@db.example.org/envelock",
            "postgres://envelock:secret@db.example.org/envelock?sslmode=require",
            "postgres://envelock:secret@db.example.org/envelock?application_name=sslmode=verify-full",
            "postgres://localhost/envelock?host=db.example.org",
            "postgres://localhost@db.example.org/envelock",
            "postgres://[2001:db8::1]/envelock",
            "postgres://db.example.org/envelock?sslmode=verify-full&ssl-mode=disable",
            "postgres://db.example.org/envelock?sslmode=verify-full&%73slmode=disable",
        ] {
            assert_eq!(url.parse::<PostgresUrl>().err(), Some(InvalidDatabaseUrl::Clear), "{url}");
        }
        assert_eq!("mysql://localhost/x".parse::<PostgresUrl>().err(), Some(InvalidDatabaseUrl::Scheme));
    }

    /// PGHOST would have chosen a host that nobody looked at.
    #[test]
    fn without_a_host_the_environment_is_not_asked() {
        for url in ["postgres:///envelock", "postgres:///envelock?host=", "postgres://localhost/envelock?hostaddr="] {
            assert_eq!(url.parse::<PostgresUrl>().err(), Some(InvalidDatabaseUrl::NoHost), "{url}");
        }
    }

    /// They were logged, with what they said.
    #[test]
    fn what_the_query_says_is_known() {
        let url = "postgres://localhost/envelock?passwort=secret";
        assert_eq!(url.parse::<PostgresUrl>().err(), Some(InvalidDatabaseUrl::UnknownParameter));
        let url = "postgres://localhost/envelock?application_name=a&options=-c%20x%3D1&options[search_path]=envelock";
        assert!(url.parse::<PostgresUrl>().is_ok());
    }

    #[test]
    fn its_password_is_not_shown() -> Result<(), InvalidDatabaseUrl> {
        let url: PostgresUrl = "postgres://envelock:secret@localhost/envelock".parse()?;
        assert!(!format!("{:?}", DatabaseLocation::Postgres(url)).contains("secret"));
        Ok(())
    }
}
