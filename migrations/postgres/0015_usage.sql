-- What a tenant uses, day by day, and how far that has been worked out.

-- Numbers of a day. Counts of what happens are added to until the day is over and those who counted have told; how
-- things stand is written once, when the day is over.
CREATE TABLE usage_day (
    tenant_id    uuid   NOT NULL,
    -- Whose; nil: what belongs to no single workspace. The row outlives its workspace.
    workspace_id uuid   NOT NULL,
    -- Days since 1970-01-01, UTC.
    day          bigint NOT NULL,
    series       text   COLLATE "C" NOT NULL,
    -- Of what, where a series has several: a partition, a segment, a kind of changes.
    key          text   COLLATE "C" NOT NULL,
    value        bigint NOT NULL,
    PRIMARY KEY (tenant_id, workspace_id, day, series, key)
);
CREATE INDEX usage_day_by_day ON usage_day (tenant_id, day, series);

-- How far the feed was read, how many people are where and who sees them as of there, and the last day whose numbers
-- are written. Who holds the row works on the tenant's numbers alone.
CREATE TABLE usage_meter (
    tenant_id uuid   NOT NULL,
    revision  bigint NOT NULL,
    day       bigint NOT NULL,
    state     jsonb  NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- How many people the write brought from which partition to which, as from, to and people; on its first change only.
ALTER TABLE change ADD COLUMN flow jsonb;

GRANT SELECT, INSERT, UPDATE, DELETE ON usage_day, usage_meter TO precinct_app;

ALTER TABLE usage_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON usage_day
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);

ALTER TABLE usage_meter ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON usage_meter
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);
