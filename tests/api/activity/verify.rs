//! K-06: a record that was changed, taken out, moved or cut off is found and named, by the rpc and by the program.

use std::process::Output;

use serde_json::{Value as Json, json};

use crate::on_both;
use crate::support::process::precinct;
use crate::support::{App, SECRET, Tenant};

/// Of the logs that are tampered with: the tenant, five roles.
const RECORDS: i64 = 6;

/// Columns of a record, and what is put into them.
const COLUMNS: [(&str, &str); 16] = [
    ("revision", "revision + 1"),
    ("actor", "'user:eve'"),
    ("action", "'PersonService/GetPerson'"),
    ("resource", "'group'"),
    ("resource_id", "{id}"),
    ("workspace_id", "{id}"),
    ("call_id", "call_id || 'x'"),
    ("payload_digest", "hash"),
    ("hash", "payload_digest"),
    ("create_time", "create_time + 1"),
    ("format", "1"),
    ("kind", "'role.deleted'"),
    ("request_id", "{id}"),
    ("refusal", "'PERMISSION_REQUIRED'"),
    ("refusal_minute", "1"),
    ("about", "about || ' '"),
];

/// What is done beside, and what is found.
const TAMPERED: [(&str, Option<(&str, i64)>); 12] = [
    (
        "UPDATE audit_payload SET payload = '[]' WHERE tenant_id = {id} AND seq = 2",
        Some(("PAYLOAD_CHANGED", 2)),
    ),
    (
        "UPDATE audit_payload SET salt = (SELECT hash FROM audit WHERE tenant_id = {id} AND seq = 2) \
         WHERE tenant_id = {id} AND seq = 2",
        Some(("PAYLOAD_CHANGED", 2)),
    ),
    // An erasure takes before and after away.
    ("DELETE FROM audit_payload WHERE tenant_id = {id} AND seq = 2", None),
    (
        "UPDATE audit_workspace SET workspace_id = {id} WHERE tenant_id = {id} AND seq = 3",
        Some(("WORKSPACES_CHANGED", 3)),
    ),
    (
        "UPDATE audit_workspace SET reads = '' WHERE tenant_id = {id} AND seq = 3",
        Some(("WORKSPACES_CHANGED", 3)),
    ),
    (
        "DELETE FROM audit_workspace WHERE tenant_id = {id} AND seq = 3",
        Some(("WORKSPACES_CHANGED", 3)),
    ),
    (
        "DELETE FROM audit_workspace WHERE tenant_id = {id} AND seq = 3; \
         DELETE FROM audit_payload WHERE tenant_id = {id} AND seq = 3; \
         DELETE FROM audit WHERE tenant_id = {id} AND seq = 3",
        Some(("MISSING", 3)),
    ),
    (
        "DELETE FROM audit_workspace WHERE tenant_id = {id} AND seq > 4; \
         DELETE FROM audit_payload WHERE tenant_id = {id} AND seq > 4; \
         DELETE FROM audit WHERE tenant_id = {id} AND seq > 4",
        Some(("TAIL_CUT", 5)),
    ),
    (
        "CREATE TEMPORARY TABLE swap AS SELECT * FROM audit WHERE tenant_id = {id} AND seq IN (3, 4); \
         UPDATE audit SET (actor, action, kind, resource, resource_id, workspace_id, call_id, payload_digest, hash, \
             create_time, revision, about) = (SELECT actor, action, kind, resource, resource_id, workspace_id, call_id, \
             payload_digest, hash, create_time, revision, about FROM swap WHERE swap.seq = 7 - audit.seq) \
         WHERE tenant_id = {id} AND seq IN (3, 4)",
        Some(("ORDER", 3)),
    ),
    (
        "UPDATE tenant_head SET audit_seq = audit_seq + 1 WHERE tenant_id = {id}",
        Some(("TAIL_CUT", RECORDS + 1)),
    ),
    (
        "UPDATE tenant_head SET revision = revision + 1 WHERE tenant_id = {id}",
        Some(("HEAD_CHANGED", RECORDS)),
    ),
    (
        "UPDATE tenant_head SET audit_head = (SELECT hash FROM audit WHERE tenant_id = {id} AND seq = 2) \
         WHERE tenant_id = {id}",
        Some(("HEAD_CHANGED", RECORDS)),
    ),
];

