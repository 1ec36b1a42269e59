-- What refers to a webhook, an act or a delivery is found when that is forgotten.
CREATE INDEX delivery_superseded_by ON delivery (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE INDEX delivery_rerun ON delivery (rerun) WHERE rerun IS NOT NULL;
CREATE INDEX invite_delivery ON invite (digest_of(delivery));
