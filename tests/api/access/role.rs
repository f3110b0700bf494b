//! Roles.

use precinct::domain::access::{Permission, role};
use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::{Code, Response, Status};

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, fields, metadata};

/// What somebody needs to manage roles.
const MANAGER: [&str; 1] = ["roles.manage"];

async fn get(actor: &Actor, id: &str) -> Result<pb::Role, Status> {
    let found = actor.access().get_role(pb::GetRoleRequest { role_id: id.into() }).await?;
    Ok(found.into_inner().role.unwrap_or_default())
}

async fn update(
    actor: &Actor,
    role: pb::Role,
    paths: &[&str],
) -> Result<Response<pb::UpdateRoleResponse>, Status> {
    let paths = paths.iter().map(ToString::to_string).collect();
    let request = pb::UpdateRoleRequest {
        role: Some(role),
        update_mask: Some(prost_types::FieldMask { paths }),
        ..pb::UpdateRoleRequest::default()
    };
    actor.access().update_role(request).await
}

fn role(id: &str, permissions: &[&str]) -> pb::Role {
    pb::Role {
        role_id: id.into(),
        permissions: permissions.iter().map(ToString::to_string).collect(),
        ..pb::Role::default()
    }
}

/// The names of all roles, by pages of three.
async fn names(actor: &Actor, order_by: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListRolesRequest { page_size: 3, page_token, order_by: order_by.into() };
        let page = ok(actor.access().list_roles(request).await);
        names.extend(page.roles.into_iter().map(|role| role.display_name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return names;
        }
    }
}

