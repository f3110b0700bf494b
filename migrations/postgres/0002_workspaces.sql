-- Workspaces, person partitions, and which workspace may use which partition.

CREATE TABLE workspace (
    tenant_id      uuid    NOT NULL REFERENCES tenant (tenant_id),
    id             uuid    NOT NULL,
    display_name   text    COLLATE "C" NOT NULL,
    name_key       text    COLLATE "C" NOT NULL,
    description    text    NOT NULL,
    language       text    NOT NULL,
    region         text    NOT NULL,
    environment    text    NOT NULL,
    brand          text    NOT NULL,
    domain         text    NOT NULL,
    settings       jsonb   NOT NULL,
    all_partitions boolean NOT NULL,
    is_default     boolean NOT NULL,
    version        bigint  NOT NULL,
    create_time    bigint  NOT NULL,
    update_time    bigint  NOT NULL,
    archive_time   bigint,
    delete_time    bigint,
    purge_time     bigint,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX workspace_name ON workspace (tenant_id, name_key) WHERE delete_time IS NULL;
CREATE INDEX workspace_by_name ON workspace (tenant_id, display_name, id);
CREATE INDEX workspace_by_create ON workspace (tenant_id, create_time, id);

CREATE TABLE person_partition (
    tenant_id    uuid    NOT NULL REFERENCES tenant (tenant_id),
    id           uuid    NOT NULL,
    display_name text    COLLATE "C" NOT NULL,
    name_key     text    COLLATE "C" NOT NULL,
    description  text    NOT NULL,
    region       text    NOT NULL,
    is_default   boolean NOT NULL,
    version      bigint  NOT NULL,
    create_time  bigint  NOT NULL,
    update_time  bigint  NOT NULL,
    delete_time  bigint,
    purge_time   bigint,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX person_partition_name ON person_partition (tenant_id, name_key)
    WHERE delete_time IS NULL;
CREATE INDEX person_partition_by_name ON person_partition (tenant_id, display_name, id);
CREATE INDEX person_partition_by_create ON person_partition (tenant_id, create_time, id);

CREATE TABLE binding (
    tenant_id    uuid    NOT NULL,
    workspace_id uuid    NOT NULL,
    partition_id uuid    NOT NULL,
    access       text    NOT NULL CHECK (access IN ('READ_WRITE', 'READ_ONLY')),
    is_primary   boolean NOT NULL,
    create_time  bigint  NOT NULL,
    PRIMARY KEY (tenant_id, workspace_id, partition_id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id),
    FOREIGN KEY (tenant_id, partition_id) REFERENCES person_partition (tenant_id, id),
    CONSTRAINT binding_primary_writable CHECK (NOT is_primary OR access = 'READ_WRITE')
);
CREATE UNIQUE INDEX binding_primary ON binding (tenant_id, workspace_id) WHERE is_primary;
CREATE INDEX binding_by_partition ON binding (tenant_id, partition_id, workspace_id);
