//! Filters between the wire and the domain: three forms come in, two go out.

mod condition;

use self::condition::{field, member};
use super::decode::Fields;
use crate::domain::filter::{Filter, Node, Problem};
use crate::pb;
use crate::pb::filter_node::Kind;

// === inward ===

/// The filter of a field, if it is set.
pub(super) fn filter(
    fields: &mut Fields,
    at: &str,
    message: Option<&pb::Filter>,
) -> Option<Filter> {
    let parsed = parsed(at, message?);
    parsed
        .map_err(|wrong| wrong.into_iter().for_each(|(field, why)| fields.violate(field, why)))
        .ok()
}

/// Fields at fault, and why.
type Wrong = Vec<(String, String)>;

fn parsed(at: &str, message: &pb::Filter) -> Result<Filter, Wrong> {
    let below = |name: &str| format!("{at}.{name}");
    let text = || Filter::parse(&message.text).map_err(|problems| wrong(&below("text"), problems));
    match (&message.root, &message.numbered) {
        (None, None) if message.text.is_empty() => {
            Err(vec![(at.into(), "must have text, root or numbered".into())])
        }
        (None, None) => text(),
        (Some(root), None) => {
            let filter = tree(&below("root"), root)?;
            if message.text.is_empty() || text()? == filter {
                return Ok(filter);
            }
            let why = "must say the same as root; leave one of the two out";
            Err(vec![(below("text"), why.into())])
        }
        (None, Some(given)) if message.text.is_empty() => numbered(&below("numbered"), given),
        _ => Err(vec![(below("numbered"), "must be alone; leave text and root out".into())]),
    }
}

fn tree(at: &str, root: &pb::FilterNode) -> Result<Filter, Wrong> {
    let mut wrong_fields = Vec::new();
    let root = node(at, root, &mut wrong_fields);
    if !wrong_fields.is_empty() {
        return Err(wrong_fields);
    }
    Filter::new(root).map_err(|problems| wrong(at, problems))
}

fn numbered(at: &str, given: &pb::NumberedFilter) -> Result<Filter, Wrong> {
    use pb::filter_condition::Kind;
    let mut wrong_fields = Vec::new();
    let condition = |(n, one): (usize, &pb::FilterCondition)| {
        let at = format!("{at}.conditions[{n}]");
        match &one.kind {
            Some(Kind::Field(one)) => field(&format!("{at}.field"), one, &mut wrong_fields),
            Some(Kind::Member(one)) => member(&format!("{at}.member"), one, &mut wrong_fields),
            None => refused(&at, "must be a field or member condition", &mut wrong_fields),
        }
    };
    let conditions = given.conditions.iter().enumerate().map(condition).collect();
    if !wrong_fields.is_empty() {
        return Err(wrong_fields);
    }
    Filter::numbered(conditions, &given.expression).map_err(|problems| wrong(at, problems))
}

fn node(at: &str, message: &pb::FilterNode, wrong: &mut Wrong) -> Node {
    let mut several = |name: &str, group: &pb::FilterGroup| {
        let one = |(n, one): (usize, &pb::FilterNode)| {
            node(&format!("{at}.{name}.nodes[{n}]"), one, wrong)
        };
        group.nodes.iter().enumerate().map(one).collect()
    };
    match &message.kind {
        Some(Kind::All(group)) => Node::All(several("all", group)),
        Some(Kind::Any(group)) => Node::Any(several("any", group)),
        Some(Kind::Not(inner)) => Node::Not(Box::new(node(&format!("{at}.not"), inner, wrong))),
        Some(Kind::Field(one)) => field(&format!("{at}.field"), one, wrong),
        Some(Kind::Member(one)) => member(&format!("{at}.member"), one, wrong),
        None => refused(at, "must be all, any, not, field or member", wrong),
    }
}

/// Notes what is wrong; what stands in for it is never used.
fn refused(at: &str, why: impl Into<String>, wrong: &mut Wrong) -> Node {
    wrong.push((at.into(), why.into()));
    Node::All(Vec::new())
}

