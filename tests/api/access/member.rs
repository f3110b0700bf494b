//! Members of groups (A-01, A-03, H-05).

use precinct::config::{GROUP_DEPTH_MAX, GROUP_MEMBERS_MAX};
use precinct::pb;
use precinct::pb::{ErrorReason, MemberStatus};
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::status::{assert_refused, fields, metadata};

use MemberStatus::{Done, Failed, Unchanged};

fn statuses(results: &[pb::MemberResult]) -> Vec<MemberStatus> {
    results.iter().map(pb::MemberResult::status).collect()
}

fn reasons(results: &[pb::MemberResult]) -> Vec<ErrorReason> {
    results.iter().filter_map(|one| one.error.as_ref()).map(pb::ItemError::reason).collect()
}

/// A principal that is a group.
fn group(id: &str) -> String {
    format!("group:{id}")
}

on_both! {
    /// H-05: a result for each, in the order of the request; one that is bad does not stop the others.
    async fn h_05_each_member_has_a_result(app) {
        let ada = app.tenant("acme").await.admin();
        let (team, other) = (ada.group("Team", &["user:bob"]).await, ada.group("Other", &[]).await);
        let random = uuid::Uuid::now_v7();
        let (gone, lost) = (format!("group:{random}"), format!("service:{random}"));
        let [inside, own] = [group(&other), group(&team)];
        let whom = ["user:cay", "bob", "user:bob", &gone, &lost, &inside, &own, "user:cay", "group:x"];
        let before = ada.revision().await;
        let added = ok(ada.try_add(&team, &whom).await);
        assert_eq!(added.revision, before + 1);
        let given: Vec<&str> = added.results.iter().map(|one| one.principal.as_str()).collect();
        assert_eq!(given, whom);
        let wanted = [Done, Failed, Unchanged, Failed, Failed, Done, Failed, Unchanged, Failed];
        assert_eq!(statuses(&added.results), wanted);
        let wanted = [
            ErrorReason::InvalidField,
            ErrorReason::PrincipalNotFound,
            ErrorReason::PrincipalNotFound,
            ErrorReason::GroupCycle,
            ErrorReason::InvalidField,
        ];
        assert_eq!(reasons(&added.results), wanted);
        let error = added.results[3].error.as_ref().unwrap();
        assert_eq!((error.code.as_str(), error.metadata.get("principal")), ("NOT_FOUND", Some(&gone)));
        let error = added.results[6].error.as_ref().unwrap();
        assert_eq!(error.metadata.get("group_id"), Some(&team));
        assert_eq!(error.metadata.get("member"), Some(&own));
        assert_eq!(added.results[1].error.as_ref().unwrap().violations[0].field, "principal");
        assert_eq!(ada.members(&team).await, [inside.as_str(), "user:bob", "user:cay"]);
        let removed = ok(ada.try_remove(&team, &["user:cay", "x", "user:dan", "user:cay", &inside]).await);
        assert_eq!(statuses(&removed.results), [Done, Failed, Unchanged, Unchanged, Done]);
        assert_eq!(removed.revision, before + 2);
        assert_eq!(ada.members(&team).await, ["user:bob"]);
        // What changes nothing raises no revision (H-08).
        let same = ok(ada.try_add(&team, &["user:bob", "nobody"]).await);
        assert_eq!((same.revision, ada.revision().await), (before + 2, before + 2));
        let same = ok(ada.try_remove(&team, &["user:eve"]).await);
        assert_eq!(same.revision, before + 2);
    }

    /// H-05: `atomic` is all or nothing, and tells of the first that failed.
    async fn h_05_atomic_is_all_or_nothing(app) {
        let ada = app.tenant("acme").await.admin();
        let team = ada.group("Team", &["user:bob"]).await;
        let own = group(&team);
        let add = |members: &[&str]| pb::AddGroupMembersRequest {
            group_id: team.clone(),
            members: members.iter().map(ToString::to_string).collect(),
            atomic: true,
            ..pb::AddGroupMembersRequest::default()
        };
        let result = ada.access().add_group_members(add(&["user:cay", &own, "x"])).await;
        let status = assert_refused(result, Code::FailedPrecondition, ErrorReason::GroupCycle);
        assert_eq!(fields(&status), ["members[1]"]);
        let result = ada.access().add_group_members(add(&["user:cay", "user:dan", "x"])).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["members[2]"]);
        assert_eq!(ada.members(&team).await, ["user:bob"]);
        let remove = pb::RemoveGroupMembersRequest {
            group_id: team.clone(),
            members: vec!["user:bob".into(), "x".into()],
            atomic: true,
            ..pb::RemoveGroupMembersRequest::default()
        };
        let result = ada.access().remove_group_members(remove).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(ada.members(&team).await, ["user:bob"]);
        ok(ada.access().add_group_members(add(&["user:cay", "user:bob"])).await);
        assert_eq!(ada.members(&team).await, ["user:bob", "user:cay"]);
    }

    /// H-05, H-06: 1 to 1,000 members a call.
    async fn h_05_a_call_has_1_to_1000_members(app) {
        let ada = app.tenant("acme").await.admin();
        let team = ada.group("Team", &[]).await;
        let many: Vec<String> = (0..1_001).map(|n| format!("user:u{n:04}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for members in [&many[..0], &many] {
            let result = ada.try_add(&team, members).await;
            let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["members"]);
        }
        let added = ok(ada.try_add(&team, &many[..1_000]).await);
        assert!(added.results.iter().all(|one| one.status() == Done));
        assert_eq!(ada.members(&team).await, many[..1_000]);
        ok(ada.try_remove(&team, &many[..1_000]).await);
        assert!(ada.members(&team).await.is_empty());
    }

    /// H-05: whom there is no room for is refused alone, the last ones first.
    async fn h_05_members_beyond_the_quota_are_refused(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let team = ada.group("Team", &["user:bob"]).await;
        let used = async |used: i64| {
            let sql = format!("UPDATE quota SET used = {used} WHERE name = 'group_members' AND tenant_id = {{id}}");
            app.database.sabotage(&sql, &acme.id).await;
        };
        used(GROUP_MEMBERS_MAX - 1).await;
        let results = ok(ada.try_add(&team, &["user:bob", "user:cay", "user:dan", "x"]).await).results;
        assert_eq!(statuses(&results), [Unchanged, Done, Failed, Failed]);
        assert_eq!(reasons(&results), [ErrorReason::QuotaExceeded, ErrorReason::InvalidField]);
        assert_eq!(ada.members(&team).await, ["user:bob", "user:cay"]);
        used(2).await;
    }

    /// groups nest to depth 8, without a circle, counted above and below.
    async fn a_01_groups_nest_to_depth_8_without_a_circle(app) {
        let ada = app.tenant("acme").await.admin();
        let mut groups = Vec::new();
        for n in 0..=GROUP_DEPTH_MAX {
            groups.push(ada.group(&format!("G{n}"), &[]).await);
        }
        // From both ends to the middle.
        let last = GROUP_DEPTH_MAX - 1;
        for n in [0, 6, 1, 5, 2, 4, 3] {
            let added = ok(ada.try_add(&groups[n], &[&group(&groups[n + 1])]).await);
            assert_eq!(statuses(&added.results), [Done], "{n}");
        }
        let over = [(last, last + 1), (last + 1, 0)];
        for (outer, inner) in over {
            let member = group(&groups[inner]);
            let results = ok(ada.try_add(&groups[outer], &[&member]).await).results;
            assert_eq!(reasons(&results), [ErrorReason::GroupTooDeep]);
            let error = results[0].error.as_ref().unwrap();
            assert_eq!(error.metadata.get("limit").map(String::as_str), Some("8"));
            assert_eq!(error.metadata.get("group_id"), Some(&groups[outer]));
            assert_eq!(error.metadata.get("member"), Some(&member));
        }
        for (outer, inner) in [(last, 0), (4, 2), (3, 3)] {
            let results = ok(ada.try_add(&groups[outer], &[&group(&groups[inner])]).await).results;
            assert_eq!(reasons(&results), [ErrorReason::GroupCycle]);
        }
        // What one call adds counts for the rest of it.
        let [a, b] = [ada.group("A", &[]).await, ada.group("B", &[]).await];
        ok(ada.try_add(&a, &[&group(&b)]).await);
        let results = ok(ada.try_add(&b, &["user:bob", &group(&a)]).await).results;
        assert_eq!(statuses(&results), [Done, Failed]);
        assert_eq!(ada.members(&b).await, ["user:bob"]);
    }

    /// nobody lets others into a group that holds what they do not hold, itself or through a group.
    async fn a_03_nobody_adds_to_a_group_that_holds_more(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob, w) = (acme.admin(), acme.user("bob"), &acme.default_workspace);
        let manager = ada.role("Groups", &["groups.manage"]).await;
        ada.grant("user:bob", &manager, "").await;
        let [inner, outer] = [ada.group("Inner", &[]).await, ada.group("Outer", &[]).await];
        ok(ada.try_add(&outer, &[&group(&inner)]).await);
        let lacks = |result: Result<_, _>, permission: &str, workspace: Option<&String>| {
            let status = assert_refused::<tonic::Response<pb::AddGroupMembersResponse>>(
                result,
                Code::PermissionDenied,
                ErrorReason::PermissionRequired,
            );
            assert_eq!(metadata(&status, "permission").as_deref(), Some(permission));
            assert_eq!(metadata(&status, "workspace_id").as_ref(), workspace);
        };
        let local = ada.grant(&group(&outer), &built_in("Designer"), w).await;
        lacks(bob.try_add(&inner, &["user:bob"]).await, "assets.clone", Some(w));
        lacks(bob.try_add(&outer, &["user:bob"]).await, "assets.clone", Some(w));
        // Taking out gives nobody anything.
        ok(bob.try_remove(&outer, &[&group(&inner)]).await);
        ok(bob.try_add(&inner, &["user:bob"]).await);
        lacks(bob.try_add(&outer, &[&group(&inner)]).await, "assets.clone", Some(w));
        ok(ada.try_revoke(&local).await);
        ada.grant(&group(&outer), &built_in("Tenant admin"), "").await;
        lacks(bob.try_add(&outer, &["user:bob"]).await, "people.erase", None);
        // In its workspace a right is held by a tenant-wide grant too.
        ok(ada.try_delete_group(&outer).await);
        ada.grant(&group(&inner), &built_in("Designer"), w).await;
        ada.grant("user:bob", &built_in("Marketer"), "").await;
        ok(bob.try_add(&inner, &["user:cay"]).await);
    }

    /// H-04: members are paged by principal, and a token is good for its own group.
    async fn h_04_members_are_paged_by_principal(app) {
        let ada = app.tenant("acme").await.admin();
        let members = ["user:a", "user:b", "user:B", "user:\u{e9}", "user:ab"];
        let [team, other] = [ada.group("Team", &members).await, ada.group("Other", &members).await];
        let list = |group: &str, token: &str| pb::ListGroupMembersRequest {
            group_id: group.into(),
            page_size: 2,
            page_token: token.into(),
        };
        let mut listed = Vec::new();
        let mut token = String::new();
        loop {
            let page = ok(ada.access().list_group_members(list(&team, &token)).await);
            listed.extend(page.members.into_iter().map(|one| one.principal));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
            let result = ada.access().list_group_members(list(&other, &token)).await;
            assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidPageToken);
        }
        assert_eq!(listed, ["user:B", "user:a", "user:ab", "user:b", "user:\u{e9}"]);
    }
}
