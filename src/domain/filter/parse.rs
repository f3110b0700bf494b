//! From text to tree (L-01). What the parser recurses into is counted first, so that no text overflows the stack.

use uuid::Uuid;

use super::lex::{Kind, Token, at, lex};
use super::tidy::{Size, too_deep};
use super::{Check, Comparison, DEPTH_MAX, NODES_MAX, Node, Problem, Set, Test};
use crate::domain::attribute::Value;

/// How deep the parser goes: into superfluous parentheses too, which the tree does not have.
const NESTING_MAX: usize = 4 * DEPTH_MAX;

type Result<T> = std::result::Result<T, Problem>;

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    nesting: usize,
    /// What of the conditions was used so far.
    size: Size,
    /// In the numbered form, the conditions, and which were used.
    numbered: Option<Vec<(Node, bool)>>,
}

/// The tree of a text.
pub(super) fn text(text: &str) -> Result<Node> {
    Parser::new(lex(text)?, None).whole()
}

/// The tree of an expression over numbered conditions.
pub(super) fn numbered(
    conditions: Vec<Node>,
    expression: &str,
) -> std::result::Result<Node, Vec<Problem>> {
    if conditions.len() > NODES_MAX {
        return Err(vec![Problem::new("conditions", format!("must be at most {NODES_MAX}"))]);
    }
    if expression.trim().is_empty() {
        return Ok(Node::All(conditions));
    }
    let in_expression = |problem: Problem| vec![Problem::new("expression", problem.text)];
    let tokens = lex(expression).map_err(in_expression)?;
    let unused = conditions.into_iter().map(|one| (one, false)).collect();
    let mut parser = Parser::new(tokens, Some(unused));
    let root = parser.whole().map_err(in_expression)?;
    let unused = |(n, (_, used)): (usize, &(Node, bool))| {
        let text = format!("is not in the expression; add {} to it, or remove this", n + 1);
        (!used).then(|| Problem::new(format!("conditions[{n}]"), text))
    };
    let problems: Vec<Problem> =
        parser.numbered.iter().flatten().enumerate().filter_map(unused).collect();
    if problems.is_empty() { Ok(root) } else { Err(problems) }
}

// === impl Parser ===

impl Parser {
    fn new(tokens: Vec<Token>, numbered: Option<Vec<(Node, bool)>>) -> Self {
        Self { tokens, next: 0, nesting: 0, size: Size::default(), numbered }
    }

    fn whole(&mut self) -> Result<Node> {
        if self.tokens.is_empty() {
            return Err(Problem::new("", "must not be empty"));
        }
        let root = self.group()?;
        match self.peek() {
            None => Ok(root),
            Some(Kind::Sign(")")) => Err(self.here("this parenthesis closes nothing; remove it")),
            Some(_) => Err(self.here("`and`, `or` or the end is expected here")),
        }
    }

    /// Terms joined by one and the same word.
    fn group(&mut self) -> Result<Node> {
        let start = self.place();
        let mut last = start;
        let mut nodes = vec![self.term()?];
        let mut joined: Option<&str> = None;
        loop {
            let word = match self.peek() {
                Some(Kind::Word(word)) if word.eq_ignore_ascii_case("and") => "and",
                Some(Kind::Word(word)) if word.eq_ignore_ascii_case("or") => "or",
                _ => break,
            };
            if let Some(before) = joined.filter(|before| *before != word) {
                let end = self.tokens[self.next - 1].end;
                return Err(self.here(&format!(
                    "`{word}` follows `{before}`; add parentheses around characters {start} to {end}, or around \
                     character {last} and what follows, to say which belongs together"
                )));
            }
            joined = Some(word);
            self.next += 1;
            last = self.place();
            nodes.push(self.term()?);
        }
        Ok(match joined {
            None => nodes.remove(0),
            Some("and") => Node::All(nodes),
            Some(_) => Node::Any(nodes),
        })
    }

    fn term(&mut self) -> Result<Node> {
        if self.nesting == NESTING_MAX {
            return Err(too_deep());
        }
        self.nesting += 1;
        let term = self.nested();
        self.nesting -= 1;
        term
    }

