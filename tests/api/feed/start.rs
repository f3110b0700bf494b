//! From where one can watch (K-07).

use precinct::pb::{self, ErrorReason};
use tonic::{Code, Status};

use super::rename;
use crate::on_both;
use crate::support::actor::Actor;
use crate::support::feed::{kinds, since_revision};
use crate::support::status::{assert_refused, fields, metadata};

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

async fn refused(who: &Actor, request: pb::WatchChangesRequest) -> Status {
    who.try_watch(request).await.err().expect("it is refused")
}

fn after(cursor: &str) -> pb::WatchChangesRequest {
    pb::WatchChangesRequest { cursor: cursor.into(), ..pb::WatchChangesRequest::default() }
}

on_both! {
    /// K-07: from now on, from a revision, or from a cursor.
    async fn k_07_a_watcher_starts_where_it_likes(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let now = admin.revision().await;
        let mut feed = admin.try_watch(pb::WatchChangesRequest::default()).await.unwrap();
        feed.message().await.unwrap();
        assert_eq!((feed.revision(), feed.head, feed.changes.len()), (now, now, 0));
        let place = feed.cursor.clone();
        let one = rename(&admin, &acme.default_workspace, "one").await;
        feed.until(one).await.unwrap();
        let two = rename(&admin, &acme.default_workspace, "two").await;
        feed.until(two).await.unwrap();
        let revisions: Vec<i64> = feed.changes.iter().map(|one| one.revision).collect();
        assert_eq!(revisions, [one, two]);
        assert_eq!(feed.changes[0].resource_id, acme.default_workspace);
        assert_eq!(admin.changes(one, "").await, feed.changes[1..]);
        let mut again = admin.resume(&place, "").await;
        again.until(two).await.unwrap();
        assert_eq!(again.changes, feed.changes);
        // The first change of all is the tenant's own.
        assert_eq!(admin.changes(0, "").await[0].kind, "tenant.created");
        assert_eq!(admin.changes(two, "").await, []);
    }

    /// K-07: only the kinds that were asked for; what is left out moves the place on all the same.
    async fn k_07_kinds_are_chosen(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let since = admin.revision().await;
        admin.person(&acme.default_workspace, "a@example.com").await;
        admin.partition("P").await;
        let last = rename(&admin, &acme.default_workspace, "one").await;
        let chosen = |kinds: &[&str]| pb::WatchChangesRequest {
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            stop_at_head: true,
            ..since_revision(since, "")
        };
        for (asked, told) in [
            (&["person"][..], &["person.created"][..]),
            (&["person.created", "workspace"], &["person.created", "workspace.updated"]),
            (&["person.deleted"], &[]),
        ] {
            let mut feed = admin.try_watch(chosen(asked)).await.unwrap();
            feed.end().await.unwrap();
            assert_eq!((kinds(&feed.changes), feed.revision()), (told.to_vec(), last));
        }
        let status = refused(&admin, chosen(&["person", "persons", ""])).await;
        assert_eq!(fields(&status), ["kinds[1]", "kinds[2]"]);
    }

    /// K-07: what the feed has swept away can no longer be asked for; where it begins is said. What is newest stays.
    async fn k_07_what_is_no_longer_kept_is_refused(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let old = admin.revision().await;
        let mut feed = admin.watch(old, "").await;
        feed.message().await.unwrap();
        rename(&admin, &acme.default_workspace, "none").await;
        let young = rename(&admin, &acme.default_workspace, "one").await;
        let last = rename(&admin, &acme.default_workspace, "two").await;
        let age = |revision: i64| format!(
            "UPDATE change SET create_time = create_time - {} WHERE revision < {revision}", 8 * DAY
        );
        app.database.sabotage(&age(last), "").await;
        let mut up_to_date = admin.watch(young, "").await;
        up_to_date.message().await.unwrap();
        app.store.sweep().await.unwrap();
        // Whoever was told all that is old has missed nothing.
        let mut resumed = admin.resume(&up_to_date.cursor, "").await;
        resumed.until(last).await.unwrap();
        assert_eq!(kinds(&resumed.changes), ["workspace.updated"]);
        for request in [since_revision(old, ""), since_revision(0, ""), after(&feed.cursor)] {
            let status = refused(&admin, request).await;
            let status = assert_refused::<()>(Err(status), Code::OutOfRange, ErrorReason::RevisionTooOld);
            assert_eq!(metadata(&status, "oldest_revision"), Some((young - 1).to_string()));
        }
        assert_eq!(kinds(&admin.changes(young, "").await), ["workspace.updated"]);
        app.database.sabotage(&age(last + 1), "").await;
        app.store.sweep().await.unwrap();
        let mut feed = admin.watch(last, "").await;
        feed.message().await.unwrap();
        let mut again = admin.resume(&feed.cursor, "").await;
        let next = rename(&admin, &acme.default_workspace, "three").await;
        again.until(next).await.unwrap();
        assert_eq!(again.changes.len(), 1);
        let status = refused(&admin, since_revision(young - 1, "")).await;
        assert_eq!(metadata(&status, "oldest_revision"), Some(young.to_string()));
    }

    /// K-07: a place that is not there, or that is of another history, is never taken for one that is.
    async fn k_07_another_history_is_noticed(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let mut feed = admin.watch(0, "").await;
        let last = rename(&admin, &acme.default_workspace, "one").await;
        feed.until(last).await.unwrap();
        let status = refused(&admin, since_revision(last + 1, "")).await;
        let status = assert_refused::<()>(Err(status), Code::OutOfRange, ErrorReason::RevisionNotThere);
        assert_eq!(metadata(&status, "head_revision"), Some(last.to_string()));
        // A backup is restored, from before the last change, and goes on otherwise.
        let sql = "DELETE FROM change WHERE tenant_id = {id} AND revision = ".to_owned() + &last.to_string();
        app.database.sabotage(&sql, &acme.id).await;
        for table in ["audit_payload", "audit_workspace", "audit"] {
            let sql = format!(
                "DELETE FROM {table} WHERE tenant_id = {{id}} AND seq = (SELECT audit_seq FROM tenant_head \
                 WHERE tenant_id = {{id}})"
            );
            app.database.sabotage(&sql, &acme.id).await;
        }
        let sql = "UPDATE tenant_head SET revision = revision - 1, audit_seq = audit_seq - 1, \
                   audit_head = (SELECT hash FROM audit WHERE tenant_id = {id} ORDER BY seq DESC LIMIT 1) \
                   WHERE tenant_id = {id}";
        app.database.sabotage(sql, &acme.id).await;
        let there = acme.through(app.replica().await).admin();
        let status = refused(&there, after(&feed.cursor)).await;
        assert_refused::<()>(Err(status), Code::OutOfRange, ErrorReason::RevisionNotThere);
        assert_eq!(rename(&there, &acme.default_workspace, "two").await, last);
        let status = refused(&there, after(&feed.cursor)).await;
        assert_refused::<()>(Err(status), Code::OutOfRange, ErrorReason::HistoryChanged);
        // The history before is the same.
        let mut before = admin.watch(last - 1, "").await;
        before.message().await.unwrap();
        assert!(there.try_watch(after(&before.cursor)).await.is_ok());
    }

    /// K-07, T-02: a cursor gives no rights, and is good for its own tenant only.
    async fn k_07_a_cursor_is_of_its_tenant(app) {
        let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
        let mut feed = acme.admin().watch(0, "").await;
        feed.until(1).await.unwrap();
        let status = refused(&globex.admin(), after(&feed.cursor)).await;
        assert_refused::<()>(Err(status), Code::OutOfRange, ErrorReason::HistoryChanged);
        let admin = acme.admin();
        for (request, field) in [
            (after("1.0"), "cursor"),
            (pb::WatchChangesRequest { since_revision: Some(0), ..after(&feed.cursor) }, "since_revision"),
            (since_revision(-1, ""), "since_revision"),
            (since_revision(0, "W"), "workspace_id"),
        ] {
            assert_eq!(fields(&refused(&admin, request).await), [field]);
        }
    }
}
