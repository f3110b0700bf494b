//! From a filter to a predicate: fields are looked up, types checked, relative dates resolved, smart lists put in.

use std::collections::HashMap;
use std::sync::Arc;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

use super::predicate::{DEPTH_MAX, NODES_MAX, VALUES_MAX};
use super::print::short;
use super::tidy::below;
use super::{
    Check, Column, Comparison, Filter, Key, Leaf, Node, Predicate, Problem, Question, Reads, Set,
    Test, Tree,
};
use crate::domain::attribute::{Type, Value};
use crate::domain::{built_in, text};
use crate::id::AssetId;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MICROS_OF_DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Bound filters of smart lists.
pub type SmartLists = HashMap<AssetId, Arc<Predicate>>;

/// What a filter is bound to.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    /// The ordinal and type of a field of the tenant's own.
    pub field: &'a dyn Fn(&str) -> Option<(i64, Type)>,
    /// The smart lists that it may refer to.
    pub smart_lists: &'a SmartLists,
    /// The tenant's day.
    pub today: Date,
}

/// The day of a moment, in UTC.
pub fn day(micros: i64) -> Date {
    // The type holds more years than the microseconds do.
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .map_or(Date::MIN, OffsetDateTime::date)
}

/// A day of the calendar in its one form, `2026-03-31`.
pub fn parse_day(text: &str) -> Option<Date> {
    let plain = text.len() == 10 && text.starts_with(|c: char| c.is_ascii_digit());
    Date::parse(text, DAY).ok().filter(|_| plain)
}

// === impl Filter ===

impl Filter {
    /// Binds the filter, or says all that is wrong with it.
    pub fn bind(&self, to: Binding<'_>) -> Result<Predicate, Vec<Problem>> {
        let mut bound = Bound {
            to,
            reads: Reads::default(),
            relative: false,
            problems: Vec::new(),
            nodes: 0,
            values: 0,
        };
        let (root, depth) = bound.node(self.root(), &mut String::new());
        let Bound { reads, relative, mut problems, nodes, values, .. } = bound;
        for (what, count, most) in [
            ("levels", depth, DEPTH_MAX),
            ("conditions and groups", nodes, NODES_MAX),
            ("values", values, VALUES_MAX),
        ] {
            if count > most {
                let text = format!(
                    "has {count} {what} with its smart lists, and may have {most}; use fewer or smaller smart lists"
                );
                problems.push(Problem::new("", text));
            }
        }
        if problems.is_empty() {
            Ok(Predicate { root, reads, relative, depth, nodes, values })
        } else {
            Err(problems)
        }
    }
}

/// The work of binding one filter.
struct Bound<'a> {
    to: Binding<'a>,
    reads: Reads,
    relative: bool,
    problems: Vec<Problem>,
    nodes: usize,
    values: usize,
}

// === impl Bound ===

