//! A result as a person reads it: its plain members as a list, its lists of records as tables.

use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement, Table, presets};
use serde_json::{Map, Value};

use super::columns::{self, FLAT, HIDDEN};
use super::printable;

/// `value` as text that ends in a newline.
pub(super) fn describe(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(members) => match members.values().next() {
            // `{"server": {…}}`: the record itself.
            Some(Value::Object(only)) if members.len() == 1 => object(only, &mut text),
            _ => object(members, &mut text),
        },
        other => text = format!("{}\n", cell(other)),
    }
    text
}

fn object(members: &Map<String, Value>, text: &mut String) {
    let mut plain = Vec::new();
    let mut below = Vec::new();
    gather("", members, &mut plain, &mut below);
    let alone = plain.is_empty() && below.len() == 1;
    if !plain.is_empty() {
        let mut table = new_table();
        // What is long here is to be copied whole, and a terminal breaks lines by itself.
        table.set_content_arrangement(ContentArrangement::Disabled);
        for (name, value) in plain {
            table.add_row([heading(&name), value]);
        }
        show(table, text);
    }
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
                    line(text, &cell(item));
                }
            }
            Value::Array(items) => records(&name, items, text),
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
    plain: &mut Vec<(String, String)>,
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
            Value::Object(inner) => gather(&name, inner, plain, below),
            Value::Array(items) if is_table(value) || are_sentences(items) => {
                below.push((name, value));
            }
            Value::String(block) if block.contains('\n') => below.push((name, value)),
            // An empty list of records: its heading tells that there are none.
            Value::Array(items) if items.is_empty() && columns::of(&name).is_some() => {
                below.push((name, value));
            }
            _ => plain.push((name, cell(value))),
        }
    }
}

fn are_sentences(items: &[Value]) -> bool {
    let sentence = |item: &Value| item.as_str().is_some_and(|text| text.contains(' '));
    items.len() > 1 && items.iter().all(Value::is_string) && items.iter().any(sentence)
}

fn records(name: &str, items: &[Value], text: &mut String) {
    if items.is_empty() {
        line(text, &format!("no {}", heading(name)));
        return;
    }
    if name == "steps" {
        for item in items {
            line(text, &format!("{}:", cell(&item["name"])));
            let fields = item["fields"].as_array().map(Vec::as_slice);
            records("fields", fields.unwrap_or_default(), text);
        }
        return;
    }
    let shown: Vec<(String, String)> = match columns::of(name) {
        Some(columns) => columns
            .iter()
            .filter(|(_, member)| items.iter().any(|item| !item[*member].is_null()))
            .map(|(title, member)| ((*title).to_owned(), (*member).to_owned()))
            .collect(),
        None => members_of(items)
            .into_iter()
            .map(|member| (heading(&member).to_uppercase(), member))
            .collect(),
    };
    let mut table = new_table();
    table.set_header(shown.iter().map(|(title, _)| Cell::new(title)));
    for item in items {
        table.add_row(
            shown
                .iter()
                .map(|(_, member)| Cell::new(cell(&item[member]))),
        );
    }
    show(table, text);
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
            records(member, inner, text);
        }
    }
}

/// Whether `value` is a list of records, and so no part of a line.
fn is_table(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().any(Value::is_object))
}

/// The members of all `items`, in the order in which they come.
fn members_of(items: &[Value]) -> Vec<String> {
    let mut members = Vec::new();
    for name in items
        .iter()
        .filter_map(Value::as_object)
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

fn new_table() -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table
}

fn show(mut table: Table, text: &mut String) {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    line(text, &table.trim_fmt());
}

/// `member` for people, with its unit where its name does not tell.
fn heading(member: &str) -> String {
    let unit = if member.ends_with("used_ram") || member.starts_with("ram.") {
        " MiB"
    } else if member.ends_with("used_disk") || member.starts_with("disk.") {
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
