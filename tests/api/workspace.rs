//! Workspaces: making, changing, listing, deleting (W).

use std::collections::BTreeMap;

use precinct::pb;
use precinct::pb::ErrorReason;
use prost_types::value::Kind;
use tonic::{Code, Response, Status};

use crate::on_both;
use crate::support::actor::{Actor, new_workspace, ok};
use crate::support::status::{assert_refused, fields, metadata};

fn get(id: &str) -> pb::GetWorkspaceRequest {
    pb::GetWorkspaceRequest { workspace_id: id.into() }
}

fn update(workspace: pb::Workspace, paths: &[&str]) -> pb::UpdateWorkspaceRequest {
    let paths = paths.iter().map(ToString::to_string).collect();
    pb::UpdateWorkspaceRequest {
        workspace: Some(workspace),
        update_mask: Some(prost_types::FieldMask { paths }),
        ..pb::UpdateWorkspaceRequest::default()
    }
}

fn delete(id: &str) -> pb::DeleteWorkspaceRequest {
    pb::DeleteWorkspaceRequest { workspace_id: id.into(), ..pb::DeleteWorkspaceRequest::default() }
}

fn undelete(id: &str) -> pb::UndeleteWorkspaceRequest {
    pb::UndeleteWorkspaceRequest { workspace_id: id.into(), ..Default::default() }
}

async fn archive(
    actor: &Actor,
    id: &str,
) -> Result<Response<pb::ArchiveWorkspaceResponse>, Status> {
    let request = pb::ArchiveWorkspaceRequest { workspace_id: id.into(), ..Default::default() };
    actor.workspaces().archive_workspace(request).await
}

async fn read(actor: &Actor, id: &str) -> pb::Workspace {
    ok(actor.workspaces().get_workspace(get(id)).await).workspace.unwrap()
}

/// The names of a list, by pages of two.
async fn names(actor: &Actor, query: &pb::ListWorkspacesRequest) -> Vec<String> {
    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListWorkspacesRequest { page_size: 2, page_token, ..query.clone() };
        let page = ok(actor.workspaces().list_workspaces(request).await);
        names.extend(page.workspaces.into_iter().map(|workspace| workspace.display_name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return names;
        }
    }
}

