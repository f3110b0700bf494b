//! what must hold of access holds whatever races. Half of the callers come through another
//! replica, so that nothing depends on what one server has in memory.

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::{Response, Status};

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::status::reason;

/// How often each race is run.
const ROUNDS: usize = 24;

/// What a role is made of that races.
const PERMISSIONS: [&str; 1] = ["people.read"];

/// The reason of a refusal; nothing for what went through.
fn refused<T>(result: &Result<Response<T>, Status>) -> Option<String> {
    result.as_ref().err().map(reason)
}

fn last_admin() -> Option<String> {
    Some("FailedPrecondition / LAST_ADMIN".into())
}

/// The grants of tenant admin that there are.
async fn admins(actor: &Actor) -> Vec<pb::Grant> {
    let mut grants = actor.grants("").await;
    grants.retain(|grant| grant.role_id == built_in("Tenant admin"));
    grants
}

on_both! {
    /// of two admins who take each other's grant, one stays.
    async fn a_09_two_admins_cannot_remove_each_other(app) {
        let acme = app.tenant("acme").await;
        let other = acme.through(app.replica().await);
        let (ada, admin) = (acme.admin(), built_in("Tenant admin"));
        for round in 0..ROUNDS {
            ada.grant("user:bob", &admin, "").await;
            let bob = other.user("bob");
            let (hers, his) = (ada.grants("user:owner").await, ada.grants("user:bob").await);
            let (a, b) = tokio::join!(
                ada.try_revoke(&his[0].grant_id),
                bob.try_revoke(&hers[0].grant_id),
            );
            let (gone, winner) = if a.is_ok() { (&b, &ada) } else { (&a, &bob) };
            assert!(a.is_ok() != b.is_ok(), "{round}: {a:?} {b:?}");
            // Whoever lost has no right any more, or would have been the last to go.
            let why = refused(gone).unwrap();
            assert!(why.contains("NOT_FOUND") || why.contains("PERMISSION_REQUIRED"), "{round}: {why}");
            assert_eq!(admins(winner).await.len(), 1, "{round}");
            if b.is_ok() {
                // The owner again, for the next round.
                bob.grant("user:owner", &admin, "").await;
                ok(ada.try_revoke(&his[0].grant_id).await);
            }
        }
    }

    /// two ways to be admin cannot be taken at once: one of the calls is the last admin's.
    async fn a_09_a_grant_and_a_membership_cannot_go_at_once(app) {
        let acme = app.tenant("acme").await;
        let other = acme.through(app.replica().await);
        let admin = built_in("Tenant admin");
        let (ada, again) = (acme.admin(), other.admin());
        let group = ada.group("Admins", &["user:owner"]).await;
        ada.grant(&format!("group:{group}"), &admin, "").await;
        for round in 0..ROUNDS {
            let own = ada.grants("user:owner").await.remove(0).grant_id;
            let (a, b) = tokio::join!(ada.try_revoke(&own), again.try_remove(&group, &["user:owner"]));
            assert!(a.is_ok() != b.is_ok(), "{round}: {a:?} {b:?}");
            let last = if a.is_ok() { refused(&b) } else { refused(&a) };
            assert_eq!(last, last_admin(), "{round}");
            if a.is_ok() {
                ada.grant("user:owner", &admin, "").await;
            } else {
                ok(ada.try_add(&group, &["user:owner"]).await);
            }
        }
        // The same with the whole group.
        let own = ada.grants("user:owner").await.remove(0).grant_id;
        let (a, b) = tokio::join!(ada.try_revoke(&own), again.try_delete_group(&group));
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert_eq!(if a.is_ok() { refused(&b) } else { refused(&a) }, last_admin());
    }

    /// a role is deleted or granted, and no grant is ever of a role that is gone.
    async fn a_04_a_role_is_not_granted_while_it_is_deleted(app) {
        let acme = app.tenant("acme").await;
        let other = acme.through(app.replica().await);
        let (ada, again) = (acme.admin(), other.admin());
        for round in 0..ROUNDS {
            let role = ada.role("Reader", &["people.read"]).await;
            let (gone, made) =
                tokio::join!(ada.try_delete_role(&role), again.try_grant("user:bob", &role, ""));
            match (refused(&gone).as_deref(), refused(&made).as_deref()) {
                (None, Some("NotFound / ROLE_NOT_FOUND")) => {}
                (Some("FailedPrecondition / ROLE_IN_USE"), None) => {
                    ok(ada.try_revoke(&made.unwrap().into_inner().grant.unwrap().grant_id).await);
                    ok(ada.try_delete_role(&role).await);
                }
                outcome => panic!("{round}: {outcome:?}"),
            }
            assert!(ada.grants("user:bob").await.is_empty(), "{round}");
        }
    }

    /// groups that are put into each other at once make no circle.
    async fn a_01_racing_groups_make_no_circle(app) {
        let acme = app.tenant("acme").await;
        let other = acme.through(app.replica().await);
        for round in 0..ROUNDS {
            let ada = acme.admin();
            let mut groups = Vec::new();
            for n in 0..3 {
                groups.push(ada.group(&format!("R{round} {n}"), &[]).await);
            }
            let calls = (0..3).map(|n| {
                let caller = if n % 2 == 0 { acme.admin() } else { other.admin() };
                let (outer, inner) = (groups[n].clone(), format!("group:{}", groups[(n + 1) % 3]));
                tokio::spawn(async move { ok(caller.try_add(&outer, &[&inner]).await).results })
            });
            let mut failed = Vec::new();
            for call in calls.collect::<Vec<_>>() {
                let result = call.await.unwrap().remove(0);
                failed.extend(result.error.map(|error| error.reason()));
            }
            // Two fit; whichever comes last would close the circle.
            assert_eq!(failed, [ErrorReason::GroupCycle], "{round}");
        }
    }

    /// who loses a right while handing it on hands it on before, or not at all.
    async fn a_03_nobody_grants_what_was_just_taken_from_them(app) {
        let acme = app.tenant("acme").await;
        let other = acme.through(app.replica().await);
        let (ada, bob) = (acme.admin(), other.user("bob"));
        let group = ada.group("Team", &[]).await;
        ada.grant(&format!("group:{group}"), &built_in("Viewer"), "").await;
        for round in 0..ROUNDS {
            let own = ada.grant("user:bob", &built_in("Tenant admin"), "").await;
            // Each replica has to know of it before the race.
            assert_eq!(bob.grants("user:bob").await.len(), 1);
            let (eve, role) = (format!("user:eve{round}"), format!("Role {round}"));
            let (viewer, whom) = (built_in("Viewer"), [eve.as_str()]);
            let (taken, granted, added, made) = tokio::join!(
                ada.try_revoke(&own),
                bob.try_grant(&eve, &viewer, ""),
                bob.try_add(&group, &whom),
                bob.try_role(&role, &PERMISSIONS),
            );
            let taken = ok(taken).revision;
            let revisions = [
                granted.map(|done| done.into_inner().revision),
                added.map(|done| done.into_inner().revision),
                made.map(|done| done.into_inner().revision),
            ];
            for one in revisions {
                match one {
                    Ok(revision) => assert!(revision < taken, "{round}: {revision} after {taken}"),
                    Err(status) => {
                        assert_eq!(reason(&status), "PermissionDenied / PERMISSION_REQUIRED");
                    }
                }
            }
        }
    }
}
