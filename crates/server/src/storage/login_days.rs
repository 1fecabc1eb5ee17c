//! Rows of `login_days`: on which days an account was logged in to, and with what. One row a day and device, however often. Those that
//! got as far as the password have rows of their own (`unfinished_logins`) and are read together with these.

use super::database::{Database, Writing, count};
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;

/// The logins of one day with one device.
pub(crate) struct LoginDayRow {
    pub(crate) browser: String,
    pub(crate) system: String,
    pub(crate) earliest: i64,
    pub(crate) latest: i64,
    pub(crate) times: u32,
    pub(crate) is_new: bool,
    /// Whether they got as far as the password, and no further.
    pub(crate) is_unfinished: bool,
}

impl TryFrom<AnyRow> for LoginDayRow {
    type Error = StorageError;

    fn try_from(row: AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            browser: row.try_get("browser")?,
            system: row.try_get("system")?,
            earliest: row.try_get("earliest")?,
            latest: row.try_get("latest")?,
            times: count(&row, "times")?,
            is_new: row.try_get::<i64, _>("is_new")? != 0,
            is_unfinished: row.try_get::<i64, _>("is_unfinished")? != 0,
        })
    }
}

const DAY_SECONDS: i64 = 24 * 3600;

/// Days since 1970, in UTC.
fn day_of(time: i64) -> i64 {
    time.div_euclid(DAY_SECONDS)
}

/// Notes that somebody has logged in to this account, which the transaction holds.
pub(super) async fn note_login(
    transaction: &mut Writing,
    account: i64,
    (browser, system): (&str, &str),
    now: i64,
) -> Result<(), StorageError> {
    let before = sqlx::query("SELECT 1 FROM login_days WHERE account = $1 AND browser = $2 AND system = $3 LIMIT 1")
        .bind(account)
        .bind(browser)
        .bind(system)
        .fetch_optional(&mut **transaction)
        .await?;
    sqlx::query(
        "INSERT INTO login_days (account, day, browser, system, times, earliest, latest, is_new)
         VALUES ($1, $2, $3, $4, 1, $5, $6, $7)
         ON CONFLICT (account, day, browser, system) DO UPDATE SET times = login_days.times + 1, latest = excluded.latest",
    )
    .bind(account)
    .bind(day_of(now))
    .bind(browser)
    .bind(system)
    .bind(now)
    .bind(now)
    .bind(i64::from(before.is_none()))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Database {
    /// The logins of this account that are kept, the latest first.
    pub(crate) async fn login_days(&self, account: i64) -> Result<Vec<LoginDayRow>, StorageError> {
        let rows = sqlx::query(
            "SELECT browser, system, earliest, latest, times, is_new, CAST(0 AS BIGINT) AS is_unfinished
             FROM login_days WHERE account = $1
             UNION ALL
             SELECT browser, system, min(begun), max(begun), count(*), CAST(0 AS BIGINT), CAST(1 AS BIGINT)
             FROM unfinished_logins WHERE account = $1 GROUP BY browser, system, begun / $2
             ORDER BY latest DESC, browser, system, is_unfinished",
        )
        .bind(account)
        .bind(DAY_SECONDS)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(LoginDayRow::try_from).collect()
    }

    /// Forgets the logins of days before the one of this time.
    pub(crate) async fn remove_old_login_days(&self, before: i64) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM login_days WHERE day < $1").bind(day_of(before)).execute(&self.writer).await?;
        Ok(())
    }
}
