//! Text and tree.

use super::*;

/// The text of the problem that a filter has.
fn refused(text: &str) -> String {
    let problems = Filter::parse(text).expect_err(text);
    problems[0].to_string()
}

fn printed(text: &str) -> String {
    Filter::parse(text).map_or_else(|problems| format!("{problems:?}"), |filter| filter.to_string())
}

/// L-02: each operator and its negation has one form, and the other ways to write it come to that.
#[test]
fn l_02_texts_are_canonical() {
    for same in [
        "first_name = \"Jo\"",
        "first_name != \"Jo\" and score >= 10",
        "first_name starts_with \"Jo\" and (score >= 10 or country != \"DE\")",
        "country not starts_with \"a\\\"b\\\\c\\n\" or country contains \"ß\" or country not contains \"x\"",
        "source in (\"API\", \"FORM\") and country not in (\"DE\")",
        "country is empty or score is not empty",
        "score between -9223372036854775808 and 9223372036854775807 and score not between 1 and 2",
        "ratio < 0.1 and ratio not >= 1e300 and ratio > -0.0",
        "birthday past_days 30 or birthday not next_days 7 or birthday <= 2024-02-29",
        "seen >= 2026-03-31T12:00:00Z and seen < 2026-03-31T12:00:00.000001Z",
        "vip = true and unsubscribed != true",
        "not (a = 1 and b = 2) and not c != 3",
        "not in_list(\"00000000-0000-0000-0000-000000000001\") or in_smart_list(\"00000000-0000-0000-0000-000000000002\")",
        "in_program(\"00000000-0000-0000-0000-000000000001\") and in_partition(\"00000000-0000-0000-0000-000000000002\")",
        "in_segment(\"00000000-0000-0000-0000-000000000001\", \"00000000-0000-0000-0000-000000000000\")",
        "\"not\" = 1 and \"and\" is empty and in = 1 and in_list in (\"x\") and is is empty",
    ] {
        assert_eq!(printed(same), same);
    }
    for (given, canonical) in [
        ("  ((a=1))AND NOT b = 2 ", "a = 1 and b != 2"),
        ("(a = 1 and b = 2) and c = 3", "(a = 1 and b = 2) and c = 3"),
        ("not a starts_with \"x\"", "a not starts_with \"x\""),
        ("a not = 1", "a != 1"),
        ("\"first_name\" = \"Cafe\u{301}\"", "first_name = \"Café\""),
        ("seen = 2026-03-31T14:00:00+02:00", "seen = 2026-03-31T12:00:00Z"),
        ("a = 05 or a = 5.0 or a = 1E3", "a = 5 or a = 5.0 or a = 1000.0"),
    ] {
        assert_eq!(printed(given), canonical, "{given}");
    }
}

/// L-01: `and` beside `or` needs parentheses, and the refusal says where they may stand.
#[test]
fn l_01_mixed_logic_needs_parentheses() {
    assert_eq!(
        refused("a = 1 and b = 2 or c = 3"),
        "at character 17: `or` follows `and`; add parentheses around characters 1 to 15, or around character 11 and \
         what follows, to say which belongs together"
    );
    assert!(refused("(a = 1 or b = 2 and c = 3)").contains("`and` follows `or`"));
    assert!(Filter::parse("a = 1 and (b = 2 or c = 3)").is_ok());
}

/// L-01: the numbered form; a number that does not exist is refused, as is a condition without its number.
#[test]
fn l_01_numbered_conditions() {
    let one = |n: i64| {
        Node::Field(
            "score".into(),
            Test::Fixed(Check::Compare(Comparison::Equal, Value::Integer(n))),
        )
    };
    let numbered =
        |count: i64, expression: &str| Filter::numbered((1..=count).map(one).collect(), expression);
    let text = |count, expression| numbered(count, expression).expect(expression).to_string();
    assert_eq!(text(3, "1 and (2 or 3)"), "score = 1 and (score = 2 or score = 3)");
    assert_eq!(text(2, "not 1 and not (2 or 1)"), "score != 1 and not (score = 2 or score = 1)");
    assert_eq!(text(2, ""), "score = 1 and score = 2");
    for (count, expression, path, why) in [
        (2, "1 and 2 or 1", "expression", "parentheses"),
        (2, "1 and 3", "expression", "there is no condition 3; there are 2"),
        (2, "1 and 0", "expression", "there is no condition 0"),
        (2, "1 and -1", "expression", "there is no condition -1"),
        (3, "1", "conditions[1]", "add 2 to it"),
        (1, "score = 1", "expression", "the number of a condition"),
        (1, "1 1", "expression", "is expected here"),
    ] {
        let problems = numbered(count, expression).expect_err(expression);
        assert_eq!(problems[0].path, path, "{expression}");
        assert!(problems[0].text.contains(why), "{problems:?}");
    }
    assert!(Filter::numbered(Vec::new(), "").is_err());
}

