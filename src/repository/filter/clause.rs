//! One predicate as an expression over the row `p` of a person. It is true or false, and never NULL.

use sea_orm::{ActiveEnum, DbBackend, Iterable};
use serde_json::json;
use uuid::Uuid;

use super::float::Near;
use crate::domain::attribute::{Type, Value};
use crate::domain::filter::{Check, Column, Comparison, Key, Leaf, Predicate, Question, Set, Tree};
use crate::domain::text;
use crate::entity::person::Source;
use crate::repository::sql::Arg;

/// Stands in a clause for the next value that it binds.
const PLACE: &str = "$?";

/// An expression with the values that it binds.
#[derive(Clone, Debug)]
pub struct Clause {
    backend: DbBackend,
    text: String,
    args: Vec<Arg>,
}

// === impl Clause ===

impl Clause {
    /// Whether a predicate holds.
    pub fn holds(predicate: &Predicate, backend: DbBackend) -> Self {
        let mut clause = Self { backend, text: String::new(), args: Vec::new() };
        clause.tree(predicate.root());
        clause
    }

    /// The id of the first predicate that holds, or the nil UUID.
    pub fn first(segments: &[(Uuid, &Predicate)], backend: DbBackend) -> Self {
        let mut clause = Self { backend, text: String::new(), args: Vec::new() };
        clause.push("CASE");
        for (id, predicate) in segments {
            clause.push(" WHEN ");
            clause.tree(predicate.root());
            clause.push(" THEN ");
            clause.bind(*id);
        }
        clause.push(if segments.is_empty() { " WHEN true THEN " } else { " ELSE " });
        clause.bind(Uuid::nil());
        clause.push(" END");
        clause
    }

