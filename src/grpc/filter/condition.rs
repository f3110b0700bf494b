//! Conditions of filters between the wire and the domain.

use super::{Wrong, refused};
use crate::domain::attribute::Value;
use crate::domain::filter::{Check, Comparison, Node, Set, Test};
use crate::grpc::attribute;
use crate::pb;
use crate::pb::FilterOperator as Operator;
use crate::pb::member_condition::Target;

// === inward ===

/// A test of a field.
pub(super) fn field(at: &str, message: &pb::FieldCondition, wrong: &mut Wrong) -> Node {
    match test(message) {
        Ok((test, negative)) => negated(Node::Field(message.field.clone(), test), negative),
        Err((field, why)) => refused(&format!("{at}.{field}"), why, wrong),
    }
}

/// A test of what a person is in.
pub(super) fn member(at: &str, message: &pb::MemberCondition, wrong: &mut Wrong) -> Node {
    let mut fields = crate::grpc::decode::Fields::default();
    let set = match &message.target {
        Some(Target::ListId(id)) => Set::List(fields.id("list_id", id)),
        Some(Target::SmartListId(id)) => Set::SmartList(fields.id("smart_list_id", id)),
        Some(Target::ProgramId(id)) => Set::Program(fields.id("program_id", id)),
        Some(Target::PartitionId(id)) => Set::Partition(fields.id("partition_id", id)),
        Some(Target::Segment(one)) => {
            let segmentation = fields.id("segment.segmentation_id", &one.segmentation_id);
            let segment: uuid::Uuid = fields.id("segment.segment_id", &one.segment_id);
            Set::Segment(segmentation, segment)
        }
        None => return refused(&format!("{at}.target"), "must be set", wrong),
    };
    if let Some(violations) = fields.violations() {
        wrong.extend(
            violations.into_iter().map(|one| (format!("{at}.{}", one.field), one.description)),
        );
    }
    match pb::MemberOperator::try_from(message.operator) {
        Ok(operator) => negated(Node::In(set), operator == pb::MemberOperator::NotIn),
        Err(_) => refused(&format!("{at}.operator"), "is not a value of MemberOperator", wrong),
    }
}

fn negated(node: Node, negative: bool) -> Node {
    if negative { Node::Not(Box::new(node)) } else { node }
}

/// The field at fault, and why.
type Fault = (String, String);

/// The test, and whether it is the negative.
fn test(message: &pb::FieldCondition) -> Result<(Test, bool), Fault> {
    let given = Given(message);
    let compare = |how| given.one().map(|value| Check::Compare(how, value));
    let between = || given.two().map(|(low, high)| Check::Between(low, high));
    let (check, negative) = match message.operator() {
        Operator::Unspecified => {
            return Err(("operator".into(), "must be a value of FilterOperator".into()));
        }
        Operator::Is => (compare(Comparison::Equal)?, false),
        Operator::IsNot => (compare(Comparison::Equal)?, true),
        Operator::Less => (compare(Comparison::Less)?, false),
        Operator::AtMost => (compare(Comparison::AtMost)?, false),
        Operator::Greater => (compare(Comparison::Greater)?, false),
        Operator::AtLeast => (compare(Comparison::AtLeast)?, false),
        Operator::Between => (between()?, false),
        Operator::NotBetween => (between()?, true),
        Operator::StartsWith => (Check::StartsWith(given.text()?), false),
        Operator::NotStartsWith => (Check::StartsWith(given.text()?), true),
        Operator::Contains => (Check::Contains(given.text()?), false),
        Operator::NotContains => (Check::Contains(given.text()?), true),
        Operator::OneOf => (Check::OneOf(given.texts()?), false),
        Operator::NotOneOf => (Check::OneOf(given.texts()?), true),
        Operator::Empty => (given.none(Check::Empty)?, false),
        Operator::NotEmpty => (given.none(Check::Empty)?, true),
        Operator::PastDays => return Ok((Test::PastDays(given.days()?), false)),
        Operator::NotPastDays => return Ok((Test::PastDays(given.days()?), true)),
        Operator::NextDays => return Ok((Test::NextDays(given.days()?), false)),
        Operator::NotNextDays => return Ok((Test::NextDays(given.days()?), true)),
    };
    match message.days {
        0 => Ok((Test::Fixed(check), negative)),
        _ => Err(("days".into(), "is for PAST_DAYS and NEXT_DAYS and their negatives".into())),
    }
}

/// What a condition compares with.
struct Given<'a>(&'a pb::FieldCondition);

// === impl Given ===