async fn tenant(app: &App, n: usize) -> Tenant {
    let acme = app.tenant(&format!("acme {n}")).await;
    for n in 0..RECORDS - 1 {
        acme.admin().role(&format!("Role {n}"), &["people.read"]).await;
    }
    acme
}

async fn verify(tenant: &Tenant, request: Json) -> Json {
    tenant.admin().make("ActivityService/VerifyAuditLog", &request).await.ok()
}

/// What the program says of the logs of a database, or of one tenant's.
fn program(app: &App, tenant: Option<&str>) -> (Option<i32>, String) {
    let mut command = precinct();
    command.args([
        "audit",
        "verify",
        "--log",
        "off",
        "--database-url",
        &app.database.url,
        "--secret",
        SECRET,
    ]);
    if let Some(tenant) = tenant {
        command.args(["--tenant", tenant]);
    }
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    (status.code(), String::from_utf8([stdout, stderr].concat()).expect("text"))
}

/// K-06: whatever is changed of a record is found, and named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k_06_what_was_tampered_with_is_named() {
    for app in [App::sqlite().await, App::postgres().await] {
        let columns = COLUMNS.iter().map(|(column, value)| {
            let sql =
                format!("UPDATE audit SET {column} = {value} WHERE tenant_id = {{id}} AND seq = 2");
            (sql, Some(("CHANGED", 2)))
        });
        let beside = TAMPERED.iter().map(|(sql, flaw)| ((*sql).to_owned(), *flaw));
        for (n, (sql, flaw)) in columns.chain(beside).enumerate() {
            let acme = tenant(&app, n).await;
            assert_eq!(verify(&acme, json!({})).await["intact"], true);
            app.database.sabotage(&sql, &acme.id).await;
            let found = verify(&acme, json!({})).await;
            let expected = flaw.map(|(kind, seq)| (format!("AUDIT_FLAW_KIND_{kind}"), seq));
            let named = found.get("flaw").map(|flaw| {
                (flaw["kind"].as_str().unwrap().to_owned(), flaw["seq"].as_i64().unwrap())
            });
            assert_eq!(named, expected, "{sql}: {found}");
            assert_eq!(found["intact"] == true, flaw.is_none(), "{sql}");
        }
    }
}

on_both! {
    /// K-06: a check goes on where the one before ended, and what is written meanwhile is checked too.
    async fn k_06_a_check_goes_on(app) {
        let acme = tenant(app, 0).await;
        let mut seen = Vec::new();
        let mut token = json!("");
        loop {
            let reply = verify(&acme, json!({ "max_records": 2, "continue_token": token })).await;
            seen.push(reply["verified_seq"].as_i64().unwrap());
            if seen.len() == 1 {
                acme.admin().role("Role more", &["people.read"]).await;
            }
            if reply["intact"] == true {
                break;
            }
            token = reply["continue_token"].clone();
        }
        assert_eq!(seen, [2, 4, 6, 7]);
        let bad = json!({ "max_records": -1 });
        let refused = acme.admin().make("ActivityService/VerifyAuditLog", &bad).await.result();
        assert_eq!(refused.unwrap_err().code(), tonic::Code::InvalidArgument);
    }

    /// K-06: the program checks all logs, or one, without a server: 0 if all are whole, 1 if one is not.
    async fn k_06_the_program_verifies(app) {
        let (acme, globex) = (tenant(app, 0).await, tenant(app, 1).await);
        let (code, said) = program(app, None);
        assert_eq!(code, Some(0), "{said}");
        for id in [&acme.id, &globex.id] {
            assert!(said.contains(&format!("tenant {id}: 6 records, all as they were written")), "{said}");
        }
        let actor = "UPDATE audit SET actor = 'user:eve' WHERE tenant_id = {id} AND seq = 2";
        app.database.sabotage(actor, &globex.id).await;
        let (code, said) = program(app, None);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(&format!("tenant {}: record 2 was changed", globex.id)), "{said}");
        assert!(said.contains("1 of 2 audit logs"), "{said}");
        assert_eq!(program(app, Some(&acme.id)).0, Some(0));
        assert_eq!(program(app, Some(&globex.id)).0, Some(1));
        let mended = "UPDATE audit SET actor = 'user:owner' WHERE tenant_id = {id} AND seq = 2";
        app.database.sabotage(mended, &globex.id).await;
    }
}
