//! Predicates and their verdicts.

use std::sync::Arc;

use super::*;

fn holds(text: &str, attributes: serde_json::Value) -> bool {
    bind(text).expect(text).holds(&facts(attributes))
}

/// L-02: text is compared folded, and what is empty passes only "is empty" and the negative operators.
#[test]
fn l_02_texts() {
    for yes in [
        "first_name = \"ADA\"",
        "last_name = \"STRASSE\"",
        "last_name contains \"ss\"",
        "last_name starts_with \"ſtraß\"",
        "email = \"ada@example.COM\"",
        "source in (\"form\", \"api\")",
        "external_id is empty and external_id != \"x\" and external_id not contains \"x\"",
        "country is empty and country not in (\"DE\")",
        "first_name is not empty",
    ] {
        assert!(holds(yes, json!({})), "{yes}");
        assert!(holds(yes, json!({"3": ""})), "{yes}");
    }
    for no in [
        "external_id = \"x\"",
        "country starts_with \"x\" or country in (\"x\")",
        "first_name contains \"  \"",
        "first_name != \"ada\"",
    ] {
        assert!(!holds(no, json!({})), "{no}");
    }
    assert!(holds("country = \"i\u{307}\"", json!({"3": "İ"})));
    assert!(holds("country = \"ΣΑΣ\"", json!({"3": "σας"})));
}

/// L-02: numbers are exact to the ends of 64 bits; without a value no order holds, and its complement does.
#[test]
fn l_02_numbers_and_times() {
    let most = json!({"1": i64::MAX});
    assert!(holds("score > 9223372036854775806 and score = 9223372036854775807", most.clone()));
    assert!(!holds("score < 9223372036854775807", most));
    assert!(holds("ratio = 0 and ratio = -0.0 and ratio >= 0.0", json!({"2": -0.0})));
    assert!(holds("ratio = 0.1 and ratio between 0.1 and 1", json!({"2": 0.1})));
    assert!(holds("score not < 5 and score not >= 5 and score != 5 and score is empty", json!({})));
    assert!(!holds("score is empty", json!({"1": 0})));
    assert!(holds("vip != true and vip is empty", json!({})));
    assert!(holds("vip = false and unsubscribed = false", json!({"6": false})));
    assert!(holds(
        "create_time = 1970-01-01T00:00:00Z and birthday < 2000-01-01",
        json!({"4": "1999-12-31"})
    ));
}

/// L-02: relative dates are whole days that end or begin with today, the 31st of March here.
#[test]
fn l_02_relative_dates() {
    for (day, past, next) in [
        ("2026-03-01", false, false),
        ("2026-03-02", true, false),
        ("2026-03-31", true, true),
        ("2026-04-01", false, true),
        ("2026-04-29", false, true),
        ("2026-04-30", false, false),
    ] {
        let value = json!({"4": day});
        assert_eq!(holds("birthday past_days 30", value.clone()), past, "{day}");
        assert_eq!(holds("birthday next_days 30", value), next, "{day}");
    }
    let end = 1_775_001_600_000_000_i64; // 2026-04-01T00:00:00Z
    assert!(holds("seen past_days 1", json!({"5": end - 1})));
    assert!(!holds("seen past_days 1", json!({"5": end})));
    assert!(holds("seen next_days 1", json!({"5": end - 86_400_000_000})));
    assert!(!holds("seen next_days 1", json!({"5": end - 86_400_000_001})));
    assert!(holds(
        "birthday past_days 36525 and seen past_days 36525",
        json!({"4": "2000-01-01", "5": 0})
    ));
    assert!(bind("birthday past_days 1").expect("bound").is_relative());
}

/// L-02: an operator or value that does not fit the field is refused, each with its place.
#[test]
fn l_02_operators_fit_their_fields() {
    for (text, why) in [
        ("nobody = 1", "there is no field nobody"),
        ("score starts_with \"1\"", "starts_with is for texts"),
        ("score in (\"1\")", "in is for texts"),
        ("score = 1.5", "is a whole number, and the value is a number"),
        ("score = \"1\"", "the value is a text"),
        ("first_name > \"a\"", "has no order"),
        ("vip < true", "has no order"),
        ("birthday = 2026-03-31T00:00:00Z", "is a date, and the value is a timestamp"),
        ("seen > 2026-03-31", "is a timestamp, and the value is a date"),
        ("country past_days 3", "are for dates and timestamps"),
    ] {
        let problems = bind(text).expect_err(text);
        assert!(problems[0].text.contains(why), "{problems:?}");
    }
    let problems =
        bind("score = 1 and (nobody = 1 or not (vip > true and score = 1))").expect_err("two");
    let paths: Vec<&str> = problems.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["all.nodes[1].any.nodes[0]", "all.nodes[1].any.nodes[1].not.all.nodes[0]"]);
}

