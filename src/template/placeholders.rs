//! `VAR_X` placeholders in a YAML tree.
//!
//! The template is parsed first and values go into the tree, so no value can change the structure.
//! A placeholder is a whole identifier: `VAR_IMAGE` does not touch `VAR_IMAGE_ID` or `MY_VAR_IMAGE`.
//! - A scalar that is one placeholder takes the value with its type, maps and lists included.
//! - A placeholder inside a longer scalar, or in a key, becomes text; maps and lists are refused there.
//! - A member or list item whose value needs a placeholder that is `null` is left out, and so is a
//!   mapping that has become empty by this. A password that is not set leaves no line.
//! - Values are not looked into again: a value that reads `VAR_X` stays so.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{Error, Kind, Result};

const PREFIX: &str = "VAR_";

/// Puts `variables` (by their full names, `VAR_X`) into `tree`; errors name `template`.
///
/// # Errors
/// [`Kind::InvalidField`] naming every placeholder that has no entry in `variables`, a value that
/// cannot stand where its placeholder does, or two keys that have become the same.
pub(super) fn substitute(
    template: &str,
    tree: Value,
    variables: &Map<String, Value>,
) -> Result<Value> {
    let needed = placeholders(&tree).into_iter().map(|(name, _)| name);
    let missing: BTreeSet<_> = needed
        .filter(|name| !variables.contains_key(*name))
        .collect();
    if let Some(first) = missing.first() {
        let names = missing.iter().copied().collect::<Vec<_>>().join(", ");
        let message = format!("the template {template} needs {names}: no value was given");
        return Err(Error::invalid(format!("/{first}"), message));
    }
    Ok(Substitution {
        template,
        variables,
    }
    .value(tree)?
    .unwrap_or(Value::Null))
}

