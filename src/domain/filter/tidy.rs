//! A tree's size, its form, and its normal form.

use super::{
    Check, DAYS_MAX, DEPTH_MAX, NODES_MAX, Node, Problem, TEXT_MAX, Test, VALUES_MAX, parse_day,
};
use crate::domain::attribute::Value;
use crate::domain::{built_in, text};

/// The microseconds of the years 1 to 9999.
const MOMENTS: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// What a tree takes of its budgets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    depth: usize,
    nodes: usize,
    values: usize,
}

/// The normal form of a tree within its budgets: groups of one are that one, and texts are NFC.
pub(super) fn tidy(root: Node) -> Result<Node, Vec<Problem>> {
    Size::of(&root).check().map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let root = node(root, &mut String::new(), &mut problems);
    if problems.is_empty() { Ok(root) } else { Err(problems) }
}

fn node(given: Node, path: &mut String, problems: &mut Vec<Problem>) -> Node {
    match given {
        Node::All(nodes) => group(nodes, "all", path, problems, Node::All),
        Node::Any(nodes) => group(nodes, "any", path, problems, Node::Any),
        Node::Not(inner) => {
            Node::Not(Box::new(below(path, "not", |path| node(*inner, path, problems))))
        }
        Node::Field(name, given) => {
            if let Err(why) = built_in::parse_name(&name) {
                problems.push(Problem::new(path.as_str(), format!("the name of a field {why}")));
            }
            match test(given) {
                Ok(test) => Node::Field(name, test),
                Err(why) => {
                    problems.push(Problem::new(path.as_str(), format!("{name}: {why}")));
                    Node::All(Vec::new())
                }
            }
        }
        Node::In(set) => Node::In(set),
    }
}

fn group(
    nodes: Vec<Node>,
    name: &str,
    path: &mut String,
    problems: &mut Vec<Problem>,
    of: fn(Vec<Node>) -> Node,
) -> Node {
    if nodes.is_empty() {
        problems.push(Problem::new(path.as_str(), format!("{name} must have at least 1 node")));
    }
    let tidied = nodes.into_iter().enumerate().map(|(at, one)| {
        below(path, &format!("{name}.nodes[{at}]"), |path| node(one, path, problems))
    });
    let mut nodes: Vec<Node> = tidied.collect();
    match nodes.len() {
        1 => nodes.remove(0),
        _ => of(nodes),
    }
}

/// Works on what is one step further down a path.
pub(super) fn below<T>(path: &mut String, step: &str, work: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(step);
    let done = work(path);
    path.truncate(length);
    done
}

fn test(given: Test) -> Result<Test, String> {
    Ok(match given {
        Test::PastDays(days) | Test::NextDays(days) if !(1..=DAYS_MAX).contains(&days) => {
            return Err(format!("must have 1 to {DAYS_MAX} days"));
        }
        Test::PastDays(_) | Test::NextDays(_) => given,
        Test::Fixed(check) => Test::Fixed(match check {
            Check::Empty => Check::Empty,
            Check::Compare(how, given) => Check::Compare(how, value(given)?),
            Check::Between(low, high) => Check::Between(value(low)?, value(high)?),
            Check::OneOf(texts) if texts.is_empty() => {
                return Err("must have at least 1 value".into());
            }
            Check::OneOf(texts) => {
                Check::OneOf(texts.iter().map(|one| line(one)).collect::<Result<_, _>>()?)
            }
            Check::StartsWith(given) => Check::StartsWith(line(&given)?),
            Check::Contains(given) => Check::Contains(line(&given)?),
        }),
    })
}

fn value(given: Value) -> Result<Value, String> {
    match &given {
        Value::Text(given) => line(given).map(Value::Text),
        Value::Number(number) if !number.is_finite() => Err("must be a finite number".into()),
        Value::Date(day) if parse_day(day).is_none() => {
            Err(format!("{day:?} is not a day of the calendar, as 2026-03-31"))
        }
        Value::Timestamp(micros) if !MOMENTS.contains(micros) => {
            Err("must be a timestamp of the years 1 to 9999".into())
        }
        _ => Ok(given),
    }
}

/// A text to compare with, which is not empty: nothing is equal to what is not there.
fn line(given: &str) -> Result<String, String> {
    match text::paragraph(given, TEXT_MAX)? {
        text if text.is_empty() => Err("a text to compare with must not be empty; to find people \
                                        without a value, use: is empty"
            .into()),
        text => Ok(text),
    }
}

// === impl Size ===

impl Size {
    /// Adds a node that stands beside the others.
    pub(super) fn add(&mut self, node: &Node) {
        let one = Self::of(node);
        self.depth = self.depth.max(one.depth);
        self.nodes += one.nodes;
        self.values += one.values;
    }

    fn of(node: &Node) -> Self {
        match node {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().map(Self::of).fold(
                Self { depth: 1, nodes: 1, values: 0 },
                |sum, one| Self {
                    depth: sum.depth.max(one.depth + 1),
                    nodes: sum.nodes + one.nodes,
                    values: sum.values + one.values,
                },
            ),
            // A negative operator is one with its condition.
            Node::Not(inner) if inner.is_condition() => Self::of(inner),
            Node::Not(inner) => {
                let inner = Self::of(inner);
                Self { depth: inner.depth + 1, nodes: inner.nodes + 1, ..inner }
            }
            Node::Field(_, test) => Self { depth: 1, nodes: 1, values: test.values() },
            Node::In(_) => Self { depth: 1, nodes: 1, values: 1 },
        }
    }

    pub(super) fn check(self) -> Result<(), Problem> {
        let Self { depth, nodes, values } = self;
        let over = |what: &str, count: usize, most: usize| {
            Problem::new(
                "",
                format!(
                    "has {count} {what}, and may have {most}; split the filter, or move parts into smart lists"
                ),
            )
        };
        match self {
            _ if depth > DEPTH_MAX => Err(too_deep()),
            _ if nodes > NODES_MAX => Err(over("conditions and groups", nodes, NODES_MAX)),
            _ if values > VALUES_MAX => Err(over("values", values, VALUES_MAX)),
            _ => Ok(()),
        }
    }
}

/// The refusal of a tree that nests too deeply, whatever its depth.
pub(super) fn too_deep() -> Problem {
    Problem::new(
        "",
        format!(
            "nests deeper than {DEPTH_MAX} levels; use fewer parentheses, or move parts into smart lists"
        ),
    )
}

// === impl Test ===

impl Test {
    fn values(&self) -> usize {
        match self {
            Self::Fixed(check) => check.values(),
            Self::PastDays(_) | Self::NextDays(_) => 1,
        }
    }
}

impl Check {
    /// How many values it has.
    pub(super) fn values(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Compare(..) | Self::StartsWith(_) | Self::Contains(_) => 1,
            Self::Between(..) => 2,
            Self::OneOf(texts) => texts.len(),
        }
    }
}
