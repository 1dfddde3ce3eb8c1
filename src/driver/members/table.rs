//! The table of members, out of the JSON Schema that their declaration makes.

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;

use crate::driver::ServerSpec;

/// A member of what a caller sends.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Member {
    /// Where it stands, below what it is a member of: `image`, `networks/mac`. Lists have no step of
    /// their own.
    pub path: String,
    /// Its other names, which are taken as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<String>,
    /// What it takes, in words.
    #[serde(rename = "type")]
    pub kind: String,
    /// What its number counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it is for.
    pub about: String,
    /// The option of the shell that gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// A value of it, where its form is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
    /// Whether what it is a member of cannot be without it.
    pub required: bool,
    /// Whether it is an object, or a list of such, whose members are declared too.
    #[serde(skip)]
    pub has_members: bool,
}

impl Member {
    /// Its own name, the last step of its path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Its name and its synonyms.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name()).chain(self.synonyms.iter().map(String::as_str))
    }
}

/// The members of a server and of the objects in it, in the order of their declaration.
#[must_use]
pub fn server_members() -> &'static [Member] {
    static ALL: LazyLock<Vec<Member>> = LazyLock::new(|| {
        let root = schemars::schema_for!(ServerSpec).to_value();
        let mut all = Vec::new();
        collect(&root, &root, "", &mut all);
        all
    });
    &ALL
}

/// The members of a server that `words` may mean: a path, by any of its names and with or without
/// indexes, or a name alone wherever it stands.
#[must_use]
pub fn find(words: &str) -> Vec<&'static Member> {
    let words = words.trim_start_matches('/');
    let words = words.strip_prefix("server/").unwrap_or(words);
    let steps: Vec<_> = words
        .split('/')
        .filter(|step| step.parse::<usize>().is_err())
        .collect();
    let named = server_members().iter().filter(|member| match steps[..] {
        [name] => member.names().any(|own| own == name),
        _ => is_at(&member.path, &steps),
    });
    named.collect()
}

/// Whether `steps` lead to `path`, each by any of its names.
fn is_at(path: &str, steps: &[&str]) -> bool {
    let above = path.match_indices('/').map(|(end, _)| &path[..end]);
    let all: Vec<_> = above.chain([path]).filter_map(member).collect();
    all.len() == steps.len()
        && (all.iter().zip(steps)).all(|(member, step)| member.names().any(|name| name == *step))
}

/// The member of a server at `path`.
#[must_use]
pub fn member(path: &str) -> Option<&'static Member> {
    server_members().iter().find(|member| member.path == path)
}

fn collect(root: &Value, object: &Value, above: &str, all: &mut Vec<Member>) {
    for (name, schema, required) in properties(root, object) {
        let text = |key: &str| schema[key].as_str().map(ToOwned::to_owned);
        let path = if above.is_empty() {
            name.clone()
        } else {
            format!("{above}/{name}")
        };
        let synonyms = schema["x-synonyms"].as_array().into_iter().flatten();
        all.push(Member {
            synonyms: synonyms
                .filter_map(|name| name.as_str().map(ToOwned::to_owned))
                .collect(),
            kind: kind_of(root, schema),
            unit: text("x-unit"),
            about: text("description").unwrap_or_default().replace('\n', " "),
            option: text("x-option")
                .or_else(|| object["x-options"][name].as_str().map(ToOwned::to_owned)),
            example: schema["examples"].get(0).cloned(),
            required,
            has_members: !properties(root, schema).is_empty(),
            path: path.clone(),
        });
        collect(root, schema, &path, all);
    }
}

/// The forms that `schema` allows, references followed, without null.
fn forms<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let referred = schema["$ref"]
        .as_str()
        .and_then(|to| root.pointer(&to[1..]));
    let schema = referred.unwrap_or(schema);
    match schema["anyOf"].as_array() {
        Some(forms_there_are) => forms_there_are
            .iter()
            .filter(|form| form["type"] != "null")
            .flat_map(|form| forms(root, form))
            .collect(),
        None => vec![schema],
    }
}

/// The members of the object that `schema` allows, by itself or in a list: name, schema, whether it
/// must be there.
fn properties<'a>(root: &'a Value, schema: &'a Value) -> Vec<(&'a String, &'a Value, bool)> {
    let mut all = Vec::new();
    for form in forms(root, schema) {
        let required = form["required"].as_array();
        let is_required =
            |name: &String| required.is_some_and(|names| names.iter().any(|other| other == name));
        let own = form["properties"].as_object().into_iter().flatten();
        all.extend(own.map(|(name, schema)| (name, schema, is_required(name))));
        if let Some(items) = form.get("items") {
            all.extend(properties(root, items));
        }
    }
    all
}

/// What `schema` takes, in words.
fn kind_of(root: &Value, schema: &Value) -> String {
    let kinds = forms(root, schema).into_iter().map(|form| {
        let words = form["oneOf"].as_array().into_iter().flatten();
        let words: Vec<_> = words.filter_map(|word| word["const"].as_str()).collect();
        if !words.is_empty() {
            return format!("one of {}", words.join(", "));
        }
        let kind = match &form["type"] {
            Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null"),
            one => Some(one),
        };
        match kind.and_then(Value::as_str).unwrap_or_default() {
            "array" => format!("list of: {}", kind_of(root, &form["items"])),
            "integer" => "whole number".to_owned(),
            "boolean" => "true or false".to_owned(),
            "string" => "text".to_owned(),
            other => other.to_owned(),
        }
    });
    kinds.collect::<Vec<_>>().join(" or ")
}
