//! Good requests of `SegmentationService`.

use serde_json::{Value as Json, json};

use crate::support::segmentations::DEFAULT;
use crate::support::world::World;

/// As [`super::request`].
pub fn request(world: &World, rpc: &str) -> Option<Json> {
    let World { workspace, person, segmentations, .. } = world;
    let of = |id: &String| json!({ "workspace_id": workspace, "segmentation_id": id });
    let segments = json!([{ "display_name": "Named", "filter": { "text": "first_name is not empty" } }]);
    Some(match rpc {
        "CreateSegmentation" => json!({
            "workspace_id": workspace,
            "segmentation": { "display_name": "New", "segments": segments },
        }),
        "UpdateSegmentation" => json!({
            "workspace_id": workspace,
            "segmentation": { "segmentation_id": segmentations.draft, "segments": segments },
        }),
        "ListSegmentations" => json!({ "workspace_id": workspace }),
        "ApproveSegmentation" | "DeleteSegmentation" => of(&segmentations.draft),
        "GetSegmentation" | "UnapproveSegmentation" | "RecomputeSegmentation"
        | "CountSegments" => of(&segmentations.approved),
        "ListSegmentMembers" => json!({
            "workspace_id": workspace,
            "segmentation_id": segmentations.approved,
            "segment_id": DEFAULT,
        }),
        "GetPersonSegments" => json!({ "workspace_id": workspace, "person_id": person }),
        "TestSegmentation" => json!({
            "workspace_id": workspace,
            "segmentation_id": segmentations.approved,
            "person_id": person,
        }),
        _ => return None,
    })
}
