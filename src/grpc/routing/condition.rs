//! Whom a rule is about: one condition of the filter language, between the wire and the domain.

use crate::domain::attribute::Value;
use crate::domain::filter::{Check, Comparison, Filter, Node, Test};
use crate::error::Violation;
use crate::grpc::attribute;
use crate::pb;
use crate::pb::RoutingOperator as Operator;

/// The condition of a rule; nothing for one that is about everybody. What is wrong with it names fields below the rule.
pub(super) fn parse(rule: &pb::RoutingRule) -> Result<Option<Filter>, Vec<Violation>> {
    let violation = |field: &str, text: String| vec![Violation::new(field, text)];
    let operator = Operator::try_from(rule.operator)
        .map_err(|_| violation("operator", "is not a value of RoutingOperator".into()))?;
    if rule.field.is_empty() && operator == Operator::Unspecified {
        return match rule.value.is_empty() {
            true => Ok(None),
            false => Err(violation("field", "must be set, if there is a value".into())),
        };
    }
    let value = |(at, value)| match attribute::value(value) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(violation(&format!("value[{at}]"), "must have a value".into())),
        Err(text) => Err(violation(&format!("value[{at}]"), text)),
    };
    let values: Vec<Value> = rule.value.iter().enumerate().map(value).collect::<Result<_, _>>()?;
    let (check, negative) =
        check(operator, values).map_err(|(field, text)| violation(field, text))?;
    let condition = Node::Field(rule.field.clone(), Test::Fixed(check));
    let root = if negative { Node::Not(Box::new(condition)) } else { condition };
    let problems = |problems: Vec<_>| {
        let violations = problems
            .into_iter()
            .map(|one: crate::domain::filter::Problem| Violation::new("field", one.text));
        violations.collect()
    };
    Filter::new(root).map(Some).map_err(problems)
}

/// The check that an operator makes, and whether its opposite is meant.
fn check(operator: Operator, values: Vec<Value>) -> Result<(Check, bool), (&'static str, String)> {
    let given = values.len();
    let wrong = |wanted: &str| ("value", format!("must have {wanted}, and has {given}"));
    let one = |values: Vec<Value>| match <[Value; 1]>::try_from(values) {
        Ok([value]) => Ok(value),
        Err(_) => Err(wrong("1 item")),
    };
    let text = |value: Value| match value {
        Value::Text(text) => Ok(text),
        _ => Err(("value", "must be text, for this operator".to_owned())),
    };
    Ok(match operator {
        Operator::Unspecified => {
            return Err(("operator", "must be set, if there is a field".into()));
        }
        Operator::Is => (Check::Compare(Comparison::Equal, one(values)?), false),
        Operator::IsNot => (Check::Compare(Comparison::Equal, one(values)?), true),
        Operator::StartsWith => (Check::StartsWith(text(one(values)?)?), false),
        Operator::NotStartsWith => (Check::StartsWith(text(one(values)?)?), true),
        Operator::Contains => (Check::Contains(text(one(values)?)?), false),
        Operator::NotContains => (Check::Contains(text(one(values)?)?), true),
        Operator::Empty | Operator::NotEmpty if given > 0 => return Err(wrong("no item")),
        Operator::Empty => (Check::Empty, false),
        Operator::NotEmpty => (Check::Empty, true),
        Operator::In | Operator::NotIn => {
            let texts = values.into_iter().map(text).collect::<Result<_, _>>()?;
            (Check::OneOf(texts), operator == Operator::NotIn)
        }
        Operator::Less => (Check::Compare(Comparison::Less, one(values)?), false),
        Operator::AtMost => (Check::Compare(Comparison::AtMost, one(values)?), false),
        Operator::Greater => (Check::Compare(Comparison::Greater, one(values)?), false),
        Operator::AtLeast => (Check::Compare(Comparison::AtLeast, one(values)?), false),
        Operator::Between => match <[Value; 2]>::try_from(values) {
            Ok([low, high]) => (Check::Between(low, high), false),
            Err(_) => return Err(wrong("2 items")),
        },
    })
}

/// The field, operator and values of a condition.
pub(super) fn write(condition: Option<Filter>) -> (String, Operator, Vec<pb::AttributeValue>) {
    let (node, negative) = match condition.as_ref().map(Filter::root) {
        Some(Node::Not(inner)) => (Some(&**inner), true),
        root => (root, false),
    };
    // No other tree is ever made of a rule.
    let Some(Node::Field(field, Test::Fixed(check))) = node else {
        return (String::new(), Operator::Unspecified, Vec::new());
    };
    let either = |positive, opposite| if negative { opposite } else { positive };
    let texts = |texts: &[String]| texts.iter().cloned().map(Value::Text).collect::<Vec<_>>();
    let (operator, values) = match check {
        Check::Empty => (either(Operator::Empty, Operator::NotEmpty), Vec::new()),
        Check::Compare(Comparison::Equal, value) => {
            (either(Operator::Is, Operator::IsNot), vec![value.clone()])
        }
        Check::Compare(how, value) => (ordered(*how), vec![value.clone()]),
        Check::Between(low, high) => (Operator::Between, vec![low.clone(), high.clone()]),
        Check::OneOf(some) => (either(Operator::In, Operator::NotIn), texts(some)),
        Check::StartsWith(text) => {
            let operator = either(Operator::StartsWith, Operator::NotStartsWith);
            (operator, texts(std::slice::from_ref(text)))
        }
        Check::Contains(text) => {
            let operator = either(Operator::Contains, Operator::NotContains);
            (operator, texts(std::slice::from_ref(text)))
        }
    };
    (field.clone(), operator, values.into_iter().map(attribute::message).collect())
}

fn ordered(how: Comparison) -> Operator {
    match how {
        Comparison::Equal => Operator::Is,
        Comparison::Less => Operator::Less,
        Comparison::AtMost => Operator::AtMost,
        Comparison::Greater => Operator::Greater,
        Comparison::AtLeast => Operator::AtLeast,
    }
}