/// Every placeholder in `tree`, and whether it is in a key.
pub(crate) fn placeholders(tree: &Value) -> BTreeSet<(&str, bool)> {
    fn look<'a>(tree: &'a Value, found: &mut BTreeSet<(&'a str, bool)>) {
        let within = |text: &'a str, key| {
            words(text)
                .filter(|word| is_placeholder(word))
                .map(move |word| (word, key))
        };
        match tree {
            Value::String(text) => found.extend(within(text, false)),
            Value::Array(items) => items.iter().for_each(|item| look(item, found)),
            Value::Object(members) => {
                for (key, member) in members {
                    found.extend(within(key, true));
                    look(member, found);
                }
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    look(tree, &mut found);
    found
}

struct Substitution<'a> {
    template: &'a str,
    variables: &'a Map<String, Value>,
}

impl Substitution<'_> {
    /// `None`: the value is left out.
    fn value(&self, value: Value) -> Result<Option<Value>> {
        match value {
            Value::String(text) => self.scalar(text),
            Value::Array(items) => {
                let items = items
                    .into_iter()
                    .filter_map(|item| self.value(item).transpose());
                items
                    .collect::<Result<_>>()
                    .map(|items| Some(Value::Array(items)))
            }
            Value::Object(members) => self.mapping(members),
            other => Ok(Some(other)),
        }
    }

    fn mapping(&self, members: Map<String, Value>) -> Result<Option<Value>> {
        let was_empty = members.is_empty();
        let mut out = Map::new();
        for (key, member) in members {
            let key = self.key(key)?;
            let Some(member) = self.value(member)? else {
                continue;
            };
            if out.contains_key(&key) {
                let message = format!(
                    "the template {} has the key {key:?} twice with these values",
                    self.template
                );
                return Err(Error::new(Kind::InvalidField, message));
            }
            out.insert(key, member);
        }
        Ok((was_empty || !out.is_empty()).then_some(Value::Object(out)))
    }

    fn scalar(&self, text: String) -> Result<Option<Value>> {
        if is_placeholder(&text) {
            return Ok(self
                .variables
                .get(&text)
                .filter(|value| !value.is_null())
                .cloned());
        }
        Ok(self.interpolate(&text)?.map(Value::String))
    }

    fn key(&self, key: String) -> Result<String> {
        self.interpolate(&key)?.ok_or_else(|| {
            let message = format!(
                "the template {} uses {key} as a key, which must have a value",
                self.template
            );
            Error::invalid(
                format!(
                    "/{}",
                    words(&key)
                        .find(|word| is_placeholder(word))
                        .unwrap_or_default()
                ),
                message,
            )
        })
    }

    fn interpolate(&self, text: &str) -> Result<Option<String>> {
        let mut out = String::with_capacity(text.len());
        for word in words(text) {
            match self.variables.get(word).filter(|_| is_placeholder(word)) {
                None => out.push_str(word),
                Some(Value::Null) => return Ok(None),
                Some(Value::String(value)) => out.push_str(value),
                Some(value @ (Value::Number(_) | Value::Bool(_))) => {
                    out.push_str(&value.to_string());
                }
                Some(Value::Array(_) | Value::Object(_)) => {
                    let message = format!(
                        "the template {} has {word} inside a longer text, where a list or mapping cannot go",
                        self.template
                    );
                    return Err(Error::invalid(format!("/{word}"), message));
                }
            }
        }
        Ok(Some(out))
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_placeholder(word: &str) -> bool {
    word.strip_prefix(PREFIX)
        .is_some_and(|name| !name.is_empty() && name.chars().all(is_word_char))
}

/// `text` cut into identifiers and what lies between them; put together they are `text` again.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let inside = is_word_char(rest.chars().next()?);
        let end = rest
            .find(|c| is_word_char(c) != inside)
            .unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        rest = tail;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::{substitute, words};
    use crate::template::parse_yaml;
    use crate::{Kind, Result};
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    fn fill(text: &str, variables: Value) -> Result<Value> {
        let Value::Object(variables) = variables else {
            panic!("not a map")
        };
        substitute("t.conf", parse_yaml("t.conf", text).unwrap(), &variables)
    }

    #[test]
    fn identifiers_are_whole() {
        let text = "a: VAR_IMAGE VAR_IMAGE_ID MY_VAR_IMAGE xVAR_IMAGE VAR_ éVAR_IMAGE\nb: VAR_IMAGE-VAR_IMAGE";
        let filled = fill(text, json!({"VAR_IMAGE": "i", "VAR_IMAGE_ID": 7})).unwrap();
        assert_eq!(
            filled,
            json!({"a": "i 7 MY_VAR_IMAGE xVAR_IMAGE VAR_ éVAR_IMAGE", "b": "i-i"})
        );
    }

    #[test]
    fn every_position() {
        let text = "VAR_NAME:\n  plain: VAR_P  # VAR_COMMENT\n  url: http://VAR_H:5000/v3\n  q: \"http://VAR_H/x\"\n  \
                    s: 'VAR_P'\n  flavours: VAR_F\n  list: [VAR_P, VAR_H]\n";
        let hostile = "a: \"b\" # {{ c }}\n- d";
        let variables = json!({"VAR_NAME": hostile, "VAR_P": hostile, "VAR_H": "h", "VAR_F": {"s": {"cpus": 1}}});
        let expected = json!({hostile: {
            "plain": hostile, "url": "http://h:5000/v3", "q": "http://h/x", "s": hostile,
            "flavours": {"s": {"cpus": 1}}, "list": [hostile, "h"],
        }});
        assert_eq!(fill(text, variables).unwrap(), expected);
    }

    #[test]
    fn null_leaves_no_line() {
        let text = "n:\n  a: VAR_A\n  u: x-VAR_A\n  keep: ~\n  empty: {}\n  list: [VAR_A, 1]\n  d: {x: VAR_A}\n";
        let filled = fill(text, json!({"VAR_A": null})).unwrap();
        assert_eq!(
            filled,
            json!({"n": {"keep": null, "empty": {}, "list": [1]}})
        );
    }

    #[test]
    fn what_has_no_value_is_named() {
        let error = fill("VAR_B: x VAR_C VAR_A", json!({"VAR_A": 1})).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidField);
        assert_eq!(
            error.message(),
            "the template t.conf needs VAR_B, VAR_C: no value was given"
        );
        assert_eq!(error.field(), Some("/VAR_B"));
    }

    #[test]
    fn misplaced_values_are_refused() {
        assert_eq!(
            fill("a: x VAR_A", json!({"VAR_A": [1]}))
                .unwrap_err()
                .field(),
            Some("/VAR_A")
        );
        assert_eq!(
            fill("VAR_A: 1", json!({"VAR_A": null}))
                .unwrap_err()
                .field(),
            Some("/VAR_A")
        );
        assert!(fill("VAR_A: 1\nb: 2", json!({"VAR_A": "b"})).is_err());
    }

    proptest! {
        #[test]
        fn words_put_together_are_the_text(text in any::<String>()) {
            prop_assert_eq!(words(&text).collect::<String>(), text);
        }

        #[test]
        fn no_value_changes_the_structure(value in any::<String>()) {
            let variables = Map::from_iter([("VAR_A".to_owned(), Value::from(value.clone()))]);
            let tree = parse_yaml("t", "x:\n  a: VAR_A\n  b: <VAR_A>\n").unwrap();
            let filled = substitute("t", tree, &variables).unwrap();
            prop_assert_eq!(filled, json!({"x": {"a": value, "b": format!("<{value}>")}}));
        }
    }
}
