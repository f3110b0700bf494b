//! What filters refer to (L-04, L-07, L-08).

use precinct::pb;
use precinct::pb::{Area, ErrorReason};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::on_both;
use crate::support::Tenant;
use crate::support::actor::{Actor, ok};
use crate::support::filters::text;
use crate::support::members::{Kind, Members};
use crate::support::status::{assert_refused, metadata};

/// Two workspaces, the first of which sees both partitions, and the second only the other.
struct Two {
    ada: Actor,
    first: String,
    second: String,
    /// A folder of the first that is shared to the second, and one that is not.
    shared: String,
    own: String,
    /// Ann and Abe are in the partition of the first alone, Bea and Bob in that of both.
    people: [String; 4],
    partition: String,
}

impl Two {
    async fn new(acme: &Tenant) -> Self {
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let (first, second) =
            (ada.workspace("W1", &[&p1, &p2]).await, ada.workspace("W2", &[&p2]).await);
        let root = ada.root(&first, Area::Database).await;
        let shared = ada.folder(&first, &root, "Shared").await;
        let own = ada.folder(&first, &root, "Own").await;
        ok(ada.try_share(&first, &shared, &[&second]).await);
        let mut people = Vec::new();
        for (name, partition) in [("Ann", &p1), ("Abe", &p1), ("Bea", &p2), ("Bob", &p2)] {
            let person = pb::Person {
                first_name: name.into(),
                email: format!("{name}@example.com"),
                ..pb::Person::default()
            };
            let request = pb::CreatePersonRequest {
                workspace_id: first.clone(),
                partition_id: partition.clone(),
                person: Some(person),
                ..pb::CreatePersonRequest::default()
            };
            let made = ok(ada.people().create_person(request).await).person;
            people.push(made.unwrap_or_default().person_id);
        }
        let people = <[String; 4]>::try_from(people).expect("four");
        Self { ada, first, second, shared, own, people, partition: p1 }
    }

    /// A static list in a folder of the first, with Ann and Bea.
    async fn list(&self, folder: &str, name: &str) -> Members {
        let list = Members::make(&self.ada, Kind::List, &self.first, folder, name).await;
        list.add(&[&self.people[0], &self.people[2]]).await;
        list
    }

    async fn refused(&self, workspace: &str, filter: &str) -> Status {
        self.ada.try_named(workspace, text(filter)).await.expect_err(filter)
    }
}

fn hidden(status: Status, id: &str) {
    let status =
        assert_refused(Err::<(), _>(status), Code::NotFound, ErrorReason::ReferenceNotVisible);
    assert_eq!(metadata(&status, "reference_id").as_deref(), Some(id));
}

fn broken(status: Status, asset: &str, reference: &str) {
    let status = assert_refused(
        Err::<(), _>(status),
        Code::FailedPrecondition,
        ErrorReason::BrokenReference,
    );
    assert_eq!(metadata(&status, "asset_id").as_deref(), Some(asset));
    assert_eq!(metadata(&status, "reference_id").as_deref(), Some(reference));
}

on_both! {
    /// L-04, V-01, F-05: a list can be referred to where it is seen, and gives those whom the workspace sees; another's is
    /// hidden as one that never was.
    async fn l_04_lists_are_referred_to_where_they_are_seen(app) {
        let two = Two::new(&app.tenant("acme").await).await;
        let Two { ada, first, second, .. } = &two;
        let (shared, own) = (two.list(&two.shared, "Shared").await, two.list(&two.own, "Own").await);
        let asks = |id: &str| format!("in_list(\"{id}\")");
        assert_eq!(ada.named(first, &asks(&own.id)).await, ["Ann", "Bea"]);
        assert_eq!(ada.named(first, &format!("not {}", asks(&own.id))).await, ["Abe", "Bob"]);
        assert_eq!(ada.named(second, &asks(&shared.id)).await, ["Bea"]);
        let never = Uuid::now_v7().to_string();
        hidden(two.refused(second, &asks(&own.id)).await, &own.id);
        hidden(two.refused(second, &asks(&never)).await, &never);
        let root = ada.root(first, Area::MarketingActivities).await;
        let program = Members::make(ada, Kind::Program, first, &root, "Program").await;
        program.add(&[&two.people[3]]).await;
        assert_eq!(ada.named(first, &format!("in_program(\"{}\")", program.id)).await, ["Bob"]);
        assert_refused(
            ada.try_named(first, text(&asks(&program.id))).await,
            Code::InvalidArgument,
            ErrorReason::InvalidField,
        );
    }

    /// P-01, V-01: a partition that the workspace does not see is not there.
    async fn v_01_partitions_are_those_that_the_workspace_sees(app) {
        let two = Two::new(&app.tenant("acme").await).await;
        let asks = format!("in_partition(\"{}\")", two.partition);
        assert_eq!(two.ada.named(&two.first, &asks).await, ["Abe", "Ann"]);
        let status = two.refused(&two.second, &asks).await;
        assert_refused(Err::<(), _>(status), Code::NotFound, ErrorReason::PartitionNotFound);
    }

    /// L-08: a smart list is followed as its owner's, whoever looks; only the population is the viewer's.
    async fn l_08_smart_lists_are_followed_as_their_owners(app) {
        let two = Two::new(&app.tenant("acme").await).await;
        let Two { ada, first, second, .. } = &two;
        let own = two.list(&two.own, "Own").await;
        let inner = ada.smart_list(first, &two.own, &format!("in_list(\"{}\")", own.id)).await;
        let text = format!("not in_smart_list(\"{inner}\") or in_partition(\"{}\")", two.partition);
        let outer = ada.smart_list(first, &two.shared, &text).await;
        let asks = format!("in_smart_list(\"{outer}\")");
        assert_eq!(ada.named(first, &asks).await, ["Abe", "Ann", "Bob"]);
        assert_eq!(ada.named(second, &asks).await, ["Bob"]);
        assert_eq!(ada.named(second, &format!("not {asks}")).await, ["Bea"]);
        hidden(two.refused(second, &format!("in_smart_list(\"{inner}\")")).await, &inner);
    }

    /// L-07: what refers to a list that is no longer shared is refused, and does not widen, however deep it lies.
    async fn l_07_a_broken_reference_is_refused(app) {
        let two = Two::new(&app.tenant("acme").await).await;
        let Two { ada, first, second, .. } = &two;
        let list = two.list(&two.shared, "Suppressed").await;
        let root = ada.root(second, Area::Database).await;
        let inner = ada.smart_list(second, &root, &format!("not in_list(\"{}\")", list.id)).await;
        let outer = ada.smart_list(second, &root, &format!("in_smart_list(\"{inner}\")")).await;
        let asks = format!("in_smart_list(\"{outer}\")");
        assert_eq!(ada.named(second, &asks).await, ["Bob"]);
        ok(ada.try_unshare(first, &two.shared, &[second], true).await);
        broken(two.refused(second, &asks).await, &inner, &list.id);
        broken(two.refused(second, &format!("not {asks}")).await, &inner, &list.id);
        let empty = ada.asset(second, pb::AssetType::SmartList, "Empty").await;
        broken(two.refused(second, &format!("in_smart_list(\"{empty}\")")).await, &empty, &empty);
    }
}
