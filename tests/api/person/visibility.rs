//! V-01: what a workspace does not see is not there.

use std::collections::BTreeSet;

use precinct::pb;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tonic::Code;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::status::assert_refused;

on_both! {
    /// V-01, V-04: a person outside is NOT_FOUND, exactly as one who never was.
    async fn v_01_a_person_outside_answers_as_one_that_never_was(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let (w1, w2) = (ada.workspace("W1", &[&p1]).await, ada.workspace("W2", &[&p2]).await);
        let hidden = ada.person(&w2, "a@example.com").await;
        let never = "0190f0e0-0000-7000-8000-000000000000";
        let not_found = pb::ErrorReason::PersonNotFound;
        let unseen = ada.try_get_person(&w1, &hidden.person_id).await;
        let unseen = assert_refused(unseen, Code::NotFound, not_found);
        let missing = ada.try_get_person(&w1, never).await;
        let missing = assert_refused(missing, Code::NotFound, not_found);
        assert_eq!(unseen.message(), missing.message());
        let lookup = pb::LookupPeopleRequest {
            workspace_id: w1.clone(),
            emails: vec!["a@example.com".into()],
        };
        let found = ok(ada.people().lookup_people(lookup).await).results;
        assert_eq!(found[0].people, []);
        assert_eq!((ada.count(&w1).await, ada.list(&w1, 10).await.len()), (0, 0));
        let named = pb::ListPeopleRequest {
            workspace_id: w1,
            partition_ids: vec![p2],
            ..pb::ListPeopleRequest::default()
        };
        let result = ada.people().list_people(named).await;
        assert_refused(result, Code::NotFound, pb::ErrorReason::PartitionNotFound);
    }

    /// P-02: 1:1, 1:n and n:1; a person of a partition that several see is one record.
    async fn p_02_any_mix_of_workspaces_and_partitions(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2, p3) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let one = ada.workspace("1:1", &[&p1]).await;
        let many = ada.workspace("1:n", &[&p2, &p3]).await;
        let also = ada.workspace("n:1", &[&p3]).await;
        let global = ada.workspace("all", &[]).await;
        ada.person(&one, "a@example.com").await;
        ada.person(&many, "b@example.com").await;
        let shared = ada.person(&also, "c@example.com").await;
        let mut counts = Vec::new();
        for workspace in [&one, &many, &also, &global] {
            counts.push(ada.count(workspace).await);
        }
        assert_eq!(counts, [1, 2, 1, 3]);
        for workspace in [&many, &also, &global] {
            let seen = ada.try_get_person(workspace, &shared.person_id).await.unwrap();
            assert_eq!(seen, shared);
        }
    }

    /// P-05: unbinding hides the people at once and deletes nothing; binding shows them again.
    async fn p_05_unbinding_hides_and_binding_shows_again(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let person = ok(ada.try_person(&w, &p2, "a@example.com").await).person.unwrap();
        let unbind = pb::UnbindPartitionRequest {
            workspace_id: w.clone(),
            partition_id: p2.clone(),
            ..pb::UnbindPartitionRequest::default()
        };
        ok(ada.partitions().unbind_partition(unbind).await);
        let hidden = ada.try_get_person(&w, &person.person_id).await;
        assert_refused(hidden, Code::NotFound, pb::ErrorReason::PersonNotFound);
        let bind = pb::BindPartitionRequest {
            workspace_id: w.clone(),
            partition_id: p2,
            access: pb::BindingAccess::ReadOnly.into(),
            ..pb::BindPartitionRequest::default()
        };
        ok(ada.partitions().bind_partition(bind).await);
        assert_eq!(ada.try_get_person(&w, &person.person_id).await.unwrap(), person);
    }

    /// V-01: list, count and walk of every workspace equal a brute-force model of random worlds.
    async fn v_01_the_filter_equals_the_model(app) {
        let mut runner = TestRunner::deterministic();
        for world in 0..6 {
            // Which partitions each workspace is bound to, as bits, and where each person is.
            let plan = (
                proptest::collection::vec(1_u8..16, 1..4),
                proptest::collection::vec(0_usize..4, 0..25),
            );
            let (bindings, people) = plan.new_tree(&mut runner).unwrap().current();
            let tenant = app.tenant(&format!("world {world}")).await;
            let ada = tenant.admin();
            let mut partitions = Vec::new();
            for name in ["P0", "P1", "P2", "P3"] {
                partitions.push(ada.partition(name).await);
            }
            let all = ada.workspace("all", &[]).await;
            let mut located = Vec::new();
            for (at, home) in people.iter().enumerate() {
                let email = format!("p{at}@example.com");
                let made = ok(ada.try_person(&all, &partitions[*home], &email).await);
                located.push((made.person.unwrap().person_id, *home));
            }
            for (at, bits) in bindings.iter().enumerate() {
                let bound: Vec<&String> =
                    (0..4).filter(|p| bits & (1 << p) != 0).map(|p| &partitions[p]).collect();
                let w = ada.workspace(&format!("W{at}"), &bound).await;
                let model: BTreeSet<&String> = located
                    .iter()
                    .filter(|(_, home)| bits & (1 << home) != 0)
                    .map(|(id, _)| id)
                    .collect();
                let listed = ada.list(&w, 7).await;
                let listed: BTreeSet<&String> = listed.iter().map(|one| &one.person_id).collect();
                assert_eq!(listed, model, "bindings {bits:04b}, people {people:?}");
                assert_eq!(ada.count(&w).await, model.len() as i64);
                for (id, _) in &located {
                    let seen = ada.try_get_person(&w, id).await.is_ok();
                    assert_eq!(seen, model.contains(id));
                }
            }
        }
    }
}