on_both! {
    /// what can be allowed is the same for all, and says what it brings.
    async fn a_02_permissions_are_listed_with_what_they_imply(app) {
        let acme = app.tenant("acme").await;
        // Somebody who holds nothing may know what there is.
        let bob = acme.user("bob");
        let listed = ok(bob.access().list_permissions(pb::ListPermissionsRequest {}).await);
        let names: Vec<&str> = listed.permissions.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, Permission::all().map(Permission::name).collect::<Vec<_>>());
        let find = |name: &str| listed.permissions.iter().find(|one| one.name == name).unwrap();
        let implied = ["fields.read", "partitions.read", "people.read", "workspaces.read"];
        assert_eq!(find("people.write").implies, implied);
        assert!(!find("people.write").tenant_wide_only && find("roles.manage").tenant_wide_only);
        assert!(listed.permissions.iter().all(|one| !one.description.is_empty()));
    }

    /// built-in roles are listed among the others, in every order, and stay as they are.
    async fn a_02_built_in_roles_are_among_the_roles_and_stay(app) {
        let ada = app.tenant("acme").await.admin();
        ada.role("Zookeeper", &["people.read"]).await;
        ada.role("Auditor", &["access.read"]).await;
        let mut sorted: Vec<&str> = role::ALL.iter().map(|one| one.name).collect();
        sorted.extend(["Auditor", "Zookeeper"]);
        sorted.sort_unstable();
        assert_eq!(names(&ada, "").await, sorted);
        assert_eq!(names(&ada, "create_time desc").await[..2], ["Auditor", "Zookeeper"]);
        sorted.reverse();
        assert_eq!(names(&ada, "display_name desc").await, sorted);
        for one in &role::ALL {
            let id = one.id().to_string();
            let found = get(&ada, &id).await.unwrap();
            assert!(found.built_in && found.create_time.is_none(), "{found:?}");
            let all = one.permissions().iter().map(Permission::name).collect::<Vec<_>>();
            assert_eq!(found.effective_permissions, all);
            let result = update(&ada, found, &["description"]).await;
            let status = assert_refused(result, Code::FailedPrecondition, ErrorReason::BuiltInRole);
            assert_eq!(metadata(&status, "role_id"), Some(id.clone()));
            let result = ada.try_delete_role(&id).await;
            assert_refused(result, Code::FailedPrecondition, ErrorReason::BuiltInRole);
        }
    }

    /// a custom role holds what it names, with what that implies, and is held by whom it is granted to.
    async fn a_02_a_custom_role_allows_what_it_names(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob) = (acme.admin(), acme.user("bob"));
        let id = ada.role("Reader", &["people.read"]).await;
        let found = get(&ada, &id).await.unwrap();
        assert_eq!(found.permissions, ["people.read"]);
        let effective = ["fields.read", "partitions.read", "people.read", "workspaces.read"];
        assert_eq!(found.effective_permissions, effective);
        let w = &acme.default_workspace;
        let result = bob.try_get_person(w, &uuid::Uuid::now_v7().to_string()).await;
        assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
        ada.grant("user:bob", &id, w).await;
        assert_eq!(bob.count(w).await, 0);
        let result = bob.try_person(w, "", "cay@example.com").await;
        assert_refused(result, Code::PermissionDenied, ErrorReason::PermissionRequired);
        // A change of the role is in force at once.
        ok(update(&ada, role(&id, &["people.write"]), &["permissions"]).await);
        bob.person(w, "cay@example.com").await;
    }

    /// H-06: everything that is wrong is named; names are unique, with those of the built-in roles (W-05).
    async fn a_02_a_role_has_a_name_and_known_permissions(app) {
        let ada = app.tenant("acme").await.admin();
        let result = ada.try_role(" ", &["people.read", "people.fly", "people.read", "x"]).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let permission = |n: usize| format!("role.permissions[{n}]");
        let wrong = ["role.display_name".into(), permission(1), permission(2), permission(3)];
        assert_eq!(fields(&status), wrong);
        let result = ada.try_role("Nothing", &[]).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["role.permissions"]);
        let id = ada.role("Reader", &["people.read"]).await;
        for taken in ["READER ", " tenant ADMIN", "Viewer"] {
            let result = ada.try_role(taken, &["people.read"]).await;
            let status = assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
            assert_eq!(metadata(&status, "name").as_deref(), Some(taken.trim()));
        }
        let named = |name: &str| pb::Role { display_name: name.into(), ..role(&id, &[]) };
        let result = update(&ada, named("viewer"), &["display_name"]).await;
        assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
        ok(update(&ada, named("reader"), &["display_name"]).await);
        let result = update(&ada, named(""), &["permissions"]).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        for path in ["effective_permissions", "built_in", "role_id"] {
            let result = update(&ada, named(""), &[path]).await;
            assert_refused(result, Code::InvalidArgument, ErrorReason::ImmutableField);
        }
    }

    /// H-02, H-08: a stale etag is refused; each change raises the revision by one, none by none.
    async fn h_02_a_role_changes_with_its_etag(app) {
        let ada = app.tenant("acme").await.admin();
        let made = ok(ada.try_role("Reader", &["people.read"]).await);
        let (before, revision) = (made.role.unwrap(), made.revision);
        let described = pb::Role { description: "Reads".into(), ..before.clone() };
        let changed = ok(update(&ada, described.clone(), &["description"]).await);
        assert_eq!(changed.revision, revision + 1);
        let stale = update(&ada, described, &["description"]).await;
        assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
        let changed = changed.role.unwrap();
        assert_eq!((changed.description.as_str(), changed.etag == before.etag), ("Reads", false));
        let same = ok(update(&ada, changed.clone(), &["description", "permissions"]).await);
        assert_eq!((same.revision, same.role), (revision + 1, Some(changed.clone())));
        let delete = |etag: &str| pb::DeleteRoleRequest {
            role_id: changed.role_id.clone(),
            etag: etag.into(),
            ..pb::DeleteRoleRequest::default()
        };
        let stale = ada.access().delete_role(delete(&before.etag)).await;
        assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
        let gone = ok(ada.access().delete_role(delete(&changed.etag)).await);
        assert_eq!(gone.revision, revision + 2);
        assert_refused(get(&ada, &changed.role_id).await, Code::NotFound, ErrorReason::RoleNotFound);
    }

    /// nobody makes or widens a role with what they do not hold tenant-wide.
    async fn a_03_nobody_makes_a_role_of_what_they_do_not_hold(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob) = (acme.admin(), acme.user("bob"));
        let manager = ada.role("Role manager", &MANAGER).await;
        ada.grant("user:bob", &manager, "").await;
        // Held in a workspace is not held tenant-wide.
        ada.grant("user:bob", &built_in("Marketer"), &acme.default_workspace).await;
        let result = bob.try_role("Writers", &["people.write"]).await;
        let status = assert_refused(result, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_eq!(metadata(&status, "permission").as_deref(), Some("people.write"));
        let id = bob.role("Auditor", &["access.read"]).await;
        let result = update(&bob, role(&id, &["people.read", "access.read"]), &["permissions"]).await;
        assert_refused(result, Code::PermissionDenied, ErrorReason::PermissionRequired);
        // What was there before may stay, and be taken out, whoever put it in.
        let wide = ada.role("Wide", &["people.write", "access.read"]).await;
        let same = pb::Role { description: "All".into(), ..role(&wide, &["people.write", "access.read"]) };
        ok(update(&bob, same, &["description", "permissions"]).await);
        ok(update(&bob, role(&wide, &["access.read"]), &["permissions"]).await);
        let result = update(&bob, role(&wide, &["access.read", "people.write"]), &["permissions"]).await;
        assert_refused(result, Code::PermissionDenied, ErrorReason::PermissionRequired);
    }

    /// nobody edits a role that they hold, directly or through groups, wherever.
    async fn a_03_nobody_changes_a_role_that_they_hold(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob, cay) = (acme.admin(), acme.user("bob"), acme.user("cay"));
        let manager = ada.role("Role manager", &MANAGER).await;
        let reader = ada.role("Reader", &["people.read"]).await;
        ada.grant("user:bob", &manager, "").await;
        let inner = ada.group("Inner", &["user:cay"]).await;
        let outer = ada.group("Outer", &[&format!("group:{inner}")]).await;
        ada.grant(&format!("group:{outer}"), &manager, "").await;
        ada.grant("user:cay", &reader, &acme.default_workspace).await;
        for (who, own) in [(&bob, &manager), (&cay, &manager), (&cay, &reader)] {
            let result = update(who, role(own, &["access.read"]), &["permissions"]).await;
            let status = assert_refused(result, Code::PermissionDenied, ErrorReason::OwnRole);
            assert_eq!(metadata(&status, "role_id").as_ref(), Some(own));
        }
        let described = pb::Role { description: "Reads".into(), ..role(&reader, &[]) };
        ok(update(&bob, described, &["description"]).await);
        ok(update(&ada, role(&manager, &["roles.manage", "people.read"]), &["permissions"]).await);
    }

    /// a role that is granted cannot be deleted.
    async fn a_04_a_role_in_use_cannot_be_deleted(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let id = ada.role("Reader", &["people.read"]).await;
        let grants = [
            ada.grant("user:bob", &id, "").await,
            ada.grant("user:bob", &id, &acme.default_workspace).await,
            ada.grant("user:cay", &id, "").await,
        ];
        for (at, grant) in grants.iter().enumerate() {
            let result = ada.try_delete_role(&id).await;
            let status = assert_refused(result, Code::FailedPrecondition, ErrorReason::RoleInUse);
            assert_eq!(metadata(&status, "role_id").as_ref(), Some(&id));
            assert_eq!(metadata(&status, "grants"), Some((grants.len() - at).to_string()));
            ada.try_revoke(grant).await.unwrap();
        }
        ada.try_delete_role(&id).await.unwrap();
        let result = ada.try_delete_role(&id).await;
        assert_refused(result, Code::NotFound, ErrorReason::RoleNotFound);
    }

    /// what counts tenant-wide only does not come into a role that is granted in a workspace.
    async fn a_02_a_role_of_workspaces_gets_nothing_tenant_wide(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let id = ada.role("Reader", &["people.read"]).await;
        ada.grant("user:cay", &id, "").await;
        let grant = ada.grant("user:bob", &id, &acme.default_workspace).await;
        let wide = role(&id, &["people.read", "roles.manage"]);
        let result = update(&ada, wide.clone(), &["permissions"]).await;
        let status = assert_refused(result, Code::FailedPrecondition, ErrorReason::RoleInUse);
        assert_eq!(metadata(&status, "grants").as_deref(), Some("1"));
        ada.try_revoke(&grant).await.unwrap();
        ok(update(&ada, wide, &["permissions"]).await);
        let result = ada.try_grant("user:bob", &id, &acme.default_workspace).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// who reads access somewhere reads the roles; who may not change them is told what is missing.
    async fn a_06_reading_and_changing_roles_need_their_permissions(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob, cay) = (acme.admin(), acme.user("bob"), acme.user("cay"));
        ada.grant("user:bob", &built_in("Workspace admin"), &acme.default_workspace).await;
        ada.grant("user:cay", &built_in("Viewer"), "").await;
        let id = ada.role("Reader", &["people.read"]).await;
        assert_eq!(names(&bob, "").await.len(), 7);
        assert_eq!(get(&bob, &id).await.unwrap().role_id, id);
        let needs = |result: Result<(), Status>, permission: &str| {
            let status = assert_refused(result, Code::PermissionDenied, ErrorReason::PermissionRequired);
            assert_eq!(metadata(&status, "permission").as_deref(), Some(permission));
        };
        needs(get(&cay, &id).await.map(drop), "access.read");
        let list = cay.access().list_roles(pb::ListRolesRequest::default()).await;
        needs(list.map(drop), "access.read");
        needs(bob.try_role("Mine", &["people.read"]).await.map(drop), "roles.manage");
        needs(update(&bob, role(&id, &["people.read"]), &["permissions"]).await.map(drop), "roles.manage");
        needs(bob.try_delete_role(&id).await.map(drop), "roles.manage");
    }
}
