-- What of its resource's data a webhook changed, with what was there before.
ALTER TABLE routing ADD COLUMN changed_from TEXT;

-- The delivery that came to this one: a mail to everyone registered comes to one for each registration.
ALTER TABLE delivery ADD COLUMN parent INTEGER REFERENCES delivery (seq);
CREATE INDEX delivery_parent ON delivery (parent, status) WHERE parent IS NOT NULL;
DROP INDEX delivery_webhook;
CREATE INDEX delivery_webhook ON delivery (webhook, parent);

-- What came of another goes behind what did not: hundreds of mails about an event hold up nobody's booking.
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (kind, (parent IS NOT NULL), due_at, seq) WHERE status = 'pending';

-- The registrations of an event in the order of their ids, page by page.
CREATE INDEX resource_registered ON resource (event_id, id) WHERE kind = 'registration' AND event_id IS NOT NULL;
