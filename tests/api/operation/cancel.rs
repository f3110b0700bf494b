//! Stopping operations, forgetting them, and waiting for them.

use precinct::pb::{ErrorReason, OperationState};
use tonic::Code;

use super::Scene;
use crate::on_both;
use crate::support::actor::ok;
use crate::support::operations::{metadata, moved, progress, refusal};
use crate::support::status::{assert_refused, metadata as facts};

on_both! {
    /// H-09: a cancelled operation does no slice more; what it did stays done and is told.
    async fn h_09_a_cancelled_operation_stops_midway(app) {
        let acme = Scene::new(app, "acme", 25).await;
        let name = acme.start().await;
        app.step().await;
        ok(acme.ada.try_cancel(&name).await);
        let asked = acme.get(&name).await;
        assert_eq!((metadata(&asked).state(), asked.done), (OperationState::Cancelling, false));
        let before = acme.ada.revision().await;
        ok(acme.ada.try_cancel(&name).await);
        assert_eq!(acme.ada.revision().await, before, "once is enough");
        assert_eq!(app.finish().await, 1);
        let stopped = acme.get(&name).await;
        assert_eq!((metadata(&stopped).state(), progress(&stopped)), (OperationState::Done, (10, 25, 0)));
        let why = refusal(&stopped);
        assert_refused(Err::<(), _>(why.clone()), Code::Cancelled, ErrorReason::OperationCancelled);
        assert_eq!(facts(&why, "operation_id"), name.strip_prefix("operations/").map(Into::into));
        assert_eq!(acme.counts().await, (15, 10));
        // It can be started again, and brings the rest.
        let again = acme.start().await;
        app.finish().await;
        assert_eq!((moved(&acme.get(&again).await).moved, acme.counts().await), (15, (0, 25)));
    }

    /// H-09: one that has not begun never does; one that has ended stays as it ended.
    async fn h_09_cancel_before_the_start_and_after_the_end(app) {
        let acme = Scene::new(app, "acme", 5).await;
        let name = acme.start().await;
        ok(acme.ada.try_cancel(&name).await);
        app.finish().await;
        assert_eq!((refusal(&acme.get(&name).await).code(), acme.counts().await), (Code::Cancelled, (5, 0)));
        let name = acme.start().await;
        app.finish().await;
        let done = acme.get(&name).await;
        ok(acme.ada.try_cancel(&name).await);
        assert_eq!((app.step().await, acme.get(&name).await), (None, done));
    }

    /// H-09: an operation is forgotten once it has ended, not before.
    async fn h_09_only_what_has_ended_is_forgotten(app) {
        let acme = Scene::new(app, "acme", 15).await;
        let name = acme.start().await;
        for _ in 0..2 {
            let refused = acme.ada.try_forget(&name).await;
            assert_refused(refused, Code::FailedPrecondition, ErrorReason::OperationRunning);
            app.step().await;
        }
        ok(acme.ada.try_forget(&name).await);
        let gone = acme.ada.try_operation(&name).await;
        assert_refused(gone, Code::NotFound, ErrorReason::OperationNotFound);
        let gone = acme.ada.try_forget(&name).await;
        assert_refused(gone, Code::NotFound, ErrorReason::OperationNotFound);
        assert_eq!(acme.counts().await, (0, 15));
    }

    /// H-09: who waits is answered when the operation ends, and when the time is up.
    async fn h_09_waiting_ends_with_the_operation_or_the_time(app) {
        let acme = Scene::new(app, "acme", 25).await;
        let name = acme.start().await;
        let waited = ok(acme.ada.try_wait(&name, 0).await);
        assert_eq!((waited.done, waited), (false, acme.get(&name).await));
        let (waited, _) = tokio::join!(acme.ada.try_wait(&name, 60), app.finish());
        assert_eq!(moved(&ok(waited)).moved, 25);
        assert!(ok(acme.ada.try_wait(&name, 60).await).done, "at once");
    }

    /// H-09: what has ended is kept for 30 days.
    async fn h_09_what_has_ended_is_kept_for_a_month(app) {
        let acme = Scene::new(app, "acme", 5).await;
        let name = acme.start().await;
        app.finish().await;
        let told = metadata(&acme.get(&name).await);
        let (end, expire) = (told.end_time.unwrap(), told.expire_time.unwrap());
        assert_eq!(expire.seconds - end.seconds, 30 * 24 * 60 * 60);
        app.store.sweep().await.unwrap();
        assert!(acme.get(&name).await.done);
        let id = name.strip_prefix("operations/").unwrap();
        app.database.sabotage("UPDATE operation SET expire_time = 1 WHERE id = {id}", id).await;
        app.store.sweep().await.unwrap();
        let gone = acme.ada.try_operation(&name).await;
        assert_refused(gone, Code::NotFound, ErrorReason::OperationNotFound);
    }
}
