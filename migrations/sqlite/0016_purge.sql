-- Purging what can no longer be restored, and what is left of references to it.

-- What is due of purges, over all tenants: the first of them is one look-up.
CREATE INDEX due_purge ON due (at) WHERE kind <> 'OPERATION';
CREATE INDEX person_purge ON person (tenant_id, purge_time) WHERE purge_time IS NOT NULL;

-- A reference outlives what it refers to: it is broken then, and says so. The foreign key holds the others.
CREATE TABLE new_asset_reference (
    tenant_id blob NOT NULL,
    asset_id blob NOT NULL,
    live integer NOT NULL,
    kind text NOT NULL,
    target_id blob NOT NULL,
    lost integer NOT NULL DEFAULT 0,
    present_id blob GENERATED ALWAYS AS (CASE WHEN lost THEN NULL ELSE target_id END) STORED,
    PRIMARY KEY (tenant_id, asset_id, live, kind, target_id),
    FOREIGN KEY (tenant_id, asset_id) REFERENCES asset (tenant_id, id),
    FOREIGN KEY (tenant_id, present_id) REFERENCES asset (tenant_id, id)
) STRICT;
INSERT INTO new_asset_reference (tenant_id, asset_id, live, kind, target_id)
    SELECT tenant_id, asset_id, live, kind, target_id FROM asset_reference;
DROP TABLE asset_reference;
ALTER TABLE new_asset_reference RENAME TO asset_reference;
CREATE INDEX asset_reference_by_target ON asset_reference (tenant_id, target_id, asset_id);
CREATE INDEX asset_reference_by_present ON asset_reference (tenant_id, present_id) WHERE present_id IS NOT NULL;

-- A version that is past may name a partition that is gone, as its rules may; the one in force is held otherwise.
CREATE TABLE new_routing_policy (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    version integer NOT NULL,
    -- The rules, in order.
    rules text NOT NULL,
    -- Where people go whom no rule leads; NULL: to the primary of the workspace that they come in through.
    default_partition_id blob,
    made_by text NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, version)
) STRICT;
INSERT INTO new_routing_policy SELECT * FROM routing_policy;
DROP TABLE routing_policy;
ALTER TABLE new_routing_policy RENAME TO routing_policy;

-- What is deleted already is due when it says.
INSERT INTO due (tenant_id, kind, id, at)
    SELECT tenant_id, 'PURGE_TENANT', tenant_id, purge_time FROM tenant WHERE purge_time IS NOT NULL;
INSERT INTO due (tenant_id, kind, id, at)
    SELECT tenant_id, 'PURGE_WORKSPACE', id, purge_time FROM workspace WHERE purge_time IS NOT NULL;
INSERT INTO due (tenant_id, kind, id, at)
    SELECT tenant_id, 'PURGE_PARTITION', id, purge_time FROM person_partition WHERE purge_time IS NOT NULL;
INSERT INTO due (tenant_id, kind, id, at)
    SELECT tenant_id, 'PURGE_PEOPLE', tenant_id, min(purge_time) FROM person WHERE purge_time IS NOT NULL
    GROUP BY tenant_id;
