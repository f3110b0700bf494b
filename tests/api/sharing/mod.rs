//! Shares of folders (S-01 to S-11, W-08, W-12, W-13).

mod lifecycle;
mod plan;
mod race;

use precinct::pb;
use precinct::pb::{Area, ErrorReason, SharingState};
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, fields, metadata};
use crate::support::{App, Tenant};

/// A tenant with a folder of lists in its Default workspace, and three more workspaces.
struct Stage {
    tenant: Tenant,
    ada: Actor,
    home: String,
    folder: String,
    targets: [String; 3],
}

impl Stage {
    async fn new(app: &App) -> Self {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), tenant.default_workspace.clone());
        let mut targets = Vec::new();
        for name in ["Asia", "Europe", "Oceania"] {
            targets.push(ada.workspace(name, &[&tenant.default_partition]).await);
        }
        let folder = ada.folder(&home, &ada.root(&home, Area::Database).await, "Lists").await;
        let targets = targets.try_into().expect("three");
        Self { tenant, ada, home, folder, targets }
    }
}

fn targets(shares: &[pb::Share]) -> Vec<&str> {
    shares.iter().map(|one| one.target_workspace_id.as_str()).collect()
}

/// The same caller, who asks for what is at least as new.
fn since(actor: &Actor, revision: i64) -> Actor {
    actor.clone().with("x-precinct-at-least-revision", &revision.to_string())
}

/// The shares that somebody sees of a workspace.
async fn shares(actor: &Actor, workspace: &str) -> Vec<pb::Share> {
    let request = pb::ListSharesRequest {
        workspace_id: workspace.into(),
        page_size: 1_000,
        ..pb::ListSharesRequest::default()
    };
    ok(actor.sharing().list_shares(request).await).shares
}

