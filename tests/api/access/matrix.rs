//! `docs/permissions.md`: what each permission allows, what each role holds, what each rpc needs, and what each
//! built-in role, and some who should get nowhere, get of each rpc. The last is measured on a running server:
//! `UPDATE_DOCS=1 tests/run access::matrix` writes it; a reviewer reads it.

use std::fmt::Write;
use std::{env, fs};

use precinct::domain::access::rpc::{Line, Need, Place, TABLE};
use precinct::domain::access::{Permission, role};
use prost_reflect::MethodDescriptor;
use serde_json::{Value as Json, json};
use tonic::{Code, Status};

use crate::on_both;
use crate::support::App;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::dynamic::{Outcome, label, rpcs};
use crate::support::world::World;
use crate::support::{redact, requests};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/permissions.md");

/// An id that nothing has.
const NOTHING: &str = "0190f0e0-0000-7000-8000-00000000dead";

/// Somebody who tries every rpc.
struct Persona {
    name: &'static str,
    actor: Actor,
}

/// All who try, in the order of the columns.
async fn personas(app: &App, world: &World) -> Vec<Persona> {
    let admin = world.admin();
    let mut all = Vec::new();
    for one in &role::ALL {
        let user = one.name.to_lowercase().replace(' ', "-");
        let places: &[&str] = match one.name {
            "Tenant admin" => &[""],
            _ => &[&world.workspace, &world.archived_workspace],
        };
        for place in places {
            admin.grant(&format!("user:{user}"), &built_in(one.name), place).await;
        }
        all.push(Persona { name: one.name, actor: world.tenant.user(&user) });
    }
    let beyond = admin.partition("Beyond").await;
    let elsewhere = admin.workspace("Elsewhere", &[&beyond]).await;
    admin.grant("user:neighbour", &built_in("Workspace admin"), &elsewhere).await;
    for place in [&world.workspace, &world.archived_workspace] {
        let grant = admin.grant("user:former", &built_in("Workspace admin"), place).await;
        ok(admin.try_revoke(&grant).await);
    }
    let others = app.tenant("globex").await;
    all.push(Persona { name: "Admin of another workspace", actor: world.tenant.user("neighbour") });
    all.push(Persona { name: "Ex-member", actor: world.tenant.user("former") });
    all.push(Persona { name: "Nobody", actor: world.tenant.user("nobody") });
    all.push(Persona { name: "Admin of another tenant", actor: others.admin() });
    all.push(Persona { name: "Operator", actor: app.operator() });
    all
}

/// A request that changes nothing, where that can be asked for.
fn trial(world: &World, rpc: &MethodDescriptor) -> Json {
    let label = label(rpc);
    let mut request = requests::request(world, &label)
        .unwrap_or_else(|| panic!("tests/support/requests.rs has no {label}"));
    if rpc.input().get_field_by_name("validate_only").is_some() {
        request["validate_only"] = json!(true);
    }
    request
}

/// What somebody gets of an rpc.
async fn cell(persona: &Persona, world: &World, rpc: &MethodDescriptor) -> &'static str {
    let request = match label(rpc).as_str() {
        // It cannot be tried, only done: to one that is there for nothing else.
        "Operations/DeleteOperation" => json!({ "name": world.ended_operation().await }),
        _ => trial(world, rpc),
    };
    let outcome = persona.actor.call(rpc, &request).await;
    match outcome.refusal {
        None if outcome.replies.iter().all(is_empty) => "empty",
        None => "yes",
        Some(status) if status.code() == Code::PermissionDenied => "no",
        Some(status) if status.code() == Code::NotFound => {
            compare(persona, rpc, &request, &status).await;
            "hidden"
        }
        Some(status) => panic!("{} as {}: {status:?}", label(rpc), persona.name),
    }
}

/// Whether a reply shows nothing.
fn is_empty(reply: &Json) -> bool {
    match reply {
        Json::Object(fields) => fields.values().all(is_empty),
        Json::Array(items) => items.iter().all(is_empty),
        Json::String(text) => text.is_empty(),
        Json::Number(number) => number.as_i64() == Some(0),
        Json::Bool(is) => !is,
        Json::Null => true,
    }
}

/// hidden is missing. The id that was not found, replaced by one that never was, changes nothing of the
/// whole status.
async fn compare(persona: &Persona, rpc: &MethodDescriptor, request: &Json, hidden: &Status) {
    let text = redact::refusal(hidden);
    let id = ids(request).into_iter().find(|id| text.contains(id.as_str()));
    let id = id.unwrap_or_else(|| panic!("{}: no id in {text}", label(rpc)));
    let other = request.to_string().replace(&id, NOTHING);
    let other: Json = serde_json::from_str(&other).expect("still JSON");
    let Outcome { refusal, .. } = persona.actor.call(rpc, &other).await;
    let missing = refusal.unwrap_or_else(|| panic!("{}: not refused", label(rpc)));
    let missing = redact::refusal(&missing).replace(NOTHING, &id);
    assert_eq!(text, missing, "{} as {}", label(rpc), persona.name);
}

