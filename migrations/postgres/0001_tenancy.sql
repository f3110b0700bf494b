-- Tenants and what every write of a tenant leaves behind.
-- Times are microseconds since 1970, UTC: one number on every database.

-- One row for the whole deployment: which secret its keyed hashes were made with.
CREATE TABLE instance (
    id                 smallint NOT NULL PRIMARY KEY CHECK (id = 1),
    secret_fingerprint bytea    NOT NULL
);

CREATE TABLE tenant (
    tenant_id            uuid   NOT NULL PRIMARY KEY,
    display_name         text   COLLATE "C" NOT NULL,
    settings             jsonb  NOT NULL,
    default_workspace_id uuid   NOT NULL,
    default_partition_id uuid   NOT NULL,
    version              bigint NOT NULL,
    create_time          bigint NOT NULL,
    update_time          bigint NOT NULL,
    suspend_time         bigint,
    delete_time          bigint,
    purge_time           bigint
);
CREATE INDEX tenant_by_name ON tenant (display_name, tenant_id);
CREATE INDEX tenant_by_create ON tenant (create_time, tenant_id);

-- The tenant's revision and the heads of its chains. Its row is locked last in every write, up to the
-- commit: so revisions have no gaps and stand in the order of the commits.
CREATE TABLE tenant_head (
    tenant_id        uuid   NOT NULL PRIMARY KEY REFERENCES tenant (tenant_id),
    revision         bigint NOT NULL,
    access_revision  bigint NOT NULL,
    field_revision   bigint NOT NULL,
    consent_revision bigint NOT NULL,
    -- Until when writes wait for one that wants to be alone.
    hold_time        bigint,
    audit_seq        bigint NOT NULL,
    audit_head       bytea  NOT NULL
);

-- Counted things, and numbers given out; limits are held by the UPDATE that counts.
CREATE TABLE quota (
    tenant_id uuid   NOT NULL REFERENCES tenant (tenant_id),
    name      text   COLLATE "C" NOT NULL,
    used      bigint NOT NULL,
    issued    bigint NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

-- The answers of calls that carried a request_id.
CREATE TABLE request (
    tenant_id   uuid   NOT NULL,
    principal   text   COLLATE "C" NOT NULL,
    method      text   COLLATE "C" NOT NULL,
    request_id  uuid   NOT NULL,
    body        bytea  NOT NULL,
    answer      text,
    revision    bigint,
    create_time bigint NOT NULL,
    PRIMARY KEY (tenant_id, principal, method, request_id)
);
CREATE INDEX request_age ON request (tenant_id, create_time);

-- The feed: what changed, in order. Ids and names of fields, never personal values.
CREATE TABLE change (
    tenant_id   uuid   NOT NULL,
    revision    bigint NOT NULL,
    ordinal     integer NOT NULL,
    kind        text   NOT NULL,
    resource_id uuid,
    detail      jsonb  NOT NULL,
    create_time bigint NOT NULL,
    PRIMARY KEY (tenant_id, revision, ordinal)
);
CREATE INDEX change_age ON change (tenant_id, create_time);

-- Who did what, each record hashed with the one before.
CREATE TABLE audit (
    tenant_id      uuid   NOT NULL,
    seq            bigint NOT NULL,
    revision       bigint NOT NULL,
    actor          text   NOT NULL,
    action         text   NOT NULL,
    resource       text   NOT NULL,
    resource_id    uuid,
    workspace_id   uuid,
    call_id        text   NOT NULL,
    payload_digest bytea  NOT NULL,
    hash           bytea  NOT NULL,
    create_time    bigint NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);

-- Before and after of an audit record, apart from it, so that an erasure can delete the text and the
-- chain still verifies.
CREATE TABLE audit_payload (
    tenant_id uuid   NOT NULL,
    seq       bigint NOT NULL,
    salt      bytea  NOT NULL,
    payload   text   NOT NULL,
    PRIMARY KEY (tenant_id, seq),
    FOREIGN KEY (tenant_id, seq) REFERENCES audit (tenant_id, seq)
);
