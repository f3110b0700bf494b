-- Who may do what: roles, groups, service accounts with their keys, and grants.
-- A principal is a text: user:<subject>, group:<id> or service:<id>. Users are kept nowhere: who they are is said by
-- whoever signs their tokens. Groups and service accounts are; foreign keys beside the text hold what it names.

-- What the caller of a kept answer had to be allowed; asked again before the answer is given again.
ALTER TABLE request ADD COLUMN demands text;

-- Custom roles; the built-in ones stand in the code, alike for all tenants.
CREATE TABLE role (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    display_name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    permissions text NOT NULL,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX role_name ON role (tenant_id, name_key);

CREATE TABLE principal_group (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    display_name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX principal_group_name ON principal_group (tenant_id, name_key);
CREATE INDEX principal_group_by_name ON principal_group (tenant_id, display_name, id);
CREATE INDEX principal_group_by_create ON principal_group (tenant_id, create_time, id);

CREATE TABLE service_account (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    display_name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    disabled integer NOT NULL,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX service_account_name ON service_account (tenant_id, name_key);
CREATE INDEX service_account_by_name ON service_account (tenant_id, display_name, id);
CREATE INDEX service_account_by_create ON service_account (tenant_id, create_time, id);

CREATE TABLE group_member (
    tenant_id blob NOT NULL,
    group_id blob NOT NULL,
    member text NOT NULL,
    member_group_id blob,
    member_service_account_id blob,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, group_id, member),
    FOREIGN KEY (tenant_id, group_id) REFERENCES principal_group (tenant_id, id),
    FOREIGN KEY (tenant_id, member_group_id) REFERENCES principal_group (tenant_id, id),
    FOREIGN KEY (tenant_id, member_service_account_id) REFERENCES service_account (tenant_id, id)
) STRICT;
CREATE INDEX group_member_by_member ON group_member (tenant_id, member);

CREATE TABLE access_grant (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    principal text NOT NULL,
    group_id blob,
    service_account_id blob,
    role_id blob NOT NULL,
    -- The same, if the role is a custom one.
    custom_role_id blob,
    -- Nothing: tenant-wide.
    workspace_id blob,
    granted_by text NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES principal_group (tenant_id, id),
    FOREIGN KEY (tenant_id, service_account_id) REFERENCES service_account (tenant_id, id),
    FOREIGN KEY (tenant_id, custom_role_id) REFERENCES role (tenant_id, id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id),
    CONSTRAINT access_grant_role CHECK (custom_role_id IS NULL OR custom_role_id = role_id)
) STRICT;
CREATE UNIQUE INDEX access_grant_in_workspace ON access_grant (tenant_id, principal, role_id, workspace_id)
    WHERE workspace_id IS NOT NULL;
CREATE UNIQUE INDEX access_grant_tenant_wide ON access_grant (tenant_id, principal, role_id)
    WHERE workspace_id IS NULL;
CREATE INDEX access_grant_by_role ON access_grant (tenant_id, role_id);
CREATE INDEX access_grant_by_workspace ON access_grant (tenant_id, workspace_id, id);

CREATE TABLE api_key (
    tenant_id blob NOT NULL,
    id blob NOT NULL,
    service_account_id blob NOT NULL,
    display_name text NOT NULL,
    -- Of the secret, which is kept nowhere.
    hash blob NOT NULL,
    expire_time integer NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, service_account_id) REFERENCES service_account (tenant_id, id)
) STRICT;
CREATE INDEX api_key_by_account ON api_key (tenant_id, service_account_id, id);

-- The last good call of somebody, through a workspace or (nil) at all, to the hour. Written behind the calls.
CREATE TABLE last_use (
    tenant_id blob NOT NULL,
    subject text NOT NULL,
    workspace_id blob NOT NULL,
    use_time integer NOT NULL,
    PRIMARY KEY (tenant_id, subject, workspace_id)
) STRICT;

-- What a change of the access revision was about, so that an index can follow it instead of being built anew.
CREATE TABLE access_change (
    tenant_id blob NOT NULL,
    revision integer NOT NULL,
    ordinal integer NOT NULL,
    noun text NOT NULL,
    id blob NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, revision, ordinal)
) STRICT;
CREATE INDEX access_change_age ON access_change (tenant_id, create_time);

-- Tenants that there are already count nothing yet of what is new. They have no admin: GrantTenantAdmin makes one.
INSERT INTO quota (tenant_id, name, used, issued)
    SELECT tenant_id, new.column1, 0, 0 FROM tenant,
        (VALUES ('grants'), ('group_members'), ('groups'), ('roles'), ('service_accounts')) AS new;
