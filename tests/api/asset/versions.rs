//! F-04: drafts and approved versions.

use precinct::pb::{self, AssetState, AssetType, ErrorReason, ReferenceKind};
use tonic::Code;

use super::workspace;
use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::assets::{refers, text_of};
use crate::support::status::{assert_refused, metadata};

/// What an asset shows: its text, its state, the version shown and the live one.
fn shown(asset: &pb::Asset) -> (String, AssetState, i64, i64) {
    (text_of(asset), asset.state(), asset.version, asset.approved_version)
}

fn is(text: &str, state: AssetState, version: i64, live: i64) -> (String, AssetState, i64, i64) {
    (text.into(), state, version, live)
}

async fn versions(admin: &Actor, w: &str, id: &str) -> Vec<(i64, bool)> {
    let request = pb::ListAssetVersionsRequest {
        workspace_id: w.into(),
        asset_id: id.into(),
        ..pb::ListAssetVersionsRequest::default()
    };
    let found = ok(admin.assets().list_asset_versions(request).await).versions;
    found.into_iter().map(|one| (one.version, one.live)).collect()
}

on_both! {
    /// F-04: edits go to the draft, an approval makes it live, and a version never changes.
    async fn f_04_an_edit_waits_for_its_approval(app) {
        use AssetState::{Approved, ApprovedWithDraft, Draft};
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Snippet, "Footer").await;
        assert_eq!(shown(&admin.write_asset(&w, &id, "one").await), is("one", Draft, 0, 0));
        assert_eq!(shown(&admin.approve(&w, &id).await), is("one", Approved, 1, 1));
        assert_eq!(shown(&admin.write_asset(&w, &id, "two").await), is("two", ApprovedWithDraft, 0, 1));
        assert_eq!(shown(&admin.write_asset(&w, &id, "three").await), is("three", ApprovedWithDraft, 0, 1));
        assert_eq!(shown(&admin.approve(&w, &id).await), is("three", Approved, 2, 2));
        assert_eq!(shown(&admin.get_asset(&w, &id).await), is("three", Approved, 2, 2));
        assert_eq!(versions(&admin, &w, &id).await, [(2, true), (1, false)]);
        let old = admin.try_get_asset(&w, &id, 1).await.unwrap();
        assert_eq!(shown(&old), is("one", Approved, 1, 2));
        for missing in [3, i64::MAX] {
            let status = admin.try_get_asset(&w, &id, missing).await;
            assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
        }
        let status = admin.try_get_asset(&w, &id, -1).await;
        assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// F-04: a version keeps what it refers to; a draft that is made by one half has the other.
    async fn f_04_a_version_keeps_its_references(app) {
        let (admin, w) = workspace(app).await;
        let footer = admin.asset(&w, AssetType::Snippet, "Footer").await;
        admin.approve(&w, &footer).await;
        let uses = [refers(ReferenceKind::Snippet, &footer)];
        let id = admin.user_of(&w, AssetType::Email, "Invitation", &uses).await;
        admin.write_asset(&w, &id, "one").await;
        assert_eq!(admin.approve(&w, &id).await.references, uses);
        let edited = admin.write_asset(&w, &id, "two").await;
        assert_eq!((edited.references.as_slice(), edited.version), (uses.as_slice(), 0));
        let bare = ok(admin.try_refer(&w, &id, &[]).await).asset.unwrap();
        assert_eq!((text_of(&bare).as_str(), bare.references.len()), ("two", 0));
        let live = admin.try_get_asset(&w, &id, 1).await.unwrap();
        assert_eq!((text_of(&live).as_str(), live.references.as_slice()), ("one", uses.as_slice()));
        assert!(admin.approve(&w, &id).await.references.is_empty());
        let past = admin.try_get_asset(&w, &id, 1).await.unwrap();
        assert_eq!(past.references, uses);
    }

    /// F-04, H-08: an approval without a draft changes nothing; neither does a rename make one.
    async fn f_04_without_a_draft_nothing_changes(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Form, "Contact").await;
        let approved = admin.approve(&w, &id).await;
        let before = admin.revision().await;
        assert_eq!(admin.approve(&w, &id).await, approved);
        assert_eq!(ok(admin.try_discard(&w, &id).await).asset.unwrap(), approved);
        assert_eq!(admin.write_asset(&w, &id, "").await.state(), AssetState::ApprovedWithDraft);
        ok(admin.try_discard(&w, &id).await);
        assert_eq!(admin.revision().await, before + 2);
        let rename = pb::Asset { asset_id: id.clone(), display_name: "Us".into(), ..pb::Asset::default() };
        let renamed = ok(admin.try_update_asset(&w, rename).await).asset.unwrap();
        assert_eq!((renamed.state(), renamed.version), (AssetState::Approved, 1));
    }

    /// F-04: a discarded draft leaves what is live.
    async fn f_04_a_draft_is_thrown_away(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Snippet, "Footer").await;
        admin.write_asset(&w, &id, "one").await;
        let never = admin.try_discard(&w, &id).await;
        let status = assert_refused(never, Code::FailedPrecondition, ErrorReason::NotApprovable);
        assert_eq!(metadata(&status, "type").as_deref(), Some("SNIPPET"));
        admin.approve(&w, &id).await;
        admin.write_asset(&w, &id, "two").await;
        let left = ok(admin.try_discard(&w, &id).await).asset.unwrap();
        assert_eq!(shown(&left), is("one", AssetState::Approved, 1, 1));
    }

    /// F-04: what is taken back is the draft again, unless there is one; versions stay, and their numbers go on.
    async fn f_04_what_is_live_is_taken_back(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Snippet, "Footer").await;
        let never = admin.try_unapprove(&w, &id).await;
        assert_refused(never, Code::FailedPrecondition, ErrorReason::NotApprovable);
        admin.write_asset(&w, &id, "one").await;
        admin.approve(&w, &id).await;
        let draft = ok(admin.try_unapprove(&w, &id).await).asset.unwrap();
        assert_eq!(shown(&draft), is("one", AssetState::Draft, 0, 0));
        assert_eq!(versions(&admin, &w, &id).await, [(1, false)]);
        assert_eq!(shown(&admin.approve(&w, &id).await), is("one", AssetState::Approved, 2, 2));
        admin.write_asset(&w, &id, "three").await;
        let draft = ok(admin.try_unapprove(&w, &id).await).asset.unwrap();
        assert_eq!(shown(&draft), is("three", AssetState::Draft, 0, 0));
        let past = admin.try_get_asset(&w, &id, 2).await.unwrap();
        assert_eq!(text_of(&past), "one");
        assert_eq!(shown(&admin.approve(&w, &id).await), is("three", AssetState::Approved, 3, 3));
    }

    /// F-04: lists, programs and campaigns are live as they are.
    async fn f_04_what_is_not_approved_is_live(app) {
        let (admin, w) = workspace(app).await;
        for kind in [AssetType::SmartList, AssetType::StaticList, AssetType::Program, AssetType::SmartCampaign] {
            let id = admin.asset(&w, kind, kind.as_str_name()).await;
            let written = admin.write_asset(&w, &id, "one").await;
            assert_eq!(shown(&written), is("one", AssetState::Live, 0, 0));
            assert_eq!(shown(&admin.get_asset(&w, &id).await), is("one", AssetState::Live, 0, 0));
            let refused = |status| {
                assert_refused(status, Code::FailedPrecondition, ErrorReason::NotApprovable)
            };
            refused(admin.try_approve(&w, &id).await.map(drop));
            refused(admin.try_unapprove(&w, &id).await.map(drop));
            refused(admin.try_discard(&w, &id).await.map(drop));
            let status = admin.try_get_asset(&w, &id, 1).await;
            assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
        }
    }

    /// H-02: an approval is of the draft that was read.
    async fn h_02_an_approval_is_of_what_was_read(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Snippet, "Footer").await;
        let read = admin.write_asset(&w, &id, "one").await;
        admin.write_asset(&w, &id, "two").await;
        let request = pb::ApproveAssetRequest {
            workspace_id: w.clone(),
            asset_id: id.clone(),
            etag: read.etag,
            ..pb::ApproveAssetRequest::default()
        };
        let status = admin.assets().approve_asset(request).await;
        assert_refused(status, Code::Aborted, ErrorReason::EtagMismatch);
        assert_eq!(versions(&admin, &w, &id).await, []);
    }

    /// F-04: racing approvals of one draft make one version.
    async fn f_04_racing_approvals_make_one_version(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Snippet, "Footer").await;
        let all = futures_util::future::join_all((0..8).map(|_| admin.try_approve(&w, &id))).await;
        for one in all {
            assert_eq!(ok(one).asset.unwrap().approved_version, 1);
        }
        assert_eq!(versions(&admin, &w, &id).await, [(1, true)]);
    }
}
