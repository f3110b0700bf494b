//! Copying assets: what they refer to, and their rows, contents, references and people, each in one statement.

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::domain::asset::{Kind, Type};
use crate::entity::Asset;
use crate::error::Result;
use crate::id::{AssetId, FolderId, PartitionId, WorkspaceId};
use crate::{args, sql};

/// A reference that a copy would have.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Reference {
    /// The asset that refers.
    pub asset_id: AssetId,
    /// As what.
    pub kind: Kind,
    /// The asset that it refers to.
    pub target_id: AssetId,
    /// What that is.
    pub target_type: Type,
    /// Its name.
    pub target_name: String,
    /// Where it is.
    pub target_folder: FolderId,
    /// It has a live version.
    pub target_approved: bool,
}

/// A copy to make.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Of which asset.
    pub source: AssetId,
    /// Its id.
    pub id: AssetId,
    /// Where it will be.
    pub folder: FolderId,
    /// The program that it will be local to.
    pub program: Option<AssetId>,
    /// Its name.
    pub display_name: String,
    /// What the name is compared by.
    pub name_key: String,
    /// It will be a draft: its type is approved.
    pub draft: bool,
}

/// A list that is copied.
#[derive(Clone, Debug, FromQueryResult)]
pub struct List {
    /// The list.
    pub asset_id: AssetId,
    /// How many people in it the source sees.
    pub seen: i64,
    /// How many of them the target sees too.
    pub shared: i64,
}

/// What some assets refer to, as they are worked on; with `deep`, what that refers to as well, and so on.
pub async fn references(scope: &Scope, ids: &[AssetId], deep: bool) -> Result<Vec<Reference>> {
    scope
        .all(
            sql!(
                "SELECT r.asset_id, r.kind, r.target_id, t.type AS target_type, t.display_name AS target_name, \
                     t.folder_id AS target_folder, t.approved_version IS NOT NULL AS target_approved \
                 FROM (WITH RECURSIVE reached(id) AS (\
                     SELECT a.id FROM asset a WHERE a.tenant_id = $1 AND a.id = ANY($2::uuid[]) \
                     UNION SELECT n.target_id FROM reached f \
                     JOIN asset x ON x.tenant_id = $1 AND x.id = f.id \
                     JOIN asset_reference n ON n.tenant_id = $1 AND n.asset_id = f.id AND n.live <> x.has_draft \
                     WHERE $3) SELECT id FROM reached) f \
                 JOIN asset s ON s.tenant_id = $1 AND s.id = f.id \
                 JOIN asset_reference r ON r.tenant_id = $1 AND r.asset_id = s.id AND r.live <> s.has_draft \
                 JOIN asset t ON t.tenant_id = $1 AND t.id = r.target_id \
                 ORDER BY r.asset_id, r.kind, r.target_id"
            ),
            args![ids, deep],
        )
        .await
}

/// The ids of what is local to a program.
pub async fn locals(scope: &Scope, program: AssetId) -> Result<Vec<AssetId>> {
    scope
        .column(
            sql!("SELECT id FROM asset WHERE tenant_id = $1 AND program_id = $2 ORDER BY id"),
            args![program],
        )
        .await
}

/// The assets of a workspace that have one of some names.
pub async fn named(scope: &Scope, workspace: WorkspaceId, keys: Vec<String>) -> Result<Vec<Asset>> {
    scope
        .all(
            sql!(
                "SELECT * FROM asset WHERE tenant_id = $1 AND workspace_id = $2 \
                 AND name_key = ANY($3::text[])"
            ),
            args![workspace, keys],
        )
        .await
}

