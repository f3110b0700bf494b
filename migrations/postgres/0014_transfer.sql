-- What became of assets that were promoted or imported: which asset of a workspace came of which origin.

CREATE TABLE asset_origin (
    tenant_id    uuid NOT NULL REFERENCES tenant (tenant_id),
    workspace_id uuid NOT NULL,
    -- The asset that it came of, as the workspace or the package names it; it may be of another tenant or server.
    origin_id    uuid NOT NULL,
    -- What came of it. It may be gone, or be in another workspace, since: then the next transfer makes it again.
    asset_id     uuid NOT NULL,
    -- The name that a mapping gave it; empty: that of the origin.
    renamed      text COLLATE "C" NOT NULL,
    -- What it said then; it was changed where it is if it says otherwise.
    digest       text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, workspace_id, origin_id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id)
);
CREATE UNIQUE INDEX asset_origin_of ON asset_origin (tenant_id, asset_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON asset_origin TO precinct_app;

ALTER TABLE asset_origin ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON asset_origin
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);
