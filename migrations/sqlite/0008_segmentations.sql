-- Segmentations: their results, by generation, and how far they are computed.

-- A segmentation that is, or is to become, live. The row outlives its asset until its results are removed.
CREATE TABLE segmentation (
    tenant_id blob NOT NULL REFERENCES tenant (tenant_id),
    id blob NOT NULL,
    -- The generation of results that is read, and the approved version that it was computed by.
    live_generation integer,
    live_version integer,
    -- The generation that is being computed beside it, read once it is whole, and its version; 0: the draft.
    next_generation integer,
    next_version integer,
    -- The last generation that was given out.
    generations integer NOT NULL,
    -- What computes or removes results now.
    operation_id blob,
    -- Since when live results may differ from what the definition says, and why.
    stale_time integer,
    stale_reason text NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

-- How far the results of a segmentation are computed in a partition that its owner sees.
CREATE TABLE segment_coverage (
    tenant_id blob NOT NULL,
    segmentation_id blob NOT NULL,
    partition_id blob NOT NULL,
    -- The last generation whose results are whole here.
    generation integer,
    -- When the live results became whole; nothing: they are not read.
    compute_time integer,
    -- The owner no longer sees the partition: what is here is being removed.
    dropped integer NOT NULL,
    -- How often the partition was covered anew: what was computed before counts no more.
    rounds integer NOT NULL,
    PRIMARY KEY (tenant_id, segmentation_id, partition_id),
    FOREIGN KEY (tenant_id, segmentation_id) REFERENCES segmentation (tenant_id, id)
) STRICT;

-- In which segment a person is, from one generation on, up to another and without it; the nil UUID is Default.
CREATE TABLE segment_member (
    tenant_id blob NOT NULL,
    segmentation_id blob NOT NULL,
    person_id blob NOT NULL,
    from_generation integer NOT NULL,
    to_generation integer NOT NULL,
    partition_id blob NOT NULL,
    segment_id blob NOT NULL,
    PRIMARY KEY (tenant_id, segmentation_id, person_id, from_generation)
) STRICT;
-- With the generations, a segment is counted without a look at the rows.
CREATE INDEX segment_member_in_segment
    ON segment_member (tenant_id, segmentation_id, partition_id, segment_id, person_id, from_generation, to_generation);
-- What is past and can be removed.
CREATE INDEX segment_member_past ON segment_member (tenant_id, segmentation_id, to_generation)
    WHERE to_generation < 9223372036854775807;

-- The fields that filters in assets read: of drafts, and of what is live.
CREATE TABLE asset_field (
    tenant_id blob NOT NULL,
    asset_id blob NOT NULL,
    live integer NOT NULL,
    field_id blob NOT NULL,
    PRIMARY KEY (tenant_id, asset_id, live, field_id),
    FOREIGN KEY (tenant_id, asset_id) REFERENCES asset (tenant_id, id),
    FOREIGN KEY (tenant_id, field_id) REFERENCES field (tenant_id, id)
) STRICT;
CREATE INDEX asset_field_by_field ON asset_field (tenant_id, field_id, asset_id);

-- The revision of the last change of what segmentations are computed by: definitions, coverage, lists that they read.
ALTER TABLE tenant_head ADD COLUMN segment_revision integer NOT NULL DEFAULT 0;
