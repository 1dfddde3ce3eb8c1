//! Members of an object that are there only where they say something.

use serde::Serialize;
use serde_json::{Value, json};

/// Adds to the object `body` those of `members` that say something.
pub(super) fn add_said<const COUNT: usize>(body: &mut Value, members: [(&str, Value); COUNT]) {
    for (name, value) in members {
        if !value.is_null() {
            body[name] = value;
        }
    }
}

/// `list`, which says nothing where it is empty.
pub(super) fn unless_empty<T: Serialize>(list: &[T]) -> Value {
    json!(Some(list).filter(|list| !list.is_empty()))
}