    /// Puts the clause behind a text, and its values behind those that the text binds.
    pub(super) fn append(self, text: &mut String, args: &mut Vec<Arg>) {
        let mut pieces = self.text.split(PLACE);
        text.push_str(pieces.next().unwrap_or_default());
        for (piece, arg) in pieces.zip(self.args) {
            args.push(arg);
            text.push_str(&format!("${}{piece}", args.len()));
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn bind(&mut self, arg: impl Into<Arg>) {
        self.push(PLACE);
        self.args.push(arg.into());
    }

    fn tree(&mut self, tree: &Tree) {
        match tree {
            Tree::All(trees) => self.joined(trees, " AND ", "true"),
            Tree::Any(trees) => self.joined(trees, " OR ", "false"),
            Tree::Not(inner) => {
                self.push("(NOT ");
                self.tree(inner);
                self.push(")");
            }
            Tree::Leaf(leaf) => self.leaf(leaf),
            Tree::SmartList(_, list) => self.tree(list.root()),
        }
    }

    /// Halves in parentheses: SQLite's expressions nest to 1,000, and those of a plain row would nest as they are many.
    fn joined(&mut self, trees: &[Tree], word: &str, none: &str) {
        match trees {
            [] => self.push(none),
            [one] => self.tree(one),
            _ => {
                let (left, right) = trees.split_at(trees.len() / 2);
                self.push("(");
                self.joined(left, word, none);
                self.push(word);
                self.joined(right, word, none);
                self.push(")");
            }
        }
    }

    fn leaf(&mut self, leaf: &Leaf) {
        match &leaf.question {
            Question::Field(column, check) => self.field(*column, check),
            Question::In(set) => self.set(*set),
        }
    }

    fn field(&mut self, column: Column, check: &Check) {
        match check {
            Check::Empty if column.kind == Type::Text => {
                let value = self.value(column);
                self.push(&format!("(coalesce({value}, '') = '')"));
            }
            Check::Empty => {
                let value = self.value(column);
                self.push(&format!("({value} IS NULL)"));
            }
            Check::Compare(_, Value::Text(text)) => {
                self.known(&self.folded(column), |it| it.operator(" = ", text.as_str()));
            }
            Check::Compare(how, value) => self.compare(column, *how, value),
            Check::Between(low, high) => {
                self.push("(");
                self.compare(column, Comparison::AtLeast, low);
                self.push(" AND ");
                self.compare(column, Comparison::AtMost, high);
                self.push(")");
            }
            Check::OneOf(texts) => self.known(&self.folded(column), |it| it.among(texts)),
            Check::StartsWith(start) => self.place(column, start, " = 1"),
            Check::Contains(part) => self.place(column, part, " > 0"),
        }
    }

    fn compare(&mut self, column: Column, how: Comparison, value: &Value) {
        match (value, self.backend) {
            (Value::Number(number), DbBackend::Sqlite) => self.near(column, how, *number),
            _ => self.known(&self.value(column), |it| {
                it.push(&format!(" {} ", how.sign()));
                it.scalar(column, value);
            }),
        }
    }

    /// A comparison of a floating-point number under SQLite.
    fn near(&mut self, column: Column, how: Comparison, number: f64) {
        let Near { beyond, until, forms } = Near::new(how, number);
        let (value, form) = (self.value(column), self.form(column));
        if how == Comparison::Equal {
            return self.known(&form, |it| it.among(&forms));
        }
        let (past, back) = match how {
            Comparison::Less | Comparison::AtMost => (" < ", " <= "),
            _ => (" > ", " >= "),
        };
        self.known(&format!("({value}"), |it| {
            it.operator(past, beyond);
            it.push(&format!(" OR ({value}"));
            it.operator(back, until);
            it.push(&format!(" AND {form}"));
            it.among(&forms);
            it.push("))");
        });
    }

    /// An expression that is false where a value is missing.
    fn known(&mut self, left: &str, right: impl FnOnce(&mut Self)) {
        self.push("coalesce(");
        self.push(left);
        right(self);
        self.push(", false)");
    }

    fn operator(&mut self, operator: &str, arg: impl Into<Arg>) {
        self.push(operator);
        self.bind(arg);
    }

    fn among(&mut self, texts: &[String]) {
        let texts = Arg::from(texts.to_vec());
        match self.backend {
            DbBackend::Sqlite => {
                self.operator(" IN (SELECT value FROM json_each(", texts);
                self.push("))");
            }
            _ => {
                self.operator(" = ANY(", texts);
                self.push(")");
            }
        }
    }

    /// Where in a text another is found first.
    fn place(&mut self, column: Column, text: &str, test: &str) {
        let function = if self.backend == DbBackend::Sqlite { "instr(" } else { "strpos(" };
        let folded = self.folded(column);
        self.known(&format!("{function}{folded}, "), |it| {
            it.bind(text);
            it.push(&format!("){test}"));
        });
    }

    fn set(&mut self, set: Set) {
        match set {
            Set::List(id) | Set::Program(id) => {
                self.push(
                    "EXISTS (SELECT 1 FROM asset_member m WHERE m.tenant_id = $1 AND m.person_id = p.id AND m.asset_id = ",
                );
                self.bind(id);
                self.push(")");
            }
            Set::Segment(segmentation, segment) => self.segment(segmentation.0, segment),
            Set::Partition(id) => {
                self.push("(p.partition_id = ");
                self.bind(id);
                self.push(")");
            }
            // Bound, a smart list is its filter.
            Set::SmartList(_) => self.push("false"),
        }
    }

    /// Who is in a segment by the live results, where these may be read: what is not computed is no segment's (G-04).
    fn segment(&mut self, segmentation: Uuid, segment: Uuid) {
        self.push(
            "EXISTS (SELECT 1 FROM segmentation g \
             JOIN segment_member m ON m.tenant_id = $1 AND m.segmentation_id = g.id AND m.person_id = p.id \
                 AND m.from_generation <= g.live_generation AND g.live_generation < m.to_generation \
             JOIN segment_coverage c ON c.tenant_id = $1 AND c.segmentation_id = g.id \
                 AND c.partition_id = p.partition_id AND c.compute_time IS NOT NULL \
             WHERE g.tenant_id = $1 AND g.id = ",
        );
        self.bind(segmentation);
        self.operator(" AND m.segment_id = ", segment);
        self.push(")");
    }

    /// A value, as [`Clause::value`] gives it.
    fn scalar(&mut self, column: Column, value: &Value) {
        let custom = matches!(column.key, Key::Custom(_)) && self.backend != DbBackend::Sqlite;
        match value {
            Value::Text(text) | Value::Date(text) => self.bind(text.as_str()),
            Value::Integer(value) | Value::Timestamp(value) if custom => self.bind(json!(value)),
            Value::Number(value) if custom => self.bind(json!(value)),
            Value::Boolean(value) if custom => self.bind(json!(value)),
            Value::Integer(value) | Value::Timestamp(value) => self.bind(*value),
            Value::Number(value) => self.bind(*value),
            Value::Boolean(value) => self.bind(*value),
        }
    }

    /// The expression of a field's value. PostgreSQL compares numbers as JSON, which is exact, and fails on no row,
    /// whatever another tenant has under the same ordinal.
    fn value(&self, column: Column) -> String {
        match (column.key, self.backend) {
            (Key::BuiltIn(name), _) => built_in(name).into(),
            (Key::Custom(ordinal), DbBackend::Sqlite) => {
                format!("(p.attributes->>'$.\"{ordinal}\"')")
            }
            (Key::Custom(ordinal), _) => match column.kind {
                Type::Text => format!("(p.attributes->>'{ordinal}')"),
                Type::Date => format!("(p.attributes->>'{ordinal}') COLLATE \"C\""),
                _ => format!("(p.attributes->'{ordinal}')"),
            },
        }
    }

    /// The expression of a value's written form under SQLite.
    fn form(&self, column: Column) -> String {
        self.value(column).replace("->>", "->")
    }

    /// The expression of a text as it is compared.
    fn folded(&self, column: Column) -> String {
        let key = match column.key {
            Key::BuiltIn("source") => return source(),
            Key::BuiltIn(name) => name.to_owned(),
            Key::Custom(ordinal) => ordinal.to_string(),
        };
        let kept = match self.backend {
            DbBackend::Sqlite => format!("p.folded->>'$.\"{key}\"'"),
            _ => format!("p.folded->>'{key}'"),
        };
        format!("coalesce({kept}, {})", self.value(column))
    }
}

/// The column of a built-in field.
fn built_in(name: &str) -> &'static str {
    match name {
        "email" => "p.email",
        "external_id" => "p.external_id",
        "first_name" => "p.first_name",
        "last_name" => "p.last_name",
        "unsubscribed" => "p.unsubscribed",
        "source" => "p.source",
        "create_time" => "p.create_time",
        "update_time" => "p.update_time",
        other => unreachable!("{other} is no built-in field"),
    }
}

/// Sources are few: their folded names need not be kept.
fn source() -> String {
    let arm = |one: Source| {
        let name = one.to_value();
        format!(" WHEN '{name}' THEN '{}'", text::fold(&name))
    };
    format!("CASE p.source{} END", Source::iter().map(arm).collect::<String>())
}
