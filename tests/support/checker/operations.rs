//! H-09: what must hold of operations.

use std::collections::BTreeSet;

use precinct::entity::operation::State;
use uuid::Uuid;

use crate::support::rows::Rows;

/// What is due is there, and what has ended is due no more and keeps nothing that it was asked.
pub fn flaws(rows: &Rows) -> Vec<String> {
    let mut flaws = Vec::new();
    let due = rows.dues.iter().filter(|due| due.kind == "OPERATION");
    let due: BTreeSet<Uuid> = due.map(|due| due.id).collect();
    let open = rows.operations.iter().filter(|one| one.end_time.is_none());
    let open: BTreeSet<Uuid> = open.map(|one| one.id.0).collect();
    if due != open {
        flaws.push(format!("H-09: due are {due:?}, open are {open:?}"));
    }
    for one in &rows.operations {
        let ended = one.end_time.is_some();
        let told = one.result.is_null() != one.error.is_null();
        if ended != (one.state == State::Done)
            || ended != one.expire_time.is_some()
            || ended != told
        {
            flaws.push(format!("H-09: {} is half ended", one.id));
        }
        if ended && !(one.request.is_null() && one.cursor.is_null() && one.lease_until.is_none()) {
            flaws.push(format!("H-09: {} has ended and holds on", one.id));
        }
    }
    flaws
}
