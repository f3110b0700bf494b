//! Whatever races, nobody lands in a partition that is gone, no rule leads there, and nobody is made twice.

use precinct::pb;
use precinct::pb::{ErrorReason, PersonSource};
use tonic::Status;
use tonic_types::StatusExt;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::routing::{Door, always, policy, somebody};

fn is(status: &Status, reason: ErrorReason) -> bool {
    let info = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    info == reason.as_str_name().trim_start_matches("ERROR_REASON_")
}

on_both! {
    /// D-04, R-06: 50 racing submissions of one new email make one person, and none is refused.
    async fn r_06_racing_submissions_make_one_person(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let door = Door::new(&ada, &acme.default_workspace).await;
        let before = ada.revision().await;
        let calls = (0..50).map(|n| {
            let (ada, request) = (acme.admin(), door.request(somebody("one@example.com", &format!("N{n}"))));
            tokio::spawn(async move { ada.assets().submit_form(request).await })
        });
        for call in calls.collect::<Vec<_>>() {
            ok(call.await.unwrap());
        }
        assert_eq!(ada.count(&acme.default_workspace).await, 1);
        assert_eq!(door.members(&ada).await, (1, 0));
        assert_eq!(ada.revision().await, before + 50);
    }

    /// P-04: of a rule that names a partition and the deletion of that partition, one is refused.
    async fn p_04_a_rule_and_a_deletion_do_not_both_pass(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        for round in 0..10 {
            let p = ada.partition(&format!("P{round}")).await;
            let (one, two, target) = (acme.admin(), acme.admin(), p.clone());
            let route = tokio::spawn(async move { one.try_route(policy(&[always(&target)]), &["rules"]).await });
            let target = p.clone();
            let delete = tokio::spawn(async move { two.try_delete_partition(&target).await });
            let (route, delete) = (route.await.unwrap().map(drop), delete.await.unwrap());
            match (route, delete) {
                (Ok(()), Err(status)) => assert!(is(&status, ErrorReason::PartitionIsRoutingTarget), "{status:?}"),
                (Err(status), Ok(())) => assert!(is(&status, ErrorReason::PartitionNotFound), "{status:?}"),
                other => panic!("{other:?}"),
            }
            ada.route(&[]).await;
        }
    }

    /// R-01, P-04: while the policy changes to and fro and the old target is deleted, every person who is made lands in
    /// a living partition that some version led to; once the change is answered, all go by it.
    async fn r_01_creates_race_changes_of_the_policy(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), acme.default_workspace.clone());
        let mut targets = vec![ada.partition("T0").await];
        ada.route(&[always(&targets[0])]).await;
        let people = (0..4).map(|hand| {
            let (ada, all) = (acme.admin(), all.clone());
            tokio::spawn(async move {
                for n in 0..15 {
                    let person = somebody(&format!("p{hand}-{n}@example.com"), "Ada");
                    ok(ada.try_create(&all, PersonSource::Api, person).await);
                }
            })
        });
        let people: Vec<_> = people.collect();
        for turn in 1..6 {
            let next = ada.partition(&format!("T{turn}")).await;
            ada.route(&[always(&next)]).await;
            let made = somebody(&format!("after{turn}@example.com"), "Ada");
            let made = ok(ada.try_create(&all, PersonSource::Api, made).await).person.unwrap();
            assert_eq!(made.partition_id, next, "A change is in force once it is answered");
            if let Err(status) = ada.try_delete_partition(targets.last().unwrap()).await {
                assert!(is(&status, ErrorReason::PartitionNotEmpty), "{status:?}");
            }
            targets.push(next);
        }
        for call in people {
            call.await.unwrap();
        }
        let list = pb::ListPartitionsRequest::default();
        let living = ok(ada.partitions().list_partitions(list).await).partitions;
        let everybody = ada.list(&all, 1_000).await;
        assert_eq!(everybody.len(), 65);
        for one in everybody {
            assert!(targets.contains(&one.partition_id));
            assert!(living.iter().any(|partition| partition.partition_id == one.partition_id));
        }
    }

    /// E-01: of a rule that reads a field and the deletion of that field, one is refused.
    async fn e_01_a_rule_and_the_deletion_of_its_field_do_not_both_pass(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        for round in 0..10 {
            let name = format!("f{round}");
            let id = ada.field(&name, pb::FieldType::Text).await;
            let operator = pb::RoutingOperator::NotEmpty.into();
            let rule = pb::RoutingRule { field: name, operator, ..always(&acme.default_partition) };
            let (one, two) = (acme.admin(), acme.admin());
            let route = tokio::spawn(async move { one.try_route(policy(&[rule]), &["rules"]).await });
            let delete = pb::DeleteFieldRequest { field_id: id, ..pb::DeleteFieldRequest::default() };
            let delete = tokio::spawn(async move { two.fields().delete_field(delete).await });
            let (route, delete) = (route.await.unwrap().map(drop), delete.await.unwrap().map(drop));
            match (route, delete) {
                (Ok(()), Err(status)) => assert!(is(&status, ErrorReason::FieldInUse), "{status:?}"),
                (Err(status), Ok(())) => assert!(is(&status, ErrorReason::InvalidField), "{status:?}"),
                other => panic!("{other:?}"),
            }
            ada.route(&[]).await;
        }
    }
}
