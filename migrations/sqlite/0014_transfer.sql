-- What became of assets that were promoted or imported: which asset of a workspace came of which origin.

CREATE TABLE asset_origin (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    workspace_id blob NOT NULL,
    -- The asset that it came of, as the workspace or the package names it; it may be of another tenant or server.
    origin_id blob NOT NULL,
    -- What came of it. It may be gone, or be in another workspace, since: then the next transfer makes it again.
    asset_id blob NOT NULL,
    -- The name that a mapping gave it; empty: that of the origin.
    renamed text NOT NULL,
    -- What it said then; it was changed where it is if it says otherwise.
    digest text NOT NULL,
    PRIMARY KEY (tenant_id, workspace_id, origin_id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX asset_origin_of ON asset_origin (tenant_id, asset_id);