impl Bound<'_> {
    /// The bound node, and its depth.
    fn node(&mut self, node: &Node, path: &mut String) -> (Tree, usize) {
        self.nodes += 1;
        match node {
            Node::All(nodes) => self.group(nodes, "all", path, Tree::All),
            Node::Any(nodes) => self.group(nodes, "any", path, Tree::Any),
            Node::Not(inner) => {
                let (tree, depth) = below(path, "not", |path| self.node(inner, path));
                (Tree::Not(Box::new(tree)), depth + 1)
            }
            Node::Field(name, test) => {
                let question = self.column(name).and_then(|column| self.field(column, test));
                (self.leaf(node, question, path), 1)
            }
            Node::In(Set::SmartList(id)) => self.smart_list(*id, node, path),
            Node::In(set) => {
                self.reads.read(*set);
                self.values += 1;
                (self.leaf(node, Ok(Question::In(*set)), path), 1)
            }
        }
    }

    fn group(
        &mut self,
        nodes: &[Node],
        name: &str,
        path: &mut String,
        of: fn(Vec<Tree>) -> Tree,
    ) -> (Tree, usize) {
        let mut deepest = 0;
        let mut trees = Vec::with_capacity(nodes.len());
        for (at, one) in nodes.iter().enumerate() {
            let (tree, depth) =
                below(path, &format!("{name}.nodes[{at}]"), |path| self.node(one, path));
            deepest = deepest.max(depth);
            trees.push(tree);
        }
        (of(trees), deepest + 1)
    }

    fn leaf(&mut self, node: &Node, question: Result<Question, String>, path: &str) -> Tree {
        let text = short(node);
        match question {
            Ok(question) => Tree::Leaf(Leaf { question, text }),
            Err(why) => {
                self.problems.push(Problem::new(path, format!("{text}: {why}")));
                Tree::Any(Vec::new())
            }
        }
    }

    fn smart_list(&mut self, id: AssetId, node: &Node, path: &str) -> (Tree, usize) {
        let Some(list) = self.to.smart_lists.get(&id) else {
            return (self.leaf(node, Err("the smart list is not there".into()), path), 1);
        };
        self.reads.join(&list.reads);
        self.relative |= list.relative;
        self.nodes += list.nodes;
        self.values += list.values;
        (Tree::SmartList(id, list.clone()), list.depth + 1)
    }

    fn column(&self, name: &str) -> Result<Column, String> {
        if let Some(known) = built_in::named(name) {
            return Ok(Column { key: Key::BuiltIn(known.name), kind: known.kind });
        }
        let known =
            (self.to.field)(name).map(|(ordinal, kind)| Column { key: Key::Custom(ordinal), kind });
        known.ok_or_else(|| format!("there is no field {name}"))
    }

    fn field(&mut self, column: Column, test: &Test) -> Result<Question, String> {
        self.reads.fields.insert(column.key);
        let check = match test {
            Test::Fixed(check) => fixed(check, column.kind)?,
            Test::PastDays(days) => self.days(column.kind, 1 - i64::from(*days), 0)?,
            Test::NextDays(days) => self.days(column.kind, 0, i64::from(*days) - 1)?,
        };
        self.values += check.values();
        Ok(Question::Field(column, check))
    }

    /// The days from one to another, counted from today.
    fn days(&mut self, kind: Type, first: i64, last: i64) -> Result<Check, String> {
        self.relative = true;
        let on = |days: i64| self.to.today.saturating_add(Duration::days(days));
        let (first, last) = (on(first), on(last));
        match kind {
            Type::Date => {
                Ok(Check::Between(Value::Date(written_day(first)), Value::Date(written_day(last))))
            }
            Type::Timestamp => {
                let last = start(last) + (MICROS_OF_DAY - 1);
                Ok(Check::Between(Value::Timestamp(start(first)), Value::Timestamp(last)))
            }
            _ => Err(format!(
                "the field is {}; past_days and next_days are for dates and timestamps",
                kind.name()
            )),
        }
    }
}

/// A day as it is stored. Outside of the calendar of four digits lies nothing that is.
pub fn written_day(day: Date) -> String {
    match day.year() {
        ..0 => "0000-01-01".into(),
        _ => format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day()),
    }
}

/// The first moment of a day.
fn start(day: Date) -> i64 {
    day.midnight().assume_utc().unix_timestamp() * 1_000_000
}

/// A check with its values in the field's type, if the operator is one of the type's (L-02).
fn fixed(check: &Check, kind: Type) -> Result<Check, String> {
    let ordered = !matches!(kind, Type::Text | Type::Boolean);
    let texts = |operator: &str| match kind {
        Type::Text => Ok(()),
        _ => Err(format!("the field is {}; {operator} is for texts", kind.name())),
    };
    Ok(match check {
        Check::Empty => Check::Empty,
        Check::Compare(how, value) if ordered || *how == Comparison::Equal => {
            Check::Compare(*how, typed(value, kind)?)
        }
        Check::Between(low, high) if ordered => {
            Check::Between(typed(low, kind)?, typed(high, kind)?)
        }
        Check::Compare(..) | Check::Between(..) => {
            return Err(format!("the field is {}, and has no order", kind.name()));
        }
        Check::OneOf(values) => {
            texts("in")?;
            Check::OneOf(values.iter().map(|one| text::fold(one)).collect())
        }
        Check::StartsWith(start) => {
            texts("starts_with")?;
            Check::StartsWith(text::fold(start))
        }
        Check::Contains(part) => {
            texts("contains")?;
            Check::Contains(text::fold(part))
        }
    })
}

/// A value in the field's type; a whole number is a number, too.
fn typed(value: &Value, kind: Type) -> Result<Value, String> {
    match (value, kind) {
        (Value::Text(given), Type::Text) => Ok(Value::Text(text::fold(given))),
        #[expect(clippy::cast_precision_loss, reason = "a field of numbers holds floating point")]
        (Value::Integer(whole), Type::Number) => Ok(Value::Number(*whole as f64)),
        _ if value.kind() == kind => Ok(value.clone()),
        _ => Err(format!("the field is {}, and the value is {}", kind.name(), value.kind().name())),
    }
}

// === impl Reads ===

impl Reads {
    /// Notes that it is asked who is in this.
    fn read(&mut self, set: Set) {
        match set {
            Set::List(id) | Set::Program(id) => drop(self.members.insert(id)),
            Set::Segment(id, _) => drop(self.segmentations.insert(id)),
            Set::Partition(_) => self.partition = true,
            Set::SmartList(_) => {}
        }
    }
}
