//! Who is shown in a list or program follows what the workspace sees, at any moment (V-02, V-07, P-05, M-07, D-10).

use precinct::pb;
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::members::{Kind, Members};
use crate::support::status::{assert_refused, metadata};

pub async fn bind(by: &Actor, workspace: &str, partition: &str) {
    let request = pb::BindPartitionRequest {
        workspace_id: workspace.into(),
        partition_id: partition.into(),
        ..pb::BindPartitionRequest::default()
    };
    ok(by.partitions().bind_partition(request).await);
}

pub async fn unbind(by: &Actor, workspace: &str, partition: &str, primary: &str) {
    let request = pb::UnbindPartitionRequest {
        workspace_id: workspace.into(),
        partition_id: partition.into(),
        new_primary_partition_id: primary.into(),
        ..pb::UnbindPartitionRequest::default()
    };
    ok(by.partitions().unbind_partition(request).await);
}

async fn relocate(by: &Actor, workspace: &str, person: &str, target: &str) {
    let request = pb::MovePeopleRequest {
        workspace_id: workspace.into(),
        person_ids: vec![person.into()],
        target_partition_id: target.into(),
        atomic: true,
        ..pb::MovePeopleRequest::default()
    };
    ok(by.people().move_people(request).await);
}

async fn person(by: &Actor, workspace: &str, partition: &str, email: &str) -> String {
    let made = ok(by.try_person(workspace, partition, email).await);
    made.person.unwrap_or_default().person_id
}

on_both! {
    /// V-02, V-07, P-05, M-07, S-06: each workspace counts and lists those whom it sees; only the owner is told how many
    /// it does not, and can clear those. Rows stay while people go and come.
    async fn v_02_counts_are_per_viewing_workspace(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p1, p2, p3) = (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let (w1, w2) = (ada.workspace("W1", &[&p1, &p2]).await, ada.workspace("W2", &[&p2, &p3]).await);
        let (a, b) = (person(&ada, &w1, &p1, "a@example.com").await, person(&ada, &w1, &p2, "b@example.com").await);
        let folder = ada.folder(&w1, &ada.root(&w1, pb::Area::Database).await, "Lists").await;
        let owner = Members::make(&ada, Kind::List, &w1, &folder, "List").await;
        ok(ada.try_share(&w1, &folder, &[&w2]).await);
        let viewer = owner.through(&w2);
        owner.add(&[&a, &b]).await;
        assert_eq!((owner.count().await, viewer.count().await), ((2, 0), (1, 0)));
        assert_eq!((owner.all(10).await, viewer.all(10).await), (vec![a.clone(), b.clone()], vec![b.clone()]));

        unbind(&ada, &w1, &p2, "").await;
        assert_eq!((owner.count().await, viewer.count().await), ((1, 1), (1, 0)));
        assert_eq!((owner.all(10).await, viewer.all(10).await), (vec![a.clone()], vec![b.clone()]));
        relocate(&ada, all, &a, &p3).await;
        assert_eq!((owner.count().await, viewer.count().await), ((0, 2), (2, 0)));
        assert_eq!(viewer.all(10).await, [a.clone(), b.clone()]);
        bind(&ada, &w1, &p2).await;
        assert_eq!((owner.count().await, owner.all(10).await), ((1, 1), vec![b.clone()]));
        relocate(&ada, all, &a, &p1).await;
        assert_eq!((owner.count().await, viewer.count().await), ((2, 0), (1, 0)));

        relocate(&ada, all, &a, &p3).await;
        let people: [&[&str]; 2] = [&[&b], &[]];
        for (people, hidden) in people.into_iter().zip([false, true]) {
            let result = viewer.try_remove(people, hidden).await;
            let status = assert_refused(result, Code::FailedPrecondition, pb::ErrorReason::SharedReadOnly);
            assert_eq!(metadata(&status, "owner_workspace_id"), Some(w1.clone()));
        }
        let result = viewer.try_add(&[&b], false).await;
        assert_refused(result, Code::FailedPrecondition, pb::ErrorReason::SharedReadOnly);
        let cleared = owner.try_remove(&[], true).await.expect("cleared");
        assert_eq!((cleared.removed, cleared.results.len()), (1, 0));
        assert_eq!((owner.count().await, viewer.count().await), ((1, 0), (1, 0)));
        let again = owner.try_remove(&[], true).await.expect("nothing is left");
        assert_eq!((again.removed, again.revision), (0, cleared.revision));
        assert_eq!(ada.revision().await, cleared.revision);
        relocate(&ada, all, &a, &p1).await;
        assert_eq!(owner.count().await, (1, 0));
    }

    /// P-05, M-07, V-07: what a program holds is hidden by unbinding and moving, shows again, and can be cleared.
    async fn v_07_the_owner_of_a_program_clears_whom_it_does_not_see(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let (a, b) = (person(&ada, &w, &p1, "a@example.com").await, person(&ada, &w, &p2, "b@example.com").await);
        let root = ada.root(&w, pb::Area::MarketingActivities).await;
        let held = Members::make(&ada, Kind::Program, &w, &root, "Program").await;
        held.add(&[&a, &b]).await;
        unbind(&ada, &w, &p1, &p2).await;
        assert_eq!((held.count().await, held.all(10).await), ((1, 1), vec![b.clone()]));
        relocate(&ada, all, &a, &p2).await;
        assert_eq!(held.count().await, (2, 0));
        relocate(&ada, all, &b, &p1).await;
        assert_eq!((held.count().await, held.all(10).await), ((1, 1), vec![a.clone()]));
        assert_eq!(held.try_remove(&[], true).await.expect("cleared").removed, 1);
        bind(&ada, &w, &p1).await;
        assert_eq!((held.count().await, held.all(10).await), ((1, 0), vec![a.clone()]));
    }

    /// D-10: a deleted person is hidden and comes back as a member; one who is made anew with the email is not.
    async fn d_10_deleted_people_are_hidden_and_come_back(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let a = ada.person(w, "a@example.com").await.person_id;
        let mut all = Vec::new();
        for kind in Kind::BOTH {
            let root = ada.root(w, kind.area()).await;
            let held = Members::make(&ada, kind, w, &root, "Some").await;
            held.add(&[&a]).await;
            all.push(held);
        }
        let delete = |id: &str| pb::DeletePersonRequest {
            workspace_id: w.clone(),
            person_id: id.into(),
            ..pb::DeletePersonRequest::default()
        };
        ok(ada.people().delete_person(delete(&a)).await);
        let anew = ada.person(w, "a@example.com").await.person_id;
        for held in &all {
            assert_eq!((held.count().await, held.all(10).await.len()), ((0, 1), 0));
        }
        ok(ada.people().delete_person(delete(&anew)).await);
        let undelete = pb::UndeletePersonRequest {
            workspace_id: w.clone(),
            person_id: a.clone(),
            ..pb::UndeletePersonRequest::default()
        };
        ok(ada.people().undelete_person(undelete).await);
        for held in &all {
            assert_eq!((held.count().await, held.all(10).await), ((1, 0), vec![a.clone()]));
        }
    }
}
