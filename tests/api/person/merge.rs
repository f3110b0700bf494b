//! `MergePeople`, and moves that merge.

use std::collections::BTreeSet;

use precinct::pb::{self, ErrorReason};
use serde_json::{Value as Json, json};
use tonic::{Code, Status};

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::members::{Kind, Members};
use crate::support::operations::moved;
use crate::support::routing::tenant_with;
use crate::support::segmentations::segment;
use crate::support::status::assert_refused;
use crate::support::{App, Tenant, allowing_duplicates};

async fn try_merge(ada: &Actor, w: &str, winner: &str, losers: &[&str]) -> Result<Json, Status> {
    let request =
        json!({ "workspace_id": w, "winner_person_id": winner, "loser_person_ids": losers });
    let done = ada.make("PersonService/MergePeople", &request).await.result()?;
    Ok(done.into_iter().next().unwrap_or_default())
}

async fn merge(ada: &Actor, w: &str, winner: &str, losers: &[&str]) -> Json {
    try_merge(ada, w, winner, losers).await.expect("they are merged")
}

/// A new person of a partition; the id.
async fn person(ada: &Actor, w: &str, partition: &str, person: Json) -> String {
    let request = json!({ "workspace_id": w, "partition_id": partition, "person": person });
    let made = ada.make("PersonService/CreatePerson", &request).await.ok();
    made["person"]["person_id"].as_str().unwrap_or_default().to_owned()
}

/// A tenant whose partitions are databases of their own, a workspace that sees all, and two partitions.
async fn scene(app: &App) -> (Tenant, String, [String; 2]) {
    let acme = tenant_with(app, allowing_duplicates()).await;
    let ada = acme.admin();
    let partitions = [ada.partition("P1").await, ada.partition("P2").await];
    let all = ada.workspace("All", &[]).await;
    (acme, all, partitions)
}

async fn get(ada: &Actor, w: &str, id: &str) -> Json {
    let request = json!({ "workspace_id": w, "person_id": id });
    ada.make("PersonService/GetPerson", &request).await.ok()
}

