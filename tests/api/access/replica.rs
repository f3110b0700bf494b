//! a change of access is in force at once where it was made and for whoever names its revision, and soon
//! everywhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use precinct::context::{Caller, Context};
use precinct::pb::{AccessReason, ErrorReason};
use precinct::repository::Store;
use tokio::task::JoinSet;
use tonic::Code;

use crate::on_both;
use crate::support::App;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::check::Asked;
use crate::support::status::assert_refused;

/// How often access is given and taken.
const ROUNDS: usize = 20;
/// Checks in flight while it is.
const HANDS: usize = 4;
/// Questions of a batch.
const BATCH: usize = 1_000;

/// The caller, asking for what is at least as new as a revision.
fn since(actor: &Actor, revision: i64) -> Actor {
    actor.clone().with("x-precinct-at-least-revision", &revision.to_string())
}

on_both! {
    /// 100,000 checks after the acknowledgement of a revocation, on the node that wrote: none says yes.
    async fn a_05_no_stale_allow_after_the_acknowledgement(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let workspace = admin.workspace("W", &[]).await;
        let asked = Asked("user:ann", "people.read", &workspace, "");
        let batch = vec![asked; BATCH];
        for round in 0..ROUNDS {
            let grant = admin.grant("user:ann", &built_in("Viewer"), &workspace).await;
            assert_eq!(admin.check(asked).await, AccessReason::Granted, "{round}");
            ok(admin.try_revoke(&grant).await);
            for _ in 0..5 {
                assert_eq!(admin.check(asked).await, AccessReason::NoGrant, "{round}");
                let answers = admin.check_all(&batch).await;
                assert!(answers.iter().all(|one| !one.allowed && one.error.is_none()), "{round}");
            }
        }
    }

    /// nor while others ask without end: what began after the acknowledgement says no.
    async fn a_05_nor_in_a_race(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let workspace = admin.workspace("W", &[]).await;
        for _ in 0..ROUNDS {
            let grant = admin.grant("user:ann", &built_in("Viewer"), &workspace).await;
            let revoked = std::sync::Arc::new(AtomicBool::new(false));
            let mut hands = JoinSet::new();
            for _ in 0..HANDS {
                let (admin, workspace, revoked) = (admin.clone(), workspace.clone(), revoked.clone());
                hands.spawn(async move {
                    loop {
                        let after = revoked.load(Ordering::SeqCst);
                        let asked = Asked("user:ann", "people.read", &workspace, "");
                        let allowed = admin.check(asked).await == AccessReason::Granted;
                        assert!(!(after && allowed), "a stale answer");
                        if after {
                            return;
                        }
                    }
                });
            }
            ok(admin.try_revoke(&grant).await);
            revoked.store(true, Ordering::SeqCst);
            while let Some(hand) = hands.join_next().await {
                hand.expect("no stale answer");
            }
        }
    }

    /// the other replica, given the revision of the change, has it: in checks and in all other calls.
    async fn a_05_the_revision_carries_the_change_to_the_other_replica(app) {
        let acme = app.tenant("acme").await;
        let other = acme.through(app.replica().await);
        let admin = acme.admin();
        let workspace = admin.workspace("W", &[]).await;
        let asked = Asked("user:ann", "people.read", &workspace, "");
        let (there, ann) = (other.admin(), other.user("ann"));
        for round in 0..ROUNDS {
            let grant = admin.grant("user:ann", &built_in("Viewer"), &workspace).await;
            let given = admin.revision().await;
            assert_eq!(since(&there, given).check(asked).await, AccessReason::Granted, "{round}");
            assert_eq!(since(&ann, given).count(&workspace).await, 0);
            let taken = ok(admin.try_revoke(&grant).await).revision;
            assert_eq!(since(&there, taken).check(asked).await, AccessReason::NoGrant, "{round}");
            // Calls that read rows are as new as the rows, whatever they ask for.
            let request = crate::support::check::count_request(&workspace);
            let refused = ann.people().count_people(request).await;
            assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
        }
    }

    /// a replica in use hears of a change by itself: what it has in memory follows, though nobody asks it
    /// anything that would make it look.
    async fn a_05_the_other_replica_follows_by_itself(app) {
        let acme = app.tenant("acme").await;
        let here = acme.through(app.watching_replica().await);
        let (store, watching) = app.database.connect().await.watched();
        tokio::spawn(watching);
        let there = acme.through(App::serve(&store));
        let (admin, other) = (here.admin(), there.admin());
        let workspace = admin.workspace("W", &[]).await;
        let asked = Asked("user:ann", "people.read", &workspace, "");
        assert_eq!(other.check(asked).await, AccessReason::NoGrant);
        let revision = async || {
            let grant = admin.grant("user:ann", &built_in("Viewer"), &workspace).await;
            ok(admin.try_revoke(&grant).await).revision
        };
        for _ in 0..3 {
            follows(&store, &acme.id, revision().await).await;
            assert_eq!(other.check(asked).await, AccessReason::NoGrant);
        }
    }

    /// what somebody lost is not used by a write that commits later, however early it began.
    async fn a_05_a_write_does_not_outlive_the_right_to_it(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let workspace = admin.workspace("W", &[]).await;
        for round in 0..ROUNDS {
            let grant = admin.grant("user:ann", &built_in("Marketer"), &workspace).await;
            let mut hands = JoinSet::new();
            for hand in 0..HANDS {
                let (ann, workspace) = (acme.user("ann"), workspace.clone());
                hands.spawn(async move {
                    let mut last = 0;
                    for n in 0.. {
                        let email = format!("{round}-{hand}-{n}@example.com");
                        match ann.try_person(&workspace, "", &email).await {
                            Ok(made) => last = made.into_inner().revision,
                            Err(refused) => {
                                assert_eq!(refused.code(), Code::NotFound, "{refused:?}");
                                break;
                            }
                        }
                    }
                    last
                });
            }
            let taken = ok(admin.try_revoke(&grant).await).revision;
            while let Some(last) = hands.join_next().await {
                let last = last.expect("nothing but the right is missing");
                assert!(last < taken, "a person of revision {last}, the right ended at {taken}");
            }
        }
    }

    /// a replica that cannot confirm what it knows does not answer from it.
    async fn a_05_what_cannot_be_confirmed_is_not_answered(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let store = app.database.connect().await;
        let other = acme.through(App::serve(&store)).admin();
        store.close().await;
        let refused = other.try_check(Asked("user:owner", "people.read", "", "")).await;
        assert_refused(refused, Code::Unavailable, ErrorReason::StaleIndex);
        // The others go on.
        let asked = Asked("user:owner", "people.read", "", "");
        assert_eq!(admin.check(asked).await, AccessReason::Granted);
    }
}

/// Waits until the index in memory is of a revision or later, without ever asking the database; one that stays
/// behind ends the test.
async fn follows(store: &Store, tenant: &str, revision: i64) {
    let caller = Caller::Operator { name: "test".into(), acting_on: tenant.parse().ok() };
    let ctx = Context { caller, ..Context::internal("test", Duration::from_secs(60)) };
    let current = || store.index_in_memory(&ctx).expect("the call names a tenant");
    let following = async {
        while current().is_none_or(|current| current.snapshot.revision < revision) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), following).await.expect("the change arrives");
}
