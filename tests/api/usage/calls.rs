//! Counting calls, behind the calls.

use precinct::pb::UsageMetric;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::usage::told;

on_both! {
    /// K-05: a call costs no statement for being counted; counts of all replicas add up, and are written once.
    async fn k_05_calls_are_counted_behind_them(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let calls = async || told(&ada.usage("").await, UsageMetric::ApiCalls);
        app.store.flush_counts().await.unwrap();
        let before = calls().await.get("Default").copied().unwrap_or_default();
        let revision = ada.revision().await;
        ada.count(w).await;
        let statements = app.store.statements();
        ada.count(w).await;
        let cost = app.store.statements() - statements;
        app.store.flush_counts().await.unwrap();
        let statements = app.store.statements();
        ada.count(w).await;
        assert_eq!(app.store.statements() - statements, cost, "a call that is counted first costs no more");
        app.store.flush_counts().await.unwrap();
        let statements = app.store.statements();
        app.store.flush_counts().await.unwrap();
        assert_eq!(app.store.statements(), statements, "nothing new has to be written");
        assert_eq!(calls().await["Default"], before + 3);
        // Another replica counts for itself.
        let store = app.database.connect().await;
        let elsewhere = acme.through(crate::support::App::serve(&store));
        elsewhere.admin().count(w).await;
        ada.count(w).await;
        let (one, other) = tokio::join!(app.store.flush_counts(), store.flush_counts());
        one.and(other).unwrap();
        assert_eq!(calls().await["Default"], before + 5);
        assert_eq!(ada.revision().await, revision, "no revision is raised");
    }

    /// K-05: calls through no workspace, and those that are refused, are shared.
    async fn k_05_refused_calls_are_nobodys(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let w = ada.workspace("W", &[&acme.default_partition]).await;
        ada.grant("user:bob", &built_in("Viewer"), &w).await;
        let bob = acme.user("bob");
        app.store.flush_counts().await.unwrap();
        let before = told(&ada.usage("").await, UsageMetric::ApiCalls);
        app.store.flush_counts().await.unwrap();
        let asked = told(&ada.usage("").await, UsageMetric::ApiCalls);
        // The question itself, through no workspace.
        assert_eq!(asked["*"], before["*"] + 1);
        bob.try_person(&w, "", "eve@example.com").await.expect_err("viewers write nothing");
        acme.user("eve").try_get_person(&w, &w).await.expect_err("strangers see nothing");
        app.store.flush_counts().await.unwrap();
        let after = told(&ada.usage("").await, UsageMetric::ApiCalls);
        assert_eq!(after["*"], asked["*"] + 3);
        assert_eq!(after.get("W"), asked.get("W"));
        // A tenant that never was uses nothing, and stops nobody.
        let nobody = crate::support::actor::Actor::member(app.server.clone(), &uuid::Uuid::now_v7().to_string(), "user:eve");
        nobody.whoami().await.ok();
        app.store.flush_counts().await.unwrap();
    }
}