/// L-02: membership, in and not in.
#[test]
fn l_02_membership() {
    let id = |n: u128| Uuid::from_u128(n);
    for (text, expected) in [
        (format!("in_list(\"{}\")", id(7)), true),
        (format!("in_program(\"{}\")", id(9)), false),
        (format!("not in_program(\"{}\")", id(9)), true),
        (format!("in_partition(\"{}\")", id(1)), true),
        (format!("in_segment(\"{}\", \"{}\")", id(8), id(0)), true),
        (format!("in_segment(\"{}\", \"{}\")", id(8), id(1)), false),
        (format!("in_segment(\"{}\", \"{}\")", id(9), id(0)), false),
    ] {
        assert_eq!(holds(&text, json!({})), expected, "{text}");
    }
}

/// L-06, L-08: smart lists are put in, with what they read; budgets hold for the whole.
#[test]
fn l_06_smart_lists_are_put_in() {
    let id = |n: u128| AssetId(Uuid::from_u128(n));
    let inner = Arc::new(bind("birthday past_days 3 or country = \"de\"").expect("bound"));
    let mut lists = SmartLists::from([(id(1), inner)]);
    let text = format!("not in_smart_list(\"{}\") and in_program(\"{}\")", id(1), id(7));
    let outer = bind_with(&text, &lists).expect("bound");
    assert!(outer.is_relative());
    assert!(outer.holds(&facts(json!({"3": "FR"}))) && !outer.holds(&facts(json!({"3": "DE"}))));
    let read = |key: Key| Reads { fields: [key].into(), ..Reads::default() };
    assert!(
        outer.reads().meet(&read(Key::Custom(3))) && !outer.reads().meet(&read(Key::Custom(1)))
    );
    assert!(outer.reads().meet(&Reads { members: [id(7)].into(), ..Reads::default() }));
    assert!(!outer.reads().meet(&Reads { partition: true, ..Reads::default() }));

    let missing = bind(&format!("in_smart_list(\"{}\")", id(1))).expect_err("not loaded");
    assert!(missing[0].text.contains("is not there"));

    // Each list holds the one before it thrice: the sixth and seventh would have too many conditions.
    let refused = (2..10).find_map(|n| {
        let text = vec![format!("in_smart_list(\"{}\")", id(n - 1)); 3].join(" and ");
        match bind_with(&text, &lists) {
            Ok(bound) => {
                lists.insert(id(n), Arc::new(bound));
                None
            }
            Err(problems) => Some(problems[0].text.clone()),
        }
    });
    assert!(refused.expect("refused").contains("conditions and groups with its smart lists"));
}

/// G-11: an explanation has each condition, the value that it looked at and its verdict.
#[test]
fn g_11_explanations_name_the_values() {
    let bound =
        bind("score >= 10 and (first_name = \"Ada\" or country is not empty)").expect("bound");
    let person = facts(json!({"1": 7}));
    let explained = bound.explain(&person);
    assert_eq!(explained.holds, bound.holds(&person));
    assert!(!explained.holds);
    let score = &explained.parts[0];
    assert_eq!(
        (score.text.as_str(), &score.looked),
        ("score >= 10", &Looked::Value(Some(Value::Integer(7))))
    );
    assert!(!score.holds && explained.parts[1].holds);
    let name = &explained.parts[1].parts[0];
    assert_eq!((name.text.as_str(), name.holds), ("first_name = \"Ada\"", true));
    assert_eq!(name.looked, Looked::Value(Some(Value::Text("Ada".into()))));
    assert_eq!(explained.parts[1].parts[1].parts[0].looked, Looked::Value(None));
}

/// L-02: kept beside the values is what differs from them, and a patch takes away what no longer does.
#[test]
fn l_02_folded_texts_are_those_that_differ() {
    let attributes = json!({"1": 5, "3": "Straße", "4": "2024-01-01", "9": "plain"});
    let (first, last) = (Some("Ada".to_owned()), Some("lovelace".to_owned()));
    let names = [&None, &None, &first, &last];
    assert_eq!(folded(names, &attributes), json!({"first_name": "ada", "3": "strasse"}));
    let patch = json!({"3": null, "9": "Plain"});
    assert_eq!(
        refolded(names, &patch),
        json!({"first_name": "ada", "last_name": null, "3": null, "9": "plain"})
    );
    let mut known = facts(json!({"3": "Straße"}));
    known.folded = Some(json!({"3": "strasse", "first_name": "ada"}));
    assert!(
        bind("country = \"STRASSE\" and first_name = \"ADA\" and source = \"api\"")
            .expect("bound")
            .holds(&known)
    );
}
