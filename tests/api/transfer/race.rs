//! K-02: promotions that race make one copy of each asset.

use precinct::pb;
use precinct::pb::{AssetType, ReferenceKind};
use tokio::task::JoinSet;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::refers;
use crate::support::operations::{finish, worker};
use crate::support::transfers::promotion;

on_both! {
    /// K-02: eight that begin at once and are worked on by two replicas.
    async fn k_02_racing_promotions_make_one_copy(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), tenant.default_workspace.clone());
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let snippet = ada.asset(&home, AssetType::Snippet, "Footer").await;
        ada.approve(&home, &snippet).await;
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        let email = ada.user_of(&home, AssetType::Email, "Welcome", &uses).await;
        ada.approve(&home, &email).await;
        let mut started = JoinSet::new();
        for _ in 0..8 {
            let (ada, request) = (ada.clone(), promotion(&home, &production, &[&email]));
            started.spawn(async move { ok(ada.try_promote(request).await).operation });
        }
        let operations = started.join_all().await;
        let other = app.replica().await;
        tokio::join!(finish(worker(&app.server)), finish(worker(&other)));
        for operation in operations.into_iter().flatten() {
            let ended = ada.operation(&operation.name).await;
            assert!(ended.done, "{ended:?}");
            assert!(!matches!(ended.result, Some(pb::longrunning::operation::Result::Error(_))), "{ended:?}");
        }
        assert_eq!(ada.asset_names(&production).await, ["Footer", "Welcome"]);
    }
}
