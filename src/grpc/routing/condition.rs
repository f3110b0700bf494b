//! Whom a rule is about: one test of a field, as filters have it.

use crate::domain::filter::{Filter, Node, Problem};
use crate::error::Violation;
use crate::grpc::filter::condition;
use crate::pb;

/// The condition of a rule; nothing for one that is about everybody. What is wrong with it names fields below the rule.
pub(super) fn parse(rule: &pb::RoutingRule) -> Result<Option<Filter>, Vec<Violation>> {
    if rule.field.is_empty() && rule.operator == 0 {
        return match rule.value.is_empty() {
            true => Ok(None),
            false => Err(vec![Violation::new("field", "must be set, if there is a value")]),
        };
    }
    let test = pb::FieldCondition {
        field: rule.field.clone(),
        operator: rule.operator,
        values: rule.value.clone(),
        days: 0,
    };
    let mut wrong = Vec::new();
    let root = condition::field("", &test, &mut wrong);
    if !wrong.is_empty() {
        // Filters have values, a rule has a value; and none that is relative.
        let field = |path: &str| match path.trim_start_matches('.') {
            "days" => "operator".to_owned(),
            other => other.replacen("values", "value", 1),
        };
        return Err(wrong.iter().map(|(path, why)| Violation::new(field(path), why)).collect());
    }
    let problems = |problems: Vec<Problem>| {
        problems.into_iter().map(|one| Violation::new("field", one.text)).collect()
    };
    Filter::new(root).map(Some).map_err(problems)
}

/// The field, operator and values of a condition.
pub(super) fn write(condition: Option<&Filter>) -> pb::FieldCondition {
    match condition.map(Filter::root) {
        Some(Node::Field(name, test)) => condition::pb_field(name, test, false),
        Some(Node::Not(inner)) => match &**inner {
            Node::Field(name, test) => condition::pb_field(name, test, true),
            _ => pb::FieldCondition::default(),
        },
        // No other tree is ever made of a rule.
        _ => pb::FieldCondition::default(),
    }
}
