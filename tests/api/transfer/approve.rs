//! K-02, G-01: approving what is promoted, and segmentations, which are computed first.

use precinct::pb;
use precinct::pb::{
    AssetState, AssetType, ErrorReason, ReferenceKind, TransferApproval, TransferPart,
};
use tonic::Code;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::{new_asset, refers};
use crate::support::filters::text;
use crate::support::segmentations::segment;
use crate::support::status::{assert_refused, offenders};
use crate::support::transfers::{change, promotion, said};

fn approving(request: pb::PromoteRequest) -> pb::PromoteRequest {
    let options = Some(pb::TransferOptions { approve: true, ..pb::TransferOptions::default() });
    pb::PromoteRequest { options, ..request }
}

on_both! {
    /// K-02: what is promoted is approved after what it uses; what waits for a segmentation is approved by a later
    /// promotion, once that is.
    async fn k_02_what_can_be_is_approved(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let by = ada.segmentation(home, "By mail", &[segment("Has", "email is not empty")]).await;
        let by = by.approved(app).await.id;
        let snippet = ada.asset(home, AssetType::Snippet, "Footer").await;
        ada.approve(home, &snippet).await;
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        let plain = ada.user_of(home, AssetType::Email, "Plain", &uses).await;
        let uses = [refers(ReferenceKind::Segmentation, &by), refers(ReferenceKind::Snippet, &snippet)];
        let varied = ada.user_of(home, AssetType::Email, "Varied", &uses).await;
        for id in [&plain, &varied] {
            ada.approve(home, id).await;
        }
        let request = approving(promotion(home, &production, &[&plain, &varied]));
        let diff = ada.promotion_of(&request).await;
        for (name, approval) in [
            ("Footer", TransferApproval::Approved),
            ("Plain", TransferApproval::Approved),
            ("Varied", TransferApproval::Waits),
            ("By mail", TransferApproval::Waits),
        ] {
            assert_eq!(change(&diff, name).approval(), approval, "{name}");
        }
        ada.promote(app, &request).await;
        let diff = ada.promotion_of(&request).await;
        let state = async |name: &str| {
            ada.get_asset(&production, &change(&diff, name).asset_id).await.state()
        };
        assert_eq!(state("Footer").await, AssetState::Approved);
        assert_eq!(state("Plain").await, AssetState::Approved);
        assert_eq!(state("Varied").await, AssetState::Draft);
        assert_eq!(diff.unchanged, 4);
        app.approve_segmentation(&ada, &production, &change(&diff, "By mail").asset_id).await;
        let diff = ada.promotion_of(&request).await;
        let changed: Vec<_> = said(&diff).into_iter().filter(|one| !one.2.is_empty()).collect();
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].0.as_str(), &changed[0].2[..]), ("Varied", &[TransferPart::Approval][..]));
        ada.promote(app, &request).await;
        assert_eq!(state("Varied").await, AssetState::Approved);
        assert!(ok(ada.try_promote(request).await).operation.is_none());
    }

    /// K-02, G-03: a filter names what is approved only, so a segmentation is promoted and approved before it.
    async fn k_02_filters_wait_for_their_segmentations(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let by = ada.segmentation(home, "By mail", &[segment("Has", "email is not empty")]).await;
        let by = by.approved(app).await;
        let has = by.segment_id("Has").await;
        let filter = format!("in_segment(\"{}\", \"{has}\")", by.id);
        let list = pb::Asset { filter: Some(text(&filter)), ..new_asset(AssetType::SmartList, "Reachable") };
        let list = ada.asset_of(home, list).await;
        let request = promotion(home, &production, &[&list]);
        let refused = ada.try_promote(request.clone()).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::RequirementMissing);
        assert_eq!(offenders(&refused), [by.id.as_str()]);
        ada.promote(app, &promotion(home, &production, &[&by.id])).await;
        let diff = ada.promotion_of(&promotion(home, &production, &[&by.id])).await;
        let copy = change(&diff, "By mail").asset_id.clone();
        app.approve_segmentation(&ada, &production, &copy).await;
        ada.promote(app, &request).await;
        let diff = ada.promotion_of(&request).await;
        assert_eq!(diff.unchanged, 2);
        let copied = ada.get_asset(&production, &change(&diff, "Reachable").asset_id).await;
        assert_eq!(copied.filter.unwrap_or_default().text, format!("in_segment(\"{copy}\", \"{has}\")"));
        // An edit of the segments reaches the draft in the target.
        by.edit(&[segment("Has", "email is not empty"), segment("Named", "first_name is not empty")]).await;
        by.approve().await;
        app.finish().await;
        let diff = ada.promotion_of(&promotion(home, &production, &[&by.id])).await;
        assert_eq!(change(&diff, "By mail").parts().collect::<Vec<_>>(), [TransferPart::Content]);
        ada.promote(app, &promotion(home, &production, &[&by.id])).await;
        assert_eq!(ada.get_asset(&production, &copy).await.state(), AssetState::ApprovedWithDraft);
    }

    /// K-02, G-01: promoted segmentations count, and are refused at once.
    async fn g_01_promoted_segmentations_count(app) {
        let settings = pb::TenantSettings { segmentation_limit: 1, ..pb::TenantSettings::default() };
        let made = ok(app.operator().try_create_tenant("acme", Some(settings)).await);
        let id = made.tenant.unwrap_or_default().tenant_id;
        let ada = crate::support::actor::Actor::member(app.server.clone(), &id, "user:owner");
        let home = made.default_workspace_id;
        let production = ada.workspace("Production", &[&made.default_partition_id]).await;
        let by = ada.segmentation(&home, "By mail", &[segment("Has", "email is not empty")]).await;
        let by = by.approved(app).await.id;
        for validate_only in [true, false] {
            let request = pb::PromoteRequest { validate_only, ..promotion(&home, &production, &[&by]) };
            let refused = ada.try_promote(request).await;
            assert_refused(refused, Code::ResourceExhausted, ErrorReason::SegmentationLimit);
        }
        assert!(ada.asset_names(&production).await.is_empty());
    }
}
