//! Plans of what concerns folders and shares.

use precinct::pb;
use precinct::pb::{Area, ErrorReason};
use tonic::Code;

use super::{Stage, targets};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::folders::{moving, sharing};
use crate::support::status::assert_refused;

on_both! {
    /// a plan changes nothing, and its token applies while what it read stands.
    async fn x_02_a_plan_is_applied_or_stale(app) {
        let Stage { ada, home, folder, targets: [asia, europe, _], .. } = Stage::new(app).await;
        let before = ada.revision().await;
        let ask = pb::ShareFolderRequest { validate_only: true, ..sharing(&home, &folder, &[&asia]) };
        let planned = ok(ada.sharing().share_folder(ask.clone()).await);
        let plan = planned.plan.expect("a plan");
        assert_eq!(planned.revision, before);
        assert_eq!(ada.revision().await, before);
        let begun: Vec<_> = plan.shares_begun.iter().map(|one| &one.target_workspace_id).collect();
        assert_eq!((begun, plan.shares_ended.len()), (vec![&asia], 0));
        assert!(ada.try_get_folder(&asia, &folder).await.is_err());
        let apply = pb::ShareFolderRequest { plan_token: plan.plan_token, ..sharing(&home, &folder, &[&asia]) };
        // The plan of another call is none of this one.
        let other = pb::ShareFolderRequest { target_workspace_ids: vec![europe.clone()], ..apply.clone() };
        assert_refused(ada.sharing().share_folder(other).await, Code::Aborted, ErrorReason::PlanStale);
        // Something that the plan read has changed.
        ok(ada.try_share(&home, &folder, &[&europe]).await);
        let stale = ada.sharing().share_folder(apply.clone()).await;
        assert_refused(stale, Code::Aborted, ErrorReason::PlanStale);
        ok(ada.try_share(&home, &folder, &[]).await);
        let shared = ok(ada.sharing().share_folder(apply).await);
        assert_eq!(targets(&shared.shares), [&asia]);
        assert!(shared.plan.is_none(), "a call that is done has no plan");
        let nonsense = pb::ShareFolderRequest { plan_token: "nonsense".into(), ..sharing(&home, &folder, &[]) };
        assert_refused(ada.sharing().share_folder(nonsense).await, Code::Aborted, ErrorReason::PlanStale);
    }

    /// deleting a folder or workspace and moving a folder say which shares end.
    async fn x_02_plans_name_the_shares_that_end(app) {
        let Stage { ada, home, folder, targets: [asia, europe, _], .. } = Stage::new(app).await;
        ok(ada.try_share(&home, &folder, &[&asia, &europe]).await);
        let ended = |plan: Option<pb::Plan>| -> Vec<String> {
            let ended = plan.expect("a plan").shares_ended;
            ended.into_iter().map(|one| one.target_workspace_id).collect()
        };
        let delete = pb::DeleteFolderRequest {
            workspace_id: home.clone(),
            folder_id: folder.clone(),
            validate_only: true,
            ..pb::DeleteFolderRequest::default()
        };
        let plan = ok(ada.folders().delete_folder(delete).await).plan;
        assert_eq!(ended(plan), [asia.clone(), europe.clone()]);
        let go = pb::MoveFolderRequest { validate_only: true, ..moving(&home, &folder, &asia, "") };
        assert_eq!(ended(ok(ada.folders().move_folder(go).await).plan), [asia.as_str()]);
        let delete = pb::DeleteWorkspaceRequest {
            workspace_id: asia.clone(),
            validate_only: true,
            ..pb::DeleteWorkspaceRequest::default()
        };
        let plan = ok(ada.workspaces().delete_workspace(delete).await).plan;
        assert_eq!(ended(plan), [asia.as_str()]);
        assert!(ada.try_get_folder(&asia, &folder).await.is_ok(), "nothing was changed");
        // One share more that would end, of a folder with nothing in it, and the plan is another.
        let delete = |plan_token: &str| pb::DeleteWorkspaceRequest {
            workspace_id: asia.clone(),
            validate_only: plan_token.is_empty(),
            plan_token: plan_token.into(),
            ..pb::DeleteWorkspaceRequest::default()
        };
        let plan = ok(ada.workspaces().delete_workspace(delete("")).await).plan.expect("a plan");
        let empty = ada.folder(&asia, &ada.root(&asia, Area::Database).await, "Empty").await;
        ok(ada.try_share(&asia, &empty, &[&europe]).await);
        let stale = ada.workspaces().delete_workspace(delete(&plan.plan_token)).await;
        assert_refused(stale, Code::Aborted, ErrorReason::PlanStale);
        ok(ada.try_share(&home, &folder, &[]).await);
        let root = ada.root(&home, Area::Database).await;
        assert_eq!(ada.list_folders(&home, &root, Area::Unspecified).await.len(), 1);
    }
}