fn ids(request: &Json) -> Vec<String> {
    match request {
        Json::Object(fields) => fields.values().flat_map(ids).collect(),
        Json::Array(items) => items.iter().flat_map(ids).collect(),
        Json::String(text) => {
            // A principal, a resource or an operation holds an id behind its kind.
            let id = text.rsplit([':', '/']).next().unwrap_or_default();
            uuid::Uuid::parse_str(id).map(|_| vec![id.to_owned()]).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The matrix, as a table.
async fn measure(app: &App) -> String {
    let world = World::new(app, "acme").await;
    let personas = personas(app, &world).await;
    let names: Vec<&str> = personas.iter().map(|one| one.name).collect();
    let mut table =
        format!("| rpc | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    let mut all: Vec<MethodDescriptor> = rpcs().collect();
    all.sort_by_key(label);
    for rpc in all {
        let mut cells = Vec::new();
        for persona in &personas {
            cells.push(cell(persona, &world, &rpc).await);
        }
        writeln!(table, "| {} | {} |", label(&rpc), cells.join(" | ")).expect("a String takes it");
    }
    table
}

/// The document, with a matrix.
fn render(matrix: &str) -> String {
    let permissions: String = Permission::all().map(permission_line).collect();
    let roles: String = role::ALL.iter().map(role_line).collect();
    let rpcs: String = TABLE.iter().map(rpc_line).collect();
    format!(
        "# Who may do what\n\n\
         Made by a test from the tables in the code and from a running server; not written by hand.\n\n\
         ## Permissions\n\n\
         A permission is held by a grant of a role, in a workspace or tenant-wide. Grants add up.\n\n\
         | permission | allows | counts | brings |\n|---|---|---|---|\n{permissions}\n\
         ## Built-in roles\n\n\
         | role | id | for | holds |\n|---|---|---|---|\n{roles}\n\
         ## What each rpc needs\n\n\
         What the caller does not see is NOT_FOUND, as if it were not there; what the caller sees and may not do is\n\
         PERMISSION_DENIED, naming the permission.\n\n\
         | rpc | needs | where | and |\n|---|---|---|---|\n{rpcs}\n\
         ## What each role gets\n\n\
         Each column tries each rpc on the same tenant; the roles are held in the workspaces that the requests name, the\n\
         tenant admin's tenant-wide. `yes`: it goes through. `no`: PERMISSION_DENIED. `hidden`: NOT_FOUND, the whole status the same\n\
         as for an id that never was. `empty`: it goes through and shows nothing.\n\n{matrix}"
    )
}

fn permission_line(one: Permission) -> String {
    let counts = if one.is_tenant_wide_only() { "tenant-wide" } else { "in a workspace" };
    let implied = one.with_implied().iter().filter(|other| *other != one);
    let implied: Vec<&str> = implied.map(Permission::name).collect();
    format!("| {one} | {} | {counts} | {} |\n", one.description(), implied.join(", "))
}

fn role_line(one: &role::BuiltIn) -> String {
    let held: Vec<&str> = one.permissions().iter().map(Permission::name).collect();
    format!("| {} | `{}` | {} | {} |\n", one.name, one.id(), one.description, held.join(", "))
}

fn rpc_line((rpc, need, also): &Line) -> String {
    let (what, place) = match need {
        Need::Caller => ("".to_owned(), ""),
        Need::Operator => ("an operator of the platform".to_owned(), ""),
        Need::Permission(permission, place) => (
            permission.name().to_owned(),
            match place {
                Place::Tenant => "tenant-wide",
                Place::Workspace => "in the workspace",
                Place::Named => "in the workspace, or tenant-wide if none is named",
                Place::Anywhere => "in any workspace",
                Place::Shown => "in each workspace that is shown",
            },
        ),
    };
    format!("| {rpc} | {what} | {place} | {also} |\n")
}

/// every rpc has its line in the table, and no line is for an rpc that is not there.
#[test]
fn a_06_every_rpc_has_a_line() {
    let mut there: Vec<String> = rpcs().map(|rpc| label(&rpc)).collect();
    there.sort();
    let lines: Vec<&str> = TABLE.iter().map(|(rpc, ..)| *rpc).collect();
    assert_eq!(lines, there);
}

on_both! {
    /// P-07, T-02: who gets what of every rpc is what the document says.
    async fn a_06_the_matrix_is_what_the_document_says(app) {
        let document = render(&measure(app).await);
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(FILE, &document).expect("the document");
        }
        let stored = fs::read_to_string(FILE).unwrap_or_default();
        assert!(stored == document, "docs/permissions.md is stale: UPDATE_DOCS=1 tests/run access::matrix\n{document}");
    }

    /// H-01: without credentials every rpc answers the same, whatever it is.
    async fn h_01_nobody_gets_anything_without_credentials(app) {
        let world = World::new(app, "acme").await;
        let mut seen = std::collections::BTreeSet::new();
        for rpc in rpcs() {
            let outcome = Actor::nobody(app.server.clone()).call(&rpc, &trial(&world, &rpc)).await;
            let status = outcome.refusal.expect("refused");
            assert_eq!(status.code(), Code::Unauthenticated, "{}", label(&rpc));
            seen.insert(redact::refusal(&status));
        }
        assert_eq!(seen.len(), 1, "{seen:#?}");
    }
}
