//! A tree as YAML that people read: one member a line, every string quoted.

use serde_json::Value;

use super::yaml::to_yaml_flow;
use super::yaml_1_1;
use crate::Result;

/// Writes `value` as block YAML, ending in a newline; the order of members is kept.
///
/// Strings and everything inside a list are written as [`to_yaml_flow`] does, with the same promises
/// to `PyYAML` and Jinja. Keys that are plain words in every YAML version stand bare, others are quoted.
pub(crate) fn to_yaml_block(value: &Value) -> Result<String> {
    let mut out = String::new();
    write_value(&mut out, value, 0)?;
    Ok(out)
}

fn write_value(out: &mut String, value: &Value, indent: usize) -> Result<()> {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                out.push_str(&" ".repeat(indent));
                out.push_str(&key_text(key)?);
                out.push(':');
                write_member(out, member, indent + 2)?;
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&" ".repeat(indent));
                out.push_str("- ");
                out.push_str(&to_yaml_flow(item)?);
                out.push('\n');
            }
        }
        scalar => {
            out.push_str(&to_yaml_flow(scalar)?);
            out.push('\n');
        }
    }
    Ok(())
}

fn write_member(out: &mut String, member: &Value, indent: usize) -> Result<()> {
    let nested = match member {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    out.push(if nested { '\n' } else { ' ' });
    write_value(out, member, indent)
}

fn key_text(key: &str) -> Result<String> {
    let word = key.len() <= 128
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && !yaml_1_1::is_word(key);
    if word {
        return Ok(key.to_owned());
    }
    // through a one-member map, so that the limit on the length of keys is applied
    let map = serde_json::Map::from_iter([(key.to_owned(), Value::Null)]);
    let line = to_yaml_flow(&map)?;
    Ok(line
        .trim_start_matches('{')
        .trim_end_matches(": null}")
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::to_yaml_block;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn reads_like_a_file_a_person_wrote() {
        let tree = json!({
            "my-host": {
                "driver": "va_libvirt", "port": 16514, "no": true, "a b": null, "empty": {},
                "list": ["x", {"k": "v"}], "deep": {"er": {"still": 1}},
            }
        });
        let text = "my-host:\n  driver: \"va_libvirt\"\n  port: 16514\n  \"no\": true\n  \"a b\": null\n  \
                    empty: {}\n  list:\n    - \"x\"\n    - {\"k\": \"v\"}\n  deep:\n    er:\n      still: 1\n";
        assert_eq!(to_yaml_block(&tree).unwrap(), text);
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[a-z{}%#:\"' -]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".{0,8}|yes|[a-z-]{1,5}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_tree_survives(tree in tree()) {
            let text = to_yaml_block(&tree).unwrap();
            let jinja = ["{{", "{%", "{#"].iter().any(|tag| text.contains(tag));
            prop_assert!(!jinja);
            prop_assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), tree);
        }
    }
}
