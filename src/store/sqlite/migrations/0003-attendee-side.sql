-- How long a delivery waits for something newer to take its place; its due_at holds the wait already.
ALTER TABLE delivery ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;

-- By what the next mail about a resource to an address joins the ones before.
CREATE TABLE mail_thread (
  key     TEXT PRIMARY KEY,
  root    TEXT NOT NULL,
  last    TEXT NOT NULL,
  subject TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What calendars were told last.
CREATE TABLE invite (
  uid      TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL,
  delivery TEXT NOT NULL,
  version  INTEGER NOT NULL,
  stamp    INTEGER NOT NULL,
  method   TEXT NOT NULL,
  times    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Addresses, in lower case, that a mail server refused for good.
CREATE TABLE refused_address (
  address TEXT PRIMARY KEY,
  at      INTEGER NOT NULL,
  code    TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refused_address_at ON refused_address (at);
