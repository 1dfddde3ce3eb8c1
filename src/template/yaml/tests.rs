use proptest::prelude::*;
use serde_json::{Value, json};

use super::{to_yaml_flow, to_yaml_flow_ascii};
use crate::Kind;

#[test]
fn words_and_numbers_of_yaml_1_1_stay_strings() {
    for word in [
        "yes",
        "NO",
        "on",
        "1:30",
        "1_000",
        "2026-01-02",
        "~",
        "",
        "0755",
        "=",
    ] {
        assert_eq!(to_yaml_flow(&word).unwrap(), format!("\"{word}\""));
    }
}

#[test]
fn jinja_finds_nothing() {
    let text = to_yaml_flow(&"{{ a }} {% b %} {# c #}").unwrap();
    assert_eq!(
        text,
        r#""\u007b\u007b a \u007d\u007d \u007b\u0025 b \u0025\u007d \u007b\u0023 c \u0023\u007d""#
    );
}

#[test]
fn what_readers_reject_is_escaped_and_the_rest_is_not() {
    assert_eq!(
        to_yaml_flow(&"\u{7f}\u{85}\u{9f}\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}é😀").unwrap(),
        r#""\u007f\u0085\u009f\u2028\u2029\ufeff\ufffe\uffffé😀""#
    );
    assert_eq!(to_yaml_flow(&"a\nb\t\u{0}").unwrap(), r#""a\nb\t\u0000""#);
}

#[test]
fn floats_keep_a_point_and_a_signed_exponent() {
    assert_eq!(to_yaml_flow(&1e30).unwrap(), "1.0e+30");
    assert_eq!(to_yaml_flow(&-1.5e-9).unwrap(), "-1.5e-9");
    assert_eq!(to_yaml_flow(&0.25).unwrap(), "0.25");
    assert_eq!(to_yaml_flow(&1e30f32).unwrap(), "1.0e+30");
}

#[test]
fn structures_are_one_line() {
    assert_eq!(
        to_yaml_flow(&json!({"a": [1, null, {"b": {}}], "c%": true})).unwrap(),
        r#"{"a": [1, null, {"b": {}}], "c\u0025": true}"#
    );
}

#[test]
fn a_key_is_at_most_1024_characters_as_written() {
    let fits = "é".repeat(1022);
    assert!(to_yaml_flow(&json!({ fits: 1 })).is_ok());
    for long in ["é".repeat(1023), "%".repeat(171), "\n".repeat(512)] {
        let error = to_yaml_flow(&json!({ long: 1 })).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidField);
    }
    assert!(to_yaml_flow(&json!({"k": "v".repeat(5000)})).is_ok());
}

#[test]
fn what_yaml_or_jinja_would_take_for_its_own_is_escaped() {
    let text = to_yaml_flow("{{ a }} {% b %} # \u{7f}\u{85}\u{9f}\u{2028}\u{feff}\u{ffff}\n");
    assert_eq!(
        text.unwrap(),
        "\"\\u007b\\u007b a \\u007d\\u007d \\u007b\\u0025 b \\u0025\\u007d \\u0023 \
         \\u007f\\u0085\\u009f\\u2028\\ufeff\\uffff\\n\""
    );
}

#[test]
fn other_characters_stay_unless_ascii_is_asked_for() {
    assert_eq!(to_yaml_flow("é中😀\u{a0}").unwrap(), "\"é中😀\u{a0}\"");
    assert_eq!(
        to_yaml_flow_ascii("é中😀").unwrap(),
        "\"\\u00e9\\u4e2d\\U0001f600\""
    );
}

#[test]
fn numbers_are_numbers_in_yaml_1_1_too() {
    let numbers = json!([1e16, 1.5e300, 1e-7, 0.1, 100.0, -0.0, 7, u64::MAX, i64::MIN]);
    assert_eq!(
        to_yaml_flow(&numbers).unwrap(),
        "[1.0e+16, 1.5e+300, 1.0e-7, 0.1, 100.0, -0.0, 7, 18446744073709551615, -9223372036854775808]"
    );
}

#[test]
fn a_name_that_yaml_could_not_read_is_refused() {
    assert!(to_yaml_flow(&json!({ "n".repeat(1022): 1 })).is_ok());
    let error = to_yaml_flow(&json!({ "n".repeat(1023): 1 })).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidField);
    assert!(to_yaml_flow(&json!({ "é".repeat(1022): 1 })).is_ok());
    assert!(to_yaml_flow_ascii(&json!({ "é".repeat(170): 1 })).is_ok());
    assert!(to_yaml_flow_ascii(&json!({ "é".repeat(171): 1 })).is_err());
    assert!(to_yaml_flow_ascii(&json!({ "😀".repeat(103): 1 })).is_err());
    assert!(to_yaml_flow(&json!({ "n": "v".repeat(5000) })).is_ok());
}

#[test]
fn the_line_fills_one_allocation() {
    let text = to_yaml_flow(&json!({"a": ["é{", 1.5e300, "😀\n".repeat(1000)]})).unwrap();
    assert_eq!(text.capacity(), text.len());
}

fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 256.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn every_string_survives_json_and_yaml(text in any::<String>()) {
        let line = to_yaml_flow(&text).unwrap();
        let raw = line.contains(['{', '}', '%', '#', '\n', '\u{85}', '\u{2028}']);
        prop_assert!(!raw);
        prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text.clone());
        prop_assert_eq!(serde_yaml::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn every_float_survives(number in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
        let line = to_yaml_flow(&number).unwrap();
        prop_assert!(line.contains('.'));
        let back: Value = serde_json::from_str(&line).unwrap();
        // serde_json's default parser may be off by the last bit
        prop_assert!((back.as_f64().unwrap() - number).abs() <= number.abs() * 1e-15);
    }

    #[test]
    fn json_and_yaml_readers_read_what_was_written(value in json_values()) {
        let text = to_yaml_flow(&value).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value);
        prop_assert_eq!(&serde_yaml::from_str::<Value>(&text).unwrap(), &value);
        prop_assert!(!text.contains('\n'));
        for opening in ["{{", "{%", "{#"] {
            prop_assert!(!text.contains(opening));
        }
    }

    #[test]
    fn ascii_is_ascii_and_yaml(value in json_values()) {
        let text = to_yaml_flow_ascii(&value).unwrap();
        prop_assert!(text.is_ascii());
        prop_assert_eq!(&serde_yaml::from_str::<Value>(&text).unwrap(), &value);
    }
}
