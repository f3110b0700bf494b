//! Made-up people: the same ones each time, at domains that nobody owns.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::pb::attribute_value::Kind;
use crate::pb::{self, FieldType};

const SEED: u64 = 1_812;
const FIRST: [&str; 24] = [
    "Ada", "Amara", "Björn", "Carmen", "Chidi", "Dilara", "Elena", "Farid", "Grace", "Hana",
    "Ines", "Jonas", "Kofi", "Łukasz", "Mei", "Nadia", "Óscar", "Priya", "Quinn", "Rosa", "Søren",
    "Tomás", "Yuki", "Zoë",
];
const LAST: [&str; 24] = [
    "Adeyemi",
    "Andersen",
    "Bianchi",
    "Çelik",
    "Dubois",
    "Fischer",
    "García",
    "Haddad",
    "Ivanova",
    "Janssen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Novák",
    "O’Brien",
    "Okafor",
    "Papadaki",
    "Rossi",
    "Silva",
    "Singh",
    "Tanaka",
    "Ward",
    "Zhang",
];
/// What they have beside names.
pub(super) const FIELDS: [(&str, FieldType); 4] = [
    ("country", FieldType::Text),
    ("trips", FieldType::Integer),
    ("member", FieldType::Boolean),
    ("last_trip", FieldType::Date),
];
/// Reserved for examples.
const DOMAINS: [&str; 3] = ["example.com", "example.net", "example.org"];

/// People of a place, of some countries; `place` sets their emails apart.
pub(super) fn people(place: &str, countries: &[&str], count: usize) -> Vec<pb::Person> {
    let mut rng = StdRng::seed_from_u64(SEED);
    (0..count).map(|n| person(&mut rng, place, countries, n)).collect()
}

fn person(rng: &mut StdRng, place: &str, countries: &[&str], n: usize) -> pb::Person {
    let mut pick = |of: &[&str]| of.choose(rng).copied().unwrap_or_default().to_owned();
    let (first_name, last_name) = (pick(&FIRST), pick(&LAST));
    let (domain, country) = (pick(&DOMAINS), pick(countries));
    let trips = rng.random_range(0..30);
    let attributes = [
        ("country", Kind::TextValue(country)),
        ("trips", Kind::IntegerValue(trips)),
        ("member", Kind::BooleanValue(rng.random_bool(0.3))),
        ("last_trip", Kind::DateValue(format!("20{:02}-{:02}-15", 20 + n % 6, 1 + n % 12))),
    ];
    let value =
        |(name, kind): (&str, Kind)| (name.to_owned(), pb::AttributeValue { kind: Some(kind) });
    pb::Person {
        email: format!("{place}.{n:04}@{domain}"),
        first_name,
        last_name,
        unsubscribed: (n % 17 == 3).then_some(true),
        attributes: attributes.into_iter().map(value).collect(),
        ..pb::Person::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn people_are_the_same_each_time_and_at_reserved_domains() {
        let made = people("eu", &["DE", "FR"], 100);
        assert_eq!(made, people("eu", &["DE", "FR"], 100));
        let emails: HashSet<&str> = made.iter().map(|one| one.email.as_str()).collect();
        assert_eq!(emails.len(), 100);
        let reserved = |email: &&str| DOMAINS.iter().any(|domain| email.ends_with(domain));
        assert!(emails.iter().all(reserved));
    }
}
