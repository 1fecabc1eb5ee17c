ALTER TABLE mailbox ADD COLUMN sent BIGINT NOT NULL DEFAULT 0;

DROP INDEX mailbox_by_time;
CREATE INDEX mailbox_by_time ON mailbox (account, sent, received, id, size);
