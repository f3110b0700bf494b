//! `ErasePerson`: nothing is left, and the receipt says what was there.

use precinct::pb::longrunning::operation::Result as Ending;
use precinct::pb::{self, ErrorReason};
use prost::Message;
use serde_json::{Value as Json, json};
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::Actor;
use crate::support::checker::audit_flaw;
use crate::support::dump;
use crate::support::members::{Kind, Members};
use crate::support::operations::{metadata, worker};
use crate::support::routing::{Door, tenant_with, text};
use crate::support::segmentations::segment;
use crate::support::status::{assert_refused, fields};
use crate::support::{App, Tenant, allowing_duplicates};

pub(super) const EMAIL: &str = "Zyx.Quorl@Erase-Me.example";
/// All that is known of the person, in texts that nothing else has.
const VALUES: [&str; 7] = [
    EMAIL,
    "zyx.old@erase-me.example",
    "Zyxfirst",
    "Zyxlast",
    "ZYX-EXT-77",
    "Zyxcolour",
    "Zyxtwin",
];

/// A tenant whose partitions are databases of their own; a workspace that sees two; a partition that nobody sees.
pub(super) struct Scene {
    pub(super) acme: Tenant,
    pub(super) ada: Actor,
    pub(super) w: String,
    pub(super) partitions: [String; 3],
}

// === impl Scene ===

impl Scene {
    pub(super) async fn new(app: &App) -> Self {
        let acme = tenant_with(app, allowing_duplicates()).await;
        let ada = acme.admin();
        let partitions =
            [ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await];
        let w = ada.workspace("W", &[&partitions[0], &partitions[1]]).await;
        ada.field("colour", pb::FieldType::Text).await;
        Self { acme, ada, w, partitions }
    }

    pub(super) async fn call(&self, rpc: &str, request: Json) -> Json {
        self.ada.make(&format!("PersonService/{rpc}"), &request).await.ok()
    }

    /// A new person of a partition, whom the request's answer is kept of.
    pub(super) async fn person(&self, w: &str, partition: usize, person: Json) -> String {
        let request = json!({
            "workspace_id": w,
            "partition_id": self.partitions[partition],
            "person": person,
            "request_id": uuid::Uuid::now_v7(),
        });
        let made = self.call("CreatePerson", request).await;
        made["person"]["person_id"].as_str().unwrap_or_default().to_owned()
    }

