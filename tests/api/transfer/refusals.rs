//! K-02: what is in the way of a promotion is told at once, all of it, and nothing is written.

use precinct::pb;
use precinct::pb::{Area, AssetType, ErrorReason, ReferenceKind};
use tonic::Code;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::{new_asset, refers, text_of};
use crate::support::filters::text;
use crate::support::status::{assert_refused, fields, metadata, offenders};
use crate::support::transfers::{change, promotion};

on_both! {
    /// K-02: all that the target lacks is listed: templates that it does not see, partitions, approvals.
    async fn k_02_all_that_is_missing_is_listed(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let staging = ada.workspace("Staging", &[&p]).await;
        let production = ada.workspace("Production", &[&q]).await;
        let shared = ada.folder(home, &ada.root(home, Area::DesignStudio).await, "Shared").await;
        let template = ada.asset_in(home, &shared, AssetType::EmailTemplate, "Plain").await;
        ada.approve(home, &template).await;
        ok(ada.try_share(home, &shared, &[&staging]).await);
        let uses = [refers(ReferenceKind::Template, &template)];
        let email = ada.user_of(&staging, AssetType::Email, "Welcome", &uses).await;
        ada.approve(&staging, &email).await;
        let list = pb::Asset {
            filter: Some(text(&format!("in_partition(\"{p}\")"))),
            ..new_asset(AssetType::SmartList, "Here")
        };
        let list = ada.asset_of(&staging, list).await;
        let form = ada.asset(&staging, AssetType::Form, "Never approved").await;
        let request = promotion(&staging, &production, &[&email, &list, &form]);
        let before = ada.revision().await;
        let refused = ada.try_promote(request.clone()).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::RequirementMissing);
        let mut missing = vec![template.clone(), p.clone(), form.clone()];
        missing.sort();
        assert_eq!(offenders(&refused), missing);
        assert_eq!(metadata(&refused, "missing").as_deref(), Some("3"));
        assert_eq!(ada.revision().await, before);
        // Shared, mapped and approved, it goes through; what is shared to the target is referred to as it is.
        ok(ada.try_share(home, &shared, &[&staging, &production]).await);
        ada.approve(&staging, &form).await;
        let mapping = pb::PartitionMapping { source_partition_id: p, target_partition_id: q.clone() };
        let options = pb::TransferOptions { partitions: vec![mapping], ..pb::TransferOptions::default() };
        let request = pb::PromoteRequest { options: Some(options), ..request };
        ada.promote(app, &request).await;
        let diff = ada.promotion_of(&request).await;
        assert_eq!(diff.unchanged, 3);
        let copied = ada.get_asset(&production, &change(&diff, "Welcome").asset_id).await;
        assert_eq!(copied.references, uses);
        let copied = ada.get_asset(&production, &change(&diff, "Here").asset_id).await;
        assert_eq!(copied.filter.unwrap_or_default().text, format!("in_partition(\"{q}\")"));
    }

    /// K-02: what was changed in the target is not lost unnoticed.
    async fn k_02_changes_in_the_target_need_overwrite(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let (one, two) = (
            ada.asset(home, AssetType::Email, "One").await,
            ada.asset(home, AssetType::Email, "Two").await,
        );
        for id in [&one, &two] {
            ada.write_asset(home, id, "first").await;
            ada.approve(home, id).await;
        }
        let request = promotion(home, &production, &[&one, &two]);
        ada.promote(app, &request).await;
        let diff = ada.promotion_of(&request).await;
        let mut copies = vec![change(&diff, "One").asset_id.clone(), change(&diff, "Two").asset_id.clone()];
        copies.sort();
        // To approve is no change of what is said.
        ada.approve(&production, &copies[0]).await;
        assert!(ada.promotion_of(&request).await.changes.iter().all(|one| !one.target_changed));
        for id in &copies {
            ada.write_asset(&production, id, "theirs").await;
        }
        let refused = ada.try_promote(request.clone()).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::TargetChanged);
        assert_eq!(offenders(&refused), copies);
        let options = Some(pb::TransferOptions { overwrite: true, ..pb::TransferOptions::default() });
        ada.promote(app, &pb::PromoteRequest { options, ..request.clone() }).await;
        for id in &copies {
            assert_eq!(text_of(&ada.get_asset(&production, id).await), "first");
        }
        assert_eq!(ada.promotion_of(&request).await.unchanged, 2);
    }

    /// K-02, F-02: names that are taken are refused with all of them; a mapping gives others, for good.
    async fn k_02_names_that_are_taken(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let mut ids = Vec::new();
        for (kind, name) in [(AssetType::Program, "Fair"), (AssetType::StaticList, "Guests")] {
            ada.asset(&production, kind, &name.to_uppercase()).await;
            ids.push(ada.asset(home, kind, name).await);
        }
        let request = promotion(home, &production, &[&ids[0], &ids[1]]);
        let refused = ada.try_promote(request.clone()).await;
        let refused = assert_refused(refused, Code::AlreadyExists, ErrorReason::NameTaken);
        assert_eq!(fields(&refused), ["options.names", "options.names"]);
        let name = |at: usize, name: &str| pb::NameMapping {
            asset_id: ids[at].clone(),
            display_name: name.into(),
        };
        let names = vec![name(0, "Fair of staging"), name(1, "Guests of staging")];
        let options = Some(pb::TransferOptions { names, ..pb::TransferOptions::default() });
        ada.promote(app, &pb::PromoteRequest { options, ..request.clone() }).await;
        let diff = ada.promotion_of(&request).await;
        assert_eq!(diff.unchanged, 2, "the names stay without the mapping");
        assert_eq!(change(&diff, "Fair of staging").source_asset_id, ids[0]);
    }

    /// K-02: an asset of nobody, of another workspace, shared to the source, and too much at once.
    async fn k_02_only_what_is_of_the_source(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let staging = ada.workspace("Staging", &[&tenant.default_partition]).await;
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let shared = ada.folder(home, &ada.root(home, Area::DesignStudio).await, "Shared").await;
        let template = ada.asset_in(home, &shared, AssetType::EmailTemplate, "Plain").await;
        ada.approve(home, &template).await;
        let refused = ada.try_promote(promotion(&staging, &production, &[&template])).await;
        assert_refused(refused, Code::NotFound, ErrorReason::AssetNotFound);
        ok(ada.try_share(home, &shared, &[&staging]).await);
        let refused = ada.try_promote(promotion(&staging, &production, &[&template])).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::SharedReadOnly);
        let refused = ada.try_promote(promotion(home, home, &[&template])).await;
        assert_eq!(
            fields(&assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField)),
            ["target_workspace_id"]
        );
        let refused = ada.try_promote(promotion(home, &production, &[])).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
    }
}
