//! `docs/changes.md`: its table of kinds is that of the code: `UPDATE_DOCS=1 tests/run feed::doc` writes it. The code's is
//! complete, since whatever a test records is looked up in it (`tests/support/checker/feed.rs`).

use std::{env, fs};

use precinct::domain::feed::{KEYS, KINDS, Kind};

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
