//! What may have been meant by the name of a thing that is not there.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::output::name_of;
use crate::decode::suggest;
use crate::driver::Silent;
use crate::rpc::Service;
use crate::{Error, Kind};

/// The parameters that name a thing, the method that lists such things, and the member of its answer.
const LISTS: [(&str, &str, &str); 9] = [
    ("/server_name", "server.list", "servers"),
    ("/server/image", "provider.images", "images"),
    ("/image", "provider.images", "images"),
    ("/server/network", "provider.networks", "networks"),
    ("/server/size", "provider.sizes", "sizes"),
    ("/size", "provider.sizes", "sizes"),
    ("/server/sec_group", "provider.sec_groups", "sec_groups"),
    ("/server/pool", "pool.list", "pools"),
    ("/driver_id", "driver.list", "drivers"),
];

/// `error`, which `method` with `params` came to, with the names that are near the one that was not found.
pub(super) fn add(
    error: Error,
    method: &str,
    params: &Map<String, Value>,
    service: &Service,
) -> Error {
    let missed = matches!(error.kind(), Kind::NotFound | Kind::InvalidField);
    let field = error.field().unwrap_or_default();
    let params = Value::Object(params.clone());
    let word = match params.pointer(field) {
        Some(Value::Object(network)) => network.get("network").and_then(Value::as_str),
        Some(value) => value.as_str(),
        None => None,
    };
    // a list of them has an index behind it, and an `s`
    let of_list = |name: &str| {
        field
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with("s/"))
    };
    let field = match (method, field) {
        ("image.show" | "image.delete", "/name" | "/image/name") => "/image",
        ("pool.show" | "pool.start", "/name") | (_, "/image/pool") => "/server/pool",
        (_, field) => field,
    };
    let list = LISTS
        .iter()
        .find(|(name, ..)| *name == field || of_list(name));
    let (Some(word), Some((_, method, member)), true) = (word, list, missed) else {
        return error;
    };
    let listed = match *method {
        "driver.list" => json!({}),
        _ => json!({"provider": params["provider"]}),
    };
    let listed = listed.as_object().cloned().unwrap_or_default();
    let Ok(listed) = service.dispatch(method, listed, Arc::new(Silent)) else {
        return error;
    };
    let items = listed[*member].as_array().into_iter().flatten();
    let names = items.filter_map(name_of).filter(|name| *name != word);
    did_you_mean(error, word, names)
}

/// `error` about `word` with those of `names` that are near it: misspelt, or begun.
pub(super) fn did_you_mean<'a>(
    error: Error,
    word: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Error {
    let mut near = suggest::near(word, names.clone());
    if near.is_empty() && word.len() > 2 {
        near = names
            .filter(|name| name.starts_with(word))
            .take(3)
            .collect();
    }
    near.dedup();
    if near.is_empty() || error.message().contains("did you mean") {
        return error;
    }
    let message = format!("{}; did you mean {}?", error.message(), near.join(" or "));
    error.with_message(message)
}
