//! A result as a person reads it: its plain members as a list, its lists of records as tables.

use std::fmt::Write as _;

use indicatif::HumanBytes;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::columns::{self, AGE, BY_NAME, FLAT, HIDDEN, READ, STATES};
use super::grid::Grid;
use super::{Look, names, printable, wrapped};

/// `value` as text that ends in a newline.
pub(super) fn describe(value: &Value, look: Look) -> String {
    let mut text = String::new();
    match value {
        // What a server's console has printed is wanted as it is.
        Value::Object(members) if members.get("output").is_some_and(Value::is_string) => {
            line(&mut text, &cell(&members["output"]));
        }
        Value::Object(members) => match members.values().next() {
            // `{"server": {…}}`: the record itself.
            Some(Value::Object(only)) if members.len() == 1 => object(only, look, &mut text),
            _ => object(members, look, &mut text),
        },
        other => text = format!("{}\n", cell(other)),
    }
    text
}

fn object(members: &Map<String, Value>, look: Look, text: &mut String) {
    let mut plain = Vec::new();
    let mut below = Vec::new();
    gather("", members, &mut plain, &mut below);
    let alone = plain.is_empty() && below.len() == 1;
    let grid = Grid {
        rows: plain,
        states: vec![1],
        kept: 2,
    };
    text.push_str(&grid.render(look));
    for (name, value) in below {
        if !alone {
            if !text.is_empty() {
                text.push('\n');
            }
            line(text, &format!("{}:", heading(&name)));
        }
        match value {
            Value::Array(items) if items.iter().all(Value::is_string) && !items.is_empty() => {
                for item in items {
                    line(text, &wrapped(&cell(item), look.width, "  "));
                }
            }
            Value::Array(items) => records(&name, items, look, text),
            Value::String(block) => line(text, printable(block).trim_end()),
            other => line(text, cell(other).trim_end()),
        }
    }
}

/// Parts the members into those that are a line and those that are more, which stand below. Members
/// of an object within an object are among those around it.
fn gather<'a>(
    prefix: &str,
    members: &'a Map<String, Value>,
    plain: &mut Vec<Vec<String>>,
    below: &mut Vec<(String, &'a Value)>,
) {
    for (member, value) in members {
        if HIDDEN.contains(&member.as_str()) || value.is_null() {
            continue;
        }
        let name = if prefix.is_empty() {
            member.clone()
        } else {
            format!("{prefix}.{member}")
        };
        match value {
            Value::Object(inner) => match usage(inner) {
                Some(usage) => plain.push(vec![heading(&name), usage]),
                None => gather(&name, inner, plain, below),
            },
            Value::Array(items) if is_table(value) || are_sentences(items) => {
                below.push((name, value));
            }
            Value::String(block) if block.contains('\n') => below.push((name, value)),
            // An empty list of records: its heading tells that there are none.
            Value::Array(items) if items.is_empty() && columns::of(&name).is_some() => {
                below.push((name, value));
            }
            _ => plain.push(vec![heading(&name), amount(member, value)]),
        }
    }
}

fn are_sentences(items: &[Value]) -> bool {
    let sentence = |item: &Value| item.as_str().is_some_and(|text| text.contains(' '));
    items.len() > 1 && items.iter().all(Value::is_string) && items.iter().any(sentence)
}

fn records(name: &str, items: &[Value], look: Look, text: &mut String) {
    if items.is_empty() {
        line(text, &format!("no {}", heading(name)));
        return;
    }
    if name == "steps" {
        for item in items {
            line(text, &format!("{}:", cell(&item["name"])));
            let fields = item["fields"].as_array().map(Vec::as_slice);
            records("fields", fields.unwrap_or_default(), look, text);
        }
        return;
    }
    let items = if BY_NAME.contains(&name) {
        names::sorted(items)
    } else {
        items.iter().collect()
    };
    text.push_str(&grid(name, &items, look).render(look));
    if FLAT.contains(&name) {
        return;
    }
    for (number, item) in items.iter().enumerate() {
        for (member, inner) in item.as_object().into_iter().flatten() {
            if HIDDEN.contains(&member.as_str()) {
                continue;
            }
            let Some(inner) = inner.as_array().filter(|_| is_table(inner)) else {
                continue;
            };
            let whose = match &item["name"] {
                own @ Value::String(_) => cell(own),
                _ => format!("{} {}", heading(name), number + 1),
            };
            line(text, &format!("{} of {whose}:", heading(member)));
            records(member, inner, look, text);
        }
    }
}

