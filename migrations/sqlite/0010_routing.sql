-- Where new people go: an ordered list of rules by version. A version never changes; the newest one is in force.

CREATE TABLE routing_policy (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    version integer NOT NULL,
    -- The rules, in order.
    rules text NOT NULL,
    -- Where people go whom no rule leads; NULL: to the primary of the workspace that they come in through.
    default_partition_id blob,
    made_by text NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, version),
    FOREIGN KEY (tenant_id, default_partition_id) REFERENCES person_partition (tenant_id, id)
) STRICT;

-- The revision of the last change of the policy; 0: there is none, and new people go to the primary.
ALTER TABLE tenant_head ADD COLUMN routing_revision integer NOT NULL DEFAULT 0;

-- Rows about people of a partition that the workspace may only read.
ALTER TABLE import ADD COLUMN withheld integer NOT NULL DEFAULT 0;
