//! Putting people in and taking them out: a result for each (H-05, L-05), and pages of those who are in (H-04).

use precinct::pb;
use precinct::pb::AssetMemberStatus::{self, Added, Failed, Removed, Unchanged};
use tonic::Code;

use crate::api::list::sight::{bind, unbind};
use crate::on_both;
use crate::support::members::{Kind, Members};
use crate::support::status::{assert_refused, fields, metadata};

const NEVER: &str = "0190f0e0-0000-7000-8000-000000000000";

fn statuses(results: &[pb::AssetMemberResult]) -> Vec<AssetMemberStatus> {
    results.iter().map(pb::AssetMemberResult::status).collect()
}

on_both! {
    /// H-05, L-05, V-01: a result for each, in the order of the request; whom the workspace does not see, and who is
    /// deleted, fails as who never was. What changes nothing raises no revision (H-08).
    async fn h_05_each_person_has_a_result(app) {
        let ada = app.tenant("acme").await.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let (w, other) = (ada.workspace("W", &[&p1]).await, ada.workspace("Other", &[&p2]).await);
        let a = ada.person(&w, "a@example.com").await.person_id;
        let b = ada.person(&w, "b@example.com").await.person_id;
        let gone = ada.person(&w, "gone@example.com").await.person_id;
        let hidden = ada.person(&other, "c@example.com").await.person_id;
        let delete = pb::DeletePersonRequest {
            workspace_id: w.clone(),
            person_id: gone.clone(),
            ..pb::DeletePersonRequest::default()
        };
        ada.people().delete_person(delete).await.expect("deleted");
        for kind in Kind::BOTH {
            let root = ada.root(&w, kind.area()).await;
            let held = Members::make(&ada, kind, &w, &root, "Some").await;
            let before = ada.revision().await;
            let whom = [&*b, &hidden, NEVER, &a, &gone];
            let added = held.try_add(&whom, false).await.expect("some come in");
            let given: Vec<&str> = added.results.iter().map(|one| &*one.person_id).collect();
            assert_eq!(given, whom);
            assert_eq!(statuses(&added.results), [Added, Failed, Failed, Added, Failed]);
            assert_eq!(added.revision, before + 1);
            let failed = added.results.iter().filter_map(|one| Some((one, one.error.as_ref()?)));
            for (one, error) in failed {
                assert_eq!(error.reason(), pb::ErrorReason::PersonNotFound);
                let never = added.results[2].error.as_ref().expect("never was");
                assert_eq!(error.message, never.message.replace(NEVER, &one.person_id));
                assert_eq!(error.metadata["person_id"], one.person_id);
            }
            assert_eq!((held.all(10).await, held.count().await), (vec![a.clone(), b.clone()], (2, 0)));
            let again = held.try_add(&[&a, NEVER], false).await.expect("nobody comes in");
            assert_eq!(statuses(&again.results), [Unchanged, Failed]);
            assert_eq!((again.revision, ada.revision().await), (before + 1, before + 1));
            let left = held.try_remove(&[&hidden, &a, &gone], false).await.expect("one leaves");
            assert_eq!(statuses(&left.results), [Failed, Removed, Failed]);
            assert_eq!((left.removed, left.revision), (1, before + 2));
            let again = held.try_remove(&[&a], false).await.expect("nobody leaves");
            assert_eq!(statuses(&again.results), [Unchanged]);
            assert_eq!((again.removed, again.revision), (0, before + 2));
            assert_eq!(held.all(10).await, [b.clone()]);
        }
    }

    /// H-05: `atomic` is all or nothing, and answers with the first failure.
    async fn h_05_atomic_is_all_or_nothing(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let a = ada.person(w, "a@example.com").await.person_id;
        for kind in Kind::BOTH {
            let root = ada.root(w, kind.area()).await;
            let held = Members::make(&ada, kind, w, &root, "Some").await;
            let before = ada.revision().await;
            let result = held.try_add(&[&a, NEVER], true).await;
            let status = assert_refused(result, Code::NotFound, pb::ErrorReason::PersonNotFound);
            assert_eq!(metadata(&status, "person_id").as_deref(), Some(NEVER));
            assert_eq!(metadata(&status, "index").as_deref(), Some("1"));
            assert_eq!((held.count().await, ada.revision().await), ((0, 0), before));
        }
    }

    /// H-05, H-06: 1 to 1,000 people a call, each once; nobody is named with `hidden`.
    async fn h_05_a_call_has_1_to_1000_people(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let many: Vec<String> = (0..1_001).map(|_| uuid::Uuid::now_v7().to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for kind in Kind::BOTH {
            let root = ada.root(w, kind.area()).await;
            let held = Members::make(&ada, kind, w, &root, "Some").await;
            let cases: [(&[&str], &str); 4] = [
                (&[], "person_ids"),
                (&many, "person_ids"),
                (&[NEVER, NEVER], "person_ids[1]"),
                (&["x"], "person_ids[0]"),
            ];
            for (people, field) in cases {
                for result in [held.try_add(people, false).await, held.try_remove(people, false).await] {
                    let status = assert_refused(result, Code::InvalidArgument, pb::ErrorReason::InvalidField);
                    assert_eq!(fields(&status), [field]);
                }
            }
            let result = held.try_remove(&[NEVER], true).await;
            let status = assert_refused(result, Code::InvalidArgument, pb::ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["person_ids"]);
            let results = held.try_add(&many[..1_000], false).await.expect("it fits").results;
            assert_eq!(statuses(&results), [Failed; 1_000]);
        }
    }

    /// H-04: pages by person miss and repeat nothing, and a token is good for its own list. However many come in
    /// takes as many statements as one.
    async fn h_04_members_are_paged_by_person(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let mut people = Vec::new();
        for n in 0..7 {
            people.push(ada.person(w, &format!("p{n}@example.com")).await.person_id);
        }
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        for kind in Kind::BOTH {
            let root = ada.root(w, kind.area()).await;
            let held = Members::make(&ada, kind, w, &root, "Some").await;
            let other = Members::make(&ada, kind, w, &root, "Other").await;
            let one = app.statements(async || held.add(&people[..1]).await).await;
            let all = app.statements(async || other.add(&people).await).await;
            assert_eq!(one, all);
            held.add(&people).await;
            for size in [1, 3, 7, 100] {
                assert_eq!(held.all(size).await, people);
            }
            let (page, token) = held.try_page(2, "").await.expect("a page");
            assert_eq!((&*page[0].partition_id, &*page[0].email), (&*acme.default_partition, "p0@example.com"));
            assert!(page[0].add_time.is_some());
            let result = other.try_page(2, &token).await;
            assert_refused(result, Code::InvalidArgument, pb::ErrorReason::InvalidPageToken);
            let result = held.try_page(-1, "").await;
            assert_refused(result, Code::InvalidArgument, pb::ErrorReason::InvalidField);
        }
    }

    /// H-08, V-07: a change is recorded once, by its kind; of those who were hidden, only their number.
    async fn h_08_changes_are_recorded_by_kind(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let a = ada.person(&w, "a@example.com").await.person_id;
        let b = ada.try_person(&w, &p2, "b@example.com").await.expect("made").into_inner();
        let b = b.person.expect("a person").person_id;
        let tenant = acme.id.parse().expect("an id");
        for (kind, noun) in [(Kind::Program, "program"), (Kind::List, "list")] {
            let root = ada.root(&w, kind.area()).await;
            let held = Members::make(&ada, kind, &w, &root, "Some").await;
            held.add(&[&a, &b]).await;
            held.try_remove(&[&a], false).await.expect("one leaves");
            unbind(&ada, &w, &p2, "").await;
            held.try_remove(&[], true).await.expect("one leaves");
            bind(&ada, &w, &p2).await;
            let rows = app.rows(&[tenant]).await.remove(&tenant).expect("its rows");
            let id = held.id.parse().ok();
            let kinds: Vec<&str> =
                rows.changes.iter().filter(|one| one.resource_id == id).map(|one| &*one.kind).collect();
            let wanted = ["members_added", "members_removed", "members_removed"].map(|verb| format!("{noun}.{verb}"));
            assert_eq!(kinds, wanted);
            let details = rows.changes.iter().filter(|one| one.resource_id == id);
            let details: Vec<String> = details.map(|one| one.detail.to_string()).collect();
            assert!(details[0].contains(&a) && details[0].contains(&b) && details[1].contains(&a), "{details:?}");
            assert!(!details[2].contains(&b), "{details:?}");
        }
    }
}
