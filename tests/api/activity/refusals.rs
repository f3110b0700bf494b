//! K-06: refusals of privileged calls are recorded, for every rpc, and a flood of them is not.

use std::collections::BTreeSet;

use precinct::domain::access::rpc::{Need, is_privileged, need};
use serde_json::json;
use tonic::Code;

use crate::on_both;
use crate::support::App;
use crate::support::dynamic::{label, rpcs};
use crate::support::requests;
use crate::support::rows::Audit;
use crate::support::world::World;

async fn refusals(app: &App, world: &World) -> (i64, Vec<Audit>) {
    let rows = app.rows(&world.tenants()[..1]).await.into_values().next().unwrap();
    let refused = rows.audits.into_iter().filter(|one| !one.refusal.is_empty()).collect();
    (rows.heads[0].revision, refused)
}

on_both! {
    /// K-06: whoever may do nothing tries everything, twice and on two replicas: each privileged rpc leaves one record and
    /// raises no revision, no other leaves any.
    async fn k_06_refusals_of_privileged_calls_are_recorded_once(app) {
        let world = World::new(app, "acme").await;
        let (revision, before) = refusals(app, &world).await;
        assert!(before.is_empty());
        let replica = world.tenant.through(app.replica().await);
        let mut expected = BTreeSet::new();
        for rpc in rpcs() {
            let label = label(&rpc);
            let request = requests::request(&world, &label).expect("tests/support/requests.rs has all");
            for nobody in [world.tenant.user("nobody"), world.tenant.user("nobody"), replica.user("nobody")] {
                nobody.call(&rpc, &request).await;
            }
            let privileged = match need(&label).unwrap() {
                Need::Permission(permission, _) => is_privileged(&label, permission.name()),
                Need::Operator => true,
                Need::Caller => false,
            };
            if privileged {
                expected.insert(label);
            }
        }
        let (after, refused) = refusals(app, &world).await;
        let found: Vec<&str> = refused.iter().map(|one| one.action.as_str()).collect();
        assert_eq!(found.iter().map(|one| (*one).to_owned()).collect::<BTreeSet<_>>(), expected);
        assert_eq!((found.len(), after), (expected.len(), revision));
        for one in &refused {
            assert_eq!((one.actor.as_str(), one.kind.as_str()), ("user:nobody", ""), "{one:?}");
            assert!(matches!(&*one.refusal, "PERMISSION_REQUIRED" | "WORKSPACE_NOT_FOUND" | "PARTITION_NOT_FOUND" | "GRANT_NOT_FOUND"), "{one:?}");
        }
    }

    /// K-06: what is refused for another reason than a right that is lacking is no matter of the log.
    async fn k_06_other_refusals_leave_no_record(app) {
        let world = World::new(app, "acme").await;
        let missing = json!({ "workspace_id": world.workspace, "folder_id": uuid::Uuid::now_v7(), "target_workspace_ids": [] });
        let refused = world.admin().make("SharingService/ShareFolder", &missing).await.result();
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
        assert!(refusals(app, &world).await.1.is_empty());
    }
}

/// K-06: a refusal is answered as ever when it cannot be recorded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k_06_a_refusal_is_answered_without_its_record() {
    for app in [App::sqlite().await, App::postgres().await] {
        let world = World::new(&app, "acme").await;
        let export = json!({ "workspace_id": world.workspace });
        let nobody = world.tenant.user("nobody");
        let away = "ALTER TABLE audit RENAME TO audit_away";
        app.database.sabotage(away, &world.tenant.id).await;
        let refused =
            nobody.make("PersonService/ExportPeople", &export).await.result().unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
        let back = "ALTER TABLE audit_away RENAME TO audit";
        app.database.sabotage(back, &world.tenant.id).await;
        assert!(refusals(&app, &world).await.1.is_empty());
        // Nothing was remembered of what was not recorded.
        nobody.make("PersonService/ExportPeople", &export).await.result().unwrap_err();
        assert_eq!(refusals(&app, &world).await.1.len(), 1);
    }
}
