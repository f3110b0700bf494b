//! When something was last used, and the switcher that tells it (W-10).

use precinct::pb;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};

const HOUR: i64 = 60 * 60;

/// Fails for a time that is not the beginning of this hour, or of the one that just ended.
#[track_caller]
fn assert_recent(time: Option<prost_types::Timestamp>) {
    let time = time.expect("it was used");
    let age = precinct::clock::now() / 1_000_000 - time.seconds;
    assert_eq!((time.seconds % HOUR, time.nanos), (0, 0), "to the hour");
    assert!((0..2 * HOUR).contains(&age), "{age}");
}

/// Name, roles, and whether it was used.
async fn switcher(actor: &Actor) -> Vec<(String, Vec<String>, bool)> {
    let all = actor.switcher().await;
    all.into_iter().map(|one| (one.display_name, one.roles, one.last_used_time.is_some())).collect()
}

async fn archive(actor: &Actor, id: &str) {
    let request = pb::ArchiveWorkspaceRequest { workspace_id: id.into(), ..Default::default() };
    ok(actor.workspaces().archive_workspace(request).await);
}

on_both! {
    /// W-10: the switcher shows where the caller holds a grant, with the roles there, and not a word of the
    /// rest.
    async fn w_10_the_switcher_shows_what_the_caller_holds(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob) = (acme.admin(), acme.user("bob"));
        let region = ada.regional_partition("Europe", "eu").await;
        let settled = pb::Workspace {
            display_name: "Europe".into(),
            region: "eu".into(),
            environment: pb::Environment::Staging.into(),
            ..pb::Workspace::default()
        };
        let request = pb::CreateWorkspaceRequest {
            workspace: Some(settled),
            partition_ids: vec![region],
            ..pb::CreateWorkspaceRequest::default()
        };
        let europe = ok(ada.workspaces().create_workspace(request).await).workspace.unwrap();
        let europe = europe.workspace_id;
        let old = ada.workspace("Old", &[]).await;
        ada.workspace("Unseen", &[]).await;
        assert_eq!(bob.switcher().await, []);
        let team = ada.group("Team", &["user:bob"]).await;
        let own = ada.role("Painter", &["assets.write"]).await;
        ada.grant(&format!("group:{team}"), &own, &europe).await;
        ada.grant(&format!("group:{team}"), &built_in("Viewer"), &europe).await;
        ada.grant("user:bob", &built_in("Viewer"), &europe).await;
        ada.grant("user:bob", &built_in("Analyst"), &old).await;
        let names = |roles: &[&str]| roles.iter().map(ToString::to_string).collect::<Vec<_>>();
        let shown = [
            ("Europe".to_owned(), names(&["Painter", "Viewer"]), false),
            ("Old".to_owned(), names(&["Analyst"]), false),
        ];
        assert_eq!(switcher(&bob).await, shown);
        let first = bob.switcher().await.swap_remove(0);
        assert_eq!((first.region.as_str(), first.environment()), ("eu", pb::Environment::Staging));
        assert_eq!(first.workspace_id, europe);
        // An archived one leaves it.
        archive(&ada, &old).await;
        assert_eq!(switcher(&bob).await, shown[..1]);
        // A tenant-wide role is held everywhere.
        ada.grant("user:bob", &built_in("Designer"), "").await;
        let all = switcher(&bob).await.into_iter();
        let roles: Vec<_> = all.map(|(name, roles, _)| (name, roles)).collect();
        let everywhere = [
            ("Default".to_owned(), names(&["Designer"])),
            ("Europe".to_owned(), names(&["Designer", "Painter", "Viewer"])),
            ("Unseen".to_owned(), names(&["Designer"])),
        ];
        assert_eq!(roles, everywhere);
    }

    /// W-10: the last good call through a workspace, each caller's own; refused calls and calls that name none
    /// do not count.
    async fn w_10_good_calls_through_a_workspace_are_uses(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob) = (acme.admin(), acme.user("bob"));
        let (one, two) = (ada.workspace("1", &[]).await, ada.workspace("2", &[]).await);
        let three = ada.workspace("3", &[]).await;
        for id in [&one, &two, &three] {
            ada.grant("user:bob", &built_in("Viewer"), id).await;
        }
        let used = async |actor: &Actor| {
            let all = actor.switcher().await.into_iter();
            let used = all.filter(|workspace| workspace.last_used_time.is_some());
            used.map(|workspace| workspace.display_name).collect::<Vec<_>>()
        };
        ada.grant("user:cay", &built_in("Viewer"), "").await;
        let cay = acme.user("cay");
        let people = cay.count(&two).await;
        assert_eq!(used(&cay).await, ["2"]);
        assert_eq!(used(&bob).await, Vec::<String>::new());
        bob.try_person(&one, "", "eve@example.com").await.expect_err("viewers write nothing");
        bob.try_get_person(&one, &uuid::Uuid::now_v7().to_string()).await.expect_err("there is none");
        assert_eq!(used(&bob).await, Vec::<String>::new());
        assert_eq!(bob.count(&one).await, people);
        let request = pb::GetWorkspaceRequest { workspace_id: three.clone() };
        ok(bob.workspaces().get_workspace(request).await);
        assert_eq!(used(&cay).await, ["2"]);
        assert_eq!(used(&bob).await, ["1", "3"]);
        for workspace in bob.switcher().await.iter().filter(|one| one.display_name != "2") {
            assert_recent(workspace.last_used_time);
        }
    }

    /// W-10: uses are written behind the calls: once, and for all replicas; they raise no revision.
    async fn w_10_uses_are_written_behind_the_calls(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let (account, other) = (ada.account("Robot").await, ada.account("Idle").await);
        ada.grant(&format!("service:{account}"), &built_in("Viewer"), w).await;
        let (id, key) = ada.key(&account).await;
        let (idle, _) = ada.key(&account).await;
        let robot = acme.bearer(&key);
        let revision = ada.revision().await;
        // The first calls make the index; what is counted is what a use costs.
        let cost = app.statements(async || robot.count(w).await).await;
        let headers = Actor::member(app.server.clone(), &acme.id, "user:owner");
        assert_eq!(app.statements(async || headers.count(w).await).await, cost);
        app.store.flush_uses().await.unwrap();
        let before = app.store.statements();
        robot.count(w).await;
        assert_eq!(app.store.statements() - before, cost);
        let before = app.store.statements();
        app.store.flush_uses().await.unwrap();
        assert_eq!(app.store.statements(), before, "nothing new has to be written");
        assert_eq!(ada.revision().await, revision);
        // Another replica reads what was written; this one knew it before.
        let elsewhere = acme.through(app.replica().await);
        for tenant in [&acme, &elsewhere] {
            let admin = tenant.admin();
            assert_recent(admin.try_get_account(&account).await.unwrap().last_used_time);
            assert_eq!(admin.try_get_account(&other).await.unwrap().last_used_time, None);
            for one in admin.keys(&account).await {
                match one.api_key_id == id {
                    true => assert_recent(one.last_used_time),
                    false => assert_eq!((one.api_key_id, one.last_used_time), (idle.clone(), None)),
                }
            }
            let shown = tenant.bearer(&key).switcher().await;
            assert_recent(shown[0].last_used_time);
        }
        let request = pb::ListServiceAccountsRequest::default();
        let listed = ok(ada.access().list_service_accounts(request).await).service_accounts;
        assert_eq!(listed.iter().filter(|one| one.last_used_time.is_some()).count(), 1);
    }

    /// the uses of an account count when one of its keys was used, not when a proxy spoke for it.
    async fn a_08_an_account_is_used_by_its_keys(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let account = ada.account("Robot").await;
        let principal = format!("service:{account}");
        ada.grant(&principal, &built_in("Viewer"), w).await;
        let spoken_for = Actor::member(app.server.clone(), &acme.id, &principal);
        spoken_for.count(w).await;
        assert_eq!(ada.try_get_account(&account).await.unwrap().last_used_time, None);
        assert_recent(spoken_for.switcher().await[0].last_used_time);
        let (key, text) = ada.key(&account).await;
        acme.bearer(&text).whoami().await.unwrap();
        assert_recent(ada.try_get_account(&account).await.unwrap().last_used_time);
        let rotated = ok(ada.try_rotate(&key, None).await);
        assert_recent(rotated.old_api_key.unwrap().last_used_time);
        assert_eq!(rotated.api_key.unwrap().last_used_time, None);
    }
}
