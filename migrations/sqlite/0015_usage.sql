-- What a tenant uses, day by day, and how far that has been worked out.

-- Numbers of a day. Counts of what happens are added to until the day is over and those who counted have told; how
-- things stand is written once, when the day is over.
CREATE TABLE usage_day (
    tenant_id blob NOT NULL,
    -- Whose; nil: what belongs to no single workspace. The row outlives its workspace.
    workspace_id blob NOT NULL,
    -- Days since 1970-01-01, UTC.
    day integer NOT NULL,
    series text NOT NULL,
    -- Of what, where a series has several: a partition, a segment, a kind of changes.
    key text NOT NULL,
    value integer NOT NULL,
    PRIMARY KEY (tenant_id, workspace_id, day, series, key)
) STRICT;
CREATE INDEX usage_day_by_day ON usage_day (tenant_id, day, series);

-- How far the feed was read, how many people are where and who sees them as of there, and the last day whose numbers
-- are written. Who holds the row works on the tenant's numbers alone.
CREATE TABLE usage_meter (
    tenant_id blob NOT NULL,
    revision integer NOT NULL,
    day integer NOT NULL,
    state text NOT NULL,
    PRIMARY KEY (tenant_id)
) STRICT;

-- How many people the write brought from which partition to which, as from, to and people; on its first change only.
ALTER TABLE change ADD COLUMN flow text;
