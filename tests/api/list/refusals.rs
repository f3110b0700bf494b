//! Who may do what with members, and through what (A-06, F-01, S-06, W-12).

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::{Code, Status};

use crate::on_both;
use crate::support::actor::ok;
use crate::support::members::{Kind, Members};
use crate::support::status::{assert_refused, metadata};

const NEVER: &str = "0190f0e0-0000-7000-8000-000000000000";

/// The refusals of all that can be done with members.
async fn refusals(held: &Members) -> [Status; 5] {
    [
        held.try_add(&[NEVER], false).await.expect_err("put in"),
        held.try_remove(&[NEVER], false).await.expect_err("taken out"),
        held.try_remove(&[], true).await.expect_err("cleared"),
        held.try_page(1, "").await.expect_err("listed"),
        held.try_count().await.expect_err("counted"),
    ]
}

on_both! {
    /// A-06, W-09: an asset of another workspace, of another type, or shared no more, answers as one that never was.
    async fn a_06_what_the_workspace_does_not_see_is_not_found(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let other = ada.workspace("Other", &[]).await;
        let folder = ada.folder(w, &ada.root(w, pb::Area::Database).await, "Lists").await;
        let list = Members::make(&ada, Kind::List, w, &folder, "List").await;
        let root = ada.root(w, pb::Area::MarketingActivities).await;
        let program = Members::make(&ada, Kind::Program, w, &root, "Program").await;
        ok(ada.try_share(w, &folder, &[&other]).await);
        assert_eq!(list.through(&other).count().await, (0, 0));
        ok(ada.try_unshare(w, &folder, &[&other], false).await);
        let mistaken = [
            Members { id: program.id.clone(), ..list.clone() },
            Members { id: list.id.clone(), ..program.clone() },
            Members { id: NEVER.into(), ..list.clone() },
            Members { id: NEVER.into(), ..program.clone() },
            list.through(&other),
            program.through(&other),
        ];
        let nothing = Members { id: NEVER.into(), ..list.clone() };
        let never = nothing.try_count().await.expect_err("never was");
        for held in mistaken {
            for status in refusals(&held).await {
                let status = assert_refused::<()>(Err(status), Code::NotFound, ErrorReason::AssetNotFound);
                assert_eq!(metadata(&status, "asset_id"), Some(held.id.clone()));
                assert_eq!(status.message(), never.message());
            }
        }
    }

    /// the right to assets and the right to people are both needed.
    async fn a_01_members_need_two_rights(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let rights: [(&str, &[&str], [&str; 5]); 3] = [
            ("assets", &["assets.write"], ["people.read"; 5]),
            ("people", &["people.read", "workspaces.read"],
                ["assets.write", "assets.write", "assets.write", "assets.read", "assets.read"]),
            ("nobody", &[], [""; 5]),
        ];
        for kind in Kind::BOTH {
            let root = ada.root(w, kind.area()).await;
            let held = Members::make(&ada, kind, w, &root, "Some").await;
            for (name, permissions, lacked) in rights {
                if !permissions.is_empty() {
                    let role = ada.role(&format!("{name} {kind:?}"), permissions).await;
                    ada.grant(&format!("user:{name}"), &role, w).await;
                }
                for (status, lacked) in refusals(&held.by(&acme.user(name))).await.into_iter().zip(lacked) {
                    match permissions {
                        [] => drop(assert_refused::<()>(Err(status), Code::NotFound, ErrorReason::WorkspaceNotFound)),
                        _ => {
                            let (code, reason) = (Code::PermissionDenied, ErrorReason::PermissionRequired);
                            let status = assert_refused::<()>(Err(status), code, reason);
                            assert_eq!(metadata(&status, "permission").as_deref(), Some(lacked));
                        }
                    }
                }
            }
        }
    }

    /// W-12: an archived workspace shows its members, and changes none.
    async fn w_12_an_archived_workspace_keeps_its_members(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let w = ada.workspace("W", &[]).await;
        let a = ada.person(&w, "a@example.com").await.person_id;
        let mut all = Vec::new();
        for kind in Kind::BOTH {
            let root = ada.root(&w, kind.area()).await;
            let held = Members::make(&ada, kind, &w, &root, "Some").await;
            held.add(&[&a]).await;
            all.push(held);
        }
        let archive =
            pb::ArchiveWorkspaceRequest { workspace_id: w.clone(), ..pb::ArchiveWorkspaceRequest::default() };
        ok(ada.workspaces().archive_workspace(archive).await);
        for held in &all {
            for result in [
                held.try_add(&[&a], false).await,
                held.try_remove(&[&a], false).await,
                held.try_remove(&[], true).await,
            ] {
                assert_refused(result, Code::FailedPrecondition, ErrorReason::WorkspaceArchived);
            }
            assert_eq!((held.count().await, held.all(10).await), ((1, 0), vec![a.clone()]));
        }
    }
}
