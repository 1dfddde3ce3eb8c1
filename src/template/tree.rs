//! YAML text to a tree that JSON can hold.

use serde::Deserialize as _;
use serde_json::{Map, Value};
use serde_yaml::Value as Yaml;

use crate::{Error, Kind, Result};

/// Reads one YAML document; `name` is what errors call it.
///
/// Merge keys (`<<`) are applied. Scalars are read by YAML 1.2's core schema: `yes` and `on` are
/// text. Keys must be strings, and tags (`!x`), NaN and infinities have no place in JSON.
///
/// # Errors
/// [`Kind::InvalidField`], naming `name` and the place, never a value.
pub(crate) fn parse_yaml(name: &str, text: &str) -> Result<Value> {
    let mut documents = parse_yaml_documents(name, text)?;
    match documents.len() {
        0 => Ok(Value::Null),
        1 => Ok(documents.remove(0)),
        _ => Err(refused(name, &"it is not one document of plain data")),
    }
}

/// The same of every document in `text`.
pub(crate) fn parse_yaml_documents(name: &str, text: &str) -> Result<Vec<Value>> {
    check_brackets(text).map_err(|why| refused(name, &why))?;
    let documents = serde_yaml::Deserializer::from_str(text);
    documents.map(|document| parse(name, document)).collect()
}

fn refused(name: &str, why: &dyn std::fmt::Display) -> Error {
    let message = format!("{name} is not valid YAML: {why}");
    Error::new(Kind::InvalidField, message)
}

fn parse(name: &str, document: serde_yaml::Deserializer<'_>) -> Result<Value> {
    let refused = |why: &dyn std::fmt::Display| refused(name, why);
    let mut yaml = Yaml::deserialize(document).map_err(|error| match error.location() {
        // the parser's own sentence may quote a scalar, which may be a password
        Some(place) => refused(&format_args!(
            "line {}, column {}",
            place.line(),
            place.column()
        )),
        None => refused(&"it is not one document of plain data"),
    })?;
    yaml.apply_merge()
        .map_err(|_| refused(&"a merge key (`<<`) does not name a mapping"))?;
    to_json(yaml).map_err(|why| refused(&why))
}

/// The most opening brackets that a text of YAML may have: the parser's time grows with the square of
/// how deep they nest, which it finds out last.
const MOST_BRACKETS: usize = 10_000;

/// Refuses `text` where the parser could take too long.
pub(crate) fn check_brackets(text: &str) -> std::result::Result<(), String> {
    let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'{'));
    if brackets.count() > MOST_BRACKETS {
        return Err(format!("it has more than {MOST_BRACKETS} opening brackets"));
    }
    Ok(())
}

fn to_json(yaml: Yaml) -> std::result::Result<Value, String> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => {
            if let Some(number) = number.as_u64() {
                number.into()
            } else if let Some(number) = number.as_i64() {
                number.into()
            } else {
                let float = number.as_f64().and_then(serde_json::Number::from_f64);
                Value::Number(float.ok_or("infinities and NaN are not allowed")?)
            }
        }
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items
            .into_iter()
            .map(to_json)
            .collect::<std::result::Result<_, _>>()?,
        Yaml::Mapping(members) => {
            let mut map = Map::new();
            for (key, member) in members {
                let Yaml::String(key) = key else {
                    return Err("a key is not a string: put it in quotes".into());
                };
                map.insert(key, to_json(member)?);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => return Err(format!("the tag {} is not allowed", tagged.tag)),
    })
}

#[cfg(test)]
mod tests {
    use super::{MOST_BRACKETS, parse_yaml};
    use serde_json::json;

    #[test]
    fn what_nests_deep_is_refused_at_once() {
        let started = std::time::Instant::now();
        for (text, count) in [
            ("[", 200_000),
            ("{a: ", 50_000),
            ("- ", 100_000),
            ("? ", 100_000),
        ] {
            let error = parse_yaml("it", &text.repeat(count)).unwrap_err();
            assert_eq!(error.kind(), crate::Kind::InvalidField);
        }
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
        let most = format!("[{}]", vec!["[]"; MOST_BRACKETS - 1].join(","));
        assert!(parse_yaml("it", &most).is_ok());
        assert!(parse_yaml("it", &format!("{most} # [")).is_err());
    }

    #[test]
    fn order_merges_and_numbers_are_kept() {
        let text = "base: &b {z: 1, a: 2.5}\nuse:\n  <<: *b\n  k: -3\nbig: 18446744073709551615\n";
        let tree = parse_yaml("t", text).unwrap();
        assert_eq!(
            tree,
            json!({"base": {"z": 1, "a": 2.5}, "use": {"k": -3, "z": 1, "a": 2.5}, "big": u64::MAX})
        );
        assert_eq!(
            tree["base"].as_object().unwrap().keys().next().unwrap(),
            "z"
        );
    }

    #[test]
    fn what_json_cannot_hold_is_an_error_that_shows_no_value() {
        for text in [
            "1: a",
            "a: !x hunter2",
            "a: .inf",
            "a: 1\na: 2",
            "a: [hunter2",
            "--- a\n--- b",
            "<<: hunter2",
        ] {
            let error = parse_yaml("t.conf", text).unwrap_err();
            assert!(
                error.message().starts_with("t.conf is not valid YAML"),
                "{error}"
            );
            assert!(!error.message().contains("hunter2"), "{error}");
        }
    }
}
