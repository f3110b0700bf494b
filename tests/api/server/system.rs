//! `SystemService`.

use precinct::pb;

use crate::support::App;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};

const TENANT: &str = "0192f0c1-0000-7000-8000-000000000001";

#[tokio::test]
async fn server_info() {
    let app = App::sqlite().await;
    let info = ok(app.operator().system().get_server_info(pb::GetServerInfoRequest {}).await);
    assert_eq!(info.version, env!("CARGO_PKG_VERSION"));
    assert_eq!((info.database.as_str(), info.api_version.as_str()), ("sqlite", "precinct.v1"));
}

/// H-01: who the server takes the caller for, and where it read that.
#[tokio::test]
async fn h_01_call_context_of_a_member() {
    let app = App::sqlite().await;
    let acme = app.tenant("acme").await;
    acme.admin().grant("user:ann", &built_in("Viewer"), "").await;
    let ann = acme.user("ann").with("x-request-id", "order-7");
    let context = ok(ann.system().get_call_context(pb::GetCallContextRequest {}).await);
    assert_eq!((&context.tenant_id, context.principal.as_str()), (&acme.id, "user:ann"));
    assert_eq!(context.tenant_source, "x-precinct-tenant");
    assert_eq!(context.principal_source, "x-precinct-principal");
    assert_eq!(context.request_id, "order-7");
    assert!(context.permissions.is_sorted());
    assert!(context.permissions.contains(&"workspaces.read".to_owned()));
    assert!(!context.permissions.contains(&"people.write".to_owned()));
    // In a tenant that is not there, nobody may do anything.
    let lost = Actor::member(app.server.clone(), TENANT, "user:ann");
    let context = ok(lost.system().get_call_context(pb::GetCallContextRequest {}).await);
    assert_eq!(context.permissions, Vec::<String>::new());
}

/// H-01: an operator belongs to no tenant.
#[tokio::test]
async fn h_01_call_context_of_an_operator() {
    let app = App::sqlite().await;
    let system = &mut app.operator().system();
    let context = ok(system.get_call_context(pb::GetCallContextRequest {}).await);
    assert_eq!((context.tenant_id.as_str(), context.principal.as_str()), ("", "platform:ops"));
    assert_eq!(context.tenant_source, "");
    assert!(context.permissions.contains(&"tenants.administer".to_owned()));
}
