//! What reads a smart list, directly or by way of other smart lists: whom an edit of its filter concerns.

use sea_orm::FromQueryResult;

use crate::error::Result;
use crate::id::AssetId;
use crate::repository::scope::Scope;
use crate::{args, sql};

/// A segmentation that reads a list.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct ReadingSegmentation {
    /// The segmentation.
    pub id: AssetId,
    /// What is live of it does, and not its draft.
    pub live: bool,
}

/// The segmentations that read a smart list; one whose draft does too, twice.
pub async fn segmentations_reading(
    scope: &Scope,
    list: AssetId,
) -> Result<Vec<ReadingSegmentation>> {
    scope
        .all(
            sql!(
                "SELECT DISTINCT a.id, r.live FROM asset a \
                 JOIN asset_reference r ON r.tenant_id = $1 AND r.asset_id = a.id AND r.kind = 'LIST' \
                 WHERE a.tenant_id = $1 AND a.type = 'SEGMENTATION' AND r.target_id IN (\
                     WITH RECURSIVE list(id) AS (\
                         SELECT l.id FROM asset l WHERE l.tenant_id = $1 AND l.id = $2 \
                         UNION SELECT l.id FROM list x \
                         JOIN asset_reference n ON n.tenant_id = $1 AND n.target_id = x.id AND n.kind = 'LIST' \
                         JOIN asset l ON l.tenant_id = $1 AND l.id = n.asset_id AND l.type = 'SMART_LIST') \
                     SELECT id FROM list) ORDER BY a.id, r.live"
            ),
            args![list],
        )
        .await
}

/// The filters, as texts, of the smart lists and campaigns that read a smart list.
pub async fn filters_reading(scope: &Scope, list: AssetId) -> Result<Vec<String>> {
    scope
        .column(
            sql!(
                "SELECT c.content->>'filter' FROM asset a \
                 JOIN asset_content c ON c.tenant_id = $1 AND c.asset_id = a.id \
                 WHERE a.tenant_id = $1 AND a.id <> $2 AND a.type IN ('SMART_LIST', 'SMART_CAMPAIGN') \
                 AND c.content->>'filter' IS NOT NULL AND a.id IN (\
                     SELECT r.asset_id FROM asset_reference r \
                     WHERE r.tenant_id = $1 AND r.kind = 'LIST' AND r.target_id IN (\
                         WITH RECURSIVE list(id) AS (\
                             SELECT l.id FROM asset l WHERE l.tenant_id = $1 AND l.id = $2 \
                             UNION SELECT l.id FROM list x \
                             JOIN asset_reference n ON n.tenant_id = $1 AND n.target_id = x.id AND n.kind = 'LIST' \
                             JOIN asset l ON l.tenant_id = $1 AND l.id = n.asset_id AND l.type = 'SMART_LIST') \
                         SELECT id FROM list))"
            ),
            args![list],
        )
        .await
}
