//! How much transfers take: to look at what is as it is, as many statements for many assets as for few; to write, time.

use std::time::Duration;

use precinct::config::WorkConfig;
use precinct::pb;
use precinct::pb::AssetType;
use precinct::service::operation::Worker;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::operations::{step, work};
use crate::support::secrets;
use crate::support::transfers::promotion;

on_both! {
    /// K-02: a promotion that has nothing to do looks at all assets together.
    async fn k_02_looking_takes_the_same_for_few_and_for_many(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let mut ids = Vec::new();
        for at in 0..40 {
            let id = ada.asset(home, AssetType::Email, &format!("Email {at}")).await;
            ada.approve(home, &id).await;
            ids.push(id);
        }
        let all: Vec<&String> = ids.iter().collect();
        ada.promote(app, &promotion(home, &production, &all)).await;
        let statements = async |ids: &[&String]| {
            let request = promotion(home, &production, ids);
            app.statements(async || ok(ada.try_promote(request.clone()).await)).await
        };
        let (few, many) = (statements(&all[..2]).await, statements(&all).await);
        assert_eq!(few, many);
        assert!(many <= 25, "{many}");
    }

    /// K-02: what is written takes at most so many statements for each asset that 1,000 fit into the time of a slice.
    async fn k_02_writing_takes_few_for_each(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let mut ids = Vec::new();
        for at in 0..12 {
            let id = ada.asset(home, AssetType::Email, &format!("Email {at}")).await;
            ada.approve(home, &id).await;
            ids.push(id);
        }
        let all: Vec<&String> = ids.iter().collect();
        let options = Some(pb::TransferOptions { approve: true, ..pb::TransferOptions::default() });
        let statements = async |ids: &[&String]| {
            let request = promotion(home, &production, ids);
            let request = pb::PromoteRequest { options: options.clone(), validate_only: true, ..request };
            app.statements(async || ok(ada.try_promote(request.clone()).await)).await
        };
        let (few, many) = (statements(&all[..2]).await, statements(&all).await);
        assert!(many - few <= 20 * 10, "{few} for 2, {many} for 12");
    }

    /// K-02, H-09: a promotion is one slice, and has the time of a bulk call, however short slices are.
    async fn h_09_a_promotion_has_more_time(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let email = ada.asset(home, AssetType::Email, "Welcome").await;
        ada.approve(home, &email).await;
        let started = ok(ada.try_promote(promotion(home, &production, &[&email])).await).operation;
        let config = WorkConfig { slice_time: Duration::ZERO, ..work() };
        let hurried = Worker::new(&app.store, &secrets(), config);
        let name = started.unwrap_or_default().name;
        assert_eq!(step(&hurried).await, Some(name.clone()));
        assert!(ada.operation(&name).await.done);
        assert_eq!(ada.asset_names(&production).await, ["Welcome"]);
    }
}
