-- Tenants and what every write of a tenant leaves behind.
-- Times are microseconds since 1970, UTC: one number on every database.

-- One row for the whole deployment: which secret its keyed hashes were made with.
CREATE TABLE instance (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    secret_fingerprint blob NOT NULL
) STRICT;

CREATE TABLE tenant (
    tenant_id blob NOT NULL PRIMARY KEY,
    display_name text NOT NULL,
    settings text NOT NULL,
    default_workspace_id blob NOT NULL,
    default_partition_id blob NOT NULL,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    suspend_time integer,
    delete_time integer,
    purge_time integer
) STRICT;
CREATE INDEX tenant_by_name ON tenant (display_name, tenant_id);
CREATE INDEX tenant_by_create ON tenant (create_time, tenant_id);

-- The tenant's revision and the heads of its chains. Its row is locked last in every write, up to the
-- commit: so revisions have no gaps and stand in the order of the commits.
CREATE TABLE tenant_head (
    tenant_id blob NOT NULL PRIMARY KEY REFERENCES tenant (tenant_id),
    revision integer NOT NULL,
    access_revision integer NOT NULL,
    field_revision integer NOT NULL,
    consent_revision integer NOT NULL,
    -- Until when writes wait for one that wants to be alone.
    hold_time integer,
    audit_seq integer NOT NULL,
    audit_head blob NOT NULL
) STRICT;

-- Counted things, and numbers given out; limits are held by the UPDATE that counts.
CREATE TABLE quota (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    name text NOT NULL,
    used integer NOT NULL,
    issued integer NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT;

-- The answers of calls that carried a request_id.
CREATE TABLE request (
    tenant_id blob NOT NULL,
    principal text NOT NULL,
    method text NOT NULL,
    request_id blob NOT NULL,
    body blob NOT NULL,
    answer text,
    revision integer,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, principal, method, request_id)
) STRICT;
CREATE INDEX request_age ON request (tenant_id, create_time);

-- The feed: what changed, in order. Ids and names of fields, never personal values.
CREATE TABLE change (
    tenant_id blob NOT NULL,
    revision integer NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL,
    resource_id blob,
    detail text NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, revision, ordinal)
) STRICT;
CREATE INDEX change_age ON change (tenant_id, create_time);

-- Who did what, each record hashed with the one before.
CREATE TABLE audit (
    tenant_id blob NOT NULL,
    seq integer NOT NULL,
    revision integer NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    resource text NOT NULL,
    resource_id blob,
    workspace_id blob,
    call_id text NOT NULL,
    payload_digest blob NOT NULL,
    hash blob NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, seq)
) STRICT;

-- Before and after of an audit record, apart from it, so that an erasure can delete the text and the
-- chain still verifies.
CREATE TABLE audit_payload (
    tenant_id blob NOT NULL,
    seq integer NOT NULL,
    salt blob NOT NULL,
    payload text NOT NULL,
    PRIMARY KEY (tenant_id, seq),
    FOREIGN KEY (tenant_id, seq) REFERENCES audit (tenant_id, seq)
) STRICT;
