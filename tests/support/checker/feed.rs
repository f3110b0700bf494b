//! K-07: what must hold of the feed, whatever recorded it.

use std::collections::BTreeSet;

use precinct::domain::feed::{KEYS, KINDS};

use crate::support::rows::Rows;

/// Every kind that is recorded is in the table that decides who is told of it, and every name in its detail has its rule.
pub fn flaws(rows: &Rows) -> Vec<String> {
    let kinds: BTreeSet<&str> = rows.changes.iter().map(|one| one.kind.as_str()).collect();
    let known = |kind: &str| KINDS.iter().any(|one| one.name == kind);
    let unknown = kinds.into_iter().filter(|kind| !known(kind));
    let details = rows.changes.iter().filter_map(|one| one.detail.as_object());
    let names: BTreeSet<&String> = details.flat_map(|detail| detail.keys()).collect();
    let ruled = |name: &String| KEYS.iter().any(|(one, _)| one == name);
    let unruled = names.into_iter().filter(|name| !ruled(name));
    let kinds = unknown.map(|kind| format!("K-07: src/domain/feed/kind.rs lacks {kind}"));
    kinds
        .chain(unruled.map(|name| format!("K-07: src/domain/feed/detail.rs lacks {name}")))
        .collect()
}
