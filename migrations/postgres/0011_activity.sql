-- What an audit record says beside who, what and when; which workspaces it concerns; and refusals.

-- How the record is hashed: 1 as it was before these columns, which it then does not cover.
ALTER TABLE audit ADD COLUMN format integer NOT NULL DEFAULT 1;
-- What happened above all, as noun.verb; empty for a refusal.
ALTER TABLE audit ADD COLUMN kind text NOT NULL DEFAULT '';
-- The request_id of the call, if it had one.
ALTER TABLE audit ADD COLUMN request_id uuid;
-- The reason that the call was refused with; empty: it was done.
ALTER TABLE audit ADD COLUMN refusal text NOT NULL DEFAULT '';
-- Of a refusal, the minute that it fell in.
ALTER TABLE audit ADD COLUMN refusal_minute bigint;
-- Workspaces, partitions and names of fields, as JSON; text, so that each byte of it is hashed.
ALTER TABLE audit ADD COLUMN about text NOT NULL DEFAULT '';

-- Whoever tries the same again and again within a minute leaves one record, on however many replicas.
CREATE UNIQUE INDEX audit_refusal ON audit (tenant_id, refusal_minute, actor, action)
    WHERE refusal_minute IS NOT NULL;

-- The records by the workspaces that they concern; of the nil UUID those that concern none. reads is the permission that
-- shows a record in the recent activity; empty: it is not shown there.
CREATE TABLE audit_workspace (
    tenant_id    uuid   NOT NULL,
    seq          bigint NOT NULL,
    workspace_id uuid   NOT NULL,
    reads        text   COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, seq, workspace_id),
    FOREIGN KEY (tenant_id, seq) REFERENCES audit (tenant_id, seq)
);
CREATE INDEX audit_workspace_newest ON audit_workspace (tenant_id, workspace_id, reads, seq);

INSERT INTO audit_workspace (tenant_id, seq, workspace_id, reads)
    SELECT tenant_id, seq, COALESCE(workspace_id, '00000000-0000-0000-0000-000000000000'), '' FROM audit;

GRANT SELECT, INSERT ON audit_workspace TO precinct_app;

ALTER TABLE audit_workspace ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON audit_workspace
    USING (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END)
    WITH CHECK (CASE WHEN tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid THEN true ELSE false END);
