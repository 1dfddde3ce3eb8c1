//! Servers, lists and fields, which may say less of themselves than ours do.

use serde_json::{Map, Value, json};

use crate::driver::{Server, Status};

/// A server of `provider` by what is said of it: a name is enough.
pub(super) fn server(provider: &str, mut said: Value) -> Value {
    let text = |member: &str| match &said[member] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let Some(name) = text("name").or_else(|| text("hostname")) else {
        return said;
    };
    let id = text("id").unwrap_or_else(|| name.clone());
    let ip = text("ip").or_else(|| {
        let lists = ["public_ips", "private_ips"].map(|list| said[list][0].as_str());
        lists.into_iter().flatten().next().map(ToOwned::to_owned)
    });
    let status = serde_json::from_value(said["status"].take()).unwrap_or(Status::Unknown);
    let mut whole = json!(Server::new(provider, &name, id.clone(), status));
    let always = json!({"id": id, "name": name, "hostname": name, "status": status, "provider": provider,
        "state": status.salt_state(), "ip": ip.unwrap_or_default()});
    for members in [said, always] {
        fill(&mut whole, members);
    }
    whole
}

/// The members of `list`, each with what `of` makes of it.
pub(super) fn each(answer: &mut Value, list: &str, of: impl Fn(Value) -> Value) {
    let items = answer.get_mut(list).and_then(Value::as_array_mut);
    for item in items.into_iter().flatten() {
        *item = of(item.take());
    }
}

/// An item of a list that is told by its name alone.
pub(super) fn named(said: Value) -> Value {
    match said {
        Value::String(name) => json!({"name": name}),
        other => other,
    }
}

/// A field of a form: an id is enough for one of text that must be filled.
pub(super) fn field(said: Value) -> Value {
    let mut whole =
        json!({"name": said["id"], "type": "str", "blank": said["type"] == "description"});
    fill(&mut whole, said);
    whole
}

fn fill(whole: &mut Value, said: Value) {
    if let (Some(whole), Value::Object(said)) = (whole.as_object_mut(), said) {
        let said: Map<_, _> = said
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect();
        whole.extend(said);
    }
}