/// Makes copies, with their contents: drafts where their type is approved, and nothing that runs.
pub async fn insert(tx: &Tx, copies: &[Copy], workspace: WorkspaceId, time: Micros) -> Result<()> {
    let uuids = |of: fn(&Copy) -> Uuid| copies.iter().map(of).collect::<Vec<Uuid>>();
    let texts = |of: fn(&Copy) -> &String| {
        copies.iter().map(|one| of(one).clone()).collect::<Vec<String>>()
    };
    let sources = uuids(|one| one.source.0);
    let ids = uuids(|one| one.id.0);
    let programs =
        copies.iter().map(|one| one.program.map(|id| id.to_string())).collect::<Vec<_>>();
    let drafts = copies.iter().map(|one| i64::from(one.draft)).collect::<Vec<i64>>();
    tx.execute(
        sql!(
            postgres: "INSERT INTO asset (tenant_id, id, workspace_id, folder_id, program_id, type, display_name, \
                 name_key, description, active, has_draft, approved_version, versions, origin_id, origin_workspace_id, \
                 version, create_time, update_time) \
                 SELECT $1, c.id, $2, c.folder, c.program::uuid, a.type, c.name, c.key, a.description, false, \
                 c.draft = 1, NULL, 0, a.id, a.workspace_id, 1, $3, $3 \
                 FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::bigint[]) \
                     AS c(source, id, folder, program, name, key, draft) \
                 JOIN asset a ON a.tenant_id = $1 AND a.id = c.source",
            sqlite: "INSERT INTO asset (tenant_id, id, workspace_id, folder_id, program_id, type, display_name, \
                 name_key, description, active, has_draft, approved_version, versions, origin_id, origin_workspace_id, \
                 version, create_time, update_time) \
                 SELECT $1, unhex(i.value), $2, unhex(f.value), unhex(replace(p.value, '-', '')), a.type, n.value, k.value, \
                 a.description, 0, d.value, NULL, 0, a.id, a.workspace_id, 1, $3, $3 \
                 FROM json_each($4) s JOIN json_each($5) i ON i.key = s.key JOIN json_each($6) f ON f.key = s.key \
                 JOIN json_each($7) p ON p.key = s.key JOIN json_each($8) n ON n.key = s.key \
                 JOIN json_each($9) k ON k.key = s.key JOIN json_each($10) d ON d.key = s.key \
                 JOIN asset a ON a.tenant_id = $1 AND a.id = unhex(s.value)",
        ),
        args![
            workspace,
            time,
            sources.clone(),
            ids.clone(),
            uuids(|one| one.folder.0),
            programs,
            texts(|one| &one.display_name),
            texts(|one| &one.name_key),
            drafts
        ],
    )
    .await?;
    tx.execute(
        sql!(
            postgres: "INSERT INTO asset_content (tenant_id, asset_id, content) \
                 SELECT $1, c.id, COALESCE(x.content, v.content) FROM unnest($2::uuid[], $3::uuid[]) AS c(source, id) \
                 JOIN asset a ON a.tenant_id = $1 AND a.id = c.source \
                 LEFT JOIN asset_content x ON x.tenant_id = $1 AND x.asset_id = a.id \
                 LEFT JOIN asset_version v ON v.tenant_id = $1 AND v.asset_id = a.id AND v.number = a.approved_version",
            sqlite: "INSERT INTO asset_content (tenant_id, asset_id, content) \
                 SELECT $1, unhex(i.value), COALESCE(x.content, v.content) \
                 FROM json_each($2) s JOIN json_each($3) i ON i.key = s.key \
                 JOIN asset a ON a.tenant_id = $1 AND a.id = unhex(s.value) \
                 LEFT JOIN asset_content x ON x.tenant_id = $1 AND x.asset_id = a.id \
                 LEFT JOIN asset_version v ON v.tenant_id = $1 AND v.asset_id = a.id AND v.number = a.approved_version",
        ),
        args![sources, ids],
    )
    .await
    .map(drop)
}

/// Notes which fields the filters of copies read: those that what they are copies of reads, as it is worked on.
pub async fn insert_fields(tx: &Tx, copies: &[Copy]) -> Result<()> {
    let sources: Vec<Uuid> = copies.iter().map(|one| one.source.0).collect();
    let ids: Vec<Uuid> = copies.iter().map(|one| one.id.0).collect();
    tx.execute(
        sql!(
            postgres: "INSERT INTO asset_field (tenant_id, asset_id, live, field_id) \
                 SELECT $1, c.id, NOT n.has_draft, f.field_id FROM unnest($2::uuid[], $3::uuid[]) AS c(source, id) \
                 JOIN asset a ON a.tenant_id = $1 AND a.id = c.source \
                 JOIN asset n ON n.tenant_id = $1 AND n.id = c.id \
                 JOIN asset_field f ON f.tenant_id = $1 AND f.asset_id = a.id AND f.live <> a.has_draft",
            sqlite: "INSERT INTO asset_field (tenant_id, asset_id, live, field_id) \
                 SELECT $1, n.id, NOT n.has_draft, f.field_id FROM json_each($2) s JOIN json_each($3) i ON i.key = s.key \
                 JOIN asset a ON a.tenant_id = $1 AND a.id = unhex(s.value) \
                 JOIN asset n ON n.tenant_id = $1 AND n.id = unhex(i.value) \
                 JOIN asset_field f ON f.tenant_id = $1 AND f.asset_id = a.id AND f.live <> a.has_draft",
        ),
        args![sources, ids],
    )
    .await
    .map(drop)
}

