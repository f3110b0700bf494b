//! From tree to text: one text for each tree, which parses to it.

use std::fmt::{self, Display, Formatter, Write};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::parse::is_joint;
use super::{Check, Comparison, Filter, Node, Set, Test};
use crate::domain::attribute::Value;

/// Most characters of a condition in a problem.
const SHORT: usize = 120;

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.root().fmt(f)
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(nodes) => joined(f, nodes, " and "),
            Self::Any(nodes) => joined(f, nodes, " or "),
            Self::Not(inner) => match &**inner {
                Self::Field(name, test) => condition(f, name, test, true),
                inner => {
                    f.write_str("not ")?;
                    term(f, inner)
                }
            },
            Self::Field(name, test) => condition(f, name, test, false),
            Self::In(set) => set.fmt(f),
        }
    }
}

fn joined(f: &mut Formatter<'_>, nodes: &[Node], word: &str) -> fmt::Result {
    for (at, node) in nodes.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        term(f, node)?;
    }
    Ok(())
}

fn term(f: &mut Formatter<'_>, node: &Node) -> fmt::Result {
    match node {
        Node::All(_) | Node::Any(_) => write!(f, "({node})"),
        _ => node.fmt(f),
    }
}

fn condition(f: &mut Formatter<'_>, name: &str, test: &Test, negative: bool) -> fmt::Result {
    if is_joint(name) {
        quote(f, name)?;
    } else {
        f.write_str(name)?;
    }
    let not = if negative { "not " } else { "" };
    match test {
        Test::PastDays(days) => write!(f, " {not}past_days {days}"),
        Test::NextDays(days) => write!(f, " {not}next_days {days}"),
        Test::Fixed(Check::Empty) => write!(f, " is {not}empty"),
        Test::Fixed(Check::Compare(Comparison::Equal, value)) => {
            f.write_str(if negative { " != " } else { " = " })?;
            literal(f, value)
        }
        // No operator is the negative of these: without a value, neither holds.
        Test::Fixed(Check::Compare(how, value)) => {
            write!(f, " {not}{} ", how.sign())?;
            literal(f, value)
        }
        Test::Fixed(Check::Between(low, high)) => {
            write!(f, " {not}between ")?;
            literal(f, low)?;
            f.write_str(" and ")?;
            literal(f, high)
        }
        Test::Fixed(Check::OneOf(texts)) => {
            write!(f, " {not}in (")?;
            for (at, text) in texts.iter().enumerate() {
                if at > 0 {
                    f.write_str(", ")?;
                }
                quote(f, text)?;
            }
            f.write_char(')')
        }
        Test::Fixed(Check::StartsWith(text)) => {
            write!(f, " {not}starts_with ")?;
            quote(f, text)
        }
        Test::Fixed(Check::Contains(text)) => {
            write!(f, " {not}contains ")?;
            quote(f, text)
        }
    }
}

/// A value as people read it: a literal, of a text without the quotes.
pub fn plain(value: &Value) -> String {
    struct Literal<'a>(&'a Value);
    impl Display for Literal<'_> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            literal(f, self.0)
        }
    }
    match value {
        Value::Text(text) => text.clone(),
        other => Literal(other).to_string(),
    }
}

fn literal(f: &mut Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Text(text) => quote(f, text),
        Value::Integer(number) => write!(f, "{number}"),
        // Shortest, and with a point or an exponent: never a whole number's form.
        Value::Number(number) => write!(f, "{number:?}"),
        Value::Boolean(truth) => write!(f, "{truth}"),
        Value::Date(day) => f.write_str(day),
        Value::Timestamp(micros) => {
            let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(*micros) * 1_000);
            let text = time.ok().and_then(|time| time.format(&Rfc3339).ok());
            f.write_str(&text.ok_or(fmt::Error)?)
        }
    }
}

fn quote(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

impl Display for Set {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(id) => write!(f, "in_list(\"{id}\")"),
            Self::SmartList(id) => write!(f, "in_smart_list(\"{id}\")"),
            Self::Program(id) => write!(f, "in_program(\"{id}\")"),
            Self::Segment(segmentation, id) => {
                write!(f, "in_segment(\"{segmentation}\", \"{id}\")")
            }
            Self::Partition(id) => write!(f, "in_partition(\"{id}\")"),
        }
    }
}

// === impl Comparison ===

impl Comparison {
    /// As it stands in text and in SQL.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// A condition's text for people, cut where it is long.
pub(super) fn short(node: &Node) -> String {
    let text = node.to_string();
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
