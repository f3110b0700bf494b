-- People, the fields that a tenant defines for them, and who unsubscribed.

CREATE TABLE field (
    tenant_id   uuid    NOT NULL REFERENCES tenant (tenant_id),
    id          uuid    NOT NULL,
    name        text    COLLATE "C" NOT NULL,
    type        text    NOT NULL,
    description text    NOT NULL,
    -- The key of the field in person.attributes; never given out twice, so that the values of a deleted
    -- field cannot show under a new field of its name.
    ordinal     bigint  NOT NULL,
    version     bigint  NOT NULL,
    create_time bigint  NOT NULL,
    update_time bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX field_name ON field (tenant_id, name);

CREATE TABLE person (
    tenant_id        uuid    NOT NULL,
    id               uuid    NOT NULL,
    partition_id     uuid    NOT NULL,
    -- Where the email must be unique: the partition, or the nil UUID for the whole tenant.
    uniqueness_scope uuid    NOT NULL,
    email            text    COLLATE "C",
    -- What the email is compared by; empty for people without one.
    email_key        text    COLLATE "C" NOT NULL,
    external_id      text    COLLATE "C",
    first_name       text,
    last_name        text,
    unsubscribed     boolean NOT NULL,
    source           text    NOT NULL,
    attributes       jsonb   NOT NULL,
    version          bigint  NOT NULL,
    create_time      bigint  NOT NULL,
    update_time      bigint  NOT NULL,
    delete_time      bigint,
    purge_time       bigint,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, partition_id) REFERENCES person_partition (tenant_id, id)
);
-- Without statistics of these, a tenant or partition that is new since the last ANALYZE counts as average. With
-- them it counts as empty, and a look-up of a few keys reads all of its people instead of the index of the keys.
ALTER TABLE person ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE person ALTER COLUMN partition_id SET STATISTICS 0;
ALTER TABLE person ALTER COLUMN uniqueness_scope SET STATISTICS 0;
CREATE UNIQUE INDEX person_email ON person (tenant_id, uniqueness_scope, email_key)
    WHERE delete_time IS NULL AND email_key <> '';
CREATE UNIQUE INDEX person_external ON person (tenant_id, partition_id, external_id)
    WHERE delete_time IS NULL AND external_id IS NOT NULL;
-- With delete_time, the living are counted without a look at the rows.
CREATE INDEX person_by_partition ON person (tenant_id, partition_id, create_time, id) INCLUDE (delete_time);

-- Who unsubscribed, by keyed hash of the email key: it outlives the person.
CREATE TABLE consent (
    tenant_id   uuid   NOT NULL REFERENCES tenant (tenant_id),
    -- The partition in which it holds, or the nil UUID for the whole tenant.
    scope_id    uuid   NOT NULL,
    email_hash  bytea  NOT NULL,
    create_time bigint NOT NULL,
    PRIMARY KEY (tenant_id, scope_id, email_hash)
);

CREATE TABLE import (
    tenant_id      uuid   NOT NULL,
    id             uuid   NOT NULL,
    workspace_id   uuid   NOT NULL,
    partition_id   uuid,
    mode           text   NOT NULL,
    lookup_field   text   NOT NULL,
    source         text   NOT NULL,
    complete       boolean NOT NULL,
    committed_rows bigint NOT NULL,
    created        bigint NOT NULL,
    updated        bigint NOT NULL,
    unchanged      bigint NOT NULL,
    failed         bigint NOT NULL,
    create_time    bigint NOT NULL,
    update_time    bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id)
);

-- One row per committed chunk, so that a chunk sent again is answered again and not applied again.
CREATE TABLE import_chunk (
    tenant_id uuid   NOT NULL,
    import_id uuid   NOT NULL,
    first_row bigint NOT NULL,
    body      bytea  NOT NULL,
    answer    text   NOT NULL,
    PRIMARY KEY (tenant_id, import_id, first_row),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import (tenant_id, id)
);