/// L-06: what is over a budget is refused, in both forms, and what is just within passes.
#[test]
fn l_06_budgets() {
    let nested = |depth: usize| {
        (1..depth).fold(String::from("a = 1"), |inner, _| format!("not (b = 2 or {inner})"))
    };
    // Each step is two levels: not, and or.
    assert!(Filter::parse(&nested(8)).is_ok());
    assert!(refused(&nested(9)).contains("nests deeper than 16"));
    let many = |count: usize| vec!["a = 1"; count].join(" or ");
    assert!(Filter::parse(&many(199)).is_ok());
    assert!(refused(&many(200)).contains("201 conditions and groups"));
    let values = |count: usize| format!("a in ({})", vec!["\"x\""; count].join(","));
    assert!(Filter::parse(&values(1_000)).is_ok());
    assert!(refused(&values(1_001)).contains("1001 values"));
    let large = Node::Field("a".into(), Test::Fixed(Check::OneOf(vec!["x".into(); 600])));
    assert!(Filter::numbered(vec![large.clone()], "1 or 1").is_err());
    assert!(Filter::numbered(vec![large], "1").is_ok());
    let deep =
        (0..17).fold(Node::In(Set::List(AssetId(Uuid::nil()))), |inner, _| Node::All(vec![inner]));
    assert!(Filter::new(deep).is_err());
    assert!(refused(&format!("{}a = 1", "(".repeat(1_000_000))).contains("character 20001"));
    assert!(refused(&"not ".repeat(15_000)).contains("nests deeper"));
}

/// Refusals name the place, and what to do.
#[test]
fn l_02_refusals_say_what_to_do() {
    for (text, why) in [
        ("", "must not be empty"),
        ("a", "at character 2: an operator is expected"),
        ("a = ", "at character 4: a value is expected"),
        ("a = 'x'", "at character 5: texts stand in double quotes"),
        ("a = \"x", "at character 5: this text has no closing quote"),
        ("a = \"\\x\"", "after a backslash"),
        ("a = 9223372036854775808", "64 bits"),
        ("a = 1e999", "too large"),
        ("a = -inf", "no value"),
        ("a = 2023-02-29", "not a day of the calendar"),
        ("a = 2026-03-31T25:00:00Z", "no timestamp"),
        ("a = 2026-03-31T12:00:00.0000001Z", "finer than a microsecond"),
        ("a = \"\"", "use: is empty"),
        ("a is \"x\"", "to compare, use = or !="),
        ("a past_days 0", "1 to 36525 days"),
        ("A = 1", "the name of a field must start with a small letter"),
        ("in_team(\"x\")", "none of in_list"),
        ("in_list(\"{00000000-0000-0000-0000-000000000001}\")", "an id in double quotes"),
        ("(a = 1", "at character 7: `)` is expected here, for the parenthesis at character 1"),
        ("a = 1)", "at character 6: this parenthesis closes nothing"),
        ("a = 1 b = 2", "at character 7: `and`, `or` or the end"),
        ("and = 1", "at character 1: a condition is expected"),
        ("é = 1", "at character 1: 'é' has no meaning here"),
    ] {
        let refusal = refused(text);
        assert!(refusal.contains(why), "{text}: {refusal}");
    }
}

/// What is stored of a filter is its text.
#[test]
fn l_06_a_filter_is_stored_as_its_text() {
    let filter = Filter::parse("a=1").expect("a filter");
    assert_eq!(json!(filter), json!("a = 1"));
    assert_eq!(serde_json::from_value::<Filter>(json!("a = 1")).expect("a filter"), filter);
    assert!(serde_json::from_value::<Filter>(json!("a = ")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// L-06: the text of a filter parses to the same filter.
    #[test]
    fn l_06_texts_come_back(tree in node()) {
        if let Ok(filter) = Filter::new(tree) {
            let text = filter.to_string();
            prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
        }
    }

    /// The parser answers whatever it is given.
    #[test]
    fn l_06_no_text_breaks_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Filter::parse(&String::from_utf8_lossy(&bytes));
    }

    /// The same with words that mean something; and what it takes is canonical.
    #[test]
    fn l_06_no_words_break_the_parser(words in prop::collection::vec(prop::sample::select(vec![
        "and", "or", "not", "(", ")", ",", "=", "!=", "<", ">=", "is", "empty", "in", "between", "starts_with",
        "contains", "past_days", "next_days", "true", "a", "score", "1", "-5", "0.5", "2026-03-31",
        "2026-03-31T12:00:00Z", "\"x\"", "\"", "\\", "in_list", "in_segment",
        "\"00000000-0000-0000-0000-000000000001\"",
    ]), 0..30)) {
        let text = words.join(" ");
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
        let _ = Filter::numbered(vec![Node::In(Set::List(AssetId(Uuid::nil())))], &text);
    }
}
