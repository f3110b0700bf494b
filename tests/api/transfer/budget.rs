//! How many statements transfers take: to look at what is as it is, as many for many assets as for few.

use precinct::pb::AssetType;

use crate::on_both;
use crate::support::actor::ok;
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
}
