//! The rules of segmentations, each broken on purpose.

use precinct::id::TenantId;

use crate::support::App;
use crate::support::checker::flaws;
use crate::support::segmentations::segment;

/// A tenant with an approved segmentation, somebody in it, and another one that is being computed.
async fn world(app: &App) -> String {
    let acme = app.tenant("acme").await;
    let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
    ada.person(w, "a@example.com").await;
    let segments = [segment("Com", "email contains \".com\"")];
    ada.segmentation(w, "Live", &segments).await.approved(app).await;
    ada.segmentation(w, "Next", &segments).await.approve().await;
    acme.id
}

/// How a flaw begins, and how it comes about.
const SABOTAGES: [(&str, &str); 14] = [
    ("G-07", "UPDATE segment_member SET segment_id = person_id WHERE tenant_id = {id}"),
    ("G-07", "DELETE FROM segment_member WHERE tenant_id = {id}"),
    (
        "G-07",
        "UPDATE segment_member SET to_generation = 1, from_generation = 0 WHERE tenant_id = {id}",
    ),
    ("G-07", "UPDATE person SET delete_time = 1 WHERE tenant_id = {id}"),
    ("G-07", "UPDATE person SET email = 'a@example.org' WHERE tenant_id = {id}"),
    (
        "G-03",
        "INSERT INTO segment_member SELECT tenant_id, segmentation_id, person_id, 7, to_generation, partition_id, \
         segment_id FROM segment_member WHERE tenant_id = {id}",
    ),
    ("G-03", "UPDATE segmentation SET generations = 0 WHERE tenant_id = {id}"),
    ("G-03", "UPDATE segmentation SET live_version = 7 WHERE tenant_id = {id}"),
    ("G-03", "UPDATE segmentation SET operation_id = id WHERE tenant_id = {id}"),
    ("G-03", "UPDATE segmentation SET operation_id = NULL WHERE tenant_id = {id}"),
    ("G-06", "UPDATE segmentation SET stale_time = 1 WHERE tenant_id = {id}"),
    ("G-04", "DELETE FROM segment_coverage WHERE tenant_id = {id}"),
    ("G-08", "UPDATE segment_coverage SET compute_time = NULL WHERE tenant_id = {id}"),
    (
        "G-10",
        "DELETE FROM segment_coverage WHERE tenant_id = {id}; DELETE FROM segmentation WHERE tenant_id = {id}",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_rule_of_segmentations_is_found() {
    for app in [App::sqlite().await, App::postgres().await] {
        for (rule, sql) in SABOTAGES {
            let id = world(&app).await;
            let tenant: TenantId = id.parse().expect("an id");
            assert_eq!(flaws(&app.database.url, tenant).await, Vec::<String>::new());
            app.database.sabotage(sql, &id).await;
            let found = flaws(&app.database.url, tenant).await;
            assert!(found.iter().any(|flaw| flaw.starts_with(rule)), "{sql}: {found:?}");
        }
    }
}