on_both! {
    /// D-08: the winner keeps its id and partition and what it has, and is filled by the others in their order.
    async fn d_08_the_winner_is_filled_in_order(app) {
        let (acme, w, [p1, p2]) = scene(app).await;
        let ada = acme.admin();
        ada.field("color", pb::FieldType::Text).await;
        ada.field("size", pb::FieldType::Integer).await;
        let (red, blue) = (json!({ "text_value": "red" }), json!({ "text_value": "blue" }));
        let winner = person(&ada, &w, &p1, json!({ "first_name": "Ada", "attributes": { "color": red } })).await;
        let first = person(&ada, &w, &p2, json!({
            "email": "Ada@X.example", "first_name": "Adele", "last_name": "L", "attributes": { "color": blue },
        })).await;
        let second = person(&ada, &w, &p1, json!({
            "email": "b@x.example", "external_id": "7", "last_name": "M", "attributes": { "size": { "integer_value": 9 } },
        })).await;
        let merged = merge(&ada, &w, &winner, &[&first, &second]).await;
        let one = &merged["person"];
        assert_eq!((one["person_id"].as_str(), one["partition_id"].as_str()), (Some(&*winner), Some(&*p1)));
        let said = ["email", "external_id", "first_name", "last_name"].map(|name| one[name].as_str().unwrap());
        assert_eq!(said, ["Ada@X.example", "7", "Ada", "L"]);
        assert_eq!(one["attributes"]["color"], red);
        assert_eq!(one["attributes"]["size"].as_object().map(serde_json::Map::len), Some(1));
        assert_eq!(merged["merged"], 2);
        assert_eq!(ada.count(&w).await, 1);
        // The keys of the others are free.
        person(&ada, &w, &p2, json!({ "email": "ada@x.example" })).await;
        person(&ada, &w, &p1, json!({ "email": "b@x.example" })).await;
    }

    /// D-08: a loser's id stands for the winner wherever an id is taken, and chains lead to the last.
    async fn d_08_the_losers_ids_stand_for_the_winner(app) {
        let (acme, w, [p1, _]) = scene(app).await;
        let ada = acme.admin();
        let mut ids = Vec::new();
        for email in ["a@x.example", "b@x.example", "c@x.example"] {
            ids.push(person(&ada, &w, &p1, json!({ "email": email })).await);
        }
        let [a, b, c] = [&ids[0], &ids[1], &ids[2]];
        merge(&ada, &w, b, &[a]).await;
        merge(&ada, &w, c, &[b]).await;
        for id in [a, b] {
            let found = get(&ada, &w, id).await;
            assert_eq!((&found["person"]["person_id"], &found["merged_into"]), (&json!(c), &json!(c)));
        }
        assert_eq!(get(&ada, &w, c).await["merged_into"], Json::Null);
        let several = json!({ "workspace_id": w, "person_ids": [a, c, b] });
        let found = ada.make("PersonService/BatchGetPeople", &several).await.ok();
        assert!(found["people"].as_array().unwrap().iter().all(|one| one["person_id"] == json!(c)));
        let list = Members::make(&ada, Kind::List, &w, &ada.root(&w, pb::Area::Database).await, "List").await;
        let put_in = list.add(&[a, c]).await;
        assert_eq!(put_in.results.iter().map(pb::AssetMemberResult::status).collect::<BTreeSet<_>>().len(), 2);
        let update = json!({ "workspace_id": w, "person": { "person_id": a, "first_name": "Ada" } });
        let updated = ada.make("PersonService/UpdatePerson", &update).await.ok();
        assert_eq!(updated["person"]["person_id"], json!(c));
        // Both name one person: the rows apply in order.
        let sync = json!({
            "workspace_id": w,
            "mode": "PERSON_WRITE_MODE_UPDATE_ONLY",
            "lookup_field": "PERSON_LOOKUP_FIELD_ID",
            "people": [{ "person_id": a, "last_name": "One" }, { "person_id": c, "last_name": "Two" }],
        });
        let synced = ada.make("PersonService/SyncPeople", &sync).await.ok();
        assert!(synced["results"].as_array().unwrap().iter().all(|one| one["person_id"] == json!(c)), "{synced}");
        assert_eq!(get(&ada, &w, b).await["person"]["last_name"], "Two");
        let lists = json!({ "workspace_id": w, "person_id": b });
        let memberships = ada.make("PersonService/ListPersonMemberships", &lists).await.ok();
        assert_eq!(memberships["memberships"].as_array().map(Vec::len), Some(1));
        let undelete = ada.make("PersonService/UndeletePerson", &lists).await.result();
        assert_refused(undelete, Code::FailedPrecondition, ErrorReason::NotDeleted);
        ada.make("PersonService/DeletePerson", &lists).await.ok();
        assert_refused(ada.try_get_person(&w, c).await, Code::NotFound, ErrorReason::PersonNotFound);
        ada.make("PersonService/UndeletePerson", &json!({ "workspace_id": w, "person_id": a })).await.ok();
        assert_eq!(ada.try_get_person(&w, b).await.unwrap().person_id, *c);
    }

    /// D-08, G-07: memberships are joined, and segments follow within the merge.
    async fn d_08_memberships_are_joined_and_segments_follow(app) {
        let (acme, w, [p1, p2]) = scene(app).await;
        let ada = acme.admin();
        let root = ada.root(&w, pb::Area::Database).await;
        let both = Members::make(&ada, Kind::List, &w, &root, "Both").await;
        let theirs = Members::make(&ada, Kind::List, &w, &root, "Theirs").await;
        let winner = person(&ada, &w, &p1, json!({ "email": "a@x.example" })).await;
        let loser = person(&ada, &w, &p2, json!({ "email": "b@x.example", "last_name": "Vip" })).await;
        both.add(&[&winner, &loser]).await;
        theirs.add(&[&loser]).await;
        let segments = [
            segment("Vip", r#"last_name = "Vip""#),
            segment("Listed", &format!("in_list(\"{}\")", theirs.id)),
        ];
        let segmentation = ada.segmentation(&w, "S", &segments).await.approved(app).await;
        assert_eq!(segmentation.sizes().await, [1, 0, 1]);
        merge(&ada, &w, &winner, &[&loser]).await;
        assert_eq!(segmentation.sizes().await, [1, 0, 0]);
        let vip = segmentation.segment_id("Vip").await;
        assert_eq!(segmentation.members(&vip).await, std::slice::from_ref(&winner));
        for list in [&both, &theirs] {
            let count = pb::CountListMembersRequest { workspace_id: w.clone(), list_id: list.id.clone() };
            let count = ok(ada.lists().count_list_members(count).await);
            assert_eq!((count.total, count.hidden_count), (1, 0));
        }
    }

    /// D-09: unsubscribed wins, and holds for the address that the merged person has.
    async fn d_09_unsubscribed_wins_a_merge(app) {
        let (acme, w, [p1, p2]) = scene(app).await;
        let ada = acme.admin();
        let silent = json!({ "email": "b@x.example", "unsubscribed": true });
        let loser = person(&ada, &w, &p1, silent).await;
        let winner = person(&ada, &w, &p1, json!({ "email": "a@x.example" })).await;
        let twin = person(&ada, &w, &p2, json!({ "email": "a@x.example" })).await;
        let merged = merge(&ada, &w, &winner, &[&loser]).await;
        assert_eq!(merged["person"]["unsubscribed"], true);
        assert!(ada.try_get_person(&w, &twin).await.unwrap().unsubscribed(), "it is the address's");
        let nameless = person(&ada, &w, &p1, json!({ "external_id": "1" })).await;
        let other = person(&ada, &w, &p2, json!({ "email": "b@x.example" })).await;
        let merged = merge(&ada, &w, &nameless, &[&other]).await;
        assert_eq!((&merged["person"]["email"], &merged["person"]["unsubscribed"]), (&json!("b@x.example"), &json!(true)));
    }

    /// D-08, V-06, M-03: both must be seen and writable, within regions; whom the workspace does not see is not there.
    async fn d_08_both_must_be_seen_and_writable(app) {
        let (acme, all, [p1, p2]) = scene(app).await;
        let ada = acme.admin();
        let w = ada.workspace("W", &[&p1]).await;
        let mine = person(&ada, &all, &p1, json!({ "email": "a@x.example" })).await;
        let hidden = person(&ada, &all, &p2, json!({ "email": "b@x.example" })).await;
        for (winner, loser) in [(&mine, &hidden), (&hidden, &mine)] {
            let refused = try_merge(&ada, &w, winner, &[loser]).await;
            assert_refused(refused, Code::NotFound, ErrorReason::PersonNotFound);
        }
        let eu = ada.regional_partition("EU", "eu").await;
        let far = person(&ada, &all, &eu, json!({ "email": "c@x.example" })).await;
        let us = ada.regional_partition("US", "us").await;
        let farther = person(&ada, &all, &us, json!({ "email": "d@x.example" })).await;
        let refused = try_merge(&ada, &all, &far, &[&farther]).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::RegionMismatch);
        let bind = json!({ "workspace_id": w, "partition_id": p2, "access": "BINDING_ACCESS_READ_ONLY" });
        ada.make("PartitionService/BindPartition", &bind).await.ok();
        for (winner, loser) in [(&mine, &hidden), (&hidden, &mine)] {
            let refused = try_merge(&ada, &w, winner, &[loser]).await;
            assert_refused(refused, Code::FailedPrecondition, ErrorReason::PartitionReadOnly);
        }
        let itself = try_merge(&ada, &w, &mine, &[&mine]).await;
        assert_refused(itself, Code::InvalidArgument, ErrorReason::InvalidField);
        // V-06: the winner goes out of sight, and the loser's id with it.
        let near = person(&ada, &all, &p1, json!({ "email": "e@x.example" })).await;
        merge(&ada, &all, &hidden, &[&near]).await;
        assert_eq!(ada.try_get_person(&w, &near).await.unwrap().person_id, hidden);
        let unbind = json!({ "workspace_id": w, "partition_id": p2 });
        ada.make("PartitionService/UnbindPartition", &unbind).await.ok();
        assert_refused(ada.try_get_person(&w, &near).await, Code::NotFound, ErrorReason::PersonNotFound);
    }

    /// D-01, D-08: a key that somebody else holds where the winner is refuses the merge whole; one done before, and one
    /// against a stale etag, change nothing.
    async fn d_08_a_merge_is_whole_or_nothing(app) {
        let (acme, w, [p1, p2]) = scene(app).await;
        let ada = acme.admin();
        let winner = person(&ada, &w, &p1, json!({ "email": "a@x.example" })).await;
        let taken = person(&ada, &w, &p1, json!({ "external_id": "7" })).await;
        let loser = person(&ada, &w, &p2, json!({ "email": "b@x.example", "external_id": "7" })).await;
        let before = ada.revision().await;
        let refused = try_merge(&ada, &w, &winner, &[&loser]).await;
        let status = assert_refused(refused, Code::AlreadyExists, ErrorReason::DuplicateInPartition);
        assert_eq!(crate::support::status::metadata(&status, "person_id"), Some(taken.clone()));
        assert_eq!((ada.revision().await, get(&ada, &w, &loser).await["merged_into"].as_str()), (before, None));
        merge(&ada, &w, &taken, &[&loser]).await;
        let again = merge(&ada, &w, &taken, &[&loser]).await;
        assert_eq!((&again["merged"], again["revision"].as_i64()), (&Json::Null, Some(before + 1)));
        let stale = json!({
            "workspace_id": w, "winner_person_id": winner, "loser_person_ids": [taken], "etag": "stale",
        });
        let refused = ada.make("PersonService/MergePeople", &stale).await.result();
        assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
    }

    /// D-02, D-08: where one email is of one person in the tenant, a refused merge names the key that somebody else has, and
    /// them: not the loser, who lives again.
    async fn d_08_a_refused_merge_names_who_is_in_its_way(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("All", &[]).await;
        let winner = person(&ada, &w, &p1, json!({ "first_name": "Ada" })).await;
        let loser = person(&ada, &w, &p2, json!({ "email": "b@x.example", "external_id": "7" })).await;
        let other = person(&ada, &w, &p1, json!({ "external_id": "7" })).await;
        let refused = try_merge(&ada, &w, &winner, &[&loser]).await;
        let status = assert_refused(refused, Code::AlreadyExists, ErrorReason::DuplicateInPartition);
        let told = ["field", "person_id"].map(|key| crate::support::status::metadata(&status, key));
        assert_eq!(told, [Some("external_id".into()), Some(other)]);
    }

    /// D-08, M-01: merges in a ring and moves that race leave one person, whom all ids stand for.
    async fn d_08_racing_merges_close_no_ring(app) {
        let (acme, w, [p1, p2]) = scene(app).await;
        let ada = acme.admin();
        let mut ids = Vec::new();
        for n in 0..6 {
            ids.push(person(&ada, &w, &p1, json!({ "external_id": format!("x{n}") })).await);
        }
        let ring = (0..ids.len()).map(|n| {
            let (ada, w, ids) = (ada.clone(), w.clone(), ids.clone());
            tokio::spawn(async move {
                // Whoever loses a race too often says so, and tries again.
                while let Err(status) = try_merge(&ada, &w, &ids[n], &[&ids[(n + 1) % ids.len()]]).await {
                    assert_eq!(status.code(), Code::Aborted, "{status:?}");
                }
            })
        });
        let moves = (0..ids.len()).map(|n| {
            let (ada, w, to) = (ada.clone(), w.clone(), if n % 2 == 0 { p2.clone() } else { p1.clone() });
            let request = json!({ "workspace_id": w, "person_ids": [ids[n]], "target_partition_id": to });
            tokio::spawn(async move { drop(ada.make("PersonService/MovePeople", &request).await) })
        });
        let racing: Vec<_> = ring.chain(moves).collect();
        for one in racing {
            one.await.unwrap();
        }
        let mut living = BTreeSet::new();
        for id in &ids {
            living.insert(ada.try_get_person(&w, id).await.unwrap().person_id);
        }
        assert_eq!((living.len(), ada.count(&w).await), (1, 1));
    }

    /// M-04: a move onto a key that the target holds merges if it is asked to, in a call and by filter.
    async fn m_04_a_move_merges_if_asked_to(app) {
        let (acme, w, [p1, p2]) = scene(app).await;
        let ada = acme.admin();
        let there = person(&ada, &w, &p2, json!({ "email": "a@x.example" })).await;
        let known = person(&ada, &w, &p1, json!({ "email": "a@x.example", "last_name": "L" })).await;
        let new = person(&ada, &w, &p1, json!({ "email": "b@x.example" })).await;
        let mut request = json!({
            "workspace_id": w, "person_ids": [known, new], "target_partition_id": p2,
            "on_duplicate": "ON_DUPLICATE_MERGE",
        });
        let done = ada.make("PersonService/MovePeople", &request).await.ok();
        let said = |at: usize| {
            let one = &done["results"][at];
            (one["status"].as_str().unwrap().to_owned(), one["merged_into"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(said(0), ("MOVE_STATUS_MERGED".into(), there.clone()));
        assert_eq!(said(1), ("MOVE_STATUS_MOVED".into(), String::new()));
        assert_eq!(get(&ada, &w, &known).await["person"]["last_name"], "L");
        // By the id of who was merged, the person that it stands for.
        request["person_ids"] = json!([known, there]);
        let done = ada.make("PersonService/MovePeople", &request).await.ok();
        assert!(done["results"].as_array().unwrap().iter().all(|one| {
            one["status"] == "MOVE_STATUS_UNCHANGED" && one["person_id"] == json!(there)
        }), "{done}");
        ada.fill(&w, &p1, 0..15).await;
        ada.fill(&w, &p2, 10..20).await;
        request.as_object_mut().unwrap().remove("person_ids");
        request["partition_ids"] = json!([p1]);
        let started = ada.make("PersonService/MovePeopleByFilter", &request).await.ok();
        app.finish().await;
        let ended = ada.operation(started["operation"]["name"].as_str().unwrap()).await;
        let result = moved(&ended);
        assert_eq!((result.moved, result.merged, result.failed), (10, 5, 0));
        assert_eq!((ada.count_in(&w, &p1).await, ada.count_in(&w, &p2).await), (0, 22));
    }
}
