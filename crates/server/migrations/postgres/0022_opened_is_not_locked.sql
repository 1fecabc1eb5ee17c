-- Of what was opened its last time, none left means locked: by a restore. Until now it could come from strangers' tries before.
UPDATE envelopes SET tries_left = 1 WHERE state = 'opened' AND tries_left = 0;
