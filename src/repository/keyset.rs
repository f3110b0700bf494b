//! Pages by name or by time of creation: one text for each order, so that each is a walk over its index.

use uuid::Uuid;

use super::sql::Arg;
use crate::args;
use crate::clock::Micros;
use crate::config::NAME_MAX;
use crate::domain::order::{By, Order, Place};
use crate::domain::visibility::Seen;

/// The statement of a page: `select` up to its last condition, then the order. `$2` and `$3` are the place
/// to go on after, `$4` the length of the page; conditions of the caller's own bind from `$5`.
macro_rules! ordered {
    ($order:expr, $select:literal) => {
        match ($order.by, $order.descending) {
            (By::Name, false) => ordered!(@ $select, "display_name", ">", "ASC"),
            (By::Name, true) => ordered!(@ $select, "display_name", "<", "DESC"),
            (By::CreateTime, false) => ordered!(@ $select, "create_time", ">", "ASC"),
            (By::CreateTime, true) => ordered!(@ $select, "create_time", "<", "DESC"),
        }
    };
    (@ $select:literal, $key:literal, $beyond:literal, $direction:literal) => {
        sql!(concat!(
            $select, " AND (", $key, ", id) ", $beyond, " ($2, $3) \
             ORDER BY ", $key, " ", $direction, ", id ", $direction, " LIMIT $4"
        ))
    };
}
pub(super) use ordered;

/// `$2`, `$3` and `$4` of an [`ordered!`] statement.
pub(super) fn bounds(order: Order, after: Option<Place>, limit: i64) -> Vec<Arg> {
    let place = after.unwrap_or_else(|| start(order));
    match order.by {
        By::Name => args![place.name, place.id, limit],
        By::CreateTime => args![place.create_time, place.id, limit],
    }
}

/// The place before the first item.
fn start(order: Order) -> Place {
    if order.descending {
        // Longer than any name, of the last character that there is.
        let name = "\u{10FFFF}".repeat(NAME_MAX + 1);
        Place { name, create_time: Micros::MAX, id: Uuid::max() }
    } else {
        Place { name: String::new(), create_time: Micros::MIN, id: Uuid::nil() }
    }
}

/// For `$n OR id = ANY($m::uuid[])`: whether all are meant, and which if not.
pub(super) fn among<T>(seen: &Seen<T>, id: impl Fn(&T) -> Uuid) -> (bool, Vec<Uuid>) {
    match seen {
        Seen::All => (true, Vec::new()),
        Seen::These(these) => (false, these.iter().map(id).collect()),
    }
}