    /// Starts an erasure; the name of the operation.
    pub(super) async fn start(&self, request: Json) -> String {
        let started = self.call("ErasePerson", request).await;
        started["operation"]["name"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) async fn receipt(&self, name: &str) -> pb::ErasePersonResult {
        match self.ada.operation(name).await.result {
            Some(Ending::Response(any)) => {
                assert_eq!(any.type_url, "type.googleapis.com/precinct.v1.ErasePersonResult");
                pb::ErasePersonResult::decode(any.value.as_slice()).expect("of its type")
            }
            other => panic!("no receipt: {other:?}"),
        }
    }

    /// One person in every place that there is: living, deleted and merged, in partitions seen and unseen, in a program,
    /// a list and a segment, in imports, forms, moves, and all that these leave behind.
    async fn everywhere(&self, app: &App) -> String {
        let Self { ada, w, .. } = self;
        let all = ada.workspace("All", &[]).await;
        let old = self
            .person(w, 0, json!({ "email": "zyx.old@erase-me.example", "last_name": "Zyxlast" }))
            .await;
        let colour = json!({ "colour": { "text_value": "Zyxcolour" } });
        let gone = self.person(w, 0, json!({ "email": EMAIL, "first_name": "Zyxfirst" })).await;
        let request_id = uuid::Uuid::now_v7();
        self.call(
            "DeletePerson",
            json!({ "workspace_id": w, "person_id": gone, "request_id": request_id }),
        )
        .await;
        let id = self
            .person(
                w,
                0,
                json!({ "email": EMAIL, "external_id": "ZYX-EXT-77", "attributes": colour }),
            )
            .await;
        self.person(&all, 2, json!({ "email": EMAIL, "first_name": "Zyxtwin" })).await;
        let named = json!({ "person_id": id, "first_name": "Zyxfirst" });
        self.call(
            "UpdatePerson",
            json!({ "workspace_id": w, "person": named, "request_id": uuid::Uuid::now_v7() }),
        )
        .await;
        self.call(
            "MergePeople",
            json!({ "workspace_id": w, "winner_person_id": id, "loser_person_ids": [old] }),
        )
        .await;
        for kind in Kind::BOTH {
            let root = ada.root(w, kind.area()).await;
            Members::make(ada, kind, w, &root, "Zoo").await.add(&[&id]).await;
        }
        ada.segmentation(w, "S", &[segment("Some", r#"email contains "erase""#)])
            .await
            .approved(app)
            .await;
        let form = Door::new(ada, w).await;
        form.submit(
            ada,
            pb::Person {
                email: EMAIL.into(),
                last_name: "Zyxlast".into(),
                ..pb::Person::default()
            },
        )
        .await;
        let row = json!({ "email": EMAIL, "last_name": "Zyxlast" });
        let bad = json!({ "email": EMAIL, "attributes": { "colour": { "boolean_value": true } } });
        let header = json!({ "import_id": uuid::Uuid::now_v7(), "workspace_id": w });
        let import =
            json!([{ "header": header }, { "chunk": { "people": [row, bad], "last": true } }]);
        let imported = ada.make("PersonService/ImportPeople", &import).await;
        assert_eq!(imported.replies[0]["failed"], 1);
        self.call(
            "MovePeople",
            json!({
                "workspace_id": w, "person_ids": [id], "target_partition_id": self.partitions[1],
                "reason": format!("as {EMAIL} asked"), "request_id": uuid::Uuid::now_v7(),
            }),
        )
        .await;
        id
    }
}

on_both! {
    /// K-08, P-08, D-06: after an erasure by email no row of any table holds a value of the person, whatever held one
    /// before; others keep theirs; the log says that it was done, and verifies.
    async fn k_08_nothing_is_left(app) {
        let scene = Scene::new(app).await;
        let other = scene.person(&scene.w, 0, json!({ "email": "a.zyx.quorl@erase-me.example.org" })).await;
        let id = scene.everywhere(app).await;
        for value in VALUES {
            assert!(!dump::rows_with(&app.database, &[value]).await.is_empty(), "{value} was there");
        }
        let name = scene.start(json!({ "email": "zyx.quorl@erase-me.example" })).await;
        app.finish().await;
        let mut left = dump::rows_with(&app.database, &VALUES).await;
        // The one whose longer address has the erased one in it.
        left.retain(|row| !row.contains("a.zyx.quorl@erase-me.example.org"));
        assert_eq!(left, Vec::<String>::new());
        assert!(!dump::is_in_files(&app.database, "zyx.old@erase-me").await, "beside the rows");
        let receipt = scene.receipt(&name).await;
        // The living one, the twin that nobody sees, the merged one and the deleted one.
        assert_eq!((receipt.people.len(), receipt.memberships, receipt.mention_count), (4, 3, 0));
        assert!(receipt.people.iter().any(|one| one.partition_id == scene.partitions[2]));
        assert!(receipt.segment_results.unwrap() >= 1 && receipt.stored_answers.unwrap() >= 4);
        assert_eq!(receipt.audit_records, i64::try_from(receipt.audit_record_numbers.len()).ok());
        assert!(receipt.audit_records.unwrap() >= 6, "{receipt:?}");
        assert!(!receipt.suppressed);
        let gone = scene.ada.try_get_person(&scene.w, &id).await;
        assert_refused(gone, Code::NotFound, ErrorReason::PersonNotFound);
        assert_eq!(scene.ada.try_get_person(&scene.w, &other).await.unwrap().email, "a.zyx.quorl@erase-me.example.org");
        assert_eq!(audit_flaw(&app.database.url, scene.acme.id.parse().unwrap()).await, None);
        let kept = dump::rows_with(&app.database, &["person.erased"]).await;
        assert!(kept.iter().any(|row| row.starts_with("audit_payload") && row.contains(&id)), "{kept:?}");
        // Whoever has the address next is somebody new.
        let new = scene.person(&scene.w, 0, json!({ "email": EMAIL })).await;
        assert_ne!(new, id);
        let again = scene.start(json!({ "email": "nobody@erase-me.example" })).await;
        app.finish().await;
        assert_eq!(scene.receipt(&again).await.people.len(), 0);
        assert_eq!(scene.ada.try_get_person(&scene.w, &new).await.unwrap().email, EMAIL);
    }

    /// K-08: by id, a person of one workspace goes with who was merged into it; a twin elsewhere is another person, and
    /// the receipt says nothing of what the workspace does not see.
    async fn k_08_by_id_goes_what_the_workspace_sees(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, w, partitions, .. } = &scene;
        let all = ada.workspace("All", &[]).await;
        let twin = scene.person(&all, 2, json!({ "email": EMAIL })).await;
        let far = scene.person(&all, 2, json!({ "email": "far@erase-me.example" })).await;
        let id = scene.person(w, 0, json!({ "email": EMAIL, "first_name": "Zyxfirst" })).await;
        scene.call("MergePeople", json!({ "workspace_id": all, "winner_person_id": id, "loser_person_ids": [far] })).await;
        for (workspace, list) in [(w, "Mine"), (&all, "Theirs")] {
            let root = ada.root(workspace, pb::Area::Database).await;
            Members::make(ada, Kind::List, workspace, &root, list).await.add(&[&id]).await;
        }
        let name = scene.start(json!({ "workspace_id": w, "person_id": far })).await;
        app.finish().await;
        let receipt = scene.receipt(&name).await;
        let told: Vec<_> = receipt.people.iter().map(|one| (&one.person_id, &one.partition_id)).collect();
        assert_eq!((told, receipt.memberships), (vec![(&id, &partitions[0])], 1));
        assert_eq!((receipt.audit_records, receipt.stored_answers, receipt.segment_results), (None, None, None));
        assert_eq!(metadata(&ada.operation(&name).await).resource_id, id);
        for gone in [&id, &far] {
            let found = ada.try_get_person(&all, gone).await;
            assert_refused(found, Code::NotFound, ErrorReason::PersonNotFound);
        }
        assert_eq!(ada.try_get_person(&all, &twin).await.unwrap().email, EMAIL);
        let left = dump::rows_with(&app.database, &["zyxfirst", "far@erase-me.example"]).await;
        assert_eq!(left, Vec::<String>::new());
        let again = ada.make("PersonService/ErasePerson", &json!({ "workspace_id": w, "person_id": id })).await;
        assert_refused(again.result(), Code::NotFound, ErrorReason::PersonNotFound);
    }

    /// K-08: what somebody wrote stays as it is and is listed: filters in drafts and versions, rules, running operations.
    async fn k_08_what_names_the_email_is_listed(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, w, partitions, .. } = &scene;
        let root = ada.root(w, pb::Area::Database).await;
        let filter = r#"email = "ZYX.quorl@erase-me.example" or email = "b.zyx.quorl@erase-me.example""#;
        let list = ada.smart_list(w, &root, filter).await;
        let other = ada.smart_list(w, &root, r#"email = "b.zyx.quorl@erase-me.example""#).await;
        let segmentation = ada.segmentation(w, "S", &[segment("One", filter)]).await.approved(app).await;
        let rule = |value: &str| text("email", pb::FilterOperator::Is, value, &partitions[1]);
        ada.route(&[rule("c@x.example"), rule(EMAIL)]).await;
        let moving = scene.call("MovePeopleByFilter", json!({
            "workspace_id": w, "target_partition_id": partitions[1], "filter": { "text": filter },
        })).await;
        let moving = moving["operation"]["name"].as_str().unwrap().to_owned();
        let name = scene.start(json!({ "email": EMAIL })).await;
        // The move began first; it is held up until the erasure has been done.
        let id = moving.strip_prefix("operations/").unwrap();
        app.database.sabotage("UPDATE due SET at = 9000000000000000 WHERE id = {id}", id).await;
        app.finish().await;
        let receipt = scene.receipt(&name).await;
        use pb::email_mention::Place;
        let places: Vec<Place> = receipt.mentions.into_iter().filter_map(|one| one.place).collect();
        assert!(places.contains(&Place::AssetId(list)) && !places.contains(&Place::AssetId(other)), "{places:?}");
        assert!(places.iter().any(|one| matches!(one, Place::Version(it) if it.asset_id == segmentation.id)), "{places:?}");
        assert!(places.contains(&Place::Operation(moving.clone())), "{places:?}");
        let rule = |one: &Place| matches!(one, Place::Rule(it) if it.rule_index == 1);
        assert!(places.iter().any(rule), "{places:?}");
        assert_eq!(receipt.mention_count, i64::try_from(places.len()).unwrap());
        app.database.sabotage("UPDATE due SET at = 0 WHERE id = {id}", id).await;
        app.finish().await;
    }

    /// H-09: an erasure goes on where it was left, whoever takes it up, and another of the same email beside it finds
    /// nothing.
    async fn h_09_an_erasure_goes_on_where_it_was_left(app) {
        let scene = Scene::new(app).await;
        scene.everywhere(app).await;
        let first = scene.start(json!({ "email": EMAIL })).await;
        let second = scene.start(json!({ "email": EMAIL, "suppress": true })).await;
        let mut slices = 0;
        loop {
            // Each slice by a replica that knows nothing of the one before.
            let replica = app.replica().await;
            if crate::support::operations::step(worker(&replica)).await.is_none() {
                break;
            }
            slices += 1;
        }
        assert!(slices > 16, "{slices}");
        assert_eq!(dump::rows_with(&app.database, &VALUES).await, Vec::<String>::new());
        let people = [scene.receipt(&first).await.people.len(), scene.receipt(&second).await.people.len()];
        assert_eq!(people.iter().sum::<usize>(), 4, "each record once");
    }

    /// K-08, D-09, D-04: an import, a form and two erasures of one email race; who wins is gone or comes after, and with
    /// suppression nobody comes after.
    async fn k_08_racing_imports_bring_nobody_back(app) {
        let scene = Scene::new(app).await;
        let form = Door::new(&scene.ada, &scene.w).await;
        let writers = (0..4).map(|n| {
            let (ada, w, partitions) = (scene.ada.clone(), scene.w.clone(), scene.partitions.clone());
            let form = form.request(pb::Person { email: EMAIL.into(), ..pb::Person::default() });
            tokio::spawn(async move {
                for _ in 0..8 {
                    let sync = json!({ "workspace_id": w, "partition_id": partitions[n % 2], "people": [{ "email": EMAIL }] });
                    ada.make("PersonService/SyncPeople", &sync).await.ok();
                    ada.assets().submit_form(form.clone()).await.unwrap();
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        let erasers = (0..2).map(|_| {
            let (server, request) = (app.server.clone(), json!({ "email": EMAIL, "suppress": true }));
            let ada = scene.ada.clone();
            tokio::spawn(async move {
                ada.make("PersonService/ErasePerson", &request).await.ok();
                crate::support::operations::finish(worker(&server)).await;
            })
        });
        let erasers: Vec<_> = erasers.collect();
        for one in writers.into_iter().chain(erasers) {
            one.await.unwrap();
        }
        app.finish().await;
        let left = dump::rows_with(&app.database, &[EMAIL]).await;
        assert_eq!(left, Vec::<String>::new());
    }

    /// A-06: by id with people.erase in the workspace, by email with it tenant-wide; a request asks for one of both.
    async fn a_06_who_may_erase_whom(app) {
        let scene = Scene::new(app).await;
        let Scene { acme, ada, w, .. } = &scene;
        let id = scene.person(w, 0, json!({ "email": EMAIL })).await;
        ada.grant("user:wes", &built_in("Workspace admin"), w).await;
        ada.grant("user:mia", &built_in("Marketer"), w).await;
        let by_id = json!({ "workspace_id": w, "person_id": id, "validate_only": true });
        let by_email = json!({ "email": EMAIL, "validate_only": true });
        let erase = async |user: &str, request: &Json| acme.user(user).make("PersonService/ErasePerson", request).await.result();
        erase("wes", &by_id).await.unwrap();
        for (user, request) in [("wes", &by_email), ("mia", &by_id), ("mia", &by_email)] {
            assert_refused(erase(user, request).await, Code::PermissionDenied, ErrorReason::PermissionRequired);
        }
        let refused = ada.make("PersonService/ErasePerson", &json!({ "workspace_id": w, "email": EMAIL })).await;
        let status = assert_refused(refused.result(), Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["workspace_id"]);
        let suppress = json!({ "workspace_id": w, "person_id": id, "suppress": true });
        let refused = ada.make("PersonService/ErasePerson", &suppress).await;
        let status = assert_refused(refused.result(), Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["suppress"]);
        let nothing = ada.make("PersonService/ErasePerson", &json!({})).await;
        let status = assert_refused(nothing.result(), Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["workspace_id", "person_id"]);
    }
}
