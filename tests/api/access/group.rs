//! Groups.

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::{Code, Response, Status};

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, fields, metadata};
use crate::support::{App, Tenant};

async fn get(actor: &Actor, id: &str) -> Result<pb::Group, Status> {
    let found = actor.access().get_group(pb::GetGroupRequest { group_id: id.into() }).await?;
    Ok(found.into_inner().group.unwrap_or_default())
}

async fn update(
    actor: &Actor,
    group: pb::Group,
    paths: &[&str],
) -> Result<Response<pb::UpdateGroupResponse>, Status> {
    let paths = paths.iter().map(ToString::to_string).collect();
    let request = pb::UpdateGroupRequest {
        group: Some(group),
        update_mask: Some(prost_types::FieldMask { paths }),
        ..pb::UpdateGroupRequest::default()
    };
    actor.access().update_group(request).await
}

/// The names of the groups that somebody sees, by pages of two.
async fn names(actor: &Actor, order_by: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListGroupsRequest { page_size: 2, page_token, order_by: order_by.into() };
        let page = ok(actor.access().list_groups(request).await);
        names.extend(page.groups.into_iter().map(|group| group.display_name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return names;
        }
    }
}

/// The kinds of the changes of a revision, in their order (K-06).
async fn kinds(app: &App, tenant: &Tenant, revision: i64) -> Vec<String> {
    let id = tenant.id.parse().expect("an id");
    let mut changes = app.rows(&[id]).await.remove(&id).unwrap_or_default().changes;
    changes.retain(|one| one.revision == revision);
    changes.sort_by_key(|one| one.ordinal);
    changes.into_iter().map(|one| one.kind).collect()
}

