//! How many statements the calls take, however many assets and references there are.

use std::sync::atomic::{AtomicUsize, Ordering};

use precinct::pb::{self, AssetType, ReferenceKind};

use super::workspace;
use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::{listing, new_asset, refers};

on_both! {
    /// A bounded number of statements: nothing is read asset by asset.
    async fn calls_take_few_statements(app) {
        let (admin, w) = workspace(app).await;
        let mut references = Vec::new();
        for n in 0..20 {
            let snippet = admin.asset(&w, AssetType::Snippet, &format!("Snippet {n}")).await;
            admin.approve(&w, &snippet).await;
            references.push(refers(ReferenceKind::Snippet, &snippet));
        }
        let email = admin.user_of(&w, AssetType::Email, "Invitation", &references).await;
        let draft = app.statements(async || admin.get_asset(&w, &email).await).await;
        admin.approve(&w, &email).await;
        let live = app.statements(async || admin.get_asset(&w, &email).await).await;
        let list = app.statements(async || ok(admin.assets().list_assets(listing(&w)).await)).await;
        let count = AtomicUsize::new(0);
        let create = app.statements(async || {
            let name = format!("Email {}", count.fetch_add(1, Ordering::Relaxed));
            let new = pb::Asset { references: references.clone(), ..new_asset(AssetType::Email, &name) };
            ok(admin.try_asset(&w, new).await)
        }).await;
        let texts = AtomicUsize::new(0);
        let write = async || {
            admin.write_asset(&w, &email, &texts.fetch_add(1, Ordering::Relaxed).to_string()).await
        };
        let update = app.statements(write).await;
        let both = app.statements(async || {
            write().await;
            admin.approve(&w, &email).await
        }).await;
        let approve = both - update;
        let all = [draft, live, list, create, update, approve];
        for (taken, most) in all.into_iter().zip([5, 4, 2, 14, 13, 17]) {
            assert!(taken <= most, "{taken} statements, at most {most}: {all:?}");
        }
    }
}
