//! A result as a person reads it: its plain members as a list, its lists of records as tables.

use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement, Table, presets};
use serde_json::{Map, Value};

use super::columns::{self, HIDDEN};
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
    for (name, value) in members {
        if HIDDEN.contains(&name.as_str()) || value.is_null() {
            continue;
        }
        match value {
            Value::Array(items) if items.iter().any(Value::is_object) => below.push((name, value)),
            Value::String(block) if block.contains('\n') => below.push((name, value)),
            Value::Object(inner) => flatten(name, inner, &mut plain),
            // An empty list of records: its heading tells that there are none.
            Value::Array(items) if items.is_empty() && columns::of(name).is_some() => {
                below.push((name, value));
            }
            _ => plain.push((name.clone(), cell(value))),
        }
    }
    let alone = plain.is_empty() && below.len() == 1;
    if !plain.is_empty() {
        let mut table = new_table();
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
            line(text, &format!("{}:", heading(name)));
        }
        match value {
            Value::Array(items) => records(name, items, text),
            other => line(text, cell(other).trim_end()),
        }
    }
}

/// The members of an object within an object, in one list with those around it.
fn flatten(name: &str, inner: &Map<String, Value>, plain: &mut Vec<(String, String)>) {
    for (below, value) in inner {
        let name = format!("{name}.{below}");
        match value {
            Value::Null => {}
            Value::Object(inner) => flatten(&name, inner, plain),
            value => plain.push((name, cell(value))),
        }
    }
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
}

/// The members of all `items`, in the order in which they come.
fn members_of(items: &[Value]) -> Vec<String> {
    let mut members = Vec::new();
    for name in items
        .iter()
        .filter_map(Value::as_object)
        .flat_map(Map::keys)
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

fn heading(member: &str) -> String {
    member.replace('_', " ")
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => printable(text),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{name}={}", cell(value)))
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
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_of_records_is_a_table_with_the_columns_that_hold_something() {
        let text = describe(&json!({
            "networks": [{"name": "default", "active": true, "subnets": ["10.0.0.0/24"]}],
            "option_choices": ["default"],
        }));
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with("NAME") && lines[0].contains("SUBNETS"));
        assert!(!text.contains("BRIDGE"));
        assert!(lines[1].contains("10.0.0.0/24") && lines[1].contains("yes"));
    }

    #[test]
    fn an_empty_list_says_so() {
        assert_eq!(describe(&json!({"servers": []})), "no servers\n");
    }

    #[test]
    fn plain_members_come_first_and_nested_ones_beside_them() {
        let text = describe(&json!({
            "cpus": {"used": 1, "max": 4}, "servers": [{"hostname": "web-1"}], "message": "ok",
        }));
        assert!(text.contains("cpus.used") && text.contains("message"));
        assert!(text.find("message").unwrap() < text.find("web-1").unwrap());
        assert!(text.contains("servers:"));
    }

    #[test]
    fn texts_of_several_lines_keep_them() {
        let text = describe(&json!({"provider_conf": "a:\n  b: 1\n", "profile_conf": "c: 2\n"}));
        assert!(text.contains("provider conf:\na:\n  b: 1\n"), "{text}");
    }

    #[test]
    fn what_a_host_says_cannot_steer_the_terminal() {
        let text = describe(&json!({"servers": [{"hostname": "a\x1b[2J"}]}));
        assert!(!text.contains('\x1b'));
    }
}
