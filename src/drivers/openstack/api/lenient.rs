//! Answers read as far as they can be: what one thing lacks, or has wrong, keeps nobody from seeing it
//! and the others.

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The value; the default where it is null or not what it should be.
pub(super) fn value<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Value::deserialize(deserializer).map(read)
}

/// Those elements of an array that are what they should be.
pub(super) fn items<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Value::deserialize(deserializer).map(items_of)
}

/// Those members of an object that are what they should be.
pub(super) fn members<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<IndexMap<String, T>, D::Error> {
    let all: Map<String, Value> = Value::deserialize(deserializer).map(read)?;
    let fit = |(name, value)| Some((name, serde_json::from_value(value).ok()?));
    Ok(all.into_iter().filter_map(fit).collect())
}

/// An object's arrays, each with those elements that are what they should be.
pub(super) fn arrays<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<IndexMap<String, Vec<T>>, D::Error> {
    let all: IndexMap<String, Value> = members(deserializer)?;
    Ok(all
        .into_iter()
        .map(|(name, array)| (name, items_of(array)))
        .collect())
}

fn read<T: DeserializeOwned + Default>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_default()
}

fn items_of<T: DeserializeOwned>(value: Value) -> Vec<T> {
    let all: Vec<Value> = read(value);
    let fit = |one| serde_json::from_value(one).ok();
    all.into_iter().filter_map(fit).collect()
}
