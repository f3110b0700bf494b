-- Purging what can no longer be restored, and what is left of references to it.

-- What is due of purges, over all tenants: the first of them is one look-up.
CREATE INDEX due_purge ON due (at) WHERE kind <> 'OPERATION';
CREATE INDEX person_purge ON person (tenant_id, purge_time) WHERE purge_time IS NOT NULL;

-- A reference outlives what it refers to: it is broken then, and says so. The foreign key holds the others.
ALTER TABLE asset_reference ADD COLUMN lost boolean NOT NULL DEFAULT false;
ALTER TABLE asset_reference ADD COLUMN present_id uuid
    GENERATED ALWAYS AS (CASE WHEN lost THEN NULL ELSE target_id END) STORED;
ALTER TABLE asset_reference DROP CONSTRAINT asset_reference_tenant_id_target_id_fkey;
ALTER TABLE asset_reference ADD CONSTRAINT asset_reference_present
    FOREIGN KEY (tenant_id, present_id) REFERENCES asset (tenant_id, id);
CREATE INDEX asset_reference_by_present ON asset_reference (tenant_id, present_id) WHERE present_id IS NOT NULL;

-- A version that is past may name a partition that is gone, as its rules may; the one in force is held otherwise.
ALTER TABLE routing_policy DROP CONSTRAINT routing_policy_tenant_id_default_partition_id_fkey;

-- A tenant goes with all of its rows.
GRANT DELETE ON tenant, tenant_head, quota, audit, audit_workspace, routing_policy TO precinct_app;
-- The audit log of a tenant that lives, or can be restored, is not deleted by anybody.
CREATE POLICY audit_outlives_tenant ON audit AS RESTRICTIVE FOR DELETE
    USING (EXISTS (SELECT 1 FROM tenant t WHERE t.tenant_id = audit.tenant_id AND t.purge_time = t.delete_time));
CREATE POLICY audit_outlives_tenant ON audit_workspace AS RESTRICTIVE FOR DELETE
    USING (EXISTS (SELECT 1 FROM tenant t WHERE t.tenant_id = audit_workspace.tenant_id AND t.purge_time = t.delete_time));

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
