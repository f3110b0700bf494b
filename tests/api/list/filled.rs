//! Who comes and goes by a filter (L-05), and what edits of a smart list do to segmentations (G-09, G-13).

use precinct::pb::longrunning::operation::Result as Ending;
use precinct::pb::{self, Area, ErrorReason};
use prost::Message;
use serde_json::json;
use tonic::Code;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::filters::text;
use crate::support::members::{Kind, Members};
use crate::support::operations::progress;
use crate::support::status::{assert_refused, fields};

on_both! {
    /// L-05: up to 1,000 come by a filter, with a result each; more as an operation, which makes of all of them members
    /// once.
    async fn l_05_people_come_by_a_filter(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let root = ada.root(w, Area::Database).await;
        let list = Members::make(&ada, Kind::List, w, &root, "List").await;
        let mut some = Vec::new();
        for name in ["Ann", "Abe", "Bob"] {
            some.push(ada.first_named(w, "", name).await);
        }
        let added = ada.try_add_matching(w, &list.id, "first_name starts_with \"a\"").await.expect("added");
        let results: Vec<(String, i32)> = added.results.into_iter().map(|one| (one.person_id, one.status)).collect();
        let status = i32::from(pb::AssetMemberStatus::Added);
        assert_eq!(results, [(some[0].clone(), status), (some[1].clone(), status)]);
        let again = ada.try_add_matching(w, &list.id, "first_name starts_with \"a\"").await.expect("again");
        assert_eq!(again.revision, added.revision);
        let leave = pb::RemoveListMembersRequest {
            workspace_id: w.clone(),
            list_id: list.id.clone(),
            filter: Some(text("first_name != \"Ann\"")),
            ..pb::RemoveListMembersRequest::default()
        };
        let left = ok(ada.lists().remove_list_members(leave).await);
        assert_eq!((left.removed, left.results.len(), list.all(10).await), (1, 1, vec![some[0].clone()]));
        let both = pb::AddListMembersRequest {
            workspace_id: w.clone(),
            list_id: list.id.clone(),
            person_ids: some.clone(),
            filter: Some(text("email is empty")),
            ..pb::AddListMembersRequest::default()
        };
        let status = assert_refused(ada.lists().add_list_members(both).await, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["person_ids"]);

        for chunk in 0..2 {
            let people: Vec<_> = (0..500).map(|n| json!({ "email": format!("p{chunk}x{n}@example.com") })).collect();
            let sync = json!({ "workspace_id": w, "mode": "PERSON_WRITE_MODE_CREATE_ONLY", "people": people });
            ada.make("PersonService/SyncPeople", &sync).await.ok();
        }
        let status = ada.try_add_matching(w, &list.id, "email is not empty").await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert!(fields(&status) == ["filter"] && status.message().contains("AddListMembersByFilter"), "{status:?}");
        let all = pb::AddListMembersByFilterRequest {
            workspace_id: w.clone(),
            list_id: list.id.clone(),
            filter: Some(text("email is not empty")),
            ..pb::AddListMembersByFilterRequest::default()
        };
        let started = ok(ada.lists().add_list_members_by_filter(all).await).operation.expect("started");
        app.finish().await;
        let done = ada.operation(&started.name).await;
        assert_eq!(progress(&done), (1_003, 1_003, 0));
        let Some(Ending::Response(any)) = done.result else { panic!("{done:?}") };
        let result = pb::AddListMembersByFilterResult::decode(any.value.as_slice()).expect("of its type");
        assert_eq!((result.added, result.unchanged), (1_002, 1));
        assert_eq!(list.count().await, (1_003, 0));
    }

    /// G-09, G-13: a smart list that segmentations read, by another list too, takes no relative date and no segment,
    /// not even for a draft.
    async fn g_09_lists_that_segments_read_stay_fit_for_them(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let root = ada.root(w, Area::Database).await;
        let inner = ada.smart_list(w, &root, "email is empty").await;
        let outer = ada.smart_list(w, &root, &format!("in_smart_list(\"{inner}\")")).await;
        let used = ada.try_segmented(w, "Used", "email is empty").await.expect("made");
        ada.start_approval(w, &used).await.expect("begun");
        app.finish().await;
        let segment = format!("in_segment(\"{used}\", \"{}\")", uuid::Uuid::nil());
        for filter in ["create_time past_days 3", &segment] {
            ada.try_refilter(w, &inner, Some(filter)).await.expect("nothing reads it yet");
        }
        let reading = format!("in_smart_list(\"{outer}\")");
        let status = ada.try_segmented(w, "Reading", &reading).await;
        assert_refused(status, Code::FailedPrecondition, ErrorReason::SegmentInSegment);
        ada.try_refilter(w, &inner, Some("create_time past_days 3")).await.expect("relative");
        let status = ada.try_segmented(w, "Reading", &reading).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::RelativeDateInSegment);
        assert_eq!(fields(&status), ["segmentation.segments[0].filter"]);
        ada.try_refilter(w, &inner, Some("email is empty")).await.expect("fixed");
        ada.try_segmented(w, "Reading", &reading).await.expect("a draft");
        let status = ada.try_refilter(w, &inner, Some("create_time past_days 3")).await;
        assert_refused(status, Code::InvalidArgument, ErrorReason::RelativeDateInSegment);
        let status = ada.try_refilter(w, &inner, Some(&segment)).await;
        assert_refused(status, Code::FailedPrecondition, ErrorReason::SegmentInSegment);
    }

    /// G-13: an edit of a smart list makes the segmentations that read it stale, and has them computed anew.
    async fn g_13_edits_of_smart_lists_recompute_their_readers(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        for name in ["Ann", "Abe", "Bob"] {
            ada.first_named(w, "", name).await;
        }
        let root = ada.root(w, Area::Database).await;
        let inner = ada.smart_list(w, &root, "first_name starts_with \"a\"").await;
        let outer = ada.smart_list(w, &root, &format!("in_smart_list(\"{inner}\")")).await;
        let reading = ada.try_segmented(w, "Reading", &format!("in_smart_list(\"{outer}\")")).await.expect("made");
        let beside = ada.try_segmented(w, "Beside", "first_name = \"Bob\"").await.expect("made");
        for id in [&reading, &beside] {
            ada.start_approval(w, id).await.expect("begun");
        }
        app.finish().await;
        let some = async |id: &str| {
            let counted = ada.segment_counts(w, id).await;
            let people = counted["counts"][0]["people"].as_str().map_or_else(|| counted["counts"][0].to_string(), str::to_owned);
            (people, counted["coverage"][0]["state"].as_str().unwrap_or_default().to_owned())
        };
        let before = some(&reading).await;
        assert_eq!(before.1, "COVERAGE_STATE_FRESH");
        ada.try_refilter(w, &inner, Some("first_name starts_with \"b\"")).await.expect("changed");
        let stale = some(&reading).await;
        assert_eq!(stale, (before.0.clone(), "COVERAGE_STATE_STALE".to_owned()));
        assert_eq!(some(&beside).await.1, "COVERAGE_STATE_FRESH");
        app.finish().await;
        let after = some(&reading).await;
        assert_eq!(after.1, "COVERAGE_STATE_FRESH");
        assert_ne!(after.0, before.0);
        ada.try_refilter(w, &outer, Some("email is empty")).await.expect("changed");
        ada.try_refilter(w, &inner, Some("first_name starts_with \"a\"")).await.expect("nothing reads it any more");
        app.finish().await;
        assert_eq!(some(&reading).await.1, "COVERAGE_STATE_FRESH");
    }
}