/// The table of `items`, which are the list `name`.
fn grid(name: &str, items: &[&Value], look: Look) -> Grid {
    let known = columns::of(name);
    let mut shown: Vec<(String, String)> = match known {
        Some(known) => {
            let more = if look.wide { columns::wide(name) } else { &[] };
            let columns = known.iter().chain(more);
            columns
                .map(|(title, member)| ((*title).to_owned(), (*member).to_owned()))
                .collect()
        }
        None => members_of(items)
            .into_iter()
            .map(|member| (heading(&member).to_uppercase(), member))
            .collect(),
    };
    shown.retain(|(_, member)| items.iter().any(|item| !item[member].is_null()));
    if known.is_some() && names::repeat(items) && !shown.iter().any(|(_, member)| member == "id") {
        shown.insert(1, ("ID".to_owned(), "id".to_owned()));
    }
    let position = |list: &[&str]| {
        let found = shown.iter().enumerate();
        found
            .filter(|(_, (_, member))| list.contains(&member.as_str()))
            .map(|(at, _)| at)
            .collect::<Vec<_>>()
    };
    let (states, read) = (position(&STATES), position(&READ));
    let kept = match (known, read.last()) {
        (None, _) => shown.len(),
        (Some(_), Some(last)) => last + 1,
        (Some(_), None) => 1,
    };
    let mut rows = vec![shown.iter().map(|(title, _)| title.clone()).collect()];
    rows.extend(items.iter().map(|item| {
        shown
            .iter()
            .map(|(_, member)| match item[member].as_str() {
                Some(at) if member == AGE => age(at, OffsetDateTime::now_utc()),
                _ => amount(member, &item[member]),
            })
            .collect::<Vec<_>>()
    }));
    Grid { rows, states, kept }
}

/// Whether `value` is a list of records, and so no part of a line.
fn is_table(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().any(Value::is_object))
}

/// The members of all `items`, in the order in which they come.
fn members_of(items: &[&Value]) -> Vec<String> {
    let mut members = Vec::new();
    for name in items
        .iter()
        .filter_map(|item| item.as_object())
        .flatten()
        .filter(|(_, value)| !is_table(value))
        .map(|(name, _)| name)
    {
        if !members.contains(name) && !HIDDEN.contains(&name.as_str()) {
            members.push(name.clone());
        }
    }
    members
}

/// How much of something is used, in a line; none for what is no usage.
fn usage(members: &Map<String, Value>) -> Option<String> {
    let number = |member: &str| members.get(member).and_then(Value::as_u64);
    let is = |member: &str| members.get(member) == Some(&Value::Bool(true));
    let (used, free, max) = (number("used")?, number("free")?, number("max")?);
    Some(if is("unknown") {
        "unknown".to_owned()
    } else if is("unlimited") {
        format!("{used} used, unlimited")
    } else {
        format!("{used} of {max} used, {free} free")
    })
}

/// The `member` as a cell; bytes as people count them.
fn amount(member: &str, value: &Value) -> String {
    match value.as_u64() {
        Some(bytes) if ["size", "virtual_size"].contains(&member) => HumanBytes(bytes).to_string(),
        _ => cell(value),
    }
}

/// How long before `now` it was, in the largest unit that fits; the time itself where it is none.
fn age(at: &str, now: OffsetDateTime) -> String {
    let Ok(time) = OffsetDateTime::parse(at, &Rfc3339) else {
        return printable(at);
    };
    let past = now - time;
    let units = [
        (past.whole_days() / 365, "y"),
        (past.whole_days(), "d"),
        (past.whole_hours(), "h"),
        (past.whole_minutes(), "m"),
    ];
    let largest = units.into_iter().find(|(count, _)| *count > 0);
    let (count, unit) = largest.unwrap_or((past.whole_seconds().max(0), "s"));
    format!("{count}{unit}")
}

/// `member` for people, with its unit where its name does not tell.
fn heading(member: &str) -> String {
    let unit = if member.ends_with("used_ram") || member == "ram" || member.starts_with("ram.") {
        " MiB"
    } else if member.ends_with("used_disk") || member == "disk" || member.starts_with("disk.") {
        " GiB"
    } else {
        ""
    };
    format!("{}{unit}", printable(member).replace(['_', '\n'], " "))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        // a host's word must not look like a row of its own
        Value::String(text) => printable(text).replace(['\n', '\t'], " "),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        // a choice of a form
        Value::Object(members) if members.contains_key("title") => cell(&members["title"]),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{}={}", printable(name), cell(value)))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn line(text: &mut String, content: &str) {
    for content in content.lines() {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{}", content.trim_end());
    }
}

#[cfg(test)]
mod tests;
