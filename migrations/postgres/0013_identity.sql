-- Who was merged into whom, and addresses that shall not come back.

-- The person whose id answers for this one, since they were merged; of the row, only the key of its email is left.
ALTER TABLE person ADD COLUMN merged_into uuid;
CREATE INDEX person_merged ON person (tenant_id, merged_into) WHERE merged_into IS NOT NULL;
-- Deleted and merged people by email: an erasure finds them too.
CREATE INDEX person_past ON person (tenant_id, email_key) WHERE delete_time IS NOT NULL AND email_key <> '';

-- Emails that were erased and that nobody may bring back, by keyed hash of the email key.
CREATE TABLE suppression (
    tenant_id   uuid   NOT NULL REFERENCES tenant (tenant_id),
    email_hash  bytea  NOT NULL,
    create_time bigint NOT NULL,
    PRIMARY KEY (tenant_id, email_hash)
);

GRANT SELECT, INSERT, DELETE ON suppression TO precinct_app;

ALTER TABLE suppression ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON suppression
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);
