-- What people had done. A token names one click, so that a repeated one does nothing.
CREATE TABLE act (
  seq     INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL,
  summary TEXT NOT NULL,
  token   TEXT UNIQUE
) STRICT;
CREATE INDEX act_subject ON act (subject);

-- What a done delivery told, the summary that told it together with others, and the act that had it run again.
ALTER TABLE delivery ADD COLUMN fingerprint TEXT;
ALTER TABLE delivery ADD COLUMN together TEXT;
ALTER TABLE delivery ADD COLUMN rerun INTEGER REFERENCES act (seq);
CREATE INDEX delivery_together ON delivery (together) WHERE together IS NOT NULL;

-- Messages that are kept up to date.
CREATE TABLE card (
  key     TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  ts      TEXT NOT NULL,
  version INTEGER NOT NULL,
  detail  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Registrations of an event are counted from the index alone, whatever their number: the view and the index have to
-- name the same expressions.
CREATE VIEW registration AS SELECT
  event_id,
  upper(coalesce(status, last_type)) IN ('CANCELLED', 'CANCELED', 'DECLINED', 'REJECTED', 'REGISTRATION.CANCELLED') AS gone,
  CASE WHEN json_type(data, '$.guest_count') = 'integer' AND json_extract(data, '$.guest_count') BETWEEN 1 AND 10000
    THEN json_extract(data, '$.guest_count') ELSE 0 END AS guests
FROM resource WHERE kind = 'registration' AND event_id IS NOT NULL;
CREATE INDEX resource_registration ON resource (
  event_id,
  upper(coalesce(status, last_type)) IN ('CANCELLED', 'CANCELED', 'DECLINED', 'REJECTED', 'REGISTRATION.CANCELLED'),
  CASE WHEN json_type(data, '$.guest_count') = 'integer' AND json_extract(data, '$.guest_count') BETWEEN 1 AND 10000
    THEN json_extract(data, '$.guest_count') ELSE 0 END
) WHERE kind = 'registration' AND event_id IS NOT NULL;

CREATE INDEX resource_start ON resource (starts_at) WHERE starts_at IS NOT NULL;

-- As before, and with the filters (see facets.ts) in columns of their own. Filled when the store is opened.
DROP TABLE resource_search;
CREATE VIRTUAL TABLE resource_search USING fts5 (
  text, status, schedule, kind, type, year, month, day,
  content = '', contentless_delete = 1, tokenize = 'trigram'
);
