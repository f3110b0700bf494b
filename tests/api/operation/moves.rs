//! `MovePeopleByFilter`: progress, results, and what it leaves behind.

use std::collections::BTreeSet;

use precinct::pb;
use precinct::pb::{ErrorReason, OperationState};
use serde_json::json;
use tonic::Code;

use super::Scene;
use crate::on_both;
use crate::support::App;
use crate::support::actor::{Actor, ok};
use crate::support::operations::{metadata, move_all, moved, progress, refusal};
use crate::support::status::assert_refused;

on_both! {
    /// M-06, H-09: an operation tells how far it is, slice by slice, and in the end what it did.
    async fn m_06_a_move_tells_how_far_it_is(app) {
        let acme = Scene::new(app, "acme", 25).await;
        let name = acme.start().await;
        let before = acme.ada.revision().await;
        let queued = acme.get(&name).await;
        assert!(!queued.done && queued.result.is_none());
        assert_eq!((progress(&queued), metadata(&queued).state()), ((0, 25, 0), OperationState::Queued));
        assert_eq!((metadata(&queued).revision, metadata(&queued).start_time), (before, None));
        assert_eq!(app.step().await.as_deref(), Some(name.as_str()));
        let running = acme.get(&name).await;
        assert_eq!((progress(&running), metadata(&running).state()), ((10, 25, 0), OperationState::Running));
        assert_eq!(acme.counts().await, (15, 10));
        assert_eq!(app.finish().await, 2);
        let done = acme.get(&name).await;
        let told = metadata(&done);
        assert_eq!((progress(&done), told.state(), done.done), ((25, 25, 0), OperationState::Done, true));
        assert_eq!((told.kind(), told.actor.as_str()), (pb::OperationKind::MovePeople, "user:owner"));
        assert_eq!(told.workspace_id, acme.workspace);
        assert!(told.start_time.is_some() && told.end_time.is_some() && told.expire_time.is_some());
        // H-08: each slice is one revision, and the metadata has the last.
        assert_eq!((told.revision, acme.ada.revision().await), (before + 3, before + 3));
        let expected = pb::MovePeopleByFilterResult { moved: 25, ..pb::MovePeopleByFilterResult::default() };
        assert_eq!((moved(&done), acme.counts().await), (expected, (0, 25)));
        assert_eq!(app.step().await, None);
    }

    /// M-04, M-06: who cannot go is counted, told with the refusal that MovePeople gives, and stays.
    async fn m_06_who_cannot_go_stays(app) {
        let settings = crate::support::allowing_duplicates();
        let made = ok(app.operator().try_create_tenant("acme", Some(settings)).await);
        let ada = Actor::member(app.server.clone(), &made.tenant.unwrap().tenant_id, "user:owner");
        let (p1, p2, p3) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let all = ada.workspace("All", &[&p1, &p2, &p3]).await;
        ada.fill(&all, &p1, 0..15).await;
        ada.fill(&all, &p2, 10..25).await;
        ada.fill(&all, &p3, 0..3).await;
        let name = ada.move_all(&all, &[], &p3).await;
        app.finish().await;
        let done = ada.operation(&name).await;
        assert_eq!(progress(&done), (30, 30, 8));
        let result = moved(&done);
        assert_eq!((result.moved, result.unchanged, result.failed), (22, 0, 8));
        let why: BTreeSet<ErrorReason> =
            result.failures.iter().map(|one| one.error.as_ref().unwrap().reason()).collect();
        assert_eq!((result.failures.len(), why), (8, [ErrorReason::DuplicateInPartition].into()));
        assert_eq!(ada.count_in(&all, &p3).await, 25);
        assert_eq!(ada.count_in(&all, &p1).await + ada.count_in(&all, &p2).await, 8);
    }

    /// M-06, L-03: only people for whom the filter holds are moved and counted, however many are looked at.
    async fn m_06_a_filter_says_who_moves(app) {
        let acme = Scene::new(app, "acme", 35).await;
        let mut request = move_all(&acme.workspace, &[], &acme.to);
        // Of 35 those whose number has a 2 in it: 2, 12, 20 to 29, 32.
        request.filter = Some(pb::Filter { text: r#"email contains "2""#.into(), ..pb::Filter::default() });
        let started = ok(acme.ada.people().move_people_by_filter(request.clone()).await);
        let started = started.operation.unwrap();
        assert_eq!(progress(&started), (0, 13, 0));
        assert_eq!(app.finish().await, 4, "35 were looked at");
        assert_eq!(progress(&acme.get(&started.name).await), (13, 13, 0));
        assert_eq!((moved(&acme.get(&started.name).await).moved, acme.counts().await), (13, (22, 13)));
        request.filter = Some(pb::Filter { text: "nosuch is 1".into(), ..pb::Filter::default() });
        let refused = acme.ada.people().move_people_by_filter(request).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// L-07: when what a filter refers to is gone, nobody more is moved: the operation ends with the refusal.
    async fn l_07_a_reference_that_breaks_ends_the_operation(app) {
        let acme = Scene::new(app, "acme", 15).await;
        let list = acme.ada.asset(&acme.workspace, pb::AssetType::StaticList, "Some").await;
        let mut request = move_all(&acme.workspace, &[], &acme.to);
        let text = format!("not in_list(\"{list}\")");
        request.filter = Some(pb::Filter { text, ..pb::Filter::default() });
        let started = ok(acme.ada.people().move_people_by_filter(request).await);
        app.step().await;
        ok(acme.ada.try_delete_asset(&acme.workspace, &list).await);
        app.finish().await;
        let ended = acme.get(&started.operation.unwrap().name).await;
        assert_eq!(progress(&ended), (10, 15, 0));
        assert_eq!((refusal(&ended).code(), acme.counts().await), (Code::NotFound, (5, 10)));
    }

    /// H-09: who comes after the start stays; who is gone before their turn is not waited for.
    async fn h_09_who_comes_later_stays(app) {
        let acme = Scene::new(app, "acme", 25).await;
        let name = acme.start().await;
        app.step().await;
        acme.ada.fill(&acme.workspace, &acme.from, 25..28).await;
        let first = &acme.ada.list(&acme.workspace, 1_000).await;
        let waiting = first.iter().find(|person| person.email == "n00020@example.com").unwrap();
        let delete = json!({ "workspace_id": acme.workspace, "person_id": waiting.person_id });
        acme.ada.make("PersonService/DeletePerson", &delete).await.ok();
        app.finish().await;
        assert_eq!(moved(&acme.get(&name).await).moved, 24);
        assert_eq!(acme.counts().await, (3, 24));
    }

    /// H-03: the repeat of a start answers the same operation; another body is another matter.
    async fn h_03_a_repeated_start_is_the_same_operation(app) {
        let acme = Scene::new(app, "acme", 3).await;
        let mut request = move_all(&acme.workspace, &[&acme.from], &acme.to);
        request.request_id = "0190f0e0-0000-4000-8000-000000000001".into();
        let first = ok(acme.ada.people().move_people_by_filter(request.clone()).await);
        app.finish().await;
        assert_eq!(ok(acme.ada.people().move_people_by_filter(request.clone()).await), first);
        assert_eq!(acme.ada.operation_names("").await, [first.operation.unwrap().name]);
        request.reason = "another".into();
        let reused = acme.ada.people().move_people_by_filter(request).await;
        assert_refused(reused, Code::InvalidArgument, ErrorReason::RequestIdReused);
    }

    /// M-06: a trial says how many would move, and starts nothing.
    async fn m_06_a_trial_starts_nothing(app) {
        let acme = Scene::new(app, "acme", 12).await;
        let mut request = move_all(&acme.workspace, &[], &acme.to);
        request.validate_only = true;
        let before = acme.ada.revision().await;
        let tried = ok(acme.ada.people().move_people_by_filter(request).await);
        assert_eq!((progress(&tried.operation.unwrap()), tried.revision), ((0, 12, 0), before));
        assert_eq!(app.step().await, None);
        assert_eq!(acme.ada.operation_names("").await, Vec::<String>::new());
        assert_eq!((acme.counts().await, acme.ada.revision().await), ((12, 0), before));
    }

    /// M-03: what MovePeople would refuse as a whole is refused at the start.
    async fn m_03_a_start_is_refused_as_a_move_is(app) {
        let acme = Scene::new(app, "acme", 1).await;
        let hidden = acme.ada.partition("Hidden").await;
        for request in [
            move_all(&acme.workspace, &[&acme.from], &hidden),
            move_all(&acme.workspace, &[&hidden], &acme.to),
        ] {
            let refused = acme.ada.people().move_people_by_filter(request).await;
            assert_refused(refused, Code::NotFound, ErrorReason::PartitionNotFound);
        }
        assert_eq!(app.step().await, None);
    }

    /// H-09: a slice that fails for a reason of ours is tried again, and after ten times the operation has failed.
    async fn h_09_a_slice_that_keeps_failing_ends_the_operation(app) {
        let acme = Scene::new(app, "acme", 5).await;
        let name = acme.start().await;
        let id = name.strip_prefix("operations/").unwrap();
        app.database.sabotage("UPDATE operation SET request = '7' WHERE id = {id}", id).await;
        for attempt in 1..=10 {
            assert_eq!(app.step().await.as_deref(), Some(name.as_str()), "{attempt}");
            assert_eq!(acme.get(&name).await.done, attempt == 10, "{attempt}");
            assert_eq!(app.step().await, None, "not at once");
            app.database.sabotage("UPDATE due SET at = 0 WHERE id = {id}", id).await;
        }
        let failed = acme.get(&name).await;
        assert_refused(Err::<(), _>(refusal(&failed)), Code::Internal, ErrorReason::Internal);
        assert_eq!(acme.counts().await, (5, 0));
    }

    /// K-06: what an operation does is in the audit log as done by who started it, by the rpc that did.
    async fn k_06_slices_are_told_of_like_calls(app) {
        let acme = Scene::new(app, "acme", 25).await;
        acme.start().await;
        app.finish().await;
        assert_eq!(kinds(app, &acme).await, [
            vec!["operation.started"],
            vec!["people.moved"],
            vec!["people.moved"],
            vec!["people.moved", "operation.ended"],
        ]);
    }
}

/// The kinds of changes of the last revisions, one list for each.
async fn kinds(app: &App, acme: &Scene) -> Vec<Vec<String>> {
    let id = acme.tenant.id.parse().unwrap();
    let rows = app.rows(&[id]).await.remove(&id).unwrap();
    let of = |revision: &i64| {
        let changes = rows.changes.iter().filter(|one| one.revision == *revision);
        changes.map(|one| one.kind.clone()).collect()
    };
    let last = rows.audits.iter().filter(|one| one.action == "PersonService/MovePeopleByFilter");
    last.map(|one| of(&one.revision)).collect()
}
