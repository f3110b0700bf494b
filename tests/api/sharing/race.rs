//! Shares under concurrency: the database ends in a state that the checker accepts (S-10).

use precinct::pb;
use precinct::pb::Area;
use tokio::task::JoinSet;

use super::{Stage, shares};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::status::reason;

on_both! {
    /// S-10, W-08: a share that races with the deletion of its target is refused, or is suspended with it: none is
    /// left to a deleted workspace.
    async fn s_10_sharing_races_with_the_deletion_of_the_target(app) {
        let Stage { ada, home, folder, .. } = Stage::new(app).await;
        for round in 0..6 {
            let target = ada.workspace(&format!("Target {round}"), &[]).await;
            let request = pb::DeleteWorkspaceRequest {
                workspace_id: target.clone(),
                ..pb::DeleteWorkspaceRequest::default()
            };
            let mut workspaces = ada.workspaces();
            let targets = [target.as_str()];
            let (shared, deleted) = tokio::join!(
                ada.try_share(&home, &folder, &targets),
                workspaces.delete_workspace(request)
            );
            ok(deleted);
            if let Err(status) = shared {
                assert_eq!(reason(&status), "NotFound / WORKSPACE_NOT_FOUND");
            }
            assert!(shares(&ada, &home).await.is_empty(), "round {round}");
        }
    }

    /// S-02: a folder that sinks while it is shared is either shared where it was, or deeper and not shared.
    async fn s_02_sharing_races_with_moving(app) {
        let Stage { ada, home, folder, targets: [asia, ..], .. } = Stage::new(app).await;
        let root = ada.root(&home, Area::Database).await;
        let deeper = ada.folder(&home, &root, "Deeper").await;
        let targets = [asia.as_str()];
        for _ in 0..6 {
            let (shared, moved) = tokio::join!(
                ada.try_share(&home, &folder, &targets),
                ada.try_move_folder(&home, &folder, "", &deeper)
            );
            match (&shared, &moved) {
                (Ok(_), Err(status)) | (Err(status), Ok(_)) => {
                    assert_eq!(reason(status), "FailedPrecondition / FOLDER_TOO_DEEP");
                }
                _ => panic!("one of both goes through: {shared:?} {moved:?}"),
            }
            ok(ada.try_share(&home, &folder, &[]).await);
            ok(ada.try_move_folder(&home, &folder, "", &root).await);
        }
    }

    /// S-01: of whole sets that are saved at once, one stands in the end, and none is mixed.
    async fn s_01_racing_sets_do_not_mix(app) {
        let Stage { ada, home, folder, targets, .. } = Stage::new(app).await;
        let [asia, europe, oceania] = &targets;
        let sets = [[asia, europe], [europe, oceania], [oceania, asia]];
        let mut saves = JoinSet::new();
        for set in sets.iter().cycle().take(9) {
            let set = set.map(String::clone);
            let (ada, home, folder) = (ada.clone(), home.clone(), folder.clone());
            saves.spawn(async move { ok(ada.try_share(&home, &folder, &[&set[0], &set[1]]).await) });
        }
        saves.join_all().await;
        let left: Vec<String> = shares(&ada, &home).await.into_iter().map(|one| one.target_workspace_id).collect();
        let stands = sets.iter().any(|set| left.len() == 2 && set.iter().all(|one| left.contains(one)));
        assert!(stands, "{left:?}");
    }
}