    fn nested(&mut self) -> Result<Node> {
        if self.take_word("not") {
            return Ok(Node::Not(Box::new(self.term()?)));
        }
        if self.take_sign("(") {
            let opened = self.next - 1;
            let group = self.group()?;
            if self.take_sign(")") {
                return Ok(group);
            }
            let opened = self.tokens[opened].start;
            return Err(self.here(&format!(
                "`)` is expected here, for the parenthesis at character {opened}"
            )));
        }
        if self.numbered.is_some() { self.number() } else { self.condition() }
    }

    /// The number of a condition.
    fn number(&mut self) -> Result<Node> {
        let wanted = match self.peek() {
            Some(Kind::Literal(Value::Integer(number))) => *number,
            _ => return Err(self.here("the number of a condition is expected here")),
        };
        let conditions = self.numbered.as_deref_mut().unwrap_or_default();
        let count = conditions.len();
        let index = usize::try_from(wanted).unwrap_or_default().checked_sub(1);
        match index.and_then(|index| conditions.get_mut(index)) {
            Some((node, used)) => {
                // Looked at before it is copied: a condition may be used often.
                self.size.add(node);
                self.size.check()?;
                *used = true;
                self.next += 1;
                Ok(node.clone())
            }
            None => Err(self.here(&format!(
                "there is no condition {wanted}; there are {count}, numbered from 1"
            ))),
        }
    }

    fn condition(&mut self) -> Result<Node> {
        let field = match self.peek() {
            Some(Kind::Word(word)) if is_joint(word) => None,
            Some(Kind::Word(_)) if self.opens_after() => return self.membership(),
            // A field whose name is a keyword stands in quotes.
            Some(Kind::Word(name) | Kind::Literal(Value::Text(name))) => Some(name.clone()),
            _ => None,
        };
        let Some(field) = field else {
            return Err(self.here(
                "a condition is expected here, such as first_name = \"Jo\" or in_list(\"…\")",
            ));
        };
        self.next += 1;
        self.test(field)
    }

    fn test(&mut self, field: String) -> Result<Node> {
        let of = |check: Check| Node::Field(field.clone(), Test::Fixed(check));
        let not = |node: Node| Node::Not(Box::new(node));
        if self.take_word("is") {
            let negative = self.take_word("not");
            return match self.take_word("empty") {
                true if negative => Ok(not(of(Check::Empty))),
                true => Ok(of(Check::Empty)),
                false => Err(self.here("`empty` is expected here; to compare, use = or !=")),
            };
        }
        let negative = self.take_word("not");
        let sign = match self.peek() {
            Some(Kind::Sign(sign)) => comparison(sign),
            _ => None,
        };
        if let Some((how, unequal)) = sign {
            self.next += 1;
            let test = of(Check::Compare(how, self.value()?));
            return Ok([negative, unequal]
                .into_iter()
                .filter(|is| *is)
                .fold(test, |one, _| not(one)));
        }
        let test = if self.take_word("starts_with") {
            of(Check::StartsWith(self.quoted()?))
        } else if self.take_word("contains") {
            of(Check::Contains(self.quoted()?))
        } else if self.take_word("in") {
            of(Check::OneOf(self.texts()?))
        } else if self.take_word("between") {
            let low = self.value()?;
            self.word("and")?;
            of(Check::Between(low, self.value()?))
        } else if self.take_word("past_days") {
            Node::Field(field, Test::PastDays(self.days()?))
        } else if self.take_word("next_days") {
            Node::Field(field, Test::NextDays(self.days()?))
        } else {
            return Err(self.here(
                "an operator is expected here: = != < <= > >=, starts_with, contains, in, between, past_days, \
                 next_days (each of the words also with not before it), is empty, is not empty",
            ));
        };
        Ok(if negative { not(test) } else { test })
    }

