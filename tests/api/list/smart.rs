//! Smart lists: their filter as it is saved (L-06, L-08, F-05), and who is in them (V-02, L-04).

use precinct::pb::{self, Area, ErrorReason};
use prost_types::value::Kind as Value;
use serde_json::json;
use tonic::Code;
use uuid::Uuid;

use super::sight::unbind;
use crate::on_both;
use crate::support::actor::ok;
use crate::support::filters::text;
use crate::support::members::{Kind, Members};
use crate::support::status::{assert_refused, fields, metadata};

fn content(filter: &str) -> prost_types::Struct {
    let kind = Some(Value::StringValue(filter.into()));
    prost_types::Struct { fields: [("filter".to_owned(), prost_types::Value { kind })].into() }
}

fn smart(name: &str) -> pb::Asset {
    let kind = pb::AssetType::SmartList.into();
    pb::Asset { r#type: kind, display_name: name.into(), ..pb::Asset::default() }
}

on_both! {
    /// V-02, L-04, L-08: a smart list means the same to everybody, and shows each workspace those whom it sees.
    async fn v_02_smart_lists_show_each_workspace_its_people(app) {
        let ada = app.tenant("acme").await.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let (w1, w2) = (ada.workspace("W1", &[&p1, &p2]).await, ada.workspace("W2", &[&p2]).await);
        let (ann, abe) = (ada.first_named(&w1, &p1, "Ann").await, ada.first_named(&w1, &p2, "Abe").await);
        ada.first_named(&w1, &p2, "Bob").await;
        let root = ada.root(&w1, Area::Database).await;
        let (shared, own) = (ada.folder(&w1, &root, "Shared").await, ada.folder(&w1, &root, "Own").await);
        ok(ada.try_share(&w1, &shared, &[&w2]).await);
        let inner = ada.smart_list(&w1, &own, "first_name starts_with \"a\"").await;
        let outer = ada.smart_list(&w1, &shared, &format!("in_smart_list(\"{inner}\")")).await;
        let owner = Members::new(&ada, Kind::List, &w1, &outer);
        let viewer = owner.through(&w2);
        assert_eq!((owner.all(1).await, viewer.all(1).await), (vec![ann, abe.clone()], vec![abe.clone()]));
        assert_eq!((owner.count().await, viewer.count().await), ((2, 0), (1, 0)));
        assert_eq!(ada.audience(&w2, &outer).await, std::slice::from_ref(&abe));
        unbind(&ada, &w1, &p1, &p2).await;
        assert_eq!((owner.all(1).await, owner.count().await), (vec![abe], (1, 0)));
        let result = viewer.through(&w1).try_add(&[&Uuid::now_v7().to_string()], false).await;
        assert_refused(result, Code::NotFound, ErrorReason::AssetNotFound);
        let empty = ada.asset_of(&w1, smart("Empty")).await;
        assert_eq!(Members::new(&ada, Kind::List, &w1, &empty).count().await, (0, 0));
    }

    /// L-02, F-05: the filter is in the content and beside it, in one text; its references are the list's.
    async fn f_05_a_filter_is_kept_in_one_text_with_its_references(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let root = ada.root(w, Area::Database).await;
        let list = Members::make(&ada, Kind::List, w, &root, "List").await.id;
        let other = Members::make(&ada, Kind::List, w, &root, "Other").await.id;
        let given = pb::Asset { filter: Some(text(&format!("( IN_LIST(\"{list}\") )"))), ..smart("One") };
        let made = ok(ada.try_asset(w, given).await).asset.unwrap_or_default();
        let canonical = format!("in_list(\"{list}\")");
        let shown = |asset: &pb::Asset| {
            let text = asset.filter.as_ref().map(|one| one.text.clone()).unwrap_or_default();
            let targets: Vec<String> = asset.references.iter().map(|one| one.asset_id.clone()).collect();
            (text, asset.content.clone().unwrap_or_default(), targets)
        };
        assert_eq!(shown(&made), (canonical.clone(), content(&canonical), vec![list.clone()]));
        assert_eq!(ada.get_asset(w, &made.asset_id).await, made);
        let next = format!("in_list(\"{other}\")");
        let changed = ada.try_refilter(w, &made.asset_id, Some(&next)).await.expect("changed");
        assert_eq!(shown(&changed), (next.clone(), content(&next), vec![other.clone()]));
        let again = ada.try_refilter(w, &made.asset_id, Some(&next)).await.expect("the same");
        assert_eq!(again.etag, changed.etag);
        let status = ada.try_delete_asset(w, &other).await;
        assert_refused(status, Code::FailedPrecondition, ErrorReason::AssetInUse);
        ada.try_refilter(w, &made.asset_id, None).await.expect("removed");
        ok(ada.try_delete_asset(w, &other).await);

        for (asset, at) in [
            (pb::Asset { filter: Some(text("email = \"a\"")), content: Some(content("email = \"b\"")), ..smart("A") }, "asset.filter"),
            (pb::Asset { content: Some(content("email =")), ..smart("B") }, "asset.content.filter"),
            (pb::Asset { filter: Some(text("nothing = 1")), ..smart("C") }, "asset.filter"),
            (pb::Asset { filter: Some(text("email = \"a\"")), r#type: pb::AssetType::StaticList.into(), ..smart("D") }, "asset.filter"),
            (pb::Asset { filter: Some(text(&format!("in_smart_list(\"{list}\")"))), ..smart("E") }, "asset.filter"),
        ] {
            let name = asset.display_name.clone();
            let status = assert_refused(ada.try_asset(w, asset).await, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), [at], "{name}");
        }
        let nobody = Uuid::now_v7();
        let unseen = pb::Asset { filter: Some(text(&format!("in_list(\"{nobody}\")"))), ..smart("F") };
        assert_refused(ada.try_asset(w, unseen).await, Code::NotFound, ErrorReason::ReferenceNotVisible);
        let unseen = pb::Asset { filter: Some(text(&format!("in_partition(\"{nobody}\")"))), ..smart("G") };
        assert_refused(ada.try_asset(w, unseen).await, Code::NotFound, ErrorReason::PartitionNotFound);
    }

    /// F-05, L-06, L-07: smart lists nest without a circle and within the budgets, and keep a filter while they are used.
    async fn l_06_nested_smart_lists_keep_within_bounds(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let root = ada.root(w, Area::Database).await;
        let inner = ada.smart_list(w, &root, "email is empty").await;
        let outer = ada.smart_list(w, &root, &format!("in_smart_list(\"{inner}\")")).await;
        let asks = format!("in_smart_list(\"{outer}\")");
        let status = ada.try_refilter(w, &inner, Some(&asks)).await;
        assert_refused(status, Code::FailedPrecondition, ErrorReason::ReferenceCycle);
        let status = ada.try_refilter(w, &inner, None).await;
        assert_refused(status, Code::FailedPrecondition, ErrorReason::AssetInUse);
        let long = |n: usize| {
            let any: Vec<String> = (0..n).map(|n| format!("first_name = \"{n}\"")).collect();
            any.join(" or ")
        };
        let many: Vec<String> = (0..15).map(|n| format!("(in_smart_list(\"{inner}\") and email != \"{n}\")")).collect();
        let big = ada.smart_list(w, &root, &many.join(" or ")).await;
        ada.try_refilter(w, &inner, Some(&long(50))).await.expect("15 times 50 is within the budget");
        let status = ada.try_refilter(w, &inner, Some(&long(190))).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset.filter"]);
        assert_eq!(Members::new(&ada, Kind::List, w, &big).count().await, (0, 0));
    }

    /// E-01: a field that a filter reads, draft or live, is not deleted; those who read it are named as far as they are
    /// seen.
    async fn e_01_fields_that_filters_read_stay(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let field = ada.field("size", pb::FieldType::Integer).await;
        let root = ada.root(w, Area::Database).await;
        let list = ada.smart_list(w, &root, "size > 3").await;
        let campaign = ada.campaign(w, "Campaign", "size < 3").await;
        let segmentation = ada.try_segmented(w, "Sizes", "size = 3").await.expect("made");
        let delete = async || ada.make("FieldService/DeleteField", &json!({ "field_id": field })).await.result();
        let used = async |by: &str| {
            let status = assert_refused(delete().await, Code::FailedPrecondition, ErrorReason::FieldInUse);
            assert_eq!(metadata(&status, "used_by").as_deref(), Some(by));
            status
        };
        let status = used("3").await;
        for id in [&list, &campaign, &segmentation] {
            assert!(format!("{:?}", tonic_types::StatusExt::get_error_details(&status)).contains(id.as_str()));
        }
        ada.start_approval(w, &segmentation).await.expect("begun");
        app.finish().await;
        used("3").await;
        ada.try_refilter(w, &list, Some("email is empty")).await.expect("changed");
        used("2").await;
        ok(ada.try_delete_asset(w, &campaign).await);
        used("1").await;
        let of = json!({ "workspace_id": w, "segmentation_id": segmentation });
        ada.make("SegmentationService/UnapproveSegmentation", &of).await.ok();
        used("1").await;
        ada.make("SegmentationService/DeleteSegmentation", &of).await.ok();
        delete().await.expect("nothing reads it");
    }

    /// C-06: what a copied program's filters and texts name of the program is the copy.
    async fn c_06_copies_name_copies(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let field = ada.field("size", pb::FieldType::Integer).await;
        let outside = ada.asset(w, pb::AssetType::StaticList, "Outside").await;
        let program = ada.asset(w, pb::AssetType::Program, "Program").await;
        let list = ada.local(w, &program, pb::AssetType::StaticList, "List").await;
        let filter = |list: &str, program: &str| {
            format!("in_list(\"{list}\") or in_list(\"{outside}\") or in_program(\"{program}\") or size = 1")
        };
        let local = pb::Asset { parent_program_id: program.clone(), filter: Some(text(&filter(&list, &program))), ..smart("Smart") };
        let smart = ada.asset_of(w, local).await;
        let mail = ada.local(w, &program, pb::AssetType::Email, "Mail").await;
        ada.write_asset(w, &mail, &format!("see {smart}, not {outside}")).await;
        let clone = json!({ "workspace_id": w, "asset_id": program, "display_name": "Copy" });
        let cloned = ada.make("AssetService/CloneAsset", &clone).await.ok();
        let copy = |of: &str| {
            let all = cloned["clones"].as_array().expect("copies");
            let one = all.iter().find(|one| one["source_asset_id"] == of).expect("its copy");
            one["asset_id"].as_str().unwrap_or_default().to_owned()
        };
        let found = ada.get_asset(w, &copy(&smart)).await;
        assert_eq!(found.filter.unwrap_or_default().text, filter(&copy(&list), &copy(&program)));
        let written = ada.get_asset(w, &copy(&mail)).await.content.unwrap_or_default();
        let text = Some(Value::StringValue(format!("see {}, not {outside}", copy(&smart))));
        assert_eq!(written.fields["text"].kind, text);
        ok(ada.try_delete_asset(w, &program).await);
        let delete = ada.make("FieldService/DeleteField", &json!({ "field_id": field })).await.result();
        assert_refused(delete, Code::FailedPrecondition, ErrorReason::FieldInUse);
    }
}
