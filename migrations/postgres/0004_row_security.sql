-- The second wall: a session sees and writes only the tenant that its transaction names.
-- ENABLE, never FORCE: the service runs as precinct_app, which owns nothing. The CASE form keeps the
-- planner's estimates right beside `tenant_id = $1`, and false for a setting that is unset or empty.
-- tenant_head has none: replicas poll it over all tenants, and it holds numbers only.

-- The service looks here whether it may serve yet.
GRANT SELECT ON _sqlx_migrations TO precinct_app;
GRANT SELECT, INSERT, UPDATE ON instance, tenant, tenant_head, quota TO precinct_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON request TO precinct_app;
GRANT SELECT, INSERT, DELETE ON change, audit_payload TO precinct_app;
GRANT SELECT, INSERT ON audit TO precinct_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON workspace, person_partition, binding, field, person, consent,
    import, import_chunk TO precinct_app;

ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tenant
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true
                WHEN current_setting('app.platform', true) = 'on' THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
                     THEN true ELSE false END);

ALTER TABLE quota ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON quota
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE request ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON request
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE change ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON change
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON audit
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE audit_payload ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON audit_payload
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE workspace ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON workspace
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE person_partition ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON person_partition
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE binding ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON binding
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE field ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON field
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE person ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON person
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE consent ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON consent
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE import ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON import
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE import_chunk ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON import_chunk
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);
