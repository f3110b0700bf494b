-- Who may do what: roles, groups, service accounts with their keys, and grants.
-- A principal is a text: user:<subject>, group:<id> or service:<id>. Users are kept nowhere: who they are is said by
-- whoever signs their tokens. Groups and service accounts are; foreign keys beside the text hold what it names.

-- What the caller of a kept answer had to be allowed; asked again before the answer is given again.
ALTER TABLE request ADD COLUMN demands jsonb;

-- Custom roles; the built-in ones stand in the code, alike for all tenants.
CREATE TABLE role (
    tenant_id    uuid   NOT NULL REFERENCES tenant (tenant_id),
    id           uuid   NOT NULL,
    display_name text   COLLATE "C" NOT NULL,
    name_key     text   COLLATE "C" NOT NULL,
    description  text   NOT NULL,
    permissions  jsonb  NOT NULL,
    version      bigint NOT NULL,
    create_time  bigint NOT NULL,
    update_time  bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX role_name ON role (tenant_id, name_key);

CREATE TABLE principal_group (
    tenant_id    uuid   NOT NULL REFERENCES tenant (tenant_id),
    id           uuid   NOT NULL,
    display_name text   COLLATE "C" NOT NULL,
    name_key     text   COLLATE "C" NOT NULL,
    description  text   NOT NULL,
    version      bigint NOT NULL,
    create_time  bigint NOT NULL,
    update_time  bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX principal_group_name ON principal_group (tenant_id, name_key);
CREATE INDEX principal_group_by_name ON principal_group (tenant_id, display_name, id);
CREATE INDEX principal_group_by_create ON principal_group (tenant_id, create_time, id);

CREATE TABLE service_account (
    tenant_id    uuid    NOT NULL REFERENCES tenant (tenant_id),
    id           uuid    NOT NULL,
    display_name text    COLLATE "C" NOT NULL,
    name_key     text    COLLATE "C" NOT NULL,
    description  text    NOT NULL,
    disabled     boolean NOT NULL,
    version      bigint  NOT NULL,
    create_time  bigint  NOT NULL,
    update_time  bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX service_account_name ON service_account (tenant_id, name_key);
CREATE INDEX service_account_by_name ON service_account (tenant_id, display_name, id);
CREATE INDEX service_account_by_create ON service_account (tenant_id, create_time, id);

CREATE TABLE group_member (
    tenant_id                 uuid   NOT NULL,
    group_id                  uuid   NOT NULL,
    member                    text   COLLATE "C" NOT NULL,
    member_group_id           uuid,
    member_service_account_id uuid,
    create_time               bigint NOT NULL,
    PRIMARY KEY (tenant_id, group_id, member),
    FOREIGN KEY (tenant_id, group_id) REFERENCES principal_group (tenant_id, id),
    FOREIGN KEY (tenant_id, member_group_id) REFERENCES principal_group (tenant_id, id),
    FOREIGN KEY (tenant_id, member_service_account_id) REFERENCES service_account (tenant_id, id)
);
CREATE INDEX group_member_by_member ON group_member (tenant_id, member);

CREATE TABLE access_grant (
    tenant_id          uuid   NOT NULL REFERENCES tenant (tenant_id),
    id                 uuid   NOT NULL,
    principal          text   COLLATE "C" NOT NULL,
    group_id           uuid,
    service_account_id uuid,
    role_id            uuid   NOT NULL,
    -- The same, if the role is a custom one.
    custom_role_id     uuid,
    -- Nothing: tenant-wide.
    workspace_id       uuid,
    granted_by         text   NOT NULL,
    create_time        bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES principal_group (tenant_id, id),
    FOREIGN KEY (tenant_id, service_account_id) REFERENCES service_account (tenant_id, id),
    FOREIGN KEY (tenant_id, custom_role_id) REFERENCES role (tenant_id, id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id),
    CONSTRAINT access_grant_role CHECK (custom_role_id IS NULL OR custom_role_id = role_id)
);
CREATE UNIQUE INDEX access_grant_in_workspace ON access_grant (tenant_id, principal, role_id, workspace_id)
    WHERE workspace_id IS NOT NULL;
CREATE UNIQUE INDEX access_grant_tenant_wide ON access_grant (tenant_id, principal, role_id)
    WHERE workspace_id IS NULL;
CREATE INDEX access_grant_by_role ON access_grant (tenant_id, role_id);
CREATE INDEX access_grant_by_workspace ON access_grant (tenant_id, workspace_id, id);

CREATE TABLE api_key (
    tenant_id          uuid   NOT NULL,
    id                 uuid   NOT NULL,
    service_account_id uuid   NOT NULL,
    display_name       text   NOT NULL,
    -- Of the secret, which is kept nowhere.
    hash               bytea  NOT NULL,
    expire_time        bigint NOT NULL,
    create_time        bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, service_account_id) REFERENCES service_account (tenant_id, id)
);
CREATE INDEX api_key_by_account ON api_key (tenant_id, service_account_id, id);

-- The last good call of somebody, through a workspace or (nil) at all, to the hour. Written behind the calls.
CREATE TABLE last_use (
    tenant_id    uuid   NOT NULL,
    subject      text   COLLATE "C" NOT NULL,
    workspace_id uuid   NOT NULL,
    use_time     bigint NOT NULL,
    PRIMARY KEY (tenant_id, subject, workspace_id)
);

-- What a change of the access revision was about, so that an index can follow it instead of being built anew.
CREATE TABLE access_change (
    tenant_id   uuid    NOT NULL,
    revision    bigint  NOT NULL,
    ordinal     integer NOT NULL,
    noun        text    NOT NULL,
    id          uuid    NOT NULL,
    create_time bigint  NOT NULL,
    PRIMARY KEY (tenant_id, revision, ordinal)
);
CREATE INDEX access_change_age ON access_change (tenant_id, create_time);

GRANT SELECT, INSERT, UPDATE, DELETE ON role, principal_group, service_account, group_member, access_grant, api_key,
    last_use TO precinct_app;
GRANT SELECT, INSERT, DELETE ON access_change TO precinct_app;

ALTER TABLE role ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON role
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE principal_group ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON principal_group
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE service_account ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON service_account
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE group_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON group_member
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE access_grant ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON access_grant
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE api_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON api_key
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE last_use ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON last_use
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE access_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON access_change
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

-- Tenants that there are already count nothing yet of what is new. They have no admin: GrantTenantAdmin makes one.
INSERT INTO quota (tenant_id, name, used, issued)
    SELECT tenant_id, name, 0, 0 FROM tenant,
        (VALUES ('grants'), ('group_members'), ('groups'), ('roles'), ('service_accounts')) AS new (name);