on_both! {
    /// S-01, S-09: sharing names the whole set of targets; the same set again changes nothing; who is left out is
    /// unshared.
    async fn s_01_sharing_names_the_whole_set(app) {
        let Stage { ada, home, folder, targets: [asia, europe, oceania], .. } = Stage::new(app).await;
        let shared = ok(ada.try_share(&home, &folder, &[&asia, &europe]).await);
        assert_eq!(targets(&shared.shares), [&asia, &europe]);
        let before = ada.revision().await;
        ok(ada.try_share(&home, &folder, &[&europe, &asia]).await);
        assert_eq!(ada.revision().await, before, "the same set changes nothing");
        let shared = ok(ada.try_share(&home, &folder, &[&europe, &oceania]).await);
        assert_eq!(targets(&shared.shares), [&europe, &oceania]);
        assert_eq!(ada.revision().await, before + 1);
        let gone = ada.try_get_folder(&asia, &folder).await;
        assert_refused(gone, Code::NotFound, ErrorReason::FolderNotFound);
        let shared = ok(ada.try_share(&home, &folder, &[]).await);
        assert!(shared.shares.is_empty());
    }

    /// S-01, S-04: targets that the caller cannot access stay untouched and unmentioned, and are not found by name.
    async fn s_04_only_workspaces_that_the_caller_may_access(app) {
        let Stage { tenant, ada, home, folder, targets: [asia, europe, oceania] } = Stage::new(app).await;
        ok(ada.try_share(&home, &folder, &[&asia]).await);
        let bob = tenant.user("bob");
        ada.grant("user:bob", &built_in("Workspace admin"), &home).await;
        ada.grant("user:bob", &built_in("Viewer"), &europe).await;
        let shared = ok(bob.try_share(&home, &folder, &[&europe]).await);
        assert_eq!(targets(&shared.shares), [&europe]);
        assert_eq!(targets(&shares(&bob, &home).await), [&europe]);
        assert_eq!(targets(&shares(&ada, &home).await), [&asia, &europe]);
        let hidden = bob.try_share(&home, &folder, &[&europe, &oceania]).await;
        let hidden = assert_refused(hidden, Code::NotFound, ErrorReason::WorkspaceNotFound);
        let never = uuid::Uuid::now_v7().to_string();
        let missing = bob.try_share(&home, &folder, &[&europe, &never]).await;
        let missing = assert_refused(missing, Code::NotFound, ErrorReason::WorkspaceNotFound);
        assert_eq!(hidden.message(), missing.message());
        let request = pb::ListShareTargetsRequest { workspace_id: home.clone(), ..pb::ListShareTargetsRequest::default() };
        let offered = ok(bob.sharing().list_share_targets(request.clone()).await).targets;
        assert_eq!(offered.iter().map(|one| &one.workspace_id).collect::<Vec<_>>(), [&europe]);
        let offered = ok(ada.sharing().list_share_targets(request).await).targets;
        let names: Vec<&str> = offered.iter().map(|one| one.display_name.as_str()).collect();
        assert_eq!(names, ["Asia", "Europe", "Oceania"]);
        let cay = tenant.user("cay");
        ada.grant("user:cay", &built_in("Marketer"), &home).await;
        let refused = cay.try_share(&home, &folder, &[]).await;
        let refused = assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_eq!(metadata(&refused, "permission").as_deref(), Some("assets.share"));
    }

    /// S-04: not with the owner itself.
    async fn s_04_not_with_the_owner(app) {
        let Stage { ada, home, folder, targets: [asia, ..], .. } = Stage::new(app).await;
        let refused = ada.try_share(&home, &folder, &[&asia, &home]).await;
        let refused = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&refused), ["target_workspace_ids[1]"]);
    }

    /// S-05, S-02: the owner sees the arrow, the target the padlock, below the shared folder too; there it stands
    /// under the target's own root.
    async fn s_05_the_arrow_here_and_the_padlock_there(app) {
        let Stage { ada, home, folder, targets: [asia, europe, _], .. } = Stage::new(app).await;
        let inner = ada.folder(&home, &folder, "Inner").await;
        let plain = ada.folder(&home, &ada.root(&home, Area::Database).await, "Plain").await;
        ok(ada.try_share(&home, &folder, &[&asia]).await);
        let later = ada.folder(&home, &inner, "Later").await;
        for id in [&folder, &inner, &later] {
            let own = ada.try_get_folder(&home, id).await.expect("its own");
            assert_eq!((own.sharing_state(), own.read_only), (SharingState::SharedOut, false));
            let seen = ada.try_get_folder(&asia, id).await.expect("shared");
            assert_eq!((seen.sharing_state(), seen.read_only), (SharingState::SharedIn, true));
            assert_eq!((&seen.owner_workspace_id, &seen.workspace_id), (&home, &asia));
            let hidden = ada.try_get_folder(&europe, id).await;
            assert_refused(hidden, Code::NotFound, ErrorReason::FolderNotFound);
        }
        let own = ada.try_get_folder(&home, &plain).await.expect("its own");
        assert_eq!(own.sharing_state(), SharingState::NotShared);
        let root = ada.root(&asia, Area::Database).await;
        let listed = ada.list_folders(&asia, &root, Area::Unspecified).await;
        assert_eq!(listed.len(), 1);
        assert_eq!((&listed[0].folder_id, &listed[0].parent_folder_id), (&folder, &root));
        let below = ada.list_folders(&asia, &folder, Area::Unspecified).await;
        assert_eq!(below.iter().map(|one| &one.folder_id).collect::<Vec<_>>(), [&inner]);
        let all = ada.list_folders(&asia, "", Area::Database).await;
        let received: Vec<_> = all.iter().filter(|one| one.read_only).map(|one| &one.folder_id).collect();
        assert_eq!(received.len(), 3);
        let other_area = ada.root(&asia, Area::DesignStudio).await;
        assert!(ada.list_folders(&asia, &other_area, Area::Unspecified).await.is_empty());
    }

    /// S-06: nothing changes through the target, whatever the caller's roles; through the owner the same call passes.
    async fn s_06_a_target_changes_nothing(app) {
        let Stage { ada, home, folder, targets: [asia, europe, _], .. } = Stage::new(app).await;
        let inner = ada.folder(&home, &folder, "Inner").await;
        ok(ada.try_share(&home, &folder, &[&asia]).await);
        let before = ada.revision().await;
        let root = ada.root(&asia, Area::Database).await;
        let mine = ada.folder(&asia, &root, "Mine").await;
        let update = |workspace: &str| pb::UpdateFolderRequest {
            folder: Some(pb::Folder {
                workspace_id: workspace.into(),
                folder_id: inner.clone(),
                description: "changed".into(),
                ..pb::Folder::default()
            }),
            ..pb::UpdateFolderRequest::default()
        };
        for refused in [
            ada.folders().update_folder(update(&asia)).await.map(drop),
            ada.try_folder(&asia, &inner, "Below").await.map(drop),
            ada.try_delete_folder(&asia, &inner).await.map(drop),
            ada.try_move_folder(&asia, &folder, "", &root).await.map(drop),
            ada.try_move_folder(&asia, &mine, "", &folder).await.map(drop),
            // S-08: what is received cannot be shared on.
            ada.try_share(&asia, &folder, &[&europe]).await.map(drop),
        ] {
            let status = assert_refused(refused, Code::FailedPrecondition, ErrorReason::SharedReadOnly);
            assert_eq!(metadata(&status, "owner_workspace_id").as_deref(), Some(home.as_str()));
        }
        assert_eq!(ada.revision().await, before + 1, "only Mine was made");
        ok(ada.folders().update_folder(update(&home)).await);
        ok(ada.try_delete_folder(&home, &inner).await);
    }

    /// S-02: only a folder near enough to the root is shared, as the tenant's settings say for its area.
    async fn s_02_the_depth_of_what_is_shared_is_limited(app) {
        let Stage { tenant, ada, home, folder, targets: [asia, europe, _] } = Stage::new(app).await;
        let inner = ada.folder(&home, &folder, "Inner").await;
        let refused = ada.try_share(&home, &inner, &[&asia]).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::FolderTooDeep);
        assert_eq!(metadata(&refused, "depth").as_deref(), Some("2"));
        assert_eq!(metadata(&refused, "limit").as_deref(), Some("1"));
        let limit = |area: &str, depth| pb::UpdateTenantRequest {
            tenant: Some(pb::Tenant {
                tenant_id: tenant.id.clone(),
                settings: Some(pb::TenantSettings {
                    share_depth_limit: [(area.to_owned(), depth)].into(),
                    ..pb::TenantSettings::default()
                }),
                ..pb::Tenant::default()
            }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["settings.share_depth_limit".into()] }),
            ..pb::UpdateTenantRequest::default()
        };
        ok(ada.tenants().update_tenant(limit("database", 2)).await);
        ok(ada.try_share(&home, &inner, &[&asia]).await);
        // Overlapping shares are a union, and each is listed where it begins.
        ok(ada.try_share(&home, &folder, &[&asia, &europe]).await);
        ok(ada.try_share(&home, &folder, &[&europe]).await);
        assert!(ada.try_get_folder(&asia, &inner).await.is_ok());
        let hidden = ada.try_get_folder(&asia, &folder).await;
        assert_refused(hidden, Code::NotFound, ErrorReason::FolderNotFound);
        // T-03: the limit cannot be lowered below what is shared.
        let refused = ada.tenants().update_tenant(limit("database", 1)).await;
        let reason = ErrorReason::SettingConflictsWithData;
        let refused = assert_refused(refused, Code::FailedPrecondition, reason);
        assert_eq!(metadata(&refused, "conflicts").as_deref(), Some("1"));
        ok(ada.try_unshare(&home, &inner, &[&asia], false).await);
        ok(ada.tenants().update_tenant(limit("database", 1)).await);
    }

    /// S-11: folders of one name from two owners and of one's own are three, told apart by id and owner.
    async fn s_11_folders_of_one_name_stand_beside_each_other(app) {
        let Stage { ada, home, folder, targets: [asia, europe, _], .. } = Stage::new(app).await;
        let second = ada.folder(&europe, &ada.root(&europe, Area::Database).await, "Lists").await;
        let root = ada.root(&asia, Area::Database).await;
        let own = ada.folder(&asia, &root, "Lists").await;
        ok(ada.try_share(&home, &folder, &[&asia]).await);
        ok(ada.try_share(&europe, &second, &[&asia]).await);
        let mut found: Vec<_> = ada
            .list_folders(&asia, &root, Area::Unspecified)
            .await
            .into_iter()
            .map(|one| (one.display_name, one.owner_workspace_id, one.folder_id))
            .collect();
        found.sort_by(|a, b| a.2.cmp(&b.2));
        let mut expected = [(&home, &folder), (&europe, &second), (&asia, &own)]
            .map(|(owner, id)| ("Lists".to_owned(), owner.clone(), id.clone()));
        expected.sort_by(|a, b| a.2.cmp(&b.2));
        assert_eq!(found, expected);
    }

    /// S-09: a share that is not there is not ended.
    async fn s_09_a_share_that_is_not_there(app) {
        let Stage { ada, home, folder, targets: [asia, europe, _], .. } = Stage::new(app).await;
        ok(ada.try_share(&home, &folder, &[&asia]).await);
        let refused = ada.try_unshare(&home, &folder, &[&asia, &europe], false).await;
        assert_refused(refused, Code::NotFound, ErrorReason::ShareNotFound);
        let refused = ada.try_unshare(&home, &folder, &[], false).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        ok(ada.try_unshare(&home, &folder, &[&asia], false).await);
        assert!(shares(&ada, &home).await.is_empty());
    }

    /// W-12: an archived workspace is no target of new shares, and is not offered; what it has, it keeps.
    async fn w_12_an_archived_workspace_is_no_new_target(app) {
        let Stage { ada, home, folder, targets: [asia, europe, _], .. } = Stage::new(app).await;
        ok(ada.try_share(&home, &folder, &[&asia]).await);
        for id in [&asia, &europe] {
            let request = pb::ArchiveWorkspaceRequest { workspace_id: id.clone(), ..pb::ArchiveWorkspaceRequest::default() };
            ok(ada.workspaces().archive_workspace(request).await);
        }
        assert!(ada.try_get_folder(&asia, &folder).await.is_ok());
        let refused = ada.try_share(&home, &folder, &[&asia, &europe]).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::WorkspaceArchived);
        assert_eq!(metadata(&refused, "workspace_id").as_deref(), Some(europe.as_str()));
        ok(ada.try_share(&home, &folder, &[&asia]).await);
        let request = pb::ListShareTargetsRequest { workspace_id: home.clone(), ..pb::ListShareTargetsRequest::default() };
        let offered = ok(ada.sharing().list_share_targets(request).await).targets;
        assert_eq!(offered.iter().map(|one| one.display_name.as_str()).collect::<Vec<_>>(), ["Oceania"]);
    }

    /// another replica that is given the revision of a share, or of its end, sees it.
    async fn a_05_a_share_is_in_force_on_every_replica(app) {
        let Stage { tenant, ada, home, folder, targets: [asia, ..] } = Stage::new(app).await;
        let there = tenant.through(app.replica().await).admin();
        assert!(there.try_get_folder(&asia, &folder).await.is_err());
        let shared = ok(ada.try_share(&home, &folder, &[&asia]).await);
        let seen = since(&there, shared.revision).try_get_folder(&asia, &folder).await;
        assert!(seen.is_ok(), "{seen:?}");
        let ended = ok(ada.try_unshare(&home, &folder, &[&asia], false).await);
        let hidden = since(&there, ended.revision).try_get_folder(&asia, &folder).await;
        assert_refused(hidden, Code::NotFound, ErrorReason::FolderNotFound);
    }
}
