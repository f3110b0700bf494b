-- Where new people go: an ordered list of rules by version. A version never changes; the newest one is in force.

CREATE TABLE routing_policy (
    tenant_id            uuid   NOT NULL REFERENCES tenant (tenant_id),
    version              bigint NOT NULL,
    -- The rules, in order.
    rules                jsonb  NOT NULL,
    -- Where people go whom no rule leads; NULL: to the primary of the workspace that they come in through.
    default_partition_id uuid,
    made_by              text   NOT NULL,
    create_time          bigint NOT NULL,
    PRIMARY KEY (tenant_id, version),
    FOREIGN KEY (tenant_id, default_partition_id) REFERENCES person_partition (tenant_id, id)
);

GRANT SELECT, INSERT ON routing_policy TO precinct_app;

ALTER TABLE routing_policy ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON routing_policy
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

-- The revision of the last change of the policy; 0: there is none, and new people go to the primary.
ALTER TABLE tenant_head ADD COLUMN routing_revision bigint NOT NULL DEFAULT 0;

-- Rows about people of a partition that the workspace may only read.
ALTER TABLE import ADD COLUMN withheld bigint NOT NULL DEFAULT 0;
