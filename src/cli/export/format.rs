//! People as lines of a file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use ::csv::Writer;
use clap::ValueEnum;
use prost_types::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;

use crate::cli::csv::io_error;
use crate::cli::csv::value::{render_number, render_timestamp};
use crate::domain::formula::escape;
use crate::pb::attribute_value::Kind;
use crate::pb::{AttributeValue, Field, Person};

/// What every person has, as the columns are called.
const BUILT_IN: [&str; 10] = [
    "person_id",
    "partition_id",
    "email",
    "external_id",
    "first_name",
    "last_name",
    "unsubscribed",
    "source",
    "create_time",
    "update_time",
];

/// How a file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A header and a line for each person. Text that a spreadsheet would run gets an apostrophe before it.
    #[default]
    Csv,
    /// A JSON object on a line for each person, with what is set.
    Jsonl,
}

/// Where people are written.
pub enum Output<W: Write> {
    /// As CSV.
    Csv {
        /// The file.
        writer: Box<Writer<W>>,
        /// The tenant's fields, in the order of their columns.
        fields: Vec<String>,
    },
    /// As JSON.
    Jsonl(W),
}

/// A person as JSON.
#[derive(Serialize)]
struct Line<'a> {
    person_id: &'a str,
    partition_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    external_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    first_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    last_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unsubscribed: Option<bool>,
    source: &'a str,
    create_time: String,
    update_time: String,
    attributes: BTreeMap<&'a str, Json>,
}

// === impl Output ===

impl<W: Write> Output<W> {
    /// Begins a file; `fields` are those of the tenant.
    pub fn new(file: W, format: Format, fields: &[Field]) -> io::Result<Self> {
        if format == Format::Jsonl {
            return Ok(Self::Jsonl(file));
        }
        let fields = fields.iter().filter(|field| !field.built_in);
        let fields: Vec<String> = fields.map(|field| field.name.clone()).collect();
        let mut writer = Writer::from_writer(file);
        let own = fields.iter().map(|name| heading(name));
        write_cells(&mut writer, BUILT_IN.into_iter().map(Cow::Borrowed).chain(own))?;
        Ok(Self::Csv { writer: Box::new(writer), fields })
    }

    /// Adds a person.
    pub fn write(&mut self, person: &Person) -> io::Result<()> {
        match self {
            Self::Csv { writer, fields } => {
                let attributes = fields.iter().map(|name| match person.attributes.get(name) {
                    Some(value) => cell(value),
                    None => Cow::Borrowed(""),
                });
                write_cells(writer, built_in(person).into_iter().chain(attributes))?;
            }
            Self::Jsonl(file) => {
                serde_json::to_writer(&mut *file, &line(person))?;
                file.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Writes what is buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Csv { writer, .. } => writer.flush(),
            Self::Jsonl(file) => file.flush(),
        }
    }
}

fn write_cells<'a, W: Write>(
    writer: &mut Writer<W>,
    cells: impl Iterator<Item = Cow<'a, str>>,
) -> io::Result<()> {
    for cell in cells {
        writer.write_field(&*cell).map_err(io_error)?;
    }
    writer.write_record(None::<&[u8]>).map_err(io_error)
}

/// The heading of a field; its path where the name alone means something else.
fn heading(field: &str) -> Cow<'_, str> {
    if BUILT_IN.contains(&field) {
        Cow::Owned(format!("attributes.{field}"))
    } else {
        Cow::Borrowed(field)
    }
}

fn built_in(person: &Person) -> [Cow<'_, str>; BUILT_IN.len()] {
    [
        Cow::Borrowed(person.person_id.as_str()),
        Cow::Borrowed(person.partition_id.as_str()),
        escape(&person.email),
        escape(&person.external_id),
        escape(&person.first_name),
        escape(&person.last_name),
        Cow::Borrowed(person.unsubscribed.map_or("", boolean)),
        Cow::Borrowed(source(person)),
        Cow::Owned(time(person.create_time.as_ref())),
        Cow::Owned(time(person.update_time.as_ref())),
    ]
}

