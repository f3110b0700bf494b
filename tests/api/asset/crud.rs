//! Making, reading and changing assets.

use precinct::domain::asset::{TYPES, Type};
use precinct::pb::{self, Area, AssetState, AssetType, ErrorReason, ReferenceKind, SharingState};
use tonic::Code;

use super::workspace;
use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::{listing, new_asset, refers, text_content, text_of};
use crate::support::status::{assert_refused, fields, metadata};

/// The wire's name of a type.
fn wire(kind: Type) -> AssetType {
    AssetType::from_str_name(&format!("ASSET_TYPE_{}", kind.name())).expect("both have it")
}

on_both! {
    /// F-01, F-04: an asset is what it was made as, a draft in the root of its area.
    async fn f_01_an_asset_is_made_and_read(app) {
        let (admin, w) = workspace(app).await;
        let snippet = admin.asset(&w, AssetType::Snippet, "Footer").await;
        let new = pb::Asset {
            description: "For May".into(),
            content: Some(text_content("Hello")),
            references: vec![refers(ReferenceKind::Snippet, &snippet)],
            ..new_asset(AssetType::Email, "Invitation")
        };
        let made = ok(admin.try_asset(&w, new.clone()).await).asset.unwrap();
        assert_eq!(made.folder_id, admin.root(&w, Area::DesignStudio).await);
        let expected = pb::Asset {
            asset_id: made.asset_id.clone(),
            workspace_id: w.clone(),
            owner_workspace_id: w.clone(),
            folder_id: made.folder_id.clone(),
            state: AssetState::Draft.into(),
            sharing_state: SharingState::NotShared.into(),
            area: Area::DesignStudio.into(),
            etag: made.etag.clone(),
            create_time: made.create_time,
            update_time: made.update_time,
            ..new
        };
        assert_eq!(made, expected);
        assert_eq!(admin.get_asset(&w, &made.asset_id).await, made);
        let listed = admin.list_assets(listing(&w)).await;
        let slim = pb::Asset { content: None, references: Vec::new(), ..made };
        assert!(listed.contains(&slim), "{listed:?}");
    }

    /// F-01: an asset goes into folders of the area of its type only.
    async fn f_01_a_type_has_one_area(app) {
        let (admin, w) = workspace(app).await;
        for kind in &TYPES {
            for area in [Area::MarketingActivities, Area::DesignStudio, Area::Database] {
                let root = admin.root(&w, area).await;
                let asset = pb::Asset { folder_id: root.clone(), ..new_asset(wire(kind.kind), kind.name) };
                let made = admin.try_asset(&w, asset).await;
                if area.as_str_name() == format!("AREA_{}", kind.area.name()) {
                    assert_eq!(ok(made).asset.unwrap().folder_id, root);
                } else {
                    let status = assert_refused(made, Code::InvalidArgument, ErrorReason::FolderAreaMismatch);
                    assert_eq!(metadata(&status, "expected_area").as_deref(), Some(kind.area.name()));
                }
            }
        }
    }

    /// F-01: what may be local goes into a program, whatever its area; nothing else does.
    async fn f_01_what_is_local_is_in_its_program(app) {
        let (admin, w) = workspace(app).await;
        let root = admin.root(&w, Area::MarketingActivities).await;
        let folder = admin.folder(&w, &root, "Events").await;
        let program = admin.asset_in(&w, &folder, AssetType::Program, "Fair").await;
        for kind in &TYPES {
            let asset = pb::Asset {
                parent_program_id: program.clone(),
                ..new_asset(wire(kind.kind), kind.name)
            };
            let made = admin.try_asset(&w, asset).await;
            if kind.local {
                let made = ok(made).asset.unwrap();
                assert_eq!((&made.folder_id, &made.parent_program_id), (&folder, &program));
            } else {
                let status = assert_refused(made, Code::InvalidArgument, ErrorReason::InvalidField);
                assert_eq!(fields(&status), ["asset.parent_program_id"], "{}", kind.name);
            }
        }
        let elsewhere = admin.workspace("Elsewhere", &[]).await;
        let foreign = admin.asset(&elsewhere, AssetType::Program, "Fair").await;
        let email = admin.asset(&w, AssetType::Email, "Loose").await;
        let local = |program: &str, folder: &str| pb::Asset {
            parent_program_id: program.into(),
            folder_id: folder.into(),
            ..new_asset(AssetType::Email, "Another")
        };
        let status = admin.try_asset(&w, local(&foreign, "")).await;
        assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
        let status = admin.try_asset(&w, local(&email, "")).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset.parent_program_id"]);
        let status = admin.try_asset(&w, local(&program, &root)).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset.folder_id"]);
        ok(admin.try_asset(&w, local(&program, &folder)).await);
    }

    /// H-02, H-08: an update changes what it names, with the etag that was read, and nothing if it brings nothing.
    async fn h_02_an_update_changes_what_it_names(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Email, "Draft").await;
        let made = admin.write_asset(&w, &id, "one").await;
        assert_eq!((text_of(&made).as_str(), made.display_name.as_str()), ("one", "Draft"));
        let rename = |etag: &str, name: &str| pb::Asset {
            asset_id: id.clone(),
            display_name: name.into(),
            etag: etag.into(),
            ..pb::Asset::default()
        };
        let renamed = ok(admin.try_update_asset(&w, rename(&made.etag, "Final")).await);
        let after = renamed.asset.unwrap();
        assert_eq!((text_of(&after).as_str(), after.display_name.as_str()), ("one", "Final"));
        let stale = admin.try_update_asset(&w, rename(&made.etag, "Other")).await;
        assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
        let same = ok(admin.try_update_asset(&w, rename(&after.etag, "Final")).await);
        assert_eq!((same.revision, same.asset.unwrap()), (renamed.revision, after.clone()));
        assert_eq!(admin.write_asset(&w, &id, "one").await, after);
        let masked = |path: &str| pb::UpdateAssetRequest {
            workspace_id: w.clone(),
            asset: Some(rename("", "Final")),
            update_mask: Some(prost_types::FieldMask { paths: vec![path.into()] }),
            ..pb::UpdateAssetRequest::default()
        };
        let result = admin.assets().update_asset(masked("folder_id")).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::ImmutableField);
        let result = admin.assets().update_asset(masked("colour")).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let emptied = ok(admin.assets().update_asset(masked("content")).await).asset.unwrap();
        assert_eq!(text_of(&emptied), "");
    }

    /// F-01: a smart campaign runs, and nothing else does.
    async fn f_01_only_a_smart_campaign_runs(app) {
        let (admin, w) = workspace(app).await;
        for kind in &TYPES {
            let active = pb::Asset { active: true, ..new_asset(wire(kind.kind), kind.name) };
            let made = admin.try_asset(&w, active).await;
            if kind.kind == Type::SmartCampaign {
                assert!(ok(made).asset.unwrap().active);
            } else {
                let status = assert_refused(made, Code::InvalidArgument, ErrorReason::InvalidField);
                assert_eq!(fields(&status), ["asset.active"]);
            }
        }
        let email = admin.asset(&w, AssetType::Email, "Still").await;
        let start = pb::Asset { asset_id: email, active: true, ..pb::Asset::default() };
        let status = admin.try_update_asset(&w, start).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset.active"]);
    }

    /// F-01, H-06: content has a bound, and all that is wrong with a request is named.
    async fn f_01_content_has_a_bound(app) {
        let (admin, w) = workspace(app).await;
        let text = "x".repeat(256 * 1024 - 11);
        let fits = pb::Asset {
            content: Some(text_content(&text)),
            ..new_asset(AssetType::Email, "Long")
        };
        let id = admin.asset_of(&w, fits.clone()).await;
        assert_eq!(text_of(&admin.get_asset(&w, &id).await), text);
        let over = pb::Asset {
            content: Some(text_content(&format!("{text}x"))),
            display_name: String::new(),
            r#type: 0,
            ..fits
        };
        let status = admin.try_asset(&w, over).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset.type", "asset.display_name", "asset.content"]);
    }

    /// W-09: through another workspace there is no such asset, whatever is asked of it.
    async fn w_09_an_asset_is_addressed_through_its_workspace(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Email, "Here").await;
        let there = admin.workspace("There", &[]).await;
        let folder = admin.root(&there, Area::DesignStudio).await;
        let hidden = |status| assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
        let rename = pb::Asset { display_name: "There".into(), asset_id: id.clone(), ..pb::Asset::default() };
        hidden(admin.try_get_asset(&there, &id, 0).await.map(drop));
        hidden(admin.try_update_asset(&there, rename).await.map(drop));
        hidden(admin.try_approve(&there, &id).await.map(drop));
        hidden(admin.try_unapprove(&there, &id).await.map(drop));
        hidden(admin.try_discard(&there, &id).await.map(drop));
        hidden(admin.try_delete_asset(&there, &id).await.map(drop));
        hidden(admin.try_move_asset(&there, &id, &folder, "").await.map(drop));
        let used = pb::ListUsedByRequest {
            workspace_id: there.clone(),
            asset_id: id.clone(),
            ..pb::ListUsedByRequest::default()
        };
        hidden(admin.assets().list_used_by(used).await.map(drop));
        let versions = pb::ListAssetVersionsRequest {
            workspace_id: there.clone(),
            asset_id: id.clone(),
            ..pb::ListAssetVersionsRequest::default()
        };
        hidden(admin.assets().list_asset_versions(versions).await.map(drop));
        assert_eq!(admin.get_asset(&w, &id).await.display_name, "Here");
    }

    /// W-12: an archived workspace shows its assets, and refuses to change them.
    async fn w_12_an_archived_workspace_keeps_its_assets_as_they_are(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Email, "Kept").await;
        let archive = pb::ArchiveWorkspaceRequest {
            workspace_id: w.clone(),
            ..pb::ArchiveWorkspaceRequest::default()
        };
        ok(admin.workspaces().archive_workspace(archive).await);
        let refused = |status| {
            assert_refused(status, Code::FailedPrecondition, ErrorReason::WorkspaceArchived)
        };
        refused(admin.try_asset(&w, new_asset(AssetType::Email, "New")).await.map(drop));
        refused(admin.try_approve(&w, &id).await.map(drop));
        refused(admin.try_delete_asset(&w, &id).await.map(drop));
        assert_eq!(admin.get_asset(&w, &id).await.display_name, "Kept");
    }

    /// A batch comes in the order of its ids, or not at all; only a few with their content.
    async fn a_batch_is_whole_and_in_order(app) {
        let (admin, w) = workspace(app).await;
        let mut ids = Vec::new();
        for n in 0..11 {
            let id = admin.asset(&w, AssetType::Email, &format!("No. {n}")).await;
            admin.write_asset(&w, &id, &format!("text {n}")).await;
            ids.insert(0, id);
        }
        let batch = |ids: &[String], view: pb::AssetView| pb::BatchGetAssetsRequest {
            workspace_id: w.clone(),
            asset_ids: ids.to_vec(),
            view: view.into(),
        };
        let basic = ok(admin.assets().batch_get_assets(batch(&ids, pb::AssetView::Unspecified)).await).assets;
        let found: Vec<&String> = basic.iter().map(|one| &one.asset_id).collect();
        assert_eq!(found, ids.iter().collect::<Vec<_>>());
        assert!(basic.iter().all(|one| one.content.is_none()));
        let full = ok(admin.assets().batch_get_assets(batch(&ids[..10], pb::AssetView::Full)).await).assets;
        for (id, one) in ids.iter().zip(full) {
            assert_eq!(one, admin.get_asset(&w, id).await);
        }
        let status = admin.assets().batch_get_assets(batch(&ids, pb::AssetView::Full)).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset_ids"]);
        ids[3] = uuid::Uuid::now_v7().to_string();
        let status = admin.assets().batch_get_assets(batch(&ids, pb::AssetView::Basic)).await;
        let status = assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
        assert_eq!(metadata(&status, "asset_id"), Some(ids[3].clone()));
    }
}
