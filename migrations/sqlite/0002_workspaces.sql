-- Workspaces, person partitions, and which workspace may use which partition.

CREATE TABLE workspace (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    display_name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    language text NOT NULL,
    region text NOT NULL,
    environment text NOT NULL,
    brand text NOT NULL,
    domain text NOT NULL,
    settings text NOT NULL,
    all_partitions integer NOT NULL,
    is_default integer NOT NULL,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    archive_time integer,
    delete_time integer,
    purge_time integer,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX workspace_name ON workspace (tenant_id, name_key) WHERE delete_time IS NULL;
CREATE INDEX workspace_by_name ON workspace (tenant_id, display_name, id);
CREATE INDEX workspace_by_create ON workspace (tenant_id, create_time, id);

CREATE TABLE person_partition (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    display_name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    region text NOT NULL,
    is_default integer NOT NULL,
    version integer NOT NULL,
    create_time integer NOT NULL,
    update_time integer NOT NULL,
    delete_time integer,
    purge_time integer,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX person_partition_name ON person_partition (tenant_id, name_key)
    WHERE delete_time IS NULL;
CREATE INDEX person_partition_by_name ON person_partition (tenant_id, display_name, id);
CREATE INDEX person_partition_by_create ON person_partition (tenant_id, create_time, id);

CREATE TABLE binding (
    tenant_id blob NOT NULL,
    workspace_id blob NOT NULL,
    partition_id blob NOT NULL,
    access text NOT NULL CHECK (access IN ('READ_WRITE', 'READ_ONLY')),
    is_primary integer NOT NULL,
    create_time integer NOT NULL,
    PRIMARY KEY (tenant_id, workspace_id, partition_id),
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, id),
    FOREIGN KEY (tenant_id, partition_id) REFERENCES person_partition (tenant_id, id),
    CONSTRAINT binding_primary_writable CHECK (NOT is_primary OR access = 'READ_WRITE')
) STRICT;
CREATE UNIQUE INDEX binding_primary ON binding (tenant_id, workspace_id) WHERE is_primary;
CREATE INDEX binding_by_partition ON binding (tenant_id, partition_id, workspace_id);