on_both! {
    /// W-01: what is given at creation is read back.
    async fn w_01_a_workspace_keeps_what_it_was_given(app) {
        let ada = app.tenant("acme").await.admin();
        let p1 = ada.regional_partition("P1", "eu").await;
        let zone = prost_types::Value { kind: Some(Kind::StringValue("Europe/Zurich".into())) };
        let given = pb::Workspace {
            display_name: " EMEA ".into(),
            description: "Europe\nand more".into(),
            language: "de-CH".into(),
            region: "eu".into(),
            environment: pb::Environment::Staging.into(),
            brand: "Acme".into(),
            domain: "acme.example".into(),
            settings: Some(prost_types::Struct { fields: [("zone".to_owned(), zone)].into() }),
            ..pb::Workspace::default()
        };
        let request = pb::CreateWorkspaceRequest {
            workspace: Some(given.clone()),
            partition_ids: vec![p1.clone()],
            ..pb::CreateWorkspaceRequest::default()
        };
        let made = ok(ada.workspaces().create_workspace(request).await).workspace.unwrap();
        assert_eq!(read(&ada, &made.workspace_id).await, made);
        assert_eq!((made.primary_partition_id, made.is_default), (p1, false));
        assert_eq!((made.display_name.as_str(), made.settings), ("EMEA", given.settings));
        assert_eq!((made.language, made.region), (given.language, given.region));
        assert_eq!((made.environment, made.domain), (given.environment, given.domain));
    }

    /// H-06: every violated field is named, in one refusal, and nothing is made.
    async fn h_06_every_violated_field_is_named(app) {
        let ada = app.tenant("acme").await.admin();
        let workspace = pb::Workspace {
            language: "german".repeat(9),
            region: "no region".into(),
            environment: 99,
            brand: "a\0b".into(),
            description: "x".repeat(2_001),
            all_partitions: true,
            ..pb::Workspace::default()
        };
        let request = pb::CreateWorkspaceRequest {
            workspace: Some(workspace),
            primary_partition_id: "P1".into(),
            ..pb::CreateWorkspaceRequest::default()
        };
        let result = ada.workspaces().create_workspace(request).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let mut named = fields(&status);
        named.sort();
        assert_eq!(named, [
            "primary_partition_id",
            "workspace.all_partitions",
            "workspace.brand",
            "workspace.description",
            "workspace.display_name",
            "workspace.environment",
            "workspace.language",
            "workspace.region",
        ]);
        assert_eq!(ada.revision().await, 1);
    }

    /// W-02: at least one partition, exactly one primary, a single one by itself; K-01: regions match.
    async fn w_02_a_workspace_has_one_primary(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.regional_partition("P2", "us").await);
        let none = pb::CreateWorkspaceRequest {
            workspace: Some(pb::Workspace { display_name: "W".into(), ..Default::default() }),
            ..pb::CreateWorkspaceRequest::default()
        };
        let result = ada.workspaces().create_workspace(none.clone()).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::NoPartition);
        let several = pb::CreateWorkspaceRequest {
            partition_ids: vec![p1.clone(), p2.clone()],
            ..none.clone()
        };
        let result = ada.workspaces().create_workspace(several.clone()).await;
        let required = ErrorReason::PrimaryPartitionRequired;
        assert_refused(result, Code::FailedPrecondition, required);
        let other =
            pb::CreateWorkspaceRequest { primary_partition_id: p1.clone(), ..several.clone() };
        let made = ok(ada.workspaces().create_workspace(other).await).workspace.unwrap();
        assert_eq!(made.primary_partition_id, p1);
        let unbound = pb::CreateWorkspaceRequest {
            partition_ids: vec![p2.clone()],
            primary_partition_id: p1.clone(),
            ..none.clone()
        };
        let result = ada.workspaces().create_workspace(unbound).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let mut request = new_workspace("EU", &[&p1, &p2]);
        request.workspace.as_mut().unwrap().region = "eu".into();
        let result = ada.workspaces().create_workspace(request).await;
        let status = assert_refused(result, Code::FailedPrecondition, ErrorReason::RegionMismatch);
        assert_eq!(metadata(&status, "from_region").as_deref(), Some("us"));
        let all = ada.workspace("All", &[]).await;
        assert_eq!(read(&ada, &all).await.primary_partition_id, acme.default_partition);
        let random = uuid::Uuid::now_v7().to_string();
        let result = ada.workspaces().create_workspace(new_workspace("R", &[&random])).await;
        assert_refused(result, Code::NotFound, ErrorReason::PartitionNotFound);
    }

    /// W-05, W-06: names are unique after folding; language and region cannot change; a rename keeps all.
    async fn w_05_names_are_unique_and_regions_stay(app) {
        let ada = app.tenant("acme").await.admin();
        let p1 = ada.partition("P1").await;
        let id = ada.workspace("Straße", &[&p1]).await;
        let result = ada.workspaces().create_workspace(new_workspace(" STRASSE ", &[&p1])).await;
        assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
        let before = read(&ada, &id).await;
        for path in ["language", "region"] {
            let result = ada.workspaces().update_workspace(update(before.clone(), &[path])).await;
            let reason = ErrorReason::ImmutableField;
            let status = assert_refused(result, Code::InvalidArgument, reason);
            assert_eq!(metadata(&status, "field").as_deref(), Some(path));
        }
        let result = ada.workspaces().update_workspace(update(before.clone(), &["colour"])).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let renamed = pb::Workspace { display_name: "Street".into(), ..before.clone() };
        let whole =
            pb::UpdateWorkspaceRequest { workspace: Some(renamed), ..Default::default() };
        let after = ok(ada.workspaces().update_workspace(whole.clone()).await).workspace.unwrap();
        assert_eq!((after.display_name.as_str(), &after.primary_partition_id), ("Street", &p1));
        let result = ada.workspaces().update_workspace(whole).await;
        assert_refused(result, Code::Aborted, ErrorReason::EtagMismatch);
        let revision = ada.revision().await;
        let same = update(after.clone(), &["display_name", "brand"]);
        let same = ok(ada.workspaces().update_workspace(same).await);
        assert_eq!((same.revision, same.workspace), (revision, Some(after)));
        ada.workspace("Straße", &[&p1]).await;
    }

    /// W-04, W-12: the Default workspace stays; an archived one refuses writes and leaves the switcher.
    async fn w_12_an_archived_workspace_refuses_writes(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let p1 = ada.partition("P1").await;
        let id = ada.workspace("W", &[&p1]).await;
        let result = archive(&ada, &acme.default_workspace).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::DefaultWorkspace);
        let result = ada.workspaces().delete_workspace(delete(&acme.default_workspace)).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::DefaultWorkspace);
        let archived = ok(archive(&ada, &id).await);
        assert!(archived.workspace.unwrap().archived);
        assert_eq!(ok(archive(&ada, &id).await).revision, archived.revision);
        let reason = ErrorReason::WorkspaceArchived;
        let request = update(read(&ada, &id).await, &["brand"]);
        let result = ada.workspaces().update_workspace(request).await;
        assert_refused(result, Code::FailedPrecondition, reason);
        let result = ada.try_person(&id, "", "a@example.com").await;
        assert_refused(result, Code::FailedPrecondition, reason);
        let switcher = pb::ListAccessibleWorkspacesRequest::default();
        let listed = ok(ada.workspaces().list_accessible_workspaces(switcher).await);
        let named: Vec<_> = listed.workspaces.into_iter().map(|one| one.display_name).collect();
        assert_eq!(named, ["Default"]);
        let request = pb::UnarchiveWorkspaceRequest { workspace_id: id.clone(), ..Default::default() };
        assert!(!ok(ada.workspaces().unarchive_workspace(request).await).workspace.unwrap().archived);
        ada.person(&id, "a@example.com").await;
    }

    /// W-07: a forced delete says how many assets it expects to go. W-08, W-13: deleting is soft, names what nobody sees any more, and is undone; the name may be taken
    /// and the primary lost meanwhile.
    async fn w_08_deleting_is_undone(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let mut default = read(&ada, &acme.default_workspace).await;
        default.all_partitions = false;
        ok(ada.workspaces().update_workspace(update(default, &["all_partitions"])).await);
        let id = ada.workspace("W", &[&p1, &p2]).await;
        ada.workspace("Other", &[&p2]).await;
        let wrong = pb::DeleteWorkspaceRequest { force: true, expected_asset_count: 3, ..delete(&id) };
        let result = ada.workspaces().delete_workspace(wrong).await;
        let status = assert_refused(result, Code::Aborted, ErrorReason::AssetCountMismatch);
        assert_eq!(metadata(&status, "actual").as_deref(), Some("0"));
        let deleted = ok(ada.workspaces().delete_workspace(delete(&id)).await);
        assert_eq!(deleted.orphaned_partition_ids, std::slice::from_ref(&p1));
        let gone = deleted.workspace.unwrap();
        let purge = gone.purge_time.unwrap().seconds - gone.delete_time.unwrap().seconds;
        assert_eq!(purge, 30 * 24 * 60 * 60);
        let result = ada.workspaces().get_workspace(get(&id)).await;
        assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);

        ada.workspace("W", &[&p2]).await;
        let request = pb::DeletePartitionRequest { partition_id: p1, ..Default::default() };
        ok(ada.partitions().delete_partition(request).await);
        let result = ada.workspaces().undelete_workspace(undelete(&id)).await;
        let required = ErrorReason::PrimaryPartitionRequired;
        assert_refused(result, Code::FailedPrecondition, required);
        let named = pb::UndeleteWorkspaceRequest { primary_partition_id: p2.clone(), ..undelete(&id) };
        let result = ada.workspaces().undelete_workspace(named.clone()).await;
        assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
        let renamed = pb::UndeleteWorkspaceRequest { display_name: "W2".into(), ..named };
        let restored = ok(ada.workspaces().undelete_workspace(renamed).await).workspace.unwrap();
        assert_eq!(read(&ada, &id).await, restored);
        assert_eq!((restored.primary_partition_id, restored.delete_time), (p2, None));
        let result = ada.workspaces().undelete_workspace(undelete(&id)).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::NotDeleted);
    }

    /// H-04: walks in every order, over what is asked for; a token is bound to its query.
    async fn h_04_workspaces_are_listed_by_pages(app) {
        let ada = app.tenant("acme").await.admin();
        let p1 = ada.partition("P1").await;
        let mut ids = BTreeMap::new();
        for name in ["Zürich", "alpha", "Beta", "Ärger"] {
            ids.insert(name, ada.workspace(name, &[&p1]).await);
        }
        ok(archive(&ada, &ids["Beta"]).await);
        ok(ada.workspaces().delete_workspace(delete(&ids["alpha"])).await);
        let by = |order: &str, deleted, archived| pb::ListWorkspacesRequest {
            order_by: order.into(),
            show_deleted: deleted,
            show_archived: archived,
            ..pb::ListWorkspacesRequest::default()
        };
        assert_eq!(names(&ada, &by("", false, false)).await, ["Default", "Zürich", "Ärger"]);
        let all = ["Beta", "Default", "Zürich", "alpha", "Ärger"];
        assert_eq!(names(&ada, &by("display_name", true, true)).await, all);
        let newest = ["Ärger", "Beta", "alpha", "Zürich", "Default"];
        assert_eq!(names(&ada, &by("create_time desc", true, true)).await, newest);
        let first = pb::ListWorkspacesRequest { page_size: 1, ..by("", false, false) };
        let page_token = ok(ada.workspaces().list_workspaces(first).await).next_page_token;
        let other = pb::ListWorkspacesRequest { page_token, ..by("create_time", false, false) };
        let result = ada.workspaces().list_workspaces(other).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidPageToken);
    }

    /// T-02: the workspace of another tenant is as one that never was, whatever is asked of it.
    async fn t_02_the_workspace_of_another_tenant_is_not_there(app) {
        let acme = app.tenant("acme").await;
        let bob = app.tenant("globex").await.admin().with("x-request-id", "the-same");
        let id = acme.default_workspace;
        let random = uuid::Uuid::now_v7().to_string();
        let foreign = bob.workspaces().get_workspace(get(&id)).await.unwrap_err();
        let missing = bob.workspaces().get_workspace(get(&random)).await.unwrap_err();
        let text = |status: &Status, id: &str| format!("{status:?}").replace(id, "ID");
        assert_eq!(text(&foreign, &id), text(&missing, &random));
        let result = archive(&bob, &id).await;
        assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
        let request = pb::BatchGetWorkspacesRequest { workspace_ids: vec![id] };
        let result = bob.workspaces().batch_get_workspaces(request).await;
        assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
    }

    /// The order of the ids is the order of the answer, all or nothing.
    async fn workspaces_are_read_in_batches(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let id = ada.workspace("W", &[&acme.default_partition]).await;
        let batch = |ids: &[&String]| pb::BatchGetWorkspacesRequest {
            workspace_ids: ids.iter().map(ToString::to_string).collect(),
        };
        let request = batch(&[&id, &acme.default_workspace]);
        let read = ok(ada.workspaces().batch_get_workspaces(request).await).workspaces;
        assert_eq!((&read[0].workspace_id, read[1].is_default), (&id, true));
        let random = uuid::Uuid::now_v7().to_string();
        let result = ada.workspaces().batch_get_workspaces(batch(&[&id, &random])).await;
        assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
        let result = ada.workspaces().batch_get_workspaces(batch(&[])).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
    }
}
