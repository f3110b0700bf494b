//! Purging tenants (T-02, T-04).

use precinct::config::WorkConfig;
use precinct::pb::ErrorReason;
use precinct::service::purge::Purger;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use tonic::Code;

use super::rows;
use crate::on_both;
use crate::support::App;
use crate::support::lifecycle::purge_step;
use crate::support::status::assert_refused;
use crate::support::world::World;

/// The tables in which rows of a tenant are, of all that the database has, and how many they are.
pub async fn left(app: &App, tenant: &str) -> Vec<(String, i64)> {
    let url = &app.database.url;
    if url.starts_with("sqlite:") {
        let tables = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
            WHERE m.type = 'table' AND c.name = 'tenant_id' ORDER BY 1";
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        let tables = sqlx::query(tables).fetch_all(&mut connection).await.unwrap();
        let id = format!("x'{}'", tenant.replace('-', ""));
        let sql = counts(tables.iter().map(|row| row.get(0)), &id);
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    } else {
        let tables = "SELECT table_name::text FROM information_schema.columns \
            WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1";
        let mut connection = PgConnection::connect(url).await.unwrap();
        let tables = sqlx::query(tables).fetch_all(&mut connection).await.unwrap();
        let sql = counts(tables.iter().map(|row| row.get(0)), &format!("'{tenant}'"));
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

fn counts(tables: impl Iterator<Item = String>, tenant: &str) -> String {
    let count = |table| {
        format!(
            "SELECT '{table}', count(*) FROM {table} WHERE tenant_id = {tenant} HAVING count(*) > 0"
        )
    };
    tables.map(count).collect::<Vec<_>>().join(" UNION ALL ")
}

async fn delete(app: &App, world: &World) {
    let request = json!({
        "tenant_id": world.tenant.id,
        "confirm_display_name": world.tenant.display_name,
    });
    app.operator().try_call("TenantService/DeleteTenant", &request).await.unwrap();
}

on_both! {
    /// T-04, T-02: a purged tenant leaves no row in any table, its id answers as one that never was, and other tenants
    /// stay as they are.
    async fn t_04_a_purged_tenant_leaves_nothing(app) {
        let (acme, other) = (World::new(app, "acme").await, World::new(app, "other").await);
        app.store.flush_uses().await.unwrap();
        let [id, ..] = other.tenants();
        let before = app.rows(&[id]).await;
        assert!(left(app, &acme.tenant.id).await.len() > 30, "there is one of everything");
        delete(app, &acme).await;
        app.database.sabotage(
            "UPDATE tenant SET delete_time = delete_time - 3000000000000, purge_time = purge_time - 3000000000000 \
             WHERE tenant_id = {id}; UPDATE due SET at = 0 WHERE tenant_id = {id} AND kind = 'PURGE_TENANT'",
            &acme.tenant.id,
        ).await;
        assert!(purge_step(&app.server).await);
        let request = json!({ "tenant_id": acme.tenant.id });
        let operator = app.operator();
        let refused = operator.try_call("TenantService/UndeleteTenant", &request).await;
        assert_refused(refused, Code::NotFound, ErrorReason::TenantNotFound);
        assert!(app.purge().await > 5, "in slices");
        assert_eq!(left(app, &acme.tenant.id).await, []);
        assert_eq!(app.rows(&[id]).await, before);
        for rpc in ["GetTenant", "UndeleteTenant"] {
            let refused = operator.try_call(&format!("TenantService/{rpc}"), &request).await;
            assert_refused(refused, Code::NotFound, ErrorReason::TenantNotFound);
        }
        let never = app.tenant("never").await;
        let stranger = json!({ "workspace_id": acme.workspace });
        let refused = acme.admin().try_call("WorkspaceService/GetWorkspace", &stranger).await;
        assert_refused(refused, Code::NotFound, ErrorReason::TenantNotFound);
        let refused = never.admin().try_call("WorkspaceService/GetWorkspace", &stranger).await;
        assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
        app.store.sweep().await.unwrap();
        app.store.flush_uses().await.unwrap();
        assert_eq!(left(app, &acme.tenant.id).await, []);
    }

    /// T-04: however few rows a slice removes, the tenant is due until it is gone.
    async fn t_04_slices_of_one_row_come_to_the_end(app) {
        let acme = app.tenant("acme").await;
        let request = json!({ "tenant_id": acme.id, "confirm_display_name": "acme" });
        app.operator().try_call("TenantService/DeleteTenant", &request).await.unwrap();
        app.a_month_passes().await;
        let purger = Purger::new(&app.store, WorkConfig { people: 1, ..WorkConfig::default() });
        while purger.step().await.unwrap() {}
        assert_eq!(left(app, &acme.id).await, []);
    }

    /// T-04: what a suspended or deleted tenant holds is not purged: it comes back as it was, and goes then.
    async fn t_04_a_closed_tenant_keeps_what_it_holds(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
        let eve = ada.person(w, "eve@example.com").await.person_id;
        ada.try_delete_person(w, &eve).await.unwrap();
        app.a_month_passes().await;
        let (operator, request) = (app.operator(), json!({ "tenant_id": acme.id }));
        let delete = json!({ "tenant_id": acme.id, "confirm_display_name": "acme" });
        let people = async || rows(app, &acme.id).await.people.len();
        for (close, open) in [("Suspend", "Resume"), ("Delete", "Undelete")] {
            let how = if close == "Delete" { &delete } else { &request };
            operator.try_call(&format!("TenantService/{close}Tenant"), how).await.unwrap();
            app.wake_purges().await;
            app.purge().await;
            operator.try_call(&format!("TenantService/{open}Tenant"), &request).await.unwrap();
            assert_eq!(people().await, 1, "{close}");
        }
        app.wake_purges().await;
        app.purge().await;
        assert_eq!(people().await, 0);
    }
}
