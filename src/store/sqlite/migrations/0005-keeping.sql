-- How many rows were forgotten: rows are counted by their numbers, see status.ts.
CREATE TABLE forgotten (name TEXT PRIMARY KEY, rows INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO forgotten VALUES ('webhook', 0), ('delivery', 0);

-- Without a reference, which would have all of it looked through for each webhook that is forgotten.
CREATE TABLE webhook_id_unbound (id TEXT PRIMARY KEY, webhook INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO webhook_id_unbound SELECT id, webhook FROM webhook_id ORDER BY id;
DROP TABLE webhook_id;
ALTER TABLE webhook_id_unbound RENAME TO webhook_id;

-- What refers to a webhook, an act or a delivery is found when that is forgotten.
CREATE INDEX delivery_superseded_by ON delivery (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE INDEX delivery_rerun ON delivery (rerun) WHERE rerun IS NOT NULL;
CREATE INDEX invite_delivery ON invite (delivery);
