-- Copies of what somebody sent lie beside what arrived, encrypted by their devices to themselves.
ALTER TABLE mailbox ADD COLUMN sent INTEGER NOT NULL DEFAULT 0; -- 1: a copy; its id was chosen by a device

DROP INDEX mailbox_by_time;
CREATE INDEX mailbox_by_time ON mailbox (account, sent, received, id, size);
