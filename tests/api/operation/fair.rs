//! Whose turn it is.

use super::Scene;
use crate::on_both;
use crate::support::operations::progress;

on_both! {
    /// H-09: tenants take turns, slice by slice: a small operation ends while a large one has hardly begun.
    async fn h_09_a_large_operation_does_not_keep_other_tenants_waiting(app) {
        let (large, small) = (Scene::new(app, "acme", 95).await, Scene::new(app, "globex", 15).await);
        let first = large.start().await;
        app.step().await;
        let other = large.start().await;
        let second = small.start().await;
        let mut turns = Vec::new();
        while !small.get(&second).await.done {
            turns.push(app.step().await.unwrap());
        }
        // Two slices of its own, and at most as many of the other between and before.
        assert!(turns.len() <= 4, "{turns:?}");
        assert_eq!(turns.iter().filter(|name| **name == second).count(), 2);
        assert!(progress(&large.get(&first).await).0 < 95);
        app.finish().await;
        assert!(large.get(&first).await.done && large.get(&other).await.done);
    }

    /// H-09: so do the operations of one tenant.
    async fn h_09_a_large_operation_does_not_keep_its_own_tenant_waiting(app) {
        let acme = Scene::new(app, "acme", 95).await;
        let third = acme.ada.partition("Third").await;
        let other = acme.ada.workspace("Other", &[&third, &acme.to]).await;
        acme.ada.fill(&other, &third, 100..115).await;
        let large = acme.start().await;
        app.step().await;
        let small = acme.ada.move_all(&other, &[&third], &acme.to).await;
        for _ in 0..4 {
            app.step().await;
        }
        assert!(acme.get(&small).await.done);
        assert!(progress(&acme.get(&large).await).0 <= 40);
        app.finish().await;
        assert!(acme.get(&large).await.done);
    }

    /// T-04: the operations of a suspended tenant wait and go on when it is resumed, and do not keep others waiting.
    async fn t_04_a_suspended_tenants_operations_wait(app) {
        let (acme, globex) = (Scene::new(app, "acme", 25).await, Scene::new(app, "globex", 5).await);
        let name = acme.start().await;
        app.step().await;
        let id = serde_json::json!({ "tenant_id": acme.tenant.id });
        app.operator().make("TenantService/SuspendTenant", &id).await.ok();
        let other = globex.start().await;
        assert_eq!((app.step().await, app.step().await), (Some(other), None));
        let waiting = acme.get(&name).await;
        assert_eq!((waiting.done, progress(&waiting)), (false, (10, 25, 0)));
        app.operator().make("TenantService/ResumeTenant", &id).await.ok();
        app.finish().await;
        assert_eq!((progress(&acme.get(&name).await), acme.counts().await), ((25, 25, 0), (0, 25)));
    }

    /// T-04: those of a deleted tenant stop, and go on if it is restored.
    async fn t_04_a_deleted_tenants_operations_stop(app) {
        let acme = Scene::new(app, "acme", 25).await;
        let name = acme.start().await;
        app.step().await;
        let delete = serde_json::json!({ "tenant_id": acme.tenant.id, "confirm_display_name": "acme" });
        app.operator().make("TenantService/DeleteTenant", &delete).await.ok();
        assert_eq!(app.step().await, None);
        let id = serde_json::json!({ "tenant_id": acme.tenant.id });
        app.operator().make("TenantService/UndeleteTenant", &id).await.ok();
        app.finish().await;
        assert_eq!(progress(&acme.get(&name).await), (25, 25, 0));
    }
}