impl Given<'_> {
    fn values(&self, count: usize) -> Result<Vec<Value>, Fault> {
        let values = &self.0.values;
        if values.len() != count {
            let name = self.0.operator().as_str_name().trim_start_matches("FILTER_OPERATOR_");
            return Err(("values".into(), format!("must be {count} for {name}")));
        }
        (0..count).map(|at| self.value(at)).collect()
    }

    fn value(&self, at: usize) -> Result<Value, Fault> {
        let field = || format!("values[{at}]");
        match attribute::value(&self.0.values[at]) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => {
                Err((field(), "must not be null; to find people without a value, use EMPTY".into()))
            }
            Err(_) if self.0.values[at].kind.is_none() => Err((field(), "must be set".into())),
            Err(why) => Err((field(), why)),
        }
    }

    fn one(&self) -> Result<Value, Fault> {
        self.values(1).map(|mut values| values.remove(0))
    }

    fn two(&self) -> Result<(Value, Value), Fault> {
        let mut values = self.values(2)?;
        let high = values.remove(1);
        Ok((values.remove(0), high))
    }

    fn none(&self, check: Check) -> Result<Check, Fault> {
        self.values(0).map(|_| check)
    }

    fn text(&self) -> Result<String, Fault> {
        self.values(1)?;
        self.text_at(0)
    }

    fn texts(&self) -> Result<Vec<String>, Fault> {
        (0..self.0.values.len()).map(|at| self.text_at(at)).collect()
    }

    fn text_at(&self, at: usize) -> Result<String, Fault> {
        match self.value(at)? {
            Value::Text(text) => Ok(text),
            _ => Err((format!("values[{at}]"), "must be a text".into())),
        }
    }

    fn days(&self) -> Result<u32, Fault> {
        self.values(0)?;
        // What is out of bounds is refused with the bounds later.
        Ok(u32::try_from(self.0.days).unwrap_or_default())
    }
}

// === outward ===

/// Whether a test has a negative operator.
pub(super) fn has_negative(test: &Test) -> bool {
    match test {
        Test::Fixed(Check::Compare(how, _)) => *how == Comparison::Equal,
        _ => true,
    }
}

/// A test of a field on the wire.
pub(super) fn pb_field(name: &str, test: &Test, negative: bool) -> pb::FieldCondition {
    let (operator, negated) = operators(test);
    let (values, days) = match test {
        Test::PastDays(days) | Test::NextDays(days) => {
            (Vec::new(), i32::try_from(*days).unwrap_or_default())
        }
        Test::Fixed(check) => (values(check), 0),
    };
    pb::FieldCondition {
        field: name.into(),
        operator: if negative { negated } else { operator }.into(),
        values: values.into_iter().map(attribute::message).collect(),
        days,
    }
}

fn values(check: &Check) -> Vec<Value> {
    match check {
        Check::Empty => Vec::new(),
        Check::Compare(_, value) => vec![value.clone()],
        Check::Between(low, high) => vec![low.clone(), high.clone()],
        Check::OneOf(texts) => texts.iter().cloned().map(Value::Text).collect(),
        Check::StartsWith(text) | Check::Contains(text) => vec![Value::Text(text.clone())],
    }
}

/// The operator of a test, and its negative; those without one are their own.
fn operators(test: &Test) -> (Operator, Operator) {
    use Operator as O;
    match test {
        Test::PastDays(_) => (O::PastDays, O::NotPastDays),
        Test::NextDays(_) => (O::NextDays, O::NotNextDays),
        Test::Fixed(check) => match check {
            Check::Empty => (O::Empty, O::NotEmpty),
            Check::Compare(Comparison::Equal, _) => (O::Is, O::IsNot),
            Check::Compare(Comparison::Less, _) => (O::Less, O::Less),
            Check::Compare(Comparison::AtMost, _) => (O::AtMost, O::AtMost),
            Check::Compare(Comparison::Greater, _) => (O::Greater, O::Greater),
            Check::Compare(Comparison::AtLeast, _) => (O::AtLeast, O::AtLeast),
            Check::Between(..) => (O::Between, O::NotBetween),
            Check::OneOf(_) => (O::OneOf, O::NotOneOf),
            Check::StartsWith(_) => (O::StartsWith, O::NotStartsWith),
            Check::Contains(_) => (O::Contains, O::NotContains),
        },
    }
}

/// A test of what a person is in on the wire.
pub(super) fn pb_member(set: Set, negative: bool) -> pb::MemberCondition {
    let operator = if negative { pb::MemberOperator::NotIn } else { pb::MemberOperator::In };
    let target = match set {
        Set::List(id) => Target::ListId(id.to_string()),
        Set::SmartList(id) => Target::SmartListId(id.to_string()),
        Set::Program(id) => Target::ProgramId(id.to_string()),
        Set::Partition(id) => Target::PartitionId(id.to_string()),
        Set::Segment(segmentation, segment) => Target::Segment(pb::SegmentTarget {
            segmentation_id: segmentation.to_string(),
            segment_id: segment.to_string(),
        }),
    };
    pb::MemberCondition { operator: operator.into(), target: Some(target) }
}
