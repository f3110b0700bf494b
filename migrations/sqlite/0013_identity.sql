-- Who was merged into whom, and addresses that shall not come back.

-- The person whose id answers for this one, since they were merged; of the row, only the key of its email is left.
ALTER TABLE person ADD COLUMN merged_into blob;
CREATE INDEX person_merged ON person (tenant_id, merged_into) WHERE merged_into IS NOT NULL;
-- Deleted and merged people by email: an erasure finds them too.
CREATE INDEX person_past ON person (tenant_id, email_key) WHERE delete_time IS NOT NULL AND email_key <> '';

-- Emails that were erased and that nobody may bring back, by keyed hash of the email key.
CREATE TABLE suppression (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    email_hash blob NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, email_hash)
) STRICT;
