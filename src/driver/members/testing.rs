//! Servers that are made of the table, for tests of every member.

use serde_json::{Map, Value, json};

use super::{Member, member, server_members};

/// A value that `member` takes, which is not what it is without one.
pub(crate) fn sample(member: &Member) -> Value {
    if let Some(example) = &member.example {
        return example.clone();
    }
    if member.has_members {
        let object = Value::Object(required(&member.path));
        return if is_list(member) {
            json!([object])
        } else {
            object
        };
    }
    match member.kind.as_str() {
        "text" => json!("sample"),
        "whole number" => json!(2048),
        "true or false" => json!(true),
        "list of: text" => json!(["sample"]),
        "object" => json!({"sample": 1}),
        kind => json!(kind.rsplit(", ").next()),
    }
}

fn is_list(member: &Member) -> bool {
    member.kind.starts_with("list of")
}

/// The members right below `path`; all of the server itself for an empty one.
pub(crate) fn members_of(path: &str) -> impl Iterator<Item = &'static Member> {
    let above = if path.is_empty() {
        String::new()
    } else {
        format!("{path}/")
    };
    server_members().iter().filter(move |member| {
        let below = member.path.strip_prefix(&above);
        below.is_some_and(|name| !name.contains('/'))
    })
}

fn required(path: &str) -> Map<String, Value> {
    members_of(path)
        .filter(|member| member.required)
        .map(|member| (member.name().to_owned(), sample(member)))
        .collect()
}

/// A server in which `value` stands where the member `path` does, under `name`; and the pointer to it.
pub(crate) fn server_with(path: &str, name: &str, value: Value) -> (Value, String) {
    let mut parts: Vec<&Member> = Vec::new();
    for (end, _) in path.match_indices('/') {
        parts.extend(member(&path[..end]));
    }
    let mut pointer = String::from("/server");
    for part in &parts {
        pointer.extend(["/", part.name(), if is_list(part) { "/0" } else { "" }]);
    }
    pointer.extend(["/", name]);
    let own = path.rsplit('/').next().unwrap_or_default();
    let mut inner = (name.to_owned(), own, value);
    for part in parts.iter().rev() {
        let object = object_with(&part.path, inner);
        let value = if is_list(part) {
            json!([object])
        } else {
            object
        };
        inner = (part.name().to_owned(), part.name(), value);
    }
    (object_with("", inner), pointer)
}

fn object_with(path: &str, (name, own, value): (String, &str, Value)) -> Value {
    let mut object = required(path);
    object.shift_remove(own);
    object.insert(name, value);
    Value::Object(object)
}
