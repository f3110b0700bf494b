//! Single writes of the control plane, against `pgbench -N` with the same durability.

use precinct::pb;
use prost_types::FieldMask;

use super::creates::limit;
use super::load::load;
use super::measure::{Sample, duel, sample};
use super::table::Table;
use super::world::World;

/// Measures `UpdateWorkspace`, of many workspaces of one tenant.
pub async fn measure(world: &World, table: &mut Table) {
    for in_flight in [1, 16, 64] {
        let update = duel(
            world.size.rounds,
            async || update_workspaces(world, in_flight).await,
            async || limit(world, in_flight).await,
        );
        let goal = if in_flight == 64 { "0.5" } else { "" };
        let work = format!("UpdateWorkspace, {in_flight} in flight, one tenant");
        table.row(&work, "pgbench -N", goal, &update.await);
    }
}

async fn update_workspaces(world: &World, in_flight: usize) -> Sample {
    let revision = format!("SELECT revision FROM tenant_head WHERE tenant_id = '{}'", world.tenant);
    let before = world.database.number(&revision).await;
    let (member, workspaces) = (world.member.clone(), world.workspaces.clone());
    let calls = load(in_flight, world.size.seconds, move |slot, number| {
        let mut client = member.workspaces(slot);
        let workspace = pb::Workspace {
            workspace_id: workspaces[slot].clone(),
            description: format!("Description {number} {before}"),
            ..pb::Workspace::default()
        };
        let request = pb::UpdateWorkspaceRequest {
            workspace: Some(workspace),
            update_mask: Some(FieldMask { paths: vec!["description".into()] }),
            ..pb::UpdateWorkspaceRequest::default()
        };
        async move {
            client.update_workspace(request).await.expect("an update");
        }
    });
    let sample = sample(Some(world.server.meter()), world.database.meter(), calls).await;
    let raised = world.database.number(&revision).await - before;
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let raised = raised as f64;
    assert!((sample.units - raised).abs() < 0.5, "every acknowledged update raised the revision");
    sample
}
