//! The checker that ends every test finds what it looks for: each rule broken on purpose, past the service.

mod assets;
mod segmentations;

use precinct::id::TenantId;
use serde_json::json;

use crate::support::App;
use crate::support::checker::flaws;
use crate::support::world::World;

/// Breaks a rule for a tenant in whose rows every rule held before.
async fn sabotage(app: &App, sql: &str) -> TenantId {
    let world = World::new(app, "acme").await;
    let person = json!({
        "workspace_id": world.workspace,
        "person": { "email": "eve@example.com" },
        "request_id": "0190f0e0-0000-4000-8000-000000000001",
    });
    world.admin().make("PersonService/CreatePerson", &person).await.ok();
    let tenant = world.tenants()[0];
    assert_eq!(flaws(&app.database.url, tenant).await, Vec::<String>::new());
    app.database.sabotage(sql, &world.tenant.id).await;
    tenant
}

const SABOTAGES: &[(&str, &str)] = &[
    ("H-08", "DELETE FROM change WHERE tenant_id = {id} AND revision = 2"),
    ("H-08", "UPDATE tenant_head SET revision = revision + 1 WHERE tenant_id = {id}"),
    (
        "K-07",
        "UPDATE change SET ordinal = 7 WHERE tenant_id = {id} AND ordinal = 0 AND revision = 3",
    ),
    ("K-07", "UPDATE change SET kind = 'rocket.launched' WHERE tenant_id = {id} AND revision = 2"),
    ("K-07", "UPDATE change SET detail = '{\"fuel\": 7}' WHERE tenant_id = {id} AND revision = 2"),
    ("K-06", "UPDATE tenant_head SET audit_seq = audit_seq + 1 WHERE tenant_id = {id}"),
    ("H-03", "UPDATE request SET answer = NULL WHERE tenant_id = {id}"),
    ("T-03", "UPDATE quota SET used = used + 1 WHERE tenant_id = {id} AND name = 'partitions'"),
    ("W-02", "UPDATE binding SET is_primary = false WHERE tenant_id = {id}"),
    ("W-02", "UPDATE person_partition SET delete_time = 1 WHERE tenant_id = {id} AND is_default"),
    (
        "P-04",
        "UPDATE person_partition SET delete_time = 1 WHERE tenant_id = {id} AND NOT is_default",
    ),
    ("D-02", "UPDATE person SET uniqueness_scope = partition_id WHERE tenant_id = {id}"),
    ("D-08", "UPDATE person SET merged_into = id WHERE tenant_id = {id}"),
    ("D-09", "UPDATE person SET unsubscribed = NOT unsubscribed WHERE tenant_id = {id}"),
    ("L-02", "UPDATE person SET first_name = 'EVE' WHERE tenant_id = {id}"),
    ("H-09", "UPDATE import SET created = created + 1 WHERE tenant_id = {id}"),
    ("W-08", "DELETE FROM due WHERE tenant_id = {id} AND kind = 'PURGE_WORKSPACE'"),
    (
        "W-08",
        "UPDATE due SET kind = 'PURGE_TENANT' WHERE tenant_id = {id} AND kind = 'PURGE_PARTITION'",
    ),
    ("T-04", "UPDATE import SET partition_id = id WHERE tenant_id = {id}"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_rule_is_found() {
    for app in [App::sqlite().await, App::postgres().await] {
        for &(rule, sql) in SABOTAGES {
            let tenant = sabotage(&app, sql).await;
            let found = flaws(&app.database.url, tenant).await;
            assert!(found.iter().any(|flaw| flaw.starts_with(rule)), "{sql}: {found:?}");
        }
    }
}
