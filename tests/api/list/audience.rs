//! Whom assets mean: V-03, V-05, L-07, D-09.

use precinct::pb::{self, Area, ErrorReason};
use serde_json::json;
use tonic::{Code, Status};

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::members::{Kind, Members};
use crate::support::status::{assert_refused, fields};

async fn relocate(by: &Actor, workspace: &str, person: &str, target: &str) {
    let request = json!({ "workspace_id": workspace, "person_ids": [person], "target_partition_id": target, "atomic": true });
    by.make("PersonService/MovePeople", &request).await.ok();
}

#[track_caller]
fn broken(status: Result<impl std::fmt::Debug, Status>) {
    assert_refused(status, Code::FailedPrecondition, ErrorReason::BrokenReference);
}

on_both! {
    /// V-03: W{P1}, list L with a in P1 and b in P2, campaign "member of L": the audience is a; after a moves to P2,
    /// nobody.
    async fn v_03_only_who_is_seen_is_in_an_audience(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1]).await;
        let (a, b) = (ada.first_named(&w, &p1, "a").await, ada.first_named(all, &p2, "b").await);
        let root = ada.root(all, Area::Database).await;
        let folder = ada.folder(all, &root, "Lists").await;
        let list = Members::make(&ada, Kind::List, all, &folder, "L").await;
        list.add(&[&a, &b]).await;
        ok(ada.try_share(all, &folder, &[&w]).await);
        let campaign = ada.campaign(&w, "Campaign", &format!("in_list(\"{}\")", list.id)).await;
        assert_eq!(ada.audience(&w, &campaign).await, std::slice::from_ref(&a));
        assert_eq!(ada.audience(&w, &list.id).await, std::slice::from_ref(&a));
        assert_eq!(ada.audience(all, &list.id).await, [a.clone(), b]);
        relocate(&ada, all, &a, &p2).await;
        assert_eq!(ada.audience(&w, &campaign).await, Vec::<String>::new());
        assert_eq!(ada.audience(&w, &list.id).await, Vec::<String>::new());
    }

    /// V-05, D-09: preview, count, walk, audience and export at one revision give the same people; who unsubscribed is
    /// in no audience.
    async fn v_05_all_views_give_the_same_people(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2, p3) = (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let mut people = Vec::new();
        for n in 0..24 {
            let partition = [&p1, &p2, &p3][n % 3];
            people.push(ada.first_named(&acme.default_workspace, partition, &format!("n{n:02}")).await);
        }
        let gone = json!({ "workspace_id": w, "person": { "person_id": people[3], "unsubscribed": true } });
        ada.make("PersonService/UpdatePerson", &gone).await.ok();
        let root = ada.root(&w, Area::Database).await;
        let filter = "first_name starts_with \"n\" and first_name != \"n01\"";
        let list = ada.smart_list(&w, &root, filter).await;
        let campaign = ada.campaign(&w, "Campaign", &format!("in_smart_list(\"{list}\")")).await;
        let revision = ada.revision().await;
        let expected: Vec<String> =
            people.iter().enumerate().filter(|(n, _)| n % 3 < 2 && *n != 1).map(|(_, id)| id.clone()).collect();
        let members = Members::new(&ada, Kind::List, &w, &list);
        assert_eq!(ada.preview(&w, filter).await.expect("shown"), expected);
        assert_eq!(members.all(3).await, expected);
        assert_eq!(members.count().await.0, i64::try_from(expected.len()).expect("few"));
        assert_eq!(ada.named(&w, filter).await.len(), expected.len());
        let export = json!({ "workspace_id": w });
        let exported = ada.make("PersonService/ExportPeople", &export).await.result().expect("exported");
        let mut exported: Vec<String> = exported.iter().flat_map(|one| one["people"].as_array().cloned().unwrap_or_default())
            .filter(|one| one["first_name"] != "n01").map(|one| one["person_id"].as_str().unwrap_or_default().to_owned()).collect();
        exported.sort();
        assert_eq!(exported, expected);
        for id in [&list, &campaign] {
            let audience = ada.try_audience(&w, id, "", "").await.expect("an audience");
            let subscribed: Vec<String> = expected.iter().filter(|id| **id != people[3]).cloned().collect();
            assert_eq!(audience.people, subscribed);
            assert_eq!((audience.header.count, audience.header.unsubscribed_count), (i64::try_from(subscribed.len()).expect("few"), 1));
            assert_eq!((audience.header.revision, audience.revisions), (revision, vec![revision]));
        }
        assert_eq!(ada.revision().await, revision);
    }

    /// V-05: an audience of several batches is of one revision and goes on after each of them.
    async fn v_05_audiences_go_on_where_they_were_cut(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        for chunk in 0..3 {
            let people: Vec<_> = (0..700).map(|n| json!({ "email": format!("p{chunk}x{n}@example.com") })).collect();
            let sync = json!({ "workspace_id": w, "mode": "PERSON_WRITE_MODE_CREATE_ONLY", "people": people });
            ada.make("PersonService/SyncPeople", &sync).await.ok();
        }
        let root = ada.root(w, Area::Database).await;
        let list = ada.smart_list(w, &root, "email starts_with \"p\"").await;
        let whole = ada.try_audience(w, &list, "", "").await.expect("an audience");
        assert_eq!((whole.people.len(), whole.revisions.len()), (2_100, 3));
        assert_eq!(whole.header.count, 2_100);
        let rest = ada.try_audience(w, &list, "", &whole.tokens[0]).await.expect("the rest");
        assert_eq!((rest.people.as_slice(), rest.header.count), (&whole.people[1_000..], 2_100));
        let other = ada.smart_list(w, &root, "email starts_with \"p\"").await;
        let forged = ada.try_audience(w, &other, "", &whole.tokens[0]).await;
        assert_refused(forged, Code::InvalidArgument, ErrorReason::InvalidPageToken);
    }

    /// L-07: a suppression list that is lost refuses every view, before the first person.
    async fn l_07_a_lost_suppression_list_widens_no_audience(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let p1 = ada.partition("P1").await;
        let w = ada.workspace("W", &[&p1]).await;
        let (a, b) = (ada.first_named(&w, &p1, "a").await, ada.first_named(&w, &p1, "b").await);
        let root = ada.root(all, Area::Database).await;
        let folder = ada.folder(all, &root, "Lists").await;
        let list = Members::make(&ada, Kind::List, all, &folder, "Suppressed").await;
        list.add(&[&a]).await;
        ok(ada.try_share(all, &folder, &[&w]).await);
        let filter = format!("not in_list(\"{}\")", list.id);
        let own = ada.root(&w, Area::Database).await;
        let smart = ada.smart_list(&w, &own, &filter).await;
        let campaign = ada.campaign(&w, "Campaign", &format!("in_smart_list(\"{smart}\")")).await;
        let segmentation = ada.try_segmented(&w, "Segments", &filter).await.expect("made");
        ada.start_approval(&w, &segmentation).await.expect("begun");
        app.finish().await;
        let counted = ada.segment_counts(&w, &segmentation).await;
        let segment = counted["counts"][0]["segment_id"].as_str().expect("a segment").to_owned();
        assert_eq!(ada.audience(&w, &campaign).await, std::slice::from_ref(&b));
        let through = ada.try_audience(&w, &segmentation, &segment, "").await.expect("an audience");
        assert_eq!((through.people, through.header.coverage.len()), (vec![b.clone()], 1));
        let target = Members::make(&ada, Kind::List, &w, &own, "Target").await;

        let unshare = json!({ "workspace_id": all, "folder_id": folder, "target_workspace_ids": [w], "force": true });
        ada.make("SharingService/UnshareFolder", &unshare).await.ok();
        broken(ada.try_audience(&w, &campaign, "", "").await);
        broken(ada.try_audience(&w, &smart, "", "").await);
        broken(ada.try_audience(&w, &segmentation, &segment, "").await);
        let by_list = format!("in_smart_list(\"{smart}\")");
        broken(ada.preview(&w, &by_list).await);
        broken(ada.try_named(&w, crate::support::filters::text(&by_list)).await);
        broken(ada.try_add_matching(&w, &target.id, &by_list).await);
        let members = json!({ "workspace_id": w, "list_id": smart });
        for rpc in ["ListService/ListListMembers", "ListService/CountListMembers"] {
            broken(ada.make(rpc, &members).await.result());
        }
        for result in [ada.preview(&w, &filter).await.map(drop), ada.try_add_matching(&w, &target.id, &filter).await.map(drop)] {
            assert_refused(result, Code::NotFound, ErrorReason::ReferenceNotVisible);
        }
        let counted = ada.segment_counts(&w, &segmentation).await;
        assert_eq!(counted["coverage"][0]["state"], "COVERAGE_STATE_STALE");
        ok(ada.try_share(all, &folder, &[&w]).await);
        assert_eq!(ada.audience(&w, &campaign).await, [b]);
    }

    /// V-03: what means nobody has no audience, and a segment is one of a segmentation.
    async fn v_03_audiences_are_of_what_means_people(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let mail = ada.asset(w, pb::AssetType::Email, "Mail").await;
        let program = ada.asset(w, pb::AssetType::Program, "Program").await;
        let segmentation = ada.try_segmented(w, "Segments", "email is empty").await.expect("made");
        for (id, segment, at) in [(&mail, "", "asset_id"), (&segmentation, "", "segment_id"), (&program, segmentation.as_str(), "segment_id")] {
            let status = ada.try_audience(w, id, segment, "").await;
            let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), [at]);
        }
        let status = ada.try_audience(w, &segmentation, &segmentation, "").await;
        assert_refused(status, Code::FailedPrecondition, ErrorReason::NotApprovable);
        ada.start_approval(w, &segmentation).await.expect("begun");
        app.finish().await;
        let status = ada.try_audience(w, &segmentation, &segmentation, "").await;
        assert_refused(status, Code::NotFound, ErrorReason::SegmentNotFound);
    }
}
