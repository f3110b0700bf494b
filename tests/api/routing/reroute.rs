//! Applying today's rules to people who are there already.

use precinct::pb;
use precinct::pb::longrunning::operation::Result as Ending;
use precinct::pb::{PersonSource, RoutingOperator};
use prost::Message;

use crate::on_both;
use crate::support::App;
use crate::support::actor::{Actor, ok};
use crate::support::routing::{from, policy, somebody, text};

/// What comes of applying the rules through a workspace.
async fn reroute(
    app: &App,
    ada: &Actor,
    workspace: &str,
    dry_run: bool,
) -> pb::ReroutePeopleResult {
    let request = pb::ReroutePeopleRequest {
        workspace_id: workspace.into(),
        dry_run,
        ..pb::ReroutePeopleRequest::default()
    };
    let started = ok(ada.routing().reroute_people(request).await).operation.unwrap();
    app.finish().await;
    match ada.operation(&started.name).await.result {
        Some(Ending::Response(any)) => {
            assert_eq!(any.type_url, "type.googleapis.com/precinct.v1.ReroutePeopleResult");
            pb::ReroutePeopleResult::decode(any.value.as_slice()).unwrap()
        }
        other => panic!("no response: {other:?}"),
    }
}

/// How many people there are in partitions.
async fn count(ada: &Actor, all: &str, partitions: &[&String]) -> Vec<i64> {
    let request = pb::CountPeopleRequest {
        workspace_id: all.into(),
        partition_ids: partitions.iter().map(|id| (*id).clone()).collect(),
    };
    let counted = ok(ada.people().count_people(request).await).by_partition;
    let of = |id: &&String| counted.iter().find(|one| &one.partition_id == *id).unwrap().count;
    partitions.iter().map(of).collect()
}

on_both! {
    /// a dry run counts and moves nobody; then just those are moved; then nobody. Whom only the default choice, or
    /// a rule that leads out of sight, would take elsewhere, stays.
    async fn r_04_a_dry_run_counts_whom_rerouting_moves(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let (r, hidden) = (ada.partition("R").await, ada.partition("Hidden").await);
        let w = ada.workspace("W", &[&p, &q, &r]).await;
        for n in 0..25 {
            let name = ["Quinn", "Paul", "Xu", "Ray", "Quincy"][n % 5];
            let source = if n % 2 == 0 { PersonSource::Crm } else { PersonSource::Api };
            ok(ada.try_create(&w, source, somebody(&format!("p{n:02}@example.com"), name)).await);
        }
        let rules = [
            text("first_name", RoutingOperator::StartsWith, "Q", &q),
            text("first_name", RoutingOperator::Is, "Xu", &hidden),
            from(PersonSource::Crm, &r),
        ];
        let default_choice = Some(pb::RoutingDefault { partition_id: q.clone() });
        let change = pb::RoutingPolicy { default_choice, ..policy(&rules) };
        ok(ada.try_route(change, &["rules", "default_choice"]).await);
        let places = [&p, &q, &r, &hidden];
        let tried = reroute(app, &ada, &w, true).await;
        assert_eq!(count(&ada, all, &places).await, [25, 0, 0, 0]);
        assert_eq!((tried.dry_run, tried.moved, tried.failed), (true, 14, 0));
        let route = |to: &String, count| pb::ReroutedCount { from_partition_id: p.clone(), to_partition_id: to.clone(), count };
        let mut routes = tried.routes.clone();
        routes.sort_by_key(|one| one.count);
        assert_eq!(routes, [route(&r, 4), route(&q, 10)]);
        let done = reroute(app, &ada, &w, false).await;
        assert_eq!(done, pb::ReroutePeopleResult { dry_run: false, ..tried });
        assert_eq!(count(&ada, all, &places).await, [11, 10, 4, 0]);
        assert_eq!(reroute(app, &ada, &w, false).await.moved, 0);
    }

    /// M-03, R-04: nobody is moved across regions, and a key that is taken is in the way; both are said.
    async fn m_03_what_is_in_the_way_is_said(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let us = ada.regional_partition("US", "us").await;
        let eu = ada.regional_partition("EU", "eu").await;
        let w = ada.workspace("W", &[&us, &eu]).await;
        ok(ada.try_create(&w, PersonSource::Api, somebody("a@example.com", "Ada")).await);
        ada.route(&[from(PersonSource::Api, &eu)]).await;
        for dry_run in [true, false] {
            let done = reroute(app, &ada, &w, dry_run).await;
            assert_eq!((done.moved, done.failed, done.failures.len()), (0, 1, 1));
        }
    }
}
