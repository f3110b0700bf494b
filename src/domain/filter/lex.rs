//! The words of a filter's text.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Problem;
use crate::domain::attribute::Value;

/// A word, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The number of its first character, from 1.
    pub(super) start: usize,
    /// The number of its last.
    pub(super) end: usize,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word(String),
    /// A number, date, timestamp, or a text in quotes.
    Literal(Value),
    /// One of `( ) , = != < <= > >=`.
    Sign(&'static str),
}

/// More words than any filter within its budgets has.
const TOKENS_MAX: usize = 20_000;

/// The longer ones first.
const SIGNS: [&str; 9] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

/// The words of a text.
pub(super) fn lex(text: &str) -> Result<Vec<Token>, Problem> {
    let mut tokens = Vec::new();
    let (mut rest, mut place) = (text, 1);
    loop {
        let trimmed = rest.trim_start();
        place += rest[..rest.len() - trimmed.len()].chars().count();
        rest = trimmed;
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        if tokens.len() == TOKENS_MAX {
            return Err(at(place, "the filter is too long; move parts into smart lists"));
        }
        let (kind, length) = word(rest, first).map_err(|why| at(place, &why))?;
        let characters = rest[..length].chars().count();
        tokens.push(Token { kind, start: place, end: place + characters - 1 });
        place += characters;
        rest = &rest[length..];
    }
}

/// A problem at a place of the text.
pub(super) fn at(place: usize, text: &str) -> Problem {
    Problem::new("", format!("at character {place}: {text}"))
}

/// The first word of a text without leading space, and its bytes.
fn word(text: &str, first: char) -> Result<(Kind, usize), String> {
    let while_in = |has: fn(char) -> bool| text.find(|c| !has(c)).unwrap_or(text.len());
    match first {
        '"' => quoted(text).map(|(text, length)| (Kind::Literal(Value::Text(text)), length)),
        'a'..='z' | 'A'..='Z' => {
            let length = while_in(|c| c.is_ascii_alphanumeric() || c == '_');
            Ok((Kind::Word(text[..length].into()), length))
        }
        '0'..='9' | '-' => {
            let length = while_in(|c| c.is_ascii_alphanumeric() || "+-.:_".contains(c));
            Ok((Kind::Literal(literal(&text[..length])?), length))
        }
        _ => match SIGNS.into_iter().find(|sign| text.starts_with(sign)) {
            Some(sign) => Ok((Kind::Sign(sign), sign.len())),
            None if first == '\'' => Err("texts stand in double quotes: \"Jo\"".into()),
            None => {
                Err(format!("{first:?} has no meaning here; texts stand in double quotes: \"Jo\""))
            }
        },
    }
}

/// A text in quotes, and its bytes with them.
fn quoted(text: &str) -> Result<(String, usize), String> {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((place, c)) = characters.next() {
        match c {
            '"' => return Ok((out, place + 1)),
            '\\' => match characters.next() {
                Some((_, c @ ('"' | '\\'))) => out.push(c),
                Some((_, 'n')) => out.push('\n'),
                Some((_, 'r')) => out.push('\r'),
                Some((_, 't')) => out.push('\t'),
                _ => {
                    return Err("in this text, after a backslash stands one of \" \\ n r t; a \
                                backslash itself is written \\\\"
                        .into());
                }
            },
            _ => out.push(c),
        }
    }
    Err("this text has no closing quote; add one".into())
}

fn literal(text: &str) -> Result<Value, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let why = |_| format!("{text} is beyond the whole numbers of 64 bits");
        return text.parse().map(Value::Integer).map_err(why);
    }
    if text.bytes().skip(1).any(|byte| matches!(byte, b':' | b'T' | b't')) {
        return timestamp(text);
    }
    let number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    match text.parse::<f64>() {
        Ok(value) if number && value.is_finite() => Ok(Value::Number(value)),
        Ok(_) if number => Err(format!("{text} is too large for a number")),
        // Its day of the calendar is looked at later.
        _ if text.len() == 10 && number => Ok(Value::Date(text.into())),
        _ => Err(format!(
            "{text} is no value; write a number (5, 0.1, 1e9), a date (2026-03-31), a timestamp \
             (2026-03-31T12:00:00Z) or a text in double quotes"
        )),
    }
}

fn timestamp(text: &str) -> Result<Value, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| format!("{text} is no timestamp; write 2026-03-31T12:00:00Z"))?;
    let micros = time.unix_timestamp_nanos() / 1_000;
    match i64::try_from(micros) {
        Ok(micros) if time.nanosecond() % 1_000 == 0 => Ok(Value::Timestamp(micros)),
        _ => Err(format!("{text} is finer than a microsecond")),
    }
}
