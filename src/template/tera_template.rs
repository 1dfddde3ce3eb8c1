//! Tera templates whose interpolations are YAML data.
//!
//! `{{ x }}` writes a string in quotes, and numbers and booleans as they are; `{{ x | yaml }}` writes lists
//! and mappings too. Members and list items that are `null` are left out, as an unset placeholder's
//! are. Each string is a scalar of its own: to build one from parts, join them in the expression:
//! `{{ "http://" ~ VAR_HOST ~ ":5000" }}`. Where one lands inside another scalar, rendering fails instead of
//! writing quotes into the value. The filter `safe` is refused.
//!
//! How that is known: every interpolated string starts with [`MARK`]. After parsing, it must be the
//! beginning of its scalar, and is taken off.

use std::io;

use serde_json::{Map, Value};
use tera::{Context, ErrorKind, Kwargs, State, Tera};

use super::{parse_yaml, to_yaml_flow};
use crate::{Error, Kind, Result};

/// Two private-use characters; a value that holds them is refused.
const MARK: &str = "\u{e0f1}\u{e0f2}";

/// Renders `source` with `variables` and gives the tree and the text (marks removed) it was read from.
///
/// # Errors
/// [`Kind::InvalidField`], naming `template`, for a variable that is not defined, what Tera cannot
/// parse, and a result that is not YAML or has an interpolation inside another scalar.
pub(super) fn render(
    template: &str,
    source: &str,
    variables: &Map<String, Value>,
) -> Result<(Value, String)> {
    let mut tera = Tera::new();
    tera.set_escape_fn(escape);
    tera.autoescape_on([""]);
    tera.register_filter("yaml", yaml_filter);
    tera.register_filter("safe", safe_filter);
    let text = Context::from_serialize(variables)
        .and_then(|context| {
            tera.add_raw_template(template, source)?;
            tera.render(template, &context)
        })
        .map_err(|error| from_tera(template, source, &error))?;
    let tree = parse_yaml(template, &text).map_err(|error| {
        let hint = "every {{ … }} writes its own quotes: let it stand alone, and join parts with ~";
        Error::new(error.kind(), format!("{}; {hint}", error.message()))
    })?;
    let tree = unmark(tree).map_err(|Misplaced| {
        let message = format!(
            "the template {template} has a {{{{ … }}}} inside another text: let it stand alone, and join parts with ~"
        );
        Error::new(Kind::InvalidField, message)
    })?;
    Ok((tree.unwrap_or(Value::Null), text.replace(MARK, "")))
}

fn escape(text: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let line = to_yaml_flow(&format!("{MARK}{text}")).map_err(io::Error::other)?;
    out.write_all(line.as_bytes())
}

fn yaml_filter(value: tera::Value, _: Kwargs, _: &State) -> tera::TeraResult<tera::Value> {
    let value = serde_json::to_value(&value)
        .map_err(|_| tera::Error::message("this value has no form in YAML"))?;
    let line = to_yaml_flow(&mark(value)).map_err(|error| tera::Error::message(error.message()))?;
    Ok(tera::Value::safe_string(&line))
}

fn safe_filter(_: tera::Value, _: Kwargs, _: &State) -> tera::TeraResult<tera::Value> {
    Err(tera::Error::message(
        "the filter `safe` would let a value change the file's structure: use `yaml`",
    ))
}

fn mark(value: Value) -> Value {
    match value {
        Value::String(text) => format!("{MARK}{text}").into(),
        Value::Array(items) => items.into_iter().map(mark).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, member)| (format!("{MARK}{key}"), mark(member)))
            .collect(),
        other => other,
    }
}

struct Misplaced;

/// `None`: the value is left out.
fn unmark(value: Value) -> std::result::Result<Option<Value>, Misplaced> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::String(text) => unmark_text(text)?.into(),
        Value::Array(items) => {
            let items = items
                .into_iter()
                .filter_map(|item| unmark(item).transpose());
            items.collect::<std::result::Result<_, _>>()?
        }
        Value::Object(members) => {
            let was_empty = members.is_empty();
            let mut out = Map::new();
            for (key, member) in members {
                let key = unmark_text(key)?;
                if let Some(member) = unmark(member)? {
                    out.insert(key, member);
                }
            }
            if out.is_empty() && !was_empty {
                return Ok(None);
            }
            Value::Object(out)
        }
        other => other,
    }))
}

