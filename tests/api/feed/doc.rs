//! `docs/changes.md`: its table of kinds is that of the code, and the code's is complete: whatever a mutation records is in
//! it, with a rule for each name in its detail. `UPDATE_DOCS=1 tests/run feed::doc` writes the table.

use std::collections::BTreeSet;
use std::{env, fs};

use precinct::domain::feed::{KEYS, KINDS, Kind};

use crate::on_both;
use crate::support::dynamic::{label, mutates, rpcs};
use crate::support::world::World;
use crate::support::{operations, requests};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/changes.md");
/// What the table stands between.
const EDGES: [&str; 2] = ["<!-- kinds -->\n", "<!-- end of kinds -->\n"];

fn line(kind: &Kind) -> String {
    let shown = if kind.subject.in_views() { "yes" } else { "" };
    format!("| `{}` | {} | {} | {shown} |\n", kind.name, kind.title, kind.subject.told_to())
}

#[test]
fn k_07_the_document_lists_the_kinds() {
    let stored = fs::read_to_string(FILE).expect("docs/changes.md");
    let (before, rest) = stored.split_once(EDGES[0]).expect("the table begins");
    let (_, after) = rest.split_once(EDGES[1]).expect("the table ends");
    let lines: String = KINDS.iter().map(line).collect();
    let table =
        format!("| kind | what happened | who is told | in views |\n|---|---|---|---|\n{lines}");
    let document = [before, EDGES[0], &table, EDGES[1], after].concat();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(FILE, &document).expect("the document");
    } else {
        assert!(stored == document, "docs/changes.md is stale: UPDATE_DOCS=1 tests/run feed::doc");
    }
}

#[test]
fn k_07_the_tables_are_sorted() {
    assert!(KINDS.is_sorted_by_key(|kind| kind.name));
    assert!(KEYS.is_sorted_by_key(|(name, _)| name));
}

on_both! {
    /// K-07: every kind that is recorded is known, and every name in what is recorded with it.
    async fn k_07_every_kind_that_is_recorded_is_known(app) {
        let mut recorded = BTreeSet::new();
        let mut names = BTreeSet::new();
        for rpc in rpcs().filter(mutates) {
            let label = label(&rpc);
            let world = World::new(app, &label).await;
            let request = requests::request(&world, &label).expect("there is a request of each");
            let outcome = world.caller(&label).call(&rpc, &request).await;
            assert!(outcome.refusal.is_none(), "{label}: {outcome:?}");
            operations::finish(operations::worker(&app.server)).await;
            for rows in app.rows(&world.tenants()).await.into_values() {
                for change in rows.changes {
                    let detail = change.detail.as_object().expect("an object");
                    names.extend(detail.keys().cloned());
                    recorded.insert(change.kind);
                }
            }
        }
        let known = |kind: &String| KINDS.iter().any(|one| one.name == kind);
        let unknown: Vec<&String> = recorded.iter().filter(|kind| !known(kind)).collect();
        assert!(unknown.is_empty(), "src/domain/feed/kind.rs lacks {unknown:?}");
        let ruled = |name: &String| KEYS.iter().any(|(one, _)| one == name);
        let unruled: Vec<&String> = names.iter().filter(|name| !ruled(name)).collect();
        assert!(unruled.is_empty(), "src/domain/feed/detail.rs lacks {unruled:?}");
        // Those that no single call makes are made in the tests of their matter.
        let unseen = KINDS.iter().filter(|kind| !recorded.contains(kind.name));
        let unseen: Vec<&str> = unseen.map(|kind| kind.name).collect();
        assert!(unseen.len() < 8, "{unseen:?}");
    }
}
