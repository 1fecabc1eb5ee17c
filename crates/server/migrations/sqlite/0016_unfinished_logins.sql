-- One name for logins whose password was right and whose second factor did not follow.
ALTER TABLE half_logins RENAME TO unfinished_logins;
DROP INDEX half_logins_of_account;
DROP INDEX half_logins_by_time;
CREATE INDEX unfinished_logins_of_account ON unfinished_logins (account, begun);
CREATE INDEX unfinished_logins_by_time ON unfinished_logins (begun);
