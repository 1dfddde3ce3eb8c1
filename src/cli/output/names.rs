//! What a result is about, by name; the order of names.

use std::collections::HashSet;

use serde_json::Value;

use super::{columns, printable};
use crate::{Error, Kind, Result};

/// The members that name a record, the first that it has.
const NAMES: [&str; 6] = [
    "server_name",
    "provider_name",
    "hostname",
    "name",
    "id",
    "path",
];

/// The name of `record`.
pub(in crate::cli) fn name(record: &Value) -> Option<&str> {
    NAMES.iter().find_map(|member| record[*member].as_str())
}

/// The names of what `value` is about, a line each; ids where names repeat.
pub(super) fn of(value: &Value) -> Result<String> {
    let list = value.as_object().into_iter().flatten();
    let mut list = list.filter(|(member, _)| columns::of(member).is_some());
    let listed = list.find_map(|(_, list)| list.as_array());
    let one = ["server", "image", "pool", "provider"]
        .iter()
        .map(|member| &value[*member]);
    let one = one.chain([value]).find(|record| name(record).is_some());
    let records: Vec<&Value> = match (listed, one) {
        (Some(list), _) => sorted(list),
        (None, Some(record)) => vec![record],
        (None, None) => {
            let message = "this result has no names: ask for -o table, json or yaml";
            return Err(Error::new(Kind::Unsupported, message));
        }
    };
    let twice = twice(&records);
    let lines = records.iter().filter_map(|record| {
        let named = name(record)?;
        let id = record["id"].as_str().filter(|_| twice.contains(named));
        Some(printable(id.unwrap_or(named)) + "\n")
    });
    Ok(lines.collect())
}

/// The names that several of `records` have.
fn twice<'a>(records: &[&'a Value]) -> HashSet<&'a str> {
    let mut seen = HashSet::new();
    let names = records.iter().filter_map(|record| name(record));
    names.filter(|named| !seen.insert(*named)).collect()
}

/// Whether a name occurs twice among `records`, which then need their ids.
pub(super) fn repeat(records: &[&Value]) -> bool {
    !twice(records).is_empty() && records.iter().all(|record| record["id"].is_string())
}

/// `records` in the order in which people sort names.
pub(super) fn sorted(records: &[Value]) -> Vec<&Value> {
    let mut records: Vec<&Value> = records.iter().collect();
    records.sort_by_cached_key(|record| key(name(record).unwrap_or_default()));
    records
}

/// By what `name` is sorted: web-2 comes before web-10.
fn key(name: &str) -> Vec<(u128, String)> {
    let mut parts = vec![(0, String::new())];
    let mut digits = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_digit() && digits.len() < 30 {
            digits.push(c);
            continue;
        }
        if let Ok(number) = std::mem::take(&mut digits).parse() {
            parts.push((number, String::new()));
        }
        if let Some((_, text)) = parts.last_mut() {
            text.push(c);
        }
    }
    if let Ok(number) = digits.parse() {
        parts.push((number, String::new()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_in_the_order_of_people_and_ids_where_they_repeat() {
        let servers = json!({"option_choices": ["x"], "servers": [
            {"hostname": "web-10", "id": "1"}, {"hostname": "web-2", "id": "2"}, {"hostname": "db", "id": "3"},
            {"hostname": "Web-2", "id": "4"}, {"hostname": "web-10", "id": "5"},
        ]});
        assert_eq!(of(&servers).unwrap(), "db\nweb-2\nWeb-2\n1\n5\n");
        let made = json!({"created": true, "server": {"hostname": "a"}});
        assert_eq!(of(&made).unwrap(), "a\n");
        assert_eq!(of(&json!({"pool": {"name": "fast"}})).unwrap(), "fast\n");
        assert!(of(&json!({"revoked": true})).is_err());
        assert!(key("9") < key("10") && key("a9b2") < key("a9b10") && key("a") < key("b1"));
    }
}
