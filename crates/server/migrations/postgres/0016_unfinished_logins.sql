-- One name for logins whose password was right and whose second factor did not follow.
ALTER TABLE half_logins RENAME TO unfinished_logins;
ALTER INDEX half_logins_of_account RENAME TO unfinished_logins_of_account;
ALTER INDEX half_logins_by_time RENAME TO unfinished_logins_by_time;