/// Problems as fields of the request.
fn wrong(at: &str, problems: Vec<Problem>) -> Wrong {
    let field = |one: Problem| match one.path.as_str() {
        "" => (at.to_owned(), one.text),
        path => (format!("{at}.{path}"), one.text),
    };
    problems.into_iter().map(field).collect()
}

// === outward ===

/// A filter on the wire: its text and its tree.
pub fn message(filter: &Filter) -> pb::Filter {
    let root = Some(pb_node(filter.root()));
    pb::Filter { text: filter.to_string(), root, numbered: None }
}

fn pb_node(node: &Node) -> pb::FilterNode {
    let several = |nodes: &[Node]| pb::FilterGroup { nodes: nodes.iter().map(pb_node).collect() };
    let kind = match node {
        Node::All(nodes) => Kind::All(several(nodes)),
        Node::Any(nodes) => Kind::Any(several(nodes)),
        Node::Field(name, test) => Kind::Field(condition::pb_field(name, test, false)),
        Node::In(set) => Kind::Member(condition::pb_member(*set, false)),
        Node::Not(inner) => match &**inner {
            Node::Field(name, test) if condition::has_negative(test) => {
                Kind::Field(condition::pb_field(name, test, true))
            }
            Node::In(set) => Kind::Member(condition::pb_member(*set, true)),
            inner => Kind::Not(Box::new(pb_node(inner))),
        },
    };
    pb::FilterNode { kind: Some(kind) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// L-01: what goes out comes in as the same filter, by its tree and with its text.
    #[test]
    fn l_01_trees_come_back() {
        for text in [
            "first_name = \"Jo\" and (score != 10 or score not < 1.5 or not (vip = true and vip is not empty))",
            "a in (\"x\", \"y\") or a not in (\"z\") or a starts_with \"x\" or a not contains \"y\"",
            "day past_days 3 or day not next_days 4 or day between 2024-02-29 and 2026-03-31",
            "seen <= 2026-03-31T12:00:00.000001Z and seen is empty",
            "not in_list(\"00000000-0000-0000-0000-000000000001\") or in_segment(\"00000000-0000-0000-0000-000000000001\", \
             \"00000000-0000-0000-0000-000000000000\")",
        ] {
            let filter = Filter::parse(text).expect(text);
            let wire = message(&filter);
            assert_eq!(wire.text, text);
            assert_eq!(parsed("filter", &wire), Ok(filter.clone()));
            let alone = pb::Filter { text: String::new(), ..wire };
            assert_eq!(parsed("filter", &alone), Ok(filter));
        }
    }

    /// H-06: each field at fault is named, in every form.
    #[test]
    fn h_06_fields_at_fault_are_named() {
        let field = |wrong: pb::Filter| parsed("filter", &wrong).expect_err("refused")[0].0.clone();
        let text = |text: &str| pb::Filter { text: text.into(), ..pb::Filter::default() };
        assert_eq!(field(pb::Filter::default()), "filter");
        assert_eq!(field(text("a =")), "filter.text");
        let both =
            pb::Filter { text: "a = 2".into(), ..message(&Filter::parse("a = 1").expect("one")) };
        assert_eq!(field(both), "filter.text");
        let leaf = pb::FieldCondition { field: "a".into(), ..pb::FieldCondition::default() };
        let group = pb::FilterGroup {
            nodes: vec![pb::FilterNode { kind: Some(Kind::Field(leaf.clone())) }],
        };
        let root = Some(pb::FilterNode { kind: Some(Kind::All(group)) });
        let tree = pb::Filter { root, ..pb::Filter::default() };
        assert_eq!(field(tree), "filter.root.all.nodes[0].field.operator");
        let operator = pb::FilterOperator::Empty.into();
        let kind = pb::filter_condition::Kind::Field(pb::FieldCondition { operator, ..leaf });
        let conditions = vec![pb::FilterCondition { kind: Some(kind) }; 2];
        let numbered = Some(pb::NumberedFilter { conditions, expression: "1".into() });
        let numbered = pb::Filter { numbered, ..pb::Filter::default() };
        assert_eq!(field(numbered), "filter.numbered.conditions[1]");
    }
}
