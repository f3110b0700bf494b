//! `ExplainVisibility`: the chain, the first link that fails, the change that turns the answer, and what is not
//! told.

use precinct::pb::{
    AccessChangeKind, Area, AssetType, BindingAccess, CoverageReason, CoverageState, ErrorReason,
    VisibilityLinkKind as Kind,
};
use serde_json::json;
use tonic::Code;
use uuid::Uuid;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::assets::new_asset;
use crate::support::look::{DEFAULT, Look, apply, draft, last, release};
use crate::support::members::{Kind as Holder, Members};
use crate::support::status::{assert_refused, fields};
use crate::support::{App, Tenant, redact};

/// Two workspaces, each with a partition of its own and one that both see, and a person in each partition. The first has
/// a folder of lists, shared to nobody.
struct Stage {
    tenant: Tenant,
    ada: Actor,
    owner: String,
    viewer: String,
    /// Of the owner, of both, of the viewer.
    partitions: [String; 3],
    people: [String; 3],
    folder: String,
}

impl Stage {
    async fn new(app: &App) -> Self {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let [p, q, r] =
            [ada.partition("P").await, ada.partition("Q").await, ada.partition("R").await];
        let owner = ada.workspace("Owner", &[&p, &q]).await;
        let viewer = ada.workspace("Viewer", &[&r, &q]).await;
        let people = [
            ada.named_person(&owner, &p, "Ann").await,
            ada.named_person(&owner, &q, "Ann").await,
            ada.named_person(&viewer, &r, "Ann").await,
        ];
        let root = ada.root(&owner, Area::Database).await;
        let folder = ada.folder(&owner, &root, "Lists").await;
        Self { tenant, ada, owner, viewer, partitions: [p, q, r], people, folder }
    }

    /// A list of the owner with all whom it sees.
    async fn list(&self) -> Members {
        let list =
            Members::make(&self.ada, Holder::List, &self.owner, &self.folder, "People").await;
        list.add(&[&self.people[0], &self.people[1]]).await;
        list
    }

    async fn share(&self) {
        ok(self.ada.try_share(&self.owner, &self.folder, &[&self.viewer]).await);
    }
}

/// The content of a smart list.
fn filtered(filter: String) -> prost_types::Struct {
    let kind = Some(prost_types::value::Kind::StringValue(filter));
    let fields = [("filter".to_owned(), prost_types::Value { kind })];
    prost_types::Struct { fields: fields.into() }
}

