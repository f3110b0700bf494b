//! `WhoCanSee` and `WhatCanSee`: who is told, of whom, and of what.

use precinct::pb::{
    self, AssetType, BindingAccess, ErrorReason, SeenKind, WhatCanSeeRequest, WhoCanSeeRequest,
};
use serde_json::json;
use tonic::Code;
use uuid::Uuid;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, fields, metadata};
use crate::support::topology::Site;

async fn names(actor: &Actor, place: &str, person: &str, permission: &str) -> Vec<String> {
    let seers = actor.who_can_see(place, person, "", permission).await;
    seers.into_iter().map(|one| one.principal).collect()
}

on_both! {
    /// users, groups and service accounts, each with the grants that let it, and the workspaces.
    async fn x_03_who_sees_a_person(app) {
        let site = Site::new(app).await;
        let Site { ada, europe, staging, america, european, .. } = &site;
        let person = ada.named_person(europe, european, "Cay").await;
        let viewer = built_in("Viewer");
        let inner = ada.group("Inner", &["user:gil"]).await;
        let outer = ada.group("Outer", &[&format!("group:{inner}")]).await;
        let granted = ada.grant(&format!("group:{outer}"), &viewer, staging).await;
        let robot = ada.account("Robot").await;
        ada.grant(&format!("service:{robot}"), &viewer, europe).await;
        ada.grant("user:elsewhere", &viewer, america).await;
        ada.grant("user:designer", &built_in("Designer"), europe).await;
        let seers = ada.who_can_see(europe, &person, "", "").await;
        let mut expected = [
            format!("group:{inner}"), format!("group:{outer}"), format!("service:{robot}"),
            "user:gil".into(), "user:owner".into(),
        ];
        expected.sort();
        assert_eq!(seers.iter().map(|one| one.principal.clone()).collect::<Vec<_>>(), expected);
        let gil = seers.iter().find(|one| one.principal == "user:gil").unwrap();
        let [grant] = &gil.grants[..] else { panic!("{gil:?}") };
        assert_eq!((&grant.grant_id, &grant.group_id, &grant.workspace_id), (&granted, &outer, staging));
        assert_eq!(grant.role_id, viewer);
        let request = WhoCanSeeRequest {
            workspace_id: europe.clone(), person_id: person.clone(), ..WhoCanSeeRequest::default()
        };
        let reply = ok(ada.topology().who_can_see(request).await);
        let mut through = vec![europe.clone(), staging.clone()];
        through.sort();
        assert_eq!(reply.workspace_ids, through);
        // Switched off is gone.
        ada.disable(&robot, true).await;
        assert!(!names(ada, europe, &person, "").await.contains(&format!("service:{robot}")));
    }

    /// of themselves too callers learn only where they see the thing, whichever permission they ask for.
    async fn a_06_who_sees_no_people_learns_no_binding(app) {
        let site = Site::new(app).await;
        let Site { ada, europe, staging, european, .. } = &site;
        let person = ada.named_person(europe, european, "Cay").await;
        ada.grant("user:dan", &built_in("Viewer"), europe).await;
        ada.grant("user:dan", &built_in("Designer"), staging).await;
        let request = WhoCanSeeRequest {
            workspace_id: europe.clone(),
            person_id: person,
            permission: "assets.read".into(),
            ..WhoCanSeeRequest::default()
        };
        let reply = ok(site.tenant.user("dan").topology().who_can_see(request).await);
        assert_eq!(reply.workspace_ids, [europe.as_str()]);
    }

    /// X-03, P-03, W-12: with a permission, whatever stands against it counts.
    async fn x_03_who_may_change_a_person(app) {
        let site = Site::new(app).await;
        let Site { ada, europe, staging, european, .. } = &site;
        let person = ada.named_person(europe, european, "Cay").await;
        let trials = ada.partition("Trials").await;
        ada.bind(staging, &trials, BindingAccess::ReadWrite).await;
        ada.grant("user:mia", &built_in("Marketer"), staging).await;
        assert!(names(ada, europe, &person, "people.write").await.contains(&"user:mia".into()));
        let primary = json!({ "workspace_id": staging, "partition_id": trials });
        ada.make("PartitionService/SetPrimaryPartition", &primary).await.ok();
        ada.bind(staging, european, BindingAccess::ReadOnly).await;
        assert_eq!(names(ada, europe, &person, "people.write").await, ["user:owner"]);
        assert!(names(ada, europe, &person, "people.read").await.contains(&"user:mia".into()));
        let refused = |permission: &str| WhoCanSeeRequest {
            workspace_id: europe.clone(),
            person_id: person.clone(),
            permission: permission.into(),
            ..WhoCanSeeRequest::default()
        };
        for permission in ["tenant.manage", "people.juggle"] {
            let result = ada.topology().who_can_see(refused(permission)).await;
            let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["permission"]);
        }
    }

    /// X-03, S-07: of an asset, those of the targets of its share see what is live.
    async fn x_03_who_sees_an_asset(app) {
        let site = Site::new(app).await;
        let Site { ada, europe, america, .. } = &site;
        ada.grant("user:amy", &built_in("Viewer"), america).await;
        let draft = ada.asset_in(europe, &site.snippets, AssetType::Snippet, "Draft").await;
        let seers = async |asset: &str| -> Vec<String> {
            let seers = ada.who_can_see(europe, "", asset, "").await;
            seers.into_iter().map(|one| one.principal).collect()
        };
        assert_eq!(seers(&draft).await, ["user:owner"]);
        ada.approve(europe, &draft).await;
        assert_eq!(seers(&draft).await, ["user:amy", "user:owner"]);
        // Through America it is the same.
        let seers = ada.who_can_see(america, "", &draft, "").await;
        assert_eq!(seers.len(), 2);
        let writers = ada.who_can_see(america, "", &draft, "assets.write").await;
        assert_eq!(writers.len(), 1);
    }

    /// principals are named from workspaces where the caller may see who is there; the caller always.
    async fn a_07_others_are_named_where_the_caller_may_know(app) {
        let site = Site::new(app).await;
        let Site { ada, tenant, europe, staging, european, america, .. } = &site;
        let person = ada.named_person(europe, european, "Cay").await;
        ada.grant("user:eve", &built_in("Viewer"), europe).await;
        ada.grant("user:sam", &built_in("Viewer"), staging).await;
        ada.grant("user:bob", &built_in("Viewer"), europe).await;
        let bob = tenant.user("bob");
        assert_eq!(names(&bob, europe, &person, "").await, ["user:bob"]);
        ada.grant("user:bob", &built_in("Workspace admin"), staging).await;
        let seen = names(&bob, europe, &person, "").await;
        assert_eq!(seen, ["user:bob", "user:owner", "user:sam"]);
        let seers = bob.who_can_see(europe, &person, "", "").await;
        let told = seers.iter().filter(|one| one.principal != "user:bob").flat_map(|one| &one.grants);
        assert!(told.into_iter().all(|one| one.workspace_id != *europe));
        // To know who is there is not to know what it sees.
        let reader = ada.role("Access reader", &["access.read"]).await;
        ada.grant("user:cay", &built_in("Viewer"), europe).await;
        ada.grant("user:cay", &reader, staging).await;
        assert_eq!(names(&tenant.user("cay"), europe, &person, "").await, ["user:cay"]);
        // What the caller does not see through the workspace is as what never was.
        ada.grant("user:amy", &built_in("Workspace admin"), america).await;
        let amy = tenant.user("amy");
        for id in [person.clone(), Uuid::now_v7().to_string()] {
            let mut request = WhoCanSeeRequest {
                workspace_id: america.clone(), person_id: id.clone(), ..WhoCanSeeRequest::default()
            };
            let result = amy.topology().who_can_see(request.clone()).await;
            assert_refused(result, Code::NotFound, ErrorReason::PersonNotFound);
            (request.asset_id, request.person_id) = (id, String::new());
            let result = amy.topology().who_can_see(request.clone()).await;
            assert_refused(result, Code::NotFound, ErrorReason::AssetNotFound);
            request.workspace_id = europe.clone();
            let result = amy.topology().who_can_see(request).await;
            assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
        }
        ada.grant("user:dee", &built_in("Designer"), europe).await;
        let request = WhoCanSeeRequest {
            workspace_id: europe.clone(), person_id: person.clone(), ..WhoCanSeeRequest::default()
        };
        let result = tenant.user("dee").topology().who_can_see(request).await;
        let status = assert_refused(result, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_eq!(metadata(&status, "permission").as_deref(), Some("people.read"));
    }

    /// what somebody sees, through which workspace, and what may be done there.
    async fn x_03_what_somebody_sees(app) {
        let site = Site::new(app).await;
        let Site { ada, tenant, america, american, europe, snippets, .. } = &site;
        ada.grant("user:mia", &built_in("Marketer"), america).await;
        let mia = tenant.user("mia");
        for (actor, who) in [(&mia, ""), (&mia, "user:mia"), (ada, "user:mia")] {
            let [place] = &actor.what_can_see(who, SeenKind::Workspace).await[..] else { panic!() };
            assert_eq!(&place.workspace_id, america);
            assert!(place.permissions.contains(&"people.write".into()));
            let [partition] = &actor.what_can_see(who, SeenKind::Partition).await[..] else { panic!() };
            assert_eq!((&partition.partition_id, partition.read_only), (american, false));
            let folders = actor.what_can_see(who, SeenKind::Folder).await;
            let own = folders.iter().filter(|one| one.owner_workspace_id == *america);
            assert_eq!(own.count(), 3);
            let shared = folders.iter().find(|one| one.folder_id == *snippets).expect("it is shared");
            assert_eq!((&shared.workspace_id, &shared.owner_workspace_id), (america, europe));
            assert!(shared.read_only && !shared.permissions.contains(&"assets.write".into()));
            assert!(shared.permissions.contains(&"assets.read".into()));
        }
        let nobody = format!("group:{}", Uuid::now_v7());
        assert_eq!(ada.what_can_see(&nobody, SeenKind::Workspace).await, []);
    }

    /// about others needs access.check, there, and shows what the caller sees too.
    async fn a_06_about_others_only_where_one_may_ask(app) {
        let site = Site::new(app).await;
        let Site { ada, tenant, america, europe, .. } = &site;
        for place in [america, europe] {
            ada.grant("user:mia", &built_in("Marketer"), place).await;
        }
        let request = |kind: SeenKind| WhatCanSeeRequest {
            principal: "user:mia".into(), kind: kind.into(), ..WhatCanSeeRequest::default()
        };
        ada.grant("user:bob", &built_in("Viewer"), america).await;
        let bob = tenant.user("bob");
        let result = bob.topology().what_can_see(request(SeenKind::Workspace)).await;
        let status = assert_refused(result, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_eq!(metadata(&status, "permission").as_deref(), Some("access.check"));
        let asker = ada.role("Asker", &["access.check"]).await;
        ada.grant("user:cay", &asker, america).await;
        let cay = tenant.user("cay");
        let seen = cay.what_can_see("user:mia", SeenKind::Workspace).await;
        assert_eq!(seen.iter().map(|one| &one.workspace_id).collect::<Vec<_>>(), [america]);
        assert_eq!(cay.what_can_see("user:mia", SeenKind::Partition).await, []);
        assert_eq!(cay.what_can_see("user:mia", SeenKind::Folder).await, []);
        let result = cay.topology().what_can_see(pb::WhatCanSeeRequest::default()).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["kind"]);
    }
}
