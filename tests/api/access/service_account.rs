//! Service accounts.

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::redact;
use crate::support::status::{assert_refused, fields, metadata};

/// The names of all service accounts that the caller sees, by pages of two.
async fn names(actor: &Actor, order_by: &str) -> Vec<String> {
    let (mut names, mut page_token) = (Vec::new(), String::new());
    loop {
        let order_by = order_by.into();
        let request = pb::ListServiceAccountsRequest { page_size: 2, page_token, order_by };
        let page = ok(actor.access().list_service_accounts(request).await);
        names.extend(page.service_accounts.into_iter().map(|one| one.display_name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return names;
        }
    }
}

on_both! {
    /// A-08, H-02, H-08: an account is made, read, changed and deleted; each change raises the revision by one.
    async fn a_08_a_service_account_has_a_life(app) {
        let ada = app.tenant("acme").await.admin();
        let made = ok(ada.try_account("  CRM sync ").await);
        let account = made.service_account.unwrap();
        let id = account.service_account_id.clone();
        assert_eq!((&*account.display_name, account.disabled), ("CRM sync", false));
        assert_eq!(account.principal, format!("service:{id}"));
        assert_eq!(account.last_used_time, None);
        assert_eq!(ada.try_get_account(&id).await.unwrap(), account);
        let new = pb::ServiceAccount { description: "Nightly".into(), ..account.clone() };
        let changed = ok(ada.try_update_account(new.clone(), &["description"]).await);
        assert_eq!(changed.revision, made.revision + 1);
        let changed = changed.service_account.unwrap();
        assert_eq!(changed.description, "Nightly");
        let stale = ada.try_update_account(new, &["description"]).await;
        assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
        let same = ok(ada.try_update_account(changed.clone(), &["description", "disabled"]).await);
        assert_eq!((same.revision, same.service_account), (made.revision + 1, Some(changed.clone())));
        for path in ["principal", "last_used_time", "etag"] {
            let result = ada.try_update_account(changed.clone(), &[path]).await;
            assert_refused(result, Code::InvalidArgument, ErrorReason::ImmutableField);
        }
        let stale = ada.try_delete_account(&id, &account.etag).await;
        assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
        let gone = ok(ada.try_delete_account(&id, &changed.etag).await);
        assert_eq!(gone.revision, made.revision + 2);
        let result = ada.try_get_account(&id).await;
        assert_refused(result, Code::NotFound, ErrorReason::ServiceAccountNotFound);
        let result = ada.try_delete_account(&id, "").await;
        assert_refused(result, Code::NotFound, ErrorReason::ServiceAccountNotFound);
    }

    /// H-06, H-07: names are given, and unique as those of workspaces are.
    async fn a_08_names_are_unique(app) {
        let ada = app.tenant("acme").await.admin();
        let result = ada.try_account(" ").await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["service_account.display_name"]);
        ada.account("Straße").await;
        let result = ada.try_account("STRASSE").await;
        let status = assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
        assert_eq!(metadata(&status, "resource").as_deref(), Some("service_account"));
        let other = ada.account("Other").await;
        let new = pb::ServiceAccount {
            service_account_id: other,
            display_name: "strasse".into(),
            ..pb::ServiceAccount::default()
        };
        let result = ada.try_update_account(new, &["display_name"]).await;
        assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
        assert_eq!(names(&ada, "").await, ["Other", "Straße"]);
        assert_eq!(names(&ada, "create_time").await, ["Straße", "Other"]);
    }

    /// A-08, T-03: with an account go its keys, its grants and its memberships, and what was counted of them.
    async fn a_08_with_an_account_goes_all_that_is_its_own(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let (id, stays) = (ada.account("Goes").await, ada.account("Stays").await);
        let (principal, other) = (format!("service:{id}"), format!("service:{stays}"));
        let team = ada.group("Team", &[&principal, &other, "user:bob"]).await;
        ada.grant(&principal, &built_in("Viewer"), w).await;
        ada.grant(&principal, &built_in("Tenant admin"), "").await;
        ada.grant(&other, &built_in("Viewer"), w).await;
        let (_, key) = ada.key(&id).await;
        let (_, kept) = ada.key(&stays).await;
        assert_eq!(acme.bearer(&key).whoami().await.unwrap().principal, principal);
        let before = ada.revision().await;
        let gone = ok(ada.try_delete_account(&id, "").await);
        assert_eq!(gone.revision, before + 1);
        let refused = acme.bearer(&key).whoami().await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsRequired);
        assert_eq!(acme.bearer(&kept).whoami().await.unwrap().principal, other);
        assert_eq!(ada.grants(&principal).await, []);
        assert_eq!(ada.grants(&other).await.len(), 1);
        assert_eq!(ada.members(&team).await, [other.as_str(), "user:bob"]);
        let tenant = acme.id.parse().unwrap();
        let rows = app.rows(&[tenant]).await.remove(&tenant).unwrap();
        let told = rows.changes.iter().filter(|one| one.revision == gone.revision);
        let mut told: Vec<_> = told.map(|one| (one.ordinal, one.kind.as_str())).collect();
        told.sort_unstable();
        let kinds: Vec<_> = told.into_iter().map(|(_, kind)| kind).collect();
        let wanted =
            ["service_account.deleted", "grant.deleted", "grant.deleted", "group.members_removed"];
        assert_eq!(kinds, wanted);
    }

    /// an account that is switched off may do nothing, also where a proxy speaks for it.
    async fn a_08_an_account_that_is_switched_off_may_do_nothing(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let id = ada.account("Robot").await;
        let principal = format!("service:{id}");
        ada.grant(&principal, &built_in("Viewer"), w).await;
        let robot = Actor::member(app.server.clone(), &acme.id, &principal);
        assert_eq!(robot.count(w).await, 0);
        ada.disable(&id, true).await;
        let request = pb::CountPeopleRequest { workspace_id: w.clone(), ..Default::default() };
        let refused = robot.people().count_people(request).await;
        assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
        ada.disable(&id, false).await;
        assert_eq!(robot.count(w).await, 0);
    }

    /// who reads access in a workspace knows of the accounts that hold something there; the others
    /// are as if they never were. Changing them takes a tenant-wide right.
    async fn a_07_accounts_of_workspaces_that_are_not_seen_are_hidden(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob) = (acme.admin(), acme.user("bob"));
        let (here, there) = (ada.workspace("Here", &[]).await, ada.workspace("There", &[]).await);
        ada.grant("user:bob", &built_in("Workspace admin"), &here).await;
        let seen = ada.account("Seen").await;
        let grouped = ada.account("Grouped").await;
        let hidden = ada.account("Hidden").await;
        ada.account("Idle").await;
        let team = ada.group("Team", &[&format!("service:{grouped}")]).await;
        ada.grant(&format!("service:{seen}"), &built_in("Viewer"), &here).await;
        ada.grant(&format!("group:{team}"), &built_in("Viewer"), &here).await;
        ada.grant(&format!("service:{hidden}"), &built_in("Viewer"), &there).await;
        assert_eq!(names(&ada, "").await, ["Grouped", "Hidden", "Idle", "Seen"]);
        assert_eq!(names(&bob, "").await, ["Grouped", "Seen"]);
        assert_eq!(names(&bob, "display_name desc").await, ["Seen", "Grouped"]);
        assert_eq!(bob.try_get_account(&seen).await.unwrap().display_name, "Seen");
        let random = uuid::Uuid::now_v7().to_string();
        let keys = |id: &str| pb::ListApiKeysRequest {
            service_account_id: id.into(),
            ..pb::ListApiKeysRequest::default()
        };
        assert_eq!(bob.keys(&seen).await, []);
        let mut told = Vec::new();
        for id in [&hidden, &random] {
            let one = bob.try_get_account(id).await;
            let one = assert_refused(one, Code::NotFound, ErrorReason::ServiceAccountNotFound);
            let all = bob.access().list_api_keys(keys(id)).await;
            let all = assert_refused(all, Code::NotFound, ErrorReason::ServiceAccountNotFound);
            told.push([one, all].map(|status| redact::refusal(&status).replace(id, "<id>")));
        }
        assert_eq!(told[0], told[1]);
        let nobody = acme.user("nobody").try_get_account(&seen).await;
        assert_refused(nobody, Code::PermissionDenied, ErrorReason::PermissionRequired);
        for refused in [
            bob.try_account("New").await.map(drop),
            bob.try_delete_account(&seen, "").await.map(drop),
            bob.try_delete_account(&hidden, "").await.map(drop),
            bob.try_delete_account(&random, "").await.map(drop),
            bob.try_key(&seen).await.map(drop),
        ] {
            let status =
                assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
            assert_eq!(metadata(&status, "permission").as_deref(), Some("service_accounts.manage"));
        }
    }

    /// T-02: another tenant's account and key are as ones that never were.
    async fn t_02_the_account_of_another_tenant_is_not_there(app) {
        let ada = app.tenant("acme").await.admin();
        let id = ada.account("Robot").await;
        let (key, _) = ada.key(&id).await;
        let bob = app.tenant("globex").await.admin();
        let result = bob.try_get_account(&id).await;
        assert_refused(result, Code::NotFound, ErrorReason::ServiceAccountNotFound);
        let result = bob.try_key(&id).await;
        assert_refused(result, Code::NotFound, ErrorReason::ServiceAccountNotFound);
        for result in [
            bob.try_rotate(&key, None).await.map(drop),
            bob.try_revoke_key(&key).await.map(drop),
        ] {
            assert_refused(result, Code::NotFound, ErrorReason::ApiKeyNotFound);
        }
        assert_eq!(ada.keys(&id).await.len(), 1);
    }
}
