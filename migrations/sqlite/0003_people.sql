-- People, the fields that a tenant defines for them, and who unsubscribed.

CREATE TABLE field (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    description text NOT NULL,
    -- The key of the field in person.attributes; never given out twice, so that the values of a deleted
    -- field cannot show under a new field of its name.
    ordinal integer NOT NULL,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX field_name ON field (tenant_id, name);

CREATE TABLE person (
    tenant_id blob NOT NULL,
    id blob NOT NULL,
    partition_id blob NOT NULL,
    -- Where the email must be unique: the partition, or the nil UUID for the whole tenant.
    uniqueness_scope blob NOT NULL,
    email text,
    -- What the email is compared by; empty for people without one.
    email_key text NOT NULL,
    external_id text,
    first_name text,
    last_name text,
    unsubscribed integer NOT NULL,
    source text NOT NULL,
    attributes text NOT NULL,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    delete_time integer,
    purge_time integer,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, partition_id) REFERENCES person_partition (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX person_email ON person (tenant_id, uniqueness_scope, email_key)
    WHERE delete_time IS NULL AND email_key <> '';
CREATE UNIQUE INDEX person_external ON person (tenant_id, partition_id, external_id)
    WHERE delete_time IS NULL AND external_id IS NOT NULL;
-- SQLite cannot merge the partitions of a workspace in order of creation; PostgreSQL does without.
CREATE INDEX person_by_create ON person (tenant_id, create_time, id);
-- With delete_time, the living are counted without a look at the rows.
CREATE INDEX person_by_partition ON person (tenant_id, partition_id, create_time, id, delete_time);

-- Who unsubscribed, by keyed hash of the email key: it outlives the person.
CREATE TABLE consent (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    -- The partition in which it holds, or the nil UUID for the whole tenant.
    scope_id blob NOT NULL,
    email_hash blob NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, scope_id, email_hash)
) STRICT;

CREATE TABLE import (
    tenant_id blob NOT NULL,
    id blob NOT NULL,
    workspace_id blob NOT NULL,
    partition_id blob,
    mode text NOT NULL,
    lookup_field text NOT NULL,
    source text NOT NULL,
    complete integer NOT NULL,
    committed_rows integer NOT NULL,
    created integer NOT NULL,
    updated integer NOT NULL,
    unchanged integer NOT NULL,
    failed integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id)
) STRICT;

-- One row per committed chunk, so that a chunk sent again is answered again and not applied again.
CREATE TABLE import_chunk (
    tenant_id blob NOT NULL,
    import_id blob NOT NULL,
    first_row integer NOT NULL,
    body blob NOT NULL,
    answer text NOT NULL,
    PRIMARY KEY (tenant_id, import_id, first_row),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import (tenant_id, id)
) STRICT;
