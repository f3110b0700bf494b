-- Work that outlives the call that started it, and what is due when.

CREATE TABLE operation (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    kind text NOT NULL,
    -- Who started it: it works in this principal's name, with the rights that it has at the time.
    principal text NOT NULL,
    -- The rpc that started it, whose permission it needs.
    method text NOT NULL,
    -- Nothing: it works on the whole tenant.
    workspace_id blob,
    resource_id blob,
    -- What is asked for, and where it stands; both are emptied at its end.
    request text NOT NULL,
    cursor text NOT NULL,
    state text NOT NULL,
    done integer NOT NULL,
    total integer NOT NULL,
    failed integer NOT NULL,
    result text NOT NULL,
    -- The refusal that ended it, as it is kept for batches.
    error text NOT NULL,
    -- The tenant's revision of its last change.
    revision integer NOT NULL,
    cancel_time integer,
    -- Who works on it until when. The fence rises with each who does: whoever had it before writes nothing more.
    lease_holder blob,
    lease_until integer,
    fence integer NOT NULL,
    -- How often the step that comes next has failed.
    attempts integer NOT NULL,
    create_time integer NOT NULL,
    start_time integer,
    update_time integer NOT NULL,
    end_time integer,
    expire_time integer,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX operation_of_resource ON operation (tenant_id, resource_id) WHERE end_time IS NULL;
CREATE INDEX operation_expired ON operation (tenant_id, expire_time) WHERE expire_time IS NOT NULL;

-- What is to be done, and from when on: what replicas poll over all tenants. It holds ids and times, and nothing of
-- anybody.
CREATE TABLE due (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    kind text NOT NULL,
    id blob NOT NULL,
    at integer NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
) STRICT;
CREATE INDEX due_by_tenant ON due (kind, tenant_id, at);
