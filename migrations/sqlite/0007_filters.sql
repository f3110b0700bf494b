-- What filters compare texts by: NFC and case-folded by the service, so that the database and the service agree.

-- Only texts whose folded form differs: of built-in fields by name, of others by ordinal. NULL until `migrate` has filled
-- it for the people that there are.
ALTER TABLE person ADD COLUMN folded text;
CREATE INDEX person_unfolded ON person (tenant_id, id) WHERE folded IS NULL;
