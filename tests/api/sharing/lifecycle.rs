//! What becomes of shares when a workspace is deleted and restored (S-10, W-07, W-08, W-13).

use precinct::pb;
use precinct::pb::{Area, ErrorReason, SharingState};
use tonic::{Code, Response, Status};

use super::{Stage, shares, targets};
use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::assert_refused;

async fn delete(actor: &Actor, id: &str) -> Result<Response<pb::DeleteWorkspaceResponse>, Status> {
    let request = pb::DeleteWorkspaceRequest {
        workspace_id: id.into(),
        ..pb::DeleteWorkspaceRequest::default()
    };
    actor.workspaces().delete_workspace(request).await
}

async fn undelete(actor: &Actor, id: &str) -> pb::UndeleteWorkspaceResponse {
    let request = pb::UndeleteWorkspaceRequest {
        workspace_id: id.into(),
        ..pb::UndeleteWorkspaceRequest::default()
    };
    ok(actor.workspaces().undelete_workspace(request).await)
}

on_both! {
    /// W-08, W-13, S-10: a deleted workspace's shares, from it and to it, are suspended at once, and resume with it.
    async fn w_08_shares_are_suspended_and_resume(app) {
        let Stage { ada, home, targets: [asia, europe, _], .. } = Stage::new(app).await;
        let root = ada.root(&asia, Area::Database).await;
        let out = ada.folder(&asia, &root, "Out").await;
        let within = ada.folder(&home, &ada.root(&home, Area::Database).await, "In").await;
        ok(ada.try_share(&asia, &out, &[&europe]).await);
        ok(ada.try_share(&home, &within, &[&asia, &europe]).await);
        ok(delete(&ada, &asia).await);
        let hidden = ada.try_get_folder(&europe, &out).await;
        assert_refused(hidden, Code::NotFound, ErrorReason::FolderNotFound);
        assert_eq!(targets(&shares(&ada, &home).await), [&europe]);
        assert!(shares(&ada, &europe).await.iter().all(|one| one.folder_id == within));
        // What is shared meanwhile leaves the suspended share as it is.
        ok(ada.try_share(&home, &within, &[]).await);
        let own = ada.try_get_folder(&home, &within).await.expect("its own");
        assert_eq!(own.sharing_state(), SharingState::NotShared);
        let back = undelete(&ada, &asia).await;
        assert!(back.suspended_shares.is_empty());
        assert!(ada.try_get_folder(&europe, &out).await.is_ok());
        assert!(ada.try_get_folder(&asia, &within).await.is_ok());
        assert_eq!(targets(&shares(&ada, &home).await), [&asia]);
    }

    /// W-13: shares whose other end is deleted too do not resume, and are listed; they do when that end is back.
    async fn w_13_shares_resume_where_both_ends_stand(app) {
        let Stage { ada, targets: [asia, europe, oceania], .. } = Stage::new(app).await;
        let out = ada.folder(&asia, &ada.root(&asia, Area::Database).await, "Out").await;
        ok(ada.try_share(&asia, &out, &[&europe, &oceania]).await);
        ok(delete(&ada, &asia).await);
        ok(delete(&ada, &europe).await);
        let back = undelete(&ada, &asia).await;
        assert_eq!(targets(&back.suspended_shares), [&europe]);
        assert!(ada.try_get_folder(&oceania, &out).await.is_ok());
        let back = undelete(&ada, &europe).await;
        assert!(back.suspended_shares.is_empty());
        assert!(ada.try_get_folder(&europe, &out).await.is_ok());
    }

    /// W-08: a deleted workspace is no target, as one that never was; S-10: with the folder, its shares end.
    async fn s_10_shares_end_with_their_folder(app) {
        let Stage { ada, home, folder, targets: [asia, europe, _], .. } = Stage::new(app).await;
        ok(delete(&ada, &europe).await);
        let refused = ada.try_share(&home, &folder, &[&asia, &europe]).await;
        assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
        ok(ada.try_share(&home, &folder, &[&asia]).await);
        ok(ada.try_delete_folder(&home, &folder).await);
        assert!(shares(&ada, &asia).await.is_empty());
        assert!(ada.list_folders(&asia, &ada.root(&asia, Area::Database).await, Area::Unspecified).await.is_empty());
    }
}
