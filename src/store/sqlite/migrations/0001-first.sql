-- Webhooks exactly as they were received; never changed afterwards.
CREATE TABLE webhook (
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL,
  type        TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  body        BLOB NOT NULL
) STRICT;

-- Where a webhook is found by its id, once it is routed; see known-ids.ts for those before.
CREATE TABLE webhook_id (
  id      TEXT PRIMARY KEY,
  webhook INTEGER NOT NULL REFERENCES webhook (seq)
) STRICT, WITHOUT ROWID;

-- The webhooks that wait for their decisions: a row comes with the webhook and goes with its routing.
CREATE TABLE unrouted (webhook INTEGER PRIMARY KEY REFERENCES webhook (seq)) STRICT;

CREATE TABLE resource (
  seq                    INTEGER PRIMARY KEY,
  id                     TEXT NOT NULL,
  kind                   TEXT NOT NULL,
  status                 TEXT,
  title                  TEXT,
  attendee_name          TEXT,
  attendee_email         TEXT,
  schedule_id            TEXT,
  event_id               TEXT,
  start                  TEXT,
  starts_at              INTEGER,
  previous_start         TEXT,
  previous_start_version INTEGER NOT NULL,
  last_type              TEXT NOT NULL,
  last_webhook_id        TEXT NOT NULL,
  version                INTEGER NOT NULL,
  data                   TEXT NOT NULL,
  UNIQUE (id, kind)
) STRICT;

-- Folded text (see search.ts) in three-letter pieces, so that parts of words are found. Row ids are resource.seq.
CREATE VIRTUAL TABLE resource_search USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram');

CREATE TABLE routing (
  webhook    INTEGER PRIMARY KEY REFERENCES webhook (seq),
  resource   INTEGER REFERENCES resource (seq),
  created_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  moved_from TEXT,
  decisions  TEXT NOT NULL,
  oddities   TEXT NOT NULL
) STRICT;
CREATE INDEX routing_resource ON routing (resource) WHERE resource IS NOT NULL;

CREATE TABLE delivery (
  seq           INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  webhook       INTEGER NOT NULL REFERENCES webhook (seq),
  rule          TEXT NOT NULL,
  kind          TEXT NOT NULL,
  destination   TEXT NOT NULL,
  key           TEXT NOT NULL,
  version       INTEGER NOT NULL,
  late          TEXT NOT NULL,
  action        TEXT NOT NULL,
  status        TEXT NOT NULL DEFAULT 'pending',
  due_at        INTEGER NOT NULL,
  tries         INTEGER NOT NULL DEFAULT 0,
  superseded_by INTEGER REFERENCES webhook (seq)
) STRICT;
CREATE INDEX delivery_webhook ON delivery (webhook);
CREATE INDEX delivery_key ON delivery (key, version);
CREATE INDEX delivery_due ON delivery (kind, due_at, seq) WHERE status = 'pending';
CREATE INDEX delivery_troubled ON delivery (status, seq) WHERE status IN ('running', 'dead', 'superseded');

CREATE TABLE attempt (
  seq        INTEGER PRIMARY KEY,
  delivery   INTEGER NOT NULL REFERENCES delivery (seq),
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  outcome    TEXT NOT NULL DEFAULT 'running',
  unclear    INTEGER NOT NULL DEFAULT 0,
  code       TEXT,
  message    TEXT,
  detail     TEXT,
  note       TEXT
) STRICT;
CREATE INDEX attempt_delivery ON attempt (delivery);
CREATE INDEX attempt_running ON attempt (delivery) WHERE outcome = 'running';

CREATE TABLE rejection (
  seq        INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  remote     TEXT NOT NULL,
  bytes      INTEGER NOT NULL,
  user_agent TEXT NOT NULL
) STRICT;
CREATE TABLE rejection_count (reason TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at INTEGER NOT NULL) STRICT;

CREATE TABLE pause (
  kind    TEXT PRIMARY KEY,
  since   INTEGER NOT NULL,
  until   INTEGER NOT NULL,
  code    TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