    fn membership(&mut self) -> Result<Node> {
        let name = self.next;
        self.next += 2;
        let word = match &self.tokens[name].kind {
            Kind::Word(word) => word.to_ascii_lowercase(),
            _ => String::new(),
        };
        let set = match word.as_str() {
            "in_list" => Set::List(self.id()?),
            "in_smart_list" => Set::SmartList(self.id()?),
            "in_program" => Set::Program(self.id()?),
            "in_partition" => Set::Partition(self.id()?),
            "in_segment" => {
                let segmentation = self.id()?;
                self.sign(",")?;
                Set::Segment(segmentation, self.id()?)
            }
            _ => {
                self.next = name;
                return Err(self.here(
                    "this is none of in_list, in_smart_list, in_program, in_segment, in_partition",
                ));
            }
        };
        self.sign(")")?;
        Ok(Node::In(set))
    }

    fn id<T: std::str::FromStr<Err = uuid::Error>>(&mut self) -> Result<T> {
        // Only the usual form, as everywhere.
        let parsed = match self.peek() {
            Some(Kind::Literal(Value::Text(id))) if id.len() == 36 => id.parse().ok(),
            _ => None,
        };
        let id = parsed.ok_or_else(|| {
            self.here(&format!(
                "an id in double quotes is expected here, such as \"{}\"",
                Uuid::nil()
            ))
        })?;
        self.next += 1;
        Ok(id)
    }

    fn value(&mut self) -> Result<Value> {
        let value = match self.peek() {
            Some(Kind::Literal(value)) => value.clone(),
            Some(Kind::Word(word)) if word.eq_ignore_ascii_case("true") => Value::Boolean(true),
            Some(Kind::Word(word)) if word.eq_ignore_ascii_case("false") => Value::Boolean(false),
            _ => {
                return Err(self.here(
                    "a value is expected here: a number, a date, a timestamp, true, false, or a text in double quotes",
                ));
            }
        };
        self.next += 1;
        Ok(value)
    }

    fn quoted(&mut self) -> Result<String> {
        match self.peek() {
            Some(Kind::Literal(Value::Text(text))) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.here("a text in double quotes is expected here")),
        }
    }

    fn texts(&mut self) -> Result<Vec<String>> {
        self.sign("(")?;
        let mut texts = vec![self.quoted()?];
        while self.take_sign(",") {
            texts.push(self.quoted()?);
        }
        self.sign(")")?;
        Ok(texts)
    }

    fn days(&mut self) -> Result<u32> {
        match self.peek() {
            Some(Kind::Literal(Value::Integer(days))) => {
                // What is out of bounds is refused with the bounds later.
                let days = u32::try_from(*days).unwrap_or_default();
                self.next += 1;
                Ok(days)
            }
            _ => Err(self.here("a number of days is expected here")),
        }
    }
}

impl Parser {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    /// The place of the next token, or behind the last.
    fn place(&self) -> usize {
        match self.tokens.get(self.next) {
            Some(token) => token.start,
            None => self.tokens.last().map_or(1, |last| last.end + 1),
        }
    }

    fn here(&self, text: &str) -> Problem {
        at(self.place(), text)
    }

    fn opens_after(&self) -> bool {
        self.tokens.get(self.next + 1).is_some_and(|token| token.kind == Kind::Sign("("))
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Kind::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.next += usize::from(found);
        found
    }

    fn take_sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Kind::Sign(sign)) if *sign == wanted);
        self.next += usize::from(found);
        found
    }

    fn word(&mut self, wanted: &str) -> Result<()> {
        if self.take_word(wanted) {
            Ok(())
        } else {
            Err(self.here(&format!("`{wanted}` is expected here")))
        }
    }

    fn sign(&mut self, wanted: &str) -> Result<()> {
        if self.take_sign(wanted) {
            Ok(())
        } else {
            Err(self.here(&format!("`{wanted}` is expected here")))
        }
    }
}

/// Whether a word joins conditions, so that a field of that name stands in quotes.
pub(super) fn is_joint(word: &str) -> bool {
    ["and", "or", "not"].iter().any(|joint| word.eq_ignore_ascii_case(joint))
}

/// What a sign compares, and whether it is negative.
fn comparison(sign: &str) -> Option<(Comparison, bool)> {
    Some(match sign {
        "=" => (Comparison::Equal, false),
        "!=" => (Comparison::Equal, true),
        "<" => (Comparison::Less, false),
        "<=" => (Comparison::AtMost, false),
        ">" => (Comparison::Greater, false),
        ">=" => (Comparison::AtLeast, false),
        _ => return None,
    })
}
