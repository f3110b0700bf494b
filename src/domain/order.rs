//! The order of a list by name or by time of creation, and places in it.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// What decides.
    pub by: By,
    /// Last first.
    pub descending: bool,
}

/// What decides an order; the id decides between equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The name.
    Name,
    /// The time of creation.
    CreateTime,
}

/// A place in a list, of whichever order: behind the item that it was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The item's name.
    pub name: String,
    /// When it was made, in microseconds.
    pub create_time: i64,
    /// Its id.
    pub id: Uuid,
}

// === impl Order ===

impl Order {
    /// By name, first first.
    pub const NAME: Self = Self { by: By::Name, descending: false };

    /// Parses `order_by`; `name` is what the list calls its names.
    pub fn parse(text: &str, name: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (key, descending) = match words[..] {
            [] => return Ok(Self::NAME),
            [key] => (key, false),
            [key, "desc"] => (key, true),
            _ => ("", false),
        };
        let by = match key {
            "create_time" => By::CreateTime,
            key if key == name => By::Name,
            _ => return Err(format!("must be {name} or create_time; \" desc\" may follow")),
        };
        Ok(Self { by, descending })
    }

    /// Which of two places comes first; texts are compared by their code points, as the databases do.
    pub fn compare(self, a: &Place, b: &Place) -> Ordering {
        let key = match self.by {
            By::Name => a.name.cmp(&b.name),
            By::CreateTime => a.create_time.cmp(&b.create_time),
        };
        let ascending = key.then_with(|| a.id.cmp(&b.id));
        if self.descending { ascending.reverse() } else { ascending }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_04_orders_are_those_of_the_list() {
        let parse = |text| Order::parse(text, "display_name");
        assert_eq!(parse("").unwrap(), Order::NAME);
        assert_eq!(parse("display_name").unwrap(), Order::NAME);
        let newest = Order { by: By::CreateTime, descending: true };
        assert_eq!(parse(" create_time  desc").unwrap(), newest);
        for text in ["name", "display_name asc", "create_time desc, id", "desc", "display_name; --"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