/// Replaces the contents of copies.
pub async fn set_contents(tx: &Tx, contents: Vec<(AssetId, String)>) -> Result<()> {
    let (ids, contents): (Vec<Uuid>, Vec<String>) =
        contents.into_iter().map(|(id, content)| (id.0, content)).unzip();
    tx.execute(
        sql!(
            postgres: "UPDATE asset_content c SET content = n.content::jsonb \
                 FROM unnest($2::uuid[], $3::text[]) AS n(id, content) WHERE c.tenant_id = $1 AND c.asset_id = n.id",
            sqlite: "UPDATE asset_content SET content = n.content FROM (SELECT unhex(i.value) AS id, t.value AS content \
                     FROM json_each($2) i JOIN json_each($3) t ON t.key = i.key) n \
                 WHERE asset_content.tenant_id = $1 AND asset_content.asset_id = n.id",
        ),
        args![ids, contents],
    )
    .await
    .map(drop)
}

/// Writes what copies refer to: of each its id, whether it is live as it is, the kind and the target.
pub async fn insert_references(
    tx: &Tx,
    references: &[(AssetId, bool, Kind, AssetId)],
) -> Result<()> {
    if references.is_empty() {
        return Ok(());
    }
    let assets: Vec<Uuid> = references.iter().map(|one| one.0.0).collect();
    let lives: Vec<i64> = references.iter().map(|one| i64::from(one.1)).collect();
    let kinds: Vec<String> = references.iter().map(|one| one.2.name().to_owned()).collect();
    let targets: Vec<Uuid> = references.iter().map(|one| one.3.0).collect();
    tx.execute(
        sql!(
            postgres: "INSERT INTO asset_reference (tenant_id, asset_id, live, kind, target_id) \
                 SELECT $1, r.asset, r.live = 1, r.kind, r.target \
                 FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::uuid[]) AS r(asset, live, kind, target)",
            sqlite: "INSERT INTO asset_reference (tenant_id, asset_id, live, kind, target_id) \
                 SELECT $1, unhex(a.value), l.value, k.value, unhex(t.value) \
                 FROM json_each($2) a JOIN json_each($3) l ON l.key = a.key \
                 JOIN json_each($4) k ON k.key = a.key JOIN json_each($5) t ON t.key = a.key",
        ),
        args![assets, lives, kinds, targets],
    )
    .await
    .map(drop)
}

/// How many people are in static lists, of those that the source sees, and of those that both see.
pub async fn count_members(
    scope: &Scope,
    lists: &[AssetId],
    source: &[PartitionId],
    both: &[PartitionId],
) -> Result<Vec<List>> {
    scope
        .all(
            sql!(
                "SELECT m.asset_id, count(*) AS seen, \
                     count(CASE WHEN p.partition_id = ANY($4::uuid[]) THEN 1 END) AS shared \
                 FROM asset_member m JOIN person p ON p.tenant_id = $1 AND p.id = m.person_id \
                     AND p.delete_time IS NULL AND p.partition_id = ANY($3::uuid[]) \
                 WHERE m.tenant_id = $1 AND m.asset_id = ANY($2::uuid[]) GROUP BY m.asset_id ORDER BY m.asset_id"
            ),
            args![lists, source, both],
        )
        .await
}

/// Puts the people of lists, in some partitions, into their copies.
pub async fn insert_members(
    tx: &Tx,
    lists: &[(AssetId, AssetId)],
    partitions: &[PartitionId],
    time: Micros,
) -> Result<()> {
    if lists.is_empty() {
        return Ok(());
    }
    let sources: Vec<Uuid> = lists.iter().map(|one| one.0.0).collect();
    let copies: Vec<Uuid> = lists.iter().map(|one| one.1.0).collect();
    tx.execute(
        sql!(
            postgres: "INSERT INTO asset_member (tenant_id, asset_id, person_id, add_time) \
                 SELECT $1, c.copy, p.id, $5 FROM unnest($2::uuid[], $3::uuid[]) AS c(source, copy) \
                 JOIN asset_member m ON m.tenant_id = $1 AND m.asset_id = c.source \
                 JOIN person p ON p.tenant_id = $1 AND p.id = m.person_id AND p.delete_time IS NULL \
                     AND p.partition_id = ANY($4::uuid[])",
            sqlite: "INSERT INTO asset_member (tenant_id, asset_id, person_id, add_time) \
                 SELECT $1, unhex(c.value), p.id, $5 FROM json_each($2) s JOIN json_each($3) c ON c.key = s.key \
                 JOIN asset_member m ON m.tenant_id = $1 AND m.asset_id = unhex(s.value) \
                 JOIN person p ON p.tenant_id = $1 AND p.id = m.person_id AND p.delete_time IS NULL \
                     AND p.partition_id IN (SELECT unhex(value) FROM json_each($4))",
        ),
        args![sources, copies, partitions, time],
    )
    .await
    .map(drop)
}