/// The cell of a value. Only text can be taken for a formula: -5 is a number, and stays one.
fn cell(value: &AttributeValue) -> Cow<'_, str> {
    match &value.kind {
        Some(Kind::TextValue(text)) => escape(text),
        Some(Kind::IntegerValue(number)) => Cow::Owned(number.to_string()),
        Some(Kind::NumberValue(number)) => Cow::Owned(render_number(*number)),
        Some(Kind::BooleanValue(value)) => Cow::Borrowed(boolean(*value)),
        Some(Kind::DateValue(day)) => Cow::Borrowed(day),
        Some(Kind::TimestampValue(at)) => Cow::Owned(render_timestamp(at)),
        Some(Kind::NullValue(_)) | None => Cow::Borrowed(""),
    }
}

fn line(person: &Person) -> Line<'_> {
    let attributes = person.attributes.iter().map(|(name, value)| (name.as_str(), json(value)));
    Line {
        person_id: &person.person_id,
        partition_id: &person.partition_id,
        email: &person.email,
        external_id: &person.external_id,
        first_name: &person.first_name,
        last_name: &person.last_name,
        unsubscribed: person.unsubscribed,
        source: source(person),
        create_time: time(person.create_time.as_ref()),
        update_time: time(person.update_time.as_ref()),
        attributes: attributes.collect(),
    }
}

fn json(value: &AttributeValue) -> Json {
    match &value.kind {
        Some(Kind::TextValue(text)) => Json::from(text.as_str()),
        Some(Kind::IntegerValue(number)) => Json::from(*number),
        Some(Kind::NumberValue(number)) => Json::from(*number),
        Some(Kind::BooleanValue(value)) => Json::from(*value),
        Some(Kind::DateValue(day)) => Json::from(day.as_str()),
        Some(Kind::TimestampValue(at)) => Json::from(render_timestamp(at)),
        Some(Kind::NullValue(_)) | None => Json::Null,
    }
}

fn source(person: &Person) -> &'static str {
    let name = person.source().as_str_name();
    name.strip_prefix("PERSON_SOURCE_").unwrap_or(name)
}

fn time(at: Option<&Timestamp>) -> String {
    at.map(render_timestamp).unwrap_or_default()
}

fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format, people: &[Person]) -> String {
        let mut file = Vec::new();
        let named = |name: &str| Field { name: name.into(), ..Field::default() };
        let built_in = Field { built_in: true, ..named("email") };
        let fields = [named("balance"), built_in, named("note"), named("person_id")];
        let mut output = Output::new(&mut file, format, &fields).unwrap();
        people.iter().for_each(|person| output.write(person).unwrap());
        output.flush().unwrap();
        drop(output);
        String::from_utf8(file).unwrap()
    }

    fn person() -> Person {
        let mut person = Person {
            person_id: "id".into(),
            partition_id: "p".into(),
            email: "+a@example.com".into(),
            last_name: "O\"Neill, Jr".into(),
            unsubscribed: Some(false),
            source: crate::pb::PersonSource::Crm.into(),
            create_time: Some(Timestamp { seconds: 1, nanos: 500_000_000 }),
            ..Person::default()
        };
        for (name, kind) in [
            ("balance", Kind::IntegerValue(-5)),
            ("note", Kind::TextValue("=1+1\n".into())),
            ("gone", Kind::BooleanValue(true)),
        ] {
            person.attributes.insert(name.into(), AttributeValue { kind: Some(kind) });
        }
        person
    }

    #[test]
    fn csv_has_a_column_for_each_field_and_no_formulas_but_numbers() {
        assert_eq!(
            written(Format::Csv, &[person()]),
            "person_id,partition_id,email,external_id,first_name,last_name,unsubscribed,source,\
             create_time,update_time,balance,note,attributes.person_id\n\
             id,p,'+a@example.com,,,\"O\"\"Neill, Jr\",false,CRM,1970-01-01T00:00:01.5Z,,-5,\
             \"'=1+1\n\",\n"
        );
    }

    #[test]
    fn json_lines_have_what_is_set_as_it_is() {
        let line = written(Format::Jsonl, &[person()]);
        assert_eq!(
            line,
            "{\"person_id\":\"id\",\"partition_id\":\"p\",\"email\":\"+a@example.com\",\
             \"last_name\":\"O\\\"Neill, Jr\",\"unsubscribed\":false,\"source\":\"CRM\",\
             \"create_time\":\"1970-01-01T00:00:01.5Z\",\"update_time\":\"\",\
             \"attributes\":{\"balance\":-5,\"gone\":true,\"note\":\"=1+1\\n\"}}\n"
        );
    }
}
