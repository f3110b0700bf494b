//! How a stream ends: whatever ends it says where to resume (K-07, A-05).

use std::time::Duration;

use precinct::config::WatchConfig;
use precinct::pb::ErrorReason;
use tonic::Code;

use super::rename;
use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::feed::{cursor_of, eventually, places};
use crate::support::status::assert_refused;

on_both! {
    /// A-05, K-07: who loses the right to see the workspace is told no more, and as if it were not there.
    async fn a_05_a_stream_ends_with_the_right(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let workspace = admin.workspace("W", &[]).await;
        let other = admin.workspace("Other", &[]).await;
        let grant = admin.grant("user:ann", &built_in("Viewer"), &workspace).await;
        let rest = admin.grant("user:ann", &built_in("Viewer"), &other).await;
        let ann = acme.user("ann");
        let since = admin.revision().await;
        let (mut view, mut all) = (ann.watch(since, &workspace).await, ann.watch(since, "").await);
        let revision = rename(&admin, &workspace, "one").await;
        view.until(revision).await.unwrap();
        all.until(revision).await.unwrap();
        ok(admin.try_revoke(&grant).await);
        rename(&admin, &workspace, "two").await;
        let status = assert_refused::<()>(Err(view.refusal().await), Code::NotFound, ErrorReason::WorkspaceNotFound);
        assert_eq!((cursor_of(&status), view.changes.len()), (view.cursor.clone(), 1));
        // Who watches all that they see goes on with what is left.
        let revision = rename(&admin, &other, "three").await;
        all.until(revision).await.unwrap();
        let told: Vec<&str> = all.changes.iter().map(|one| one.resource_id.as_str()).collect();
        assert_eq!(told, [workspace.as_str(), other.as_str()]);
        ok(admin.try_revoke(&rest).await);
        let status = all.refusal().await;
        assert_refused::<()>(Err(status), Code::PermissionDenied, ErrorReason::PermissionRequired);
        let refused = ann.try_watch(Default::default()).await.err().unwrap();
        assert_refused::<()>(Err(refused), Code::PermissionDenied, ErrorReason::PermissionRequired);
    }

    /// W-08: the view of a workspace ends with it.
    async fn w_08_a_view_ends_with_its_workspace(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let workspace = admin.workspace("W", &[]).await;
        let mut view = admin.watch(admin.revision().await, &workspace).await;
        view.message().await.unwrap();
        let request = precinct::pb::DeleteWorkspaceRequest {
            workspace_id: workspace.clone(),
            ..Default::default()
        };
        ok(admin.workspaces().delete_workspace(request).await);
        assert_refused::<()>(Err(view.refusal().await), Code::NotFound, ErrorReason::WorkspaceNotFound);
    }

    /// a stream that was opened with a key ends with the key.
    async fn a_08_a_stream_ends_with_its_key(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let account = admin.account("Robot").await;
        admin.grant(&format!("service:{account}"), &built_in("Tenant admin"), "").await;
        let (id, key) = admin.key(&account).await;
        let robot = acme.bearer(&key);
        let mut feed = robot.watch(admin.revision().await, "").await;
        feed.message().await.unwrap();
        ok(admin.try_revoke_key(&id).await);
        let status = feed.refusal().await;
        assert_refused::<()>(Err(status), Code::Unauthenticated, ErrorReason::CredentialsRequired);
    }

    /// K-07: who does not read is cut off, and told where to resume; what was taken and what is resumed are all there is.
    async fn k_07_a_slow_watcher_is_cut_with_its_place(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let since = admin.revision().await;
        for round in 0..6 {
            rename(&admin, &acme.default_workspace, &format!("{round}")).await;
        }
        let patience = Duration::from_millis(20);
        let watch = WatchConfig { page: 1, patience, ..WatchConfig::default() };
        let (server, store) = app.watched_as(watch).await;
        let slow = acme.through(server).admin();
        let mut feed = slow.watch(since, "").await;
        eventually(|| store.watchers() == 0).await;
        let status = feed.refusal().await;
        let status = assert_refused::<()>(Err(status), Code::ResourceExhausted, ErrorReason::SlowConsumer);
        assert_eq!(cursor_of(&status), feed.cursor);
        assert!(feed.changes.len() < 6, "it was cut in the middle");
        let mut rest = admin.resume(&cursor_of(&status), "").await;
        rest.until(since + 6).await.unwrap();
        let told = [places(&feed.changes), places(&rest.changes)].concat();
        assert_eq!(told, places(&admin.changes(since, "").await));
    }

    /// K-07: a silent stream says that it lives, and its place moves on with what is not told.
    async fn k_07_a_heartbeat_moves_the_place_on(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let workspace = admin.workspace("W", &[]).await;
        admin.grant("user:ann", &built_in("Viewer"), &workspace).await;
        let heartbeat = Duration::from_millis(5);
        let watch = WatchConfig { heartbeat, ..WatchConfig::default() };
        let there = acme.through(app.watched_as(watch).await.0);
        let (ann, admin) = (there.user("ann"), there.admin());
        let mut feed = ann.watch(admin.revision().await, &workspace).await;
        let hidden = rename(&admin, &acme.default_workspace, "hidden").await;
        feed.until(hidden).await.unwrap();
        assert_eq!((feed.changes.len(), feed.head), (0, hidden));
        let mut again = ann.resume(&feed.cursor, &workspace).await;
        let told = rename(&admin, &workspace, "shown").await;
        assert_eq!(again.some().await[0].revision, told);
    }

    /// K-07: a watcher who leaves leaves nothing behind.
    async fn k_07_who_leaves_is_forgotten(app) {
        let acme = app.tenant("acme").await;
        let feed = acme.admin().watch(0, "").await;
        assert_eq!(app.store.watchers(), 1);
        drop(feed);
        eventually(|| app.store.watchers() == 0).await;
    }
}