on_both! {
    /// X-01, V-01: a person is seen through the partition; the binding that is named turns the answer.
    async fn x_01_a_binding_shows_a_person(app) {
        let Stage { ada, owner, viewer, partitions, people, .. } = Stage::new(app).await;
        let seen = Look::person(&owner, &people[0]).explain(&ada).await;
        assert!(seen.visible);
        let kinds: Vec<Kind> = seen.links.iter().map(|link| link.kind()).collect();
        assert_eq!(kinds, [Kind::Workspace, Kind::Person, Kind::Partition]);
        let unseen = Look::person(&viewer, &people[0]);
        let seen = unseen.explain(&ada).await;
        assert!(!seen.visible && last(&seen) == Kind::Partition);
        assert_eq!(seen.links[2].partition_id, partitions[0]);
        let change = seen.change.expect("there is a way");
        assert_eq!(change.kind(), AccessChangeKind::BindReadOnly);
        assert_eq!((&change.workspace_id, &change.partition_id), (&viewer, &partitions[0]));
        apply(&ada, &change).await;
        assert!(unseen.explain(&ada).await.visible);
    }

    /// X-01, V-02, S-02: a person in a list is seen by whom the list is shared to and who sees the person.
    async fn v_02_a_share_shows_a_person_in_a_list(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, viewer, people, folder, .. } = &stage;
        let list = stage.list().await.id;
        assert!(Look::both(owner, &people[0], &list).explain(ada).await.visible);
        // Two things stand in the way.
        let seen = Look::both(viewer, &people[0], &list).explain(ada).await;
        assert_eq!((last(&seen), seen.change), (Kind::Partition, None));
        let shown = Look::both(viewer, &people[1], &list);
        let seen = shown.explain(ada).await;
        assert_eq!(last(&seen), Kind::Asset);
        let change = seen.change.expect("there is a way");
        assert_eq!((change.kind(), &change.folder_id), (AccessChangeKind::Share, folder));
        apply(ada, &change).await;
        let seen = shown.explain(ada).await;
        let link = seen.links.iter().find(|link| link.kind() == Kind::Asset).expect("a link");
        assert_eq!((&link.folder_id, &link.owner_workspace_id), (folder, owner));
        // Who is not in it is not in it, whatever is bound or shared.
        let seen = Look::both(viewer, &people[2], &list).explain(ada).await;
        assert_eq!((last(&seen), seen.change), (Kind::Member, None));
        // Now a binding alone does.
        let seen = Look::both(viewer, &people[0], &list).explain(ada).await;
        assert_eq!(seen.change.expect("there is a way").kind(), AccessChangeKind::BindReadOnly);
    }

    /// L-04, L-07, L-08: a smart list is followed as its owner's; one with a broken reference shows nobody.
    async fn l_07_a_smart_list_that_is_broken_shows_nobody(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, viewer, people, folder, .. } = &stage;
        stage.share().await;
        let list = stage.list().await.id;
        let root = ada.root(viewer, Area::Database).await;
        let smart = precinct::pb::Asset {
            folder_id: root,
            content: Some(filtered(format!("first_name = \"Ann\" and in_list(\"{list}\")"))),
            ..new_asset(AssetType::SmartList, "Anns")
        };
        let smart = ada.asset_of(viewer, smart).await;
        let look = Look::both(viewer, &people[1], &smart);
        assert!(look.explain(ada).await.visible);
        ada.rename_person(viewer, &people[1], "Bob").await;
        assert_eq!(last(&look.explain(ada).await), Kind::Member);
        ada.rename_person(viewer, &people[1], "Ann").await;
        ok(ada.try_unshare(owner, folder, &[viewer], true).await);
        let seen = look.explain(ada).await;
        assert_eq!((last(&seen), seen.change), (Kind::References, None));
    }

    /// G-04, G-06: who is outside the owner's sight has no segment, and a binding of the owner gives one, the right one.
    async fn g_04_outside_the_owner_there_is_no_segment(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, viewer, people, partitions, folder, .. } = &stage;
        stage.share().await;
        let made = draft(ada, owner, folder, "Names", &[("Anns", "first_name = \"Ann\"")]).await;
        let (id, anns) = (made.id.as_str(), made.segments[0].as_str());
        let unapproved = Look::both(owner, &people[0], id).explain(ada).await;
        assert_eq!((last(&unapproved), unapproved.change), (Kind::Live, None));
        release(app, ada, owner, id).await;
        for (person, segment, visible) in
            [(&people[1], "", true), (&people[1], anns, true), (&people[1], DEFAULT, false)]
        {
            let seen = Look::both(viewer, person, id).segment(segment).explain(ada).await;
            assert_eq!((seen.visible, last(&seen)), (visible, Kind::Member));
            assert_eq!(seen.links.last().expect("a link").segment_id, anns);
        }
        let outside = Look::both(viewer, &people[2], id);
        for segment in ["", anns, DEFAULT] {
            let seen = outside.segment(segment).explain(ada).await;
            assert_eq!(last(&seen), Kind::Coverage);
            let coverage = seen.links.last().and_then(|link| link.coverage.clone()).expect("why");
            assert_eq!(coverage.state(), CoverageState::NotComputed);
            assert_eq!(coverage.reason(), CoverageReason::OutsideOwner);
            let named = seen.change.map(|one| (one.workspace_id, one.partition_id));
            let bind = (segment != DEFAULT).then(|| (owner.clone(), partitions[2].clone()));
            assert_eq!(named, bind, "{segment}");
        }
        ada.bind(owner, &partitions[2], BindingAccess::ReadOnly).await;
        let seen = outside.explain(ada).await;
        let coverage = seen.links.last().and_then(|link| link.coverage.clone()).expect("why");
        assert_eq!((coverage.reason(), seen.change), (CoverageReason::Computing, None));
        app.finish().await;
        assert!(outside.segment(anns).explain(ada).await.visible);
        let nothing = outside.segment(&Uuid::now_v7().to_string()).try_explain(ada).await;
        assert_refused(nothing, Code::NotFound, ErrorReason::SegmentNotFound);
    }

    /// A-06, V-06, X-01: what the caller sees nowhere reads as what never was; a binding that would show a member of a
    /// list is named to who may know that the person is one.
    async fn x_01_what_the_caller_may_not_see_is_not_told(app) {
        let stage = Stage::new(app).await;
        let Stage { tenant, ada, owner, viewer, people, .. } = &stage;
        let list = stage.list().await.id;
        ada.grant("user:vic", &built_in("Viewer"), viewer).await;
        let vic = tenant.user("vic");
        let nothing = Uuid::now_v7().to_string();
        for (hidden, missing, id, reason) in [
            (Look::person(viewer, &people[0]), Look::person(viewer, &nothing), &people[0],
                ErrorReason::PersonNotFound),
            (Look::asset(viewer, &list), Look::asset(viewer, &nothing), &list,
                ErrorReason::AssetNotFound),
            (Look::person(owner, &people[1]), Look::person(&nothing, &people[1]), owner,
                ErrorReason::WorkspaceNotFound),
        ] {
            let hidden = assert_refused(hidden.try_explain(&vic).await, Code::NotFound, reason);
            let missing = assert_refused(missing.try_explain(&vic).await, Code::NotFound, reason);
            let text = |status, id: &str| redact::refusal(status).replace(id, "<id>");
            assert_eq!(text(&hidden, id), text(&missing, &nothing));
        }
        // Vic sees the person through a third workspace, and the list through the viewer: nothing shows both.
        stage.share().await;
        let third = ada.workspace("Third", &[&stage.partitions[0]]).await;
        ada.grant("user:vic", &built_in("Viewer"), &third).await;
        let look = Look::both(viewer, &people[0], &list);
        let seen = look.explain(&vic).await;
        assert_eq!((last(&seen), seen.change), (Kind::Partition, None));
        assert!(look.explain(ada).await.change.is_some());
        ada.grant("user:vic", &built_in("Viewer"), owner).await;
        assert!(look.explain(&vic).await.change.is_some());
    }

    /// both permissions are needed, each for what it is about.
    async fn a_06_people_and_assets_need_their_permissions(app) {
        let stage = Stage::new(app).await;
        let Stage { tenant, ada, owner, people, .. } = &stage;
        let list = stage.list().await.id;
        let (about_person, about_asset, about_both) = (
            Look::person(owner, &people[0]),
            Look::asset(owner, &list),
            Look::both(owner, &people[0], &list),
        );
        for (name, permission, allowed, refused) in [
            ("pat", "people.read", about_person, about_asset),
            ("art", "assets.read", about_asset, about_person),
        ] {
            let role = ada.role(name, &[permission]).await;
            ada.grant(&format!("user:{name}"), &role, owner).await;
            let actor = tenant.user(name);
            assert!(allowed.explain(&actor).await.visible);
            for look in [refused, about_both] {
                let result = look.try_explain(&actor).await;
                assert_refused(result, Code::PermissionDenied, ErrorReason::PermissionRequired);
            }
        }
    }

    /// What is asked has to make sense, all of it is said at once; something that nobody is in is no answer.
    async fn x_01_a_question_is_about_something(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, people, .. } = &stage;
        let look = Look { workspace: "x", person: "", asset: "", segment: DEFAULT };
        let status = look.try_explain(ada).await.expect_err("refused");
        assert_eq!(fields(&status), ["workspace_id", "person_id", "segment_id"]);
        let email = ada.asset(owner, AssetType::Email, "Hello").await;
        let status = Look::both(owner, &people[0], &email).try_explain(ada).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset_id"]);
        // Its own workspace sees a draft, and no other; nobody shares what is not live.
        assert!(Look::asset(owner, &email).explain(ada).await.visible);
        let seen = Look::asset(&stage.viewer, &email).explain(ada).await;
        assert_eq!((last(&seen), seen.change), (Kind::Asset, None));
        let list = stage.list().await.id;
        let status = Look::both(owner, &people[0], &list).segment(DEFAULT).try_explain(ada).await;
        assert_refused(status, Code::NotFound, ErrorReason::SegmentNotFound);
    }

    /// X-01, W-12: no binding and no share is named that would be refused.
    async fn x_01_an_archived_workspace_takes_no_change(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, viewer, people, .. } = &stage;
        let list = stage.list().await.id;
        let looks = [Look::person(viewer, &people[0]), Look::both(viewer, &people[1], &list)];
        for look in looks {
            assert!(look.explain(ada).await.change.is_some());
        }
        ada.make("WorkspaceService/ArchiveWorkspace", &json!({ "workspace_id": viewer })).await.ok();
        // A person can still be moved to where it looks.
        for (look, kind) in looks.into_iter().zip([Some(AccessChangeKind::Move), None]) {
            let seen = look.explain(ada).await;
            assert!(!seen.visible, "{seen:?}");
            assert_eq!(seen.change.map(|change| change.kind()), kind);
        }
    }

    /// A bounded number of statements, whatever is asked.
    async fn calls_take_few_statements(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, people, folder, .. } = &stage;
        let list = stage.list().await.id;
        let made = draft(ada, owner, folder, "Names", &[("Anns", "first_name = \"Ann\"")]).await;
        release(app, ada, owner, &made.id).await;
        let looks = [
            (Look::person(owner, &people[0]), 2),
            (Look::asset(owner, &list), 2),
            (Look::both(owner, &people[0], &list), 5),
            (Look::both(owner, &people[0], &made.id), 9),
        ];
        for (look, most) in looks {
            let taken = app.statements(async || look.explain(ada).await).await;
            assert!(taken <= most, "{taken} statements, at most {most}: {look:?}");
        }
    }
}
