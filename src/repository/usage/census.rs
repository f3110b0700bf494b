//! How things stand in a tenant, counted.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;

use crate::clock::{DAY, Micros};
use crate::domain::usage::{Assets, Census, Inside, People, SegmentSize, Sight, WINDOW_DAYS};
use crate::error::Result;
use crate::id::{AssetId, PartitionId, SegmentId, WorkspaceId};
use crate::repository::scope::Scope;
use crate::{args, sql};

/// Which workspaces there are, what they see and hold, and how many people there are: four statements, each over all
/// of the tenant. Who joined a program was acting.
pub async fn census(scope: &Scope, time: Micros) -> Result<Census> {
    #[derive(FromQueryResult)]
    struct Counted {
        partition_id: PartitionId,
        people: i64,
        active: i64,
    }
    #[derive(FromQueryResult)]
    struct Held {
        workspace_id: WorkspaceId,
        assets: i64,
        bytes: i64,
    }
    let people: Vec<Counted> = scope
        .all(
            sql!(
                "SELECT p.partition_id, count(*) AS people, sum(CASE WHEN p.update_time >= $2 OR p.id IN (\
                     SELECT m.person_id FROM asset a JOIN asset_member m ON m.tenant_id = $1 AND m.asset_id = a.id \
                     WHERE a.tenant_id = $1 AND a.type = 'PROGRAM' AND m.add_time >= $2) \
                     THEN 1 ELSE 0 END) AS active \
                 FROM person p WHERE p.tenant_id = $1 AND p.delete_time IS NULL GROUP BY p.partition_id"
            ),
            args![time - WINDOW_DAYS * DAY],
        )
        .await?;
    let assets: Vec<Held> = scope
        .all(
            sql!(
                "SELECT a.workspace_id, count(*) AS assets, CAST(coalesce(sum(\
                     coalesce((SELECT octet_length(CAST(c.content AS text)) FROM asset_content c \
                         WHERE c.tenant_id = $1 AND c.asset_id = a.id), 0) \
                     + coalesce((SELECT sum(octet_length(CAST(v.content AS text))) FROM asset_version v \
                         WHERE v.tenant_id = $1 AND v.asset_id = a.id), 0)), 0) AS bigint) AS bytes \
                 FROM asset a WHERE a.tenant_id = $1 GROUP BY a.workspace_id"
            ),
            args![],
        )
        .await?;
    let people = people.into_iter().map(|one| {
        let (all, active) = (one.people, one.active);
        (one.partition_id, People { all, active })
    });
    let assets = assets
        .into_iter()
        .map(|one| (one.workspace_id, Assets { count: one.assets, bytes: one.bytes }));
    let (workspaces, _) = sights(scope).await?;
    Ok(Census { workspaces, people: people.collect(), assets: assets.collect() })
}

/// What living workspaces see, and what deleted ones would.
pub(super) async fn sights(
    scope: &Scope,
) -> Result<(BTreeMap<WorkspaceId, Sight>, BTreeMap<WorkspaceId, Sight>)> {
    #[derive(FromQueryResult)]
    struct Row {
        id: WorkspaceId,
        all_partitions: bool,
        deleted: bool,
        partition_id: Option<PartitionId>,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT w.id, w.all_partitions, w.delete_time IS NOT NULL AS deleted, b.partition_id \
                 FROM workspace w LEFT JOIN binding b ON b.tenant_id = $1 AND b.workspace_id = w.id \
                 WHERE w.tenant_id = $1"
            ),
            args![],
        )
        .await?;
    let (mut living, mut deleted) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let those: &mut BTreeMap<WorkspaceId, Sight> =
            if row.deleted { &mut deleted } else { &mut living };
        let sight = those.entry(row.id).or_default();
        sight.all = row.all_partitions;
        sight.bound.extend(row.partition_id);
    }
    Ok((living, deleted))
}

/// What is inside of these workspaces.
pub async fn inside(scope: &Scope, workspaces: &[WorkspaceId]) -> Result<Inside> {
    #[derive(FromQueryResult)]
    struct Members {
        workspace_id: WorkspaceId,
        partition_id: PartitionId,
        people: i64,
    }
    #[derive(FromQueryResult)]
    struct Segment {
        workspace_id: WorkspaceId,
        segmentation_id: AssetId,
        segment_id: SegmentId,
        partition_id: PartitionId,
        people: i64,
    }
    #[derive(FromQueryResult)]
    struct Shares {
        owner_id: WorkspaceId,
        target_id: WorkspaceId,
        folders: i64,
    }
    let members: Vec<Members> = scope
        .all(
            sql!(
                "SELECT a.workspace_id, p.partition_id, count(*) AS people FROM asset a \
                 JOIN asset_member m ON m.tenant_id = $1 AND m.asset_id = a.id \
                 JOIN person p ON p.tenant_id = $1 AND p.id = m.person_id AND p.delete_time IS NULL \
                 WHERE a.tenant_id = $1 AND a.type = 'PROGRAM' AND a.workspace_id = ANY($2::uuid[]) \
                 GROUP BY a.workspace_id, p.partition_id"
            ),
            args![workspaces],
        )
        .await?;
    let segments: Vec<Segment> = scope
        .all(
            sql!(
                "SELECT a.workspace_id, s.id AS segmentation_id, r.segment_id, r.partition_id, count(*) AS people \
                 FROM asset a JOIN segmentation s ON s.tenant_id = $1 AND s.id = a.id \
                 JOIN segment_coverage c ON c.tenant_id = $1 AND c.segmentation_id = s.id \
                     AND c.compute_time IS NOT NULL AND NOT c.dropped \
                 JOIN segment_member r ON r.tenant_id = $1 AND r.segmentation_id = s.id \
                     AND r.partition_id = c.partition_id \
                     AND r.from_generation <= s.live_generation AND r.to_generation > s.live_generation \
                 WHERE a.tenant_id = $1 AND a.type = 'SEGMENTATION' AND a.workspace_id = ANY($2::uuid[]) \
                 GROUP BY a.workspace_id, s.id, r.segment_id, r.partition_id"
            ),
            args![workspaces],
        )
        .await?;
    let shares: Vec<Shares> = scope
        .all(
            sql!(
                "SELECT f.workspace_id AS owner_id, s.workspace_id AS target_id, count(*) AS folders \
                 FROM share s JOIN folder f ON f.tenant_id = $1 AND f.id = s.folder_id \
                 WHERE s.tenant_id = $1 GROUP BY f.workspace_id, s.workspace_id"
            ),
            args![],
        )
        .await?;
    let segments = segments.into_iter().map(|one| SegmentSize {
        workspace: one.workspace_id,
        segmentation: one.segmentation_id,
        segment: one.segment_id,
        partition: one.partition_id,
        people: one.people,
    });
    let members = members.into_iter().map(|one| (one.workspace_id, one.partition_id, one.people));
    let shares = shares.into_iter().map(|one| (one.owner_id, one.target_id, one.folders));
    Ok(Inside {
        program_members: members.collect(),
        segments: segments.collect(),
        shares: shares.collect(),
    })
}
