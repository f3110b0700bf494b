-- Segmentations: their results, by generation, and how far they are computed.

-- A segmentation that is, or is to become, live. The row outlives its asset until its results are removed.
CREATE TABLE segmentation (
    tenant_id       uuid    NOT NULL REFERENCES tenant (tenant_id),
    id              uuid    NOT NULL,
    -- The generation of results that is read, and the approved version that it was computed by.
    live_generation bigint,
    live_version    bigint,
    -- The generation that is being computed beside it, read once it is whole, and its version; 0: the draft.
    next_generation bigint,
    next_version    bigint,
    -- The last generation that was given out.
    generations     bigint  NOT NULL,
    -- What computes or removes results now.
    operation_id    uuid,
    -- Since when live results may differ from what the definition says, and why.
    stale_time      bigint,
    stale_reason    text    NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- How far the results of a segmentation are computed in a partition that its owner sees.
CREATE TABLE segment_coverage (
    tenant_id       uuid    NOT NULL,
    segmentation_id uuid    NOT NULL,
    partition_id    uuid    NOT NULL,
    -- The last generation whose results are whole here.
    generation      bigint,
    -- When the live results became whole; nothing: they are not read.
    compute_time    bigint,
    -- The owner no longer sees the partition: what is here is being removed.
    dropped         boolean NOT NULL,
    -- How often the partition was covered anew: what was computed before counts no more.
    rounds          bigint  NOT NULL,
    PRIMARY KEY (tenant_id, segmentation_id, partition_id),
    FOREIGN KEY (tenant_id, segmentation_id) REFERENCES segmentation (tenant_id, id)
);

-- In which segment a person is, from one generation on, up to another and without it; the nil UUID is Default.
CREATE TABLE segment_member (
    tenant_id       uuid   NOT NULL,
    segmentation_id uuid   NOT NULL,
    person_id       uuid   NOT NULL,
    from_generation bigint NOT NULL,
    to_generation   bigint NOT NULL,
    partition_id    uuid   NOT NULL,
    segment_id      uuid   NOT NULL,
    PRIMARY KEY (tenant_id, segmentation_id, person_id, from_generation)
);
-- With the generations, a segment is counted without a look at the rows.
CREATE INDEX segment_member_in_segment
    ON segment_member (tenant_id, segmentation_id, partition_id, segment_id, person_id) INCLUDE (from_generation, to_generation);
-- What is past and can be removed.
CREATE INDEX segment_member_past ON segment_member (tenant_id, segmentation_id, to_generation)
    WHERE to_generation < 9223372036854775807;

-- The fields that filters in assets read: of drafts, and of what is live.
CREATE TABLE asset_field (
    tenant_id uuid    NOT NULL,
    asset_id  uuid    NOT NULL,
    live      boolean NOT NULL,
    field_id  uuid    NOT NULL,
    PRIMARY KEY (tenant_id, asset_id, live, field_id),
    FOREIGN KEY (tenant_id, asset_id) REFERENCES asset (tenant_id, id),
    FOREIGN KEY (tenant_id, field_id) REFERENCES field (tenant_id, id)
);
CREATE INDEX asset_field_by_field ON asset_field (tenant_id, field_id, asset_id);

-- The revision of the last change of what segmentations are computed by: definitions, coverage, lists that they read.
ALTER TABLE tenant_head ADD COLUMN segment_revision bigint NOT NULL DEFAULT 0;

GRANT SELECT, INSERT, UPDATE, DELETE ON segmentation, segment_coverage, segment_member, asset_field TO precinct_app;

ALTER TABLE segmentation ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON segmentation
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE segment_coverage ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON segment_coverage
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

-- Rows of this table are counted by the hundred thousand: the setting is read once for a statement, not for each row.
ALTER TABLE segment_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON segment_member
    USING (CASE WHEN tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid) THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid) THEN true ELSE false END);

ALTER TABLE asset_field ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON asset_field
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);
