-- What a workspace holds: folders, assets with their versions and references, shares of folders, and the people in programs and lists.

CREATE TABLE folder (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    workspace_id blob NOT NULL,
    area text NOT NULL,
    -- Nothing: the root of its area, which comes with the workspace.
    parent_id blob,
    display_name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    depth integer NOT NULL,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES folder (tenant_id, id),
    CONSTRAINT folder_depth CHECK (depth BETWEEN 0 AND 32 AND (depth = 0) = (parent_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX folder_name ON folder (tenant_id, parent_id, name_key) WHERE parent_id IS NOT NULL;
CREATE UNIQUE INDEX folder_root ON folder (tenant_id, workspace_id, area) WHERE parent_id IS NULL;
CREATE INDEX folder_by_name ON folder (tenant_id, workspace_id, display_name, id);
CREATE INDEX folder_by_create ON folder (tenant_id, workspace_id, create_time, id);
CREATE INDEX folder_in_parent ON folder (tenant_id, parent_id, display_name, id);

-- Which folder lies below which, itself included: what is below a folder, and what above, is one look-up each.
CREATE TABLE folder_path (
    tenant_id blob NOT NULL,
    folder_id blob NOT NULL,
    ancestor_id blob NOT NULL,
    PRIMARY KEY (tenant_id, folder_id, ancestor_id),
    FOREIGN KEY (tenant_id, folder_id) REFERENCES folder (tenant_id, id),
    FOREIGN KEY (tenant_id, ancestor_id) REFERENCES folder (tenant_id, id)
) STRICT;
CREATE INDEX folder_path_below ON folder_path (tenant_id, ancestor_id, folder_id);

CREATE TABLE share (
    tenant_id blob NOT NULL,
    folder_id blob NOT NULL,
    workspace_id blob NOT NULL,
    shared_by text NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, folder_id, workspace_id),
    FOREIGN KEY (tenant_id, folder_id) REFERENCES folder (tenant_id, id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id)
) STRICT;
CREATE INDEX share_by_target ON share (tenant_id, workspace_id, folder_id);

CREATE TABLE asset (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    workspace_id blob NOT NULL,
    -- A local asset is in the folder of its program.
    folder_id blob NOT NULL,
    program_id blob,
    type text NOT NULL,
    display_name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    active integer NOT NULL,
    -- Of a type that is approved: there is content that is not approved.
    has_draft integer NOT NULL,
    -- The live version.
    approved_version integer,
    -- How many versions there ever were.
    versions integer NOT NULL,
    origin_id blob,
    origin_workspace_id blob,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id),
    FOREIGN KEY (tenant_id, folder_id) REFERENCES folder (tenant_id, id),
    FOREIGN KEY (tenant_id, program_id) REFERENCES asset (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX asset_name ON asset (tenant_id, folder_id, name_key) WHERE program_id IS NULL;
CREATE UNIQUE INDEX asset_local_name ON asset (tenant_id, program_id, name_key) WHERE program_id IS NOT NULL;
CREATE UNIQUE INDEX asset_program_name ON asset (tenant_id, workspace_id, name_key) WHERE type = 'PROGRAM';
CREATE INDEX asset_by_name ON asset (tenant_id, workspace_id, display_name, id);
CREATE INDEX asset_by_create ON asset (tenant_id, workspace_id, create_time, id);
CREATE INDEX asset_in_folder ON asset (tenant_id, folder_id, display_name, id);
CREATE INDEX asset_in_program ON asset (tenant_id, program_id, display_name, id) WHERE program_id IS NOT NULL;
CREATE INDEX asset_segmentation ON asset (tenant_id, workspace_id) WHERE type = 'SEGMENTATION';

-- The draft of an asset of a type that is approved; of another type, what is live.
CREATE TABLE asset_content (
    tenant_id blob NOT NULL,
    asset_id blob NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (tenant_id, asset_id),
    FOREIGN KEY (tenant_id, asset_id) REFERENCES asset (tenant_id, id)
) STRICT;

-- An approved version, which never changes.
CREATE TABLE asset_version (
    tenant_id blob NOT NULL,
    asset_id blob NOT NULL,
    number integer NOT NULL,
    content text NOT NULL,
    -- What it refers to, as kinds and ids; asset_reference has those of the live version as rows.
    refers_to text NOT NULL,
    approved_by text NOT NULL,
    approve_time integer NOT NULL,
    PRIMARY KEY (tenant_id, asset_id, number),
    FOREIGN KEY (tenant_id, asset_id) REFERENCES asset (tenant_id, id)
) STRICT;

-- What assets use: what their drafts use, and what is live of them. Of a type that is not approved, all is live.
CREATE TABLE asset_reference (
    tenant_id blob NOT NULL,
    asset_id blob NOT NULL,
    live integer NOT NULL,
    kind text NOT NULL,
    target_id blob NOT NULL,
    PRIMARY KEY (tenant_id, asset_id, live, kind, target_id),
    FOREIGN KEY (tenant_id, asset_id) REFERENCES asset (tenant_id, id),
    FOREIGN KEY (tenant_id, target_id) REFERENCES asset (tenant_id, id)
) STRICT;
CREATE INDEX asset_reference_by_target ON asset_reference (tenant_id, target_id, asset_id);

-- The people in programs and static lists.
CREATE TABLE asset_member (
    tenant_id blob NOT NULL,
    asset_id blob NOT NULL,
    person_id blob NOT NULL,
    add_time integer NOT NULL,
    PRIMARY KEY (tenant_id, asset_id, person_id),
    FOREIGN KEY (tenant_id, asset_id) REFERENCES asset (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
) STRICT;
CREATE INDEX asset_member_by_person ON asset_member (tenant_id, person_id, asset_id);

-- Tenants that there are already have no assets yet; their workspaces get their roots.
INSERT INTO quota (tenant_id, name, used, issued)
    SELECT tenant_id, new.column1, 0, 0 FROM tenant, (VALUES ('assets'), ('folders')) AS new;
INSERT INTO folder (tenant_id, id, workspace_id, area, parent_id, display_name, name_key, description, depth, version,
    create_time, update_time)
    SELECT tenant_id, randomblob(16), id, root.column1, NULL, root.column2, root.column3, '', 0, 1, create_time, create_time
        FROM workspace, (VALUES ('MARKETING_ACTIVITIES', 'Marketing activities', 'marketing activities'),
            ('DESIGN_STUDIO', 'Design studio', 'design studio'), ('DATABASE', 'Database', 'database')) AS root;
INSERT INTO folder_path (tenant_id, folder_id, ancestor_id) SELECT tenant_id, id, id FROM folder;