fn unmark_text(text: String) -> std::result::Result<String, Misplaced> {
    let bare = text.strip_prefix(MARK).unwrap_or(&text);
    if bare.contains(MARK) {
        Err(Misplaced)
    } else {
        Ok(bare.to_owned())
    }
}

fn from_tera(template: &str, source: &str, error: &tera::Error) -> Error {
    let why = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let before = source.get(..report.span().range.start).unwrap_or(source);
            format!(
                "line {}: {}",
                before.matches('\n').count() + 1,
                report.message()
            )
        }
        other => other.to_string(),
    };
    Error::new(
        Kind::InvalidField,
        format!("the template {template} does not render: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::{MARK, render};
    use crate::{Error, Kind};
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    fn fill(source: &str, variables: Value) -> Result<Value, Error> {
        let Value::Object(variables) = variables else {
            panic!("not a map")
        };
        render("t.conf.tera", source, &variables).map(|(tree, _)| tree)
    }

    #[test]
    fn interpolations_are_data() {
        let source = "{{ NAME }}:\n  url: {{ \"http://\" ~ HOST ~ \":5000\" }}\n  port: {{ PORT | yaml }}\n  \
                      typed: {{ PORT }}\n  sizes: {{ SIZES | yaml }}\n{% if PASSWORD %}  password: {{ PASSWORD }}\n{% endif %}\
                      {% for key in KEYS %}  {{ key }}: {{ loop.index | yaml }}\n{% endfor %}";
        let variables = json!({"NAME": "a: b", "HOST": "h", "PORT": 5000, "SIZES": {"z": {"cpus": 2}, "a": ["x"]},
            "PASSWORD": "a: \"b\" # {{ c }}", "KEYS": ["k1", "k2"]});
        let expected = json!({"a: b": {"url": "http://h:5000", "port": 5000, "typed": 5000,
            "sizes": {"z": {"cpus": 2}, "a": ["x"]}, "password": "a: \"b\" # {{ c }}", "k1": 1, "k2": 2}});
        let filled = fill(source, variables).unwrap();
        assert_eq!(filled.to_string(), expected.to_string());
    }

    #[test]
    fn null_leaves_no_line() {
        let filled = fill(
            "a:\n  p: {{ P | yaml }}\n  o: {{ P }}\n  q: {x: {{ P | yaml }}}\n  r: 1",
            json!({"P": null}),
        );
        assert_eq!(filled.unwrap(), json!({"a": {"r": 1}}));
    }

    #[test]
    fn inside_another_scalar_is_refused() {
        for source in [
            "a: http://{{ X }}/",
            "a: '{{ X }}'",
            "a: |\n  {{ X }}\n",
            "a: \"{{ X }}\"",
            "{a: '{{ X }}'}",
        ] {
            for value in ["h", "x', evil: 'y", "', evil: \"z", "\" b"] {
                let error = fill(source, json!({ "X": value })).unwrap_err();
                assert_eq!(error.kind(), Kind::InvalidField, "{source} {value}");
                assert!(error.message().contains("t.conf.tera"), "{error}");
            }
        }
    }

    #[test]
    fn undefined_and_unsafe_name_the_template() {
        for (source, word) in [
            ("a: 1\nb: {{ MISSING }}", "MISSING"),
            ("a: {{ X | safe }}", "safe"),
            ("a: {{ X", "line 1"),
        ] {
            let error = fill(source, json!({"X": "x"})).unwrap_err();
            assert!(
                error.message().contains("t.conf.tera") && error.message().contains(word),
                "{error}"
            );
        }
        assert!(fill("a: {{ X }}", json!({ "X": format!("a{MARK}") })).is_err());
    }

    proptest! {
        #[test]
        fn no_value_changes_the_structure(value in any::<String>()) {
            let variables = Map::from_iter([("A".to_owned(), Value::from(value.clone()))]);
            let (tree, _) = render("t", "{{ A }}:\n  a: {{ A }}\n  b: [{{ A | yaml }}]\n", &variables).unwrap();
            prop_assert_eq!(tree, json!({value.clone(): {"a": value.clone(), "b": [value]}}));
        }
    }
}
