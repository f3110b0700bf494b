-- Work that outlives the call that started it, and what is due when.

CREATE TABLE operation (
    tenant_id    uuid   NOT NULL REFERENCES tenant (tenant_id),
    id           uuid   NOT NULL,
    kind         text   COLLATE "C" NOT NULL,
    -- Who started it: it works in this principal's name, with the rights that it has at the time.
    principal    text   COLLATE "C" NOT NULL,
    -- The rpc that started it, whose permission it needs.
    method       text   COLLATE "C" NOT NULL,
    -- Nothing: it works on the whole tenant.
    workspace_id uuid,
    resource_id  uuid,
    -- What is asked for, and where it stands; both are emptied at its end.
    request      jsonb  NOT NULL,
    cursor       jsonb  NOT NULL,
    state        text   COLLATE "C" NOT NULL,
    done         bigint NOT NULL,
    total        bigint NOT NULL,
    failed       bigint NOT NULL,
    result       jsonb  NOT NULL,
    -- The refusal that ended it, as it is kept for batches.
    error        jsonb  NOT NULL,
    -- The tenant's revision of its last change.
    revision     bigint NOT NULL,
    cancel_time  bigint,
    -- Who works on it until when. The fence rises with each who does: whoever had it before writes nothing more.
    lease_holder uuid,
    lease_until  bigint,
    fence        bigint NOT NULL,
    -- How often the step that comes next has failed.
    attempts     bigint NOT NULL,
    create_time  bigint NOT NULL,
    start_time   bigint,
    update_time  bigint NOT NULL,
    end_time     bigint,
    expire_time  bigint,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX operation_of_resource ON operation (tenant_id, resource_id) WHERE end_time IS NULL;
CREATE INDEX operation_expired ON operation (tenant_id, expire_time) WHERE expire_time IS NOT NULL;

-- What is to be done, and from when on: what replicas poll over all tenants, and so without row-level security. It
-- holds ids and times, and nothing of anybody.
CREATE TABLE due (
    tenant_id uuid   NOT NULL REFERENCES tenant (tenant_id),
    kind      text   COLLATE "C" NOT NULL,
    id        uuid   NOT NULL,
    at        bigint NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
);
CREATE INDEX due_by_tenant ON due (kind, tenant_id, at);

GRANT SELECT, INSERT, UPDATE, DELETE ON operation, due TO precinct_app;

ALTER TABLE operation ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON operation
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);