on_both! {
    /// H-02, H-06, W-05: a group has a unique name, and changes with its etag.
    async fn h_02_a_group_changes_with_its_etag(app) {
        let ada = app.tenant("acme").await.admin();
        let id = ada.group("Team", &[]).await;
        ada.group("Others", &[]).await;
        let before = get(&ada, &id).await.unwrap();
        assert_eq!(before.principal, format!("group:{id}"));
        let named = |name: &str| pb::Group { display_name: name.into(), ..before.clone() };
        let result = update(&ada, named("OTHERS "), &["display_name"]).await;
        let status = assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
        assert_eq!(metadata(&status, "resource").as_deref(), Some("group"));
        let result = update(&ada, named(""), &["display_name"]).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["group.display_name"]);
        let result = update(&ada, named("x"), &["principal"]).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::ImmutableField);
        let changed = ok(update(&ada, named("team"), &["display_name"]).await);
        let stale = update(&ada, named("Team"), &["display_name"]).await;
        assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
        let group = changed.group.unwrap();
        let same = ok(update(&ada, group.clone(), &["display_name", "description"]).await);
        assert_eq!((same.revision, same.group), (changed.revision, Some(group.clone())));
        let delete = |etag: &str| pb::DeleteGroupRequest {
            group_id: id.clone(),
            etag: etag.into(),
            ..pb::DeleteGroupRequest::default()
        };
        let stale = ada.access().delete_group(delete(&before.etag)).await;
        assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
        ok(ada.access().delete_group(delete(&group.etag)).await);
        assert_refused(get(&ada, &id).await, Code::NotFound, ErrorReason::GroupNotFound);
        let result = ada.try_delete_group(&id).await;
        assert_refused(result, Code::NotFound, ErrorReason::GroupNotFound);
    }

    /// a caller without tenant-wide sight knows of the groups that hold a right where it looks; the
    /// others are not there.
    async fn a_07_a_group_is_seen_where_it_holds_a_right(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob, cay) = (acme.admin(), acme.user("bob"), acme.user("cay"));
        let [here, there] = [ada.workspace("Here", &[]).await, ada.workspace("There", &[]).await];
        ada.grant("user:bob", &built_in("Workspace admin"), &here).await;
        let [inner, local, wide, far, idle] = [
            ada.group("Inner", &["user:dan"]).await,
            ada.group("Local", &[]).await,
            ada.group("Wide", &[]).await,
            ada.group("Far", &[]).await,
            ada.group("Idle", &[]).await,
        ];
        ada.try_add(&local, &[&format!("group:{inner}")]).await.unwrap();
        for (group, place) in [(&local, here.as_str()), (&wide, ""), (&far, &there)] {
            ada.grant(&format!("group:{group}"), &built_in("Viewer"), place).await;
        }
        assert_eq!(names(&ada, "").await, ["Far", "Idle", "Inner", "Local", "Wide"]);
        assert_eq!(names(&bob, "").await, ["Inner", "Local", "Wide"]);
        assert_eq!(names(&bob, "create_time desc").await, ["Wide", "Local", "Inner"]);
        for seen in [&inner, &local, &wide] {
            assert_eq!(&get(&bob, seen).await.unwrap().group_id, seen);
            bob.members(seen).await;
        }
        let random = uuid::Uuid::now_v7().to_string();
        for hidden in [&far, &idle, &random] {
            let refused = get(&bob, hidden).await;
            let status = assert_refused(refused, Code::NotFound, ErrorReason::GroupNotFound);
            assert_eq!((status.message(), metadata(&status, "group_id")), ("group not found", Some(hidden.clone())));
            let request =
                pb::ListGroupMembersRequest { group_id: hidden.clone(), ..Default::default() };
            let refused = bob.access().list_group_members(request).await;
            assert_refused(refused, Code::NotFound, ErrorReason::GroupNotFound);
        }
        // Who sees no access anywhere is told so, whatever the id.
        for id in [&inner, &random] {
            let refused = get(&cay, id).await;
            assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        }
        for refused in [
            bob.try_delete_group(&local).await.map(drop),
            bob.try_delete_group(&random).await.map(drop),
            bob.try_add(&far, &["user:eve"]).await.map(drop),
        ] {
            let status = assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
            assert_eq!(metadata(&status, "permission").as_deref(), Some("groups.manage"));
        }
    }

    /// what a group holds its members hold, also through groups; with the group, all of it goes.
    async fn a_01_members_hold_what_the_group_holds(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob, w) = (acme.admin(), acme.user("bob"), &acme.default_workspace);
        let inner = ada.group("Inner", &["user:bob"]).await;
        let middle = ada.group("Middle", &[&format!("group:{inner}"), "user:cay"]).await;
        let outer = ada.group("Outer", &[&format!("group:{middle}")]).await;
        let principal = format!("group:{outer}");
        ada.grant(&principal, &built_in("Marketer"), w).await;
        ada.grant(&principal, &built_in("Viewer"), "").await;
        bob.person(w, "ada@example.com").await;
        // The middle one links them.
        let before = ada.revision().await;
        let gone = ok(ada.try_delete_group(&middle).await);
        assert_eq!(gone.revision, before + 1);
        let kinds = kinds(app, &acme, gone.revision).await;
        assert_eq!(kinds, ["group.deleted", "group.members_removed"]);
        assert!(ada.members(&outer).await.is_empty());
        let result = bob.try_person(w, "", "bob@example.com").await;
        assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
        ada.try_add(&outer, &[&format!("group:{inner}")]).await.unwrap();
        assert_eq!(bob.count(w).await, 1);
        let gone = ok(ada.try_delete_group(&outer).await);
        let kinds = self::kinds(app, &acme, gone.revision).await;
        assert_eq!(kinds, ["group.deleted", "grant.deleted", "grant.deleted"]);
        assert!(ada.grants(&principal).await.is_empty());
        let result = bob.try_person(w, "", "bob@example.com").await;
        assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
        assert_eq!(ada.members(&inner).await, ["user:bob"]);
    }

    /// the last admin is not removed by way of a group either.
    async fn a_09_the_last_admin_stays_whatever_happens_to_a_group(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob) = (acme.admin(), acme.user("bob"));
        let inner = ada.group("Inner", &["user:bob"]).await;
        let outer = ada.group("Outer", &[&format!("group:{inner}")]).await;
        ada.grant(&format!("group:{outer}"), &built_in("Tenant admin"), "").await;
        let own = ada.grants("user:owner").await.remove(0).grant_id;
        ok(bob.try_revoke(&own).await);
        let last = |result: Result<(), Status>| {
            assert_refused(result, Code::FailedPrecondition, ErrorReason::LastAdmin);
        };
        let through = bob.grants(&format!("group:{outer}")).await.remove(0).grant_id;
        last(bob.try_revoke(&through).await.map(drop));
        last(bob.try_remove(&inner, &["user:bob"]).await.map(drop));
        last(bob.try_remove(&outer, &[&format!("group:{inner}")]).await.map(drop));
        last(bob.try_delete_group(&inner).await.map(drop));
        last(bob.try_delete_group(&outer).await.map(drop));
        // With another user beside, it may go.
        ok(bob.try_add(&outer, &["user:eve"]).await);
        ok(bob.try_delete_group(&inner).await);
    }
    /// a service account does not count, with whatever key: keys end, and nobody would be left.
    async fn a_09_a_service_account_is_not_the_last_admin(app) {
        let ada = app.tenant("acme").await.admin();
        let account = ada.account("Robot").await;
        ada.key(&account).await;
        ada.grant(&format!("service:{account}"), &built_in("Tenant admin"), "").await;
        let own = ada.grants("user:owner").await.remove(0).grant_id;
        let refused = ada.try_revoke(&own).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::LastAdmin);
    }
}
