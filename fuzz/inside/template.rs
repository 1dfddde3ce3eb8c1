#![allow(missing_docs, unreachable_pub, reason = "compiled by cargo-fuzz only")]

use serde_json::{Map, Value, json};

use super::{
    Template, check_brackets, parse_yaml, to_yaml_block, to_yaml_flow, to_yaml_flow_ascii,
};

/// The first line is the value of a variable; the rest is a template of either kind.
pub fn template(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (value, source) = text.split_once('\n').unwrap_or(("", &text));
    let mut variables = Map::new();
    variables.insert("VAR_NAME".to_owned(), json!(value));
    variables.insert("VAR_LIST".to_owned(), json!([value, {"a": value}]));
    for name in ["t.conf", "t.conf.tera"] {
        if let Ok(rendered) = Template::new(name, source).render(&variables) {
            let _ = again(&rendered);
        }
    }
    let Ok(tree) = parse_yaml("it", source) else {
        return;
    };
    for written in [
        to_yaml_flow(&tree),
        to_yaml_flow_ascii(&tree),
        to_yaml_block(&tree),
    ] {
        if let Some(read) = written.ok().and_then(|text| again(&text)) {
            assert_eq!(read, tree);
        }
    }
}

/// What was written is YAML, unless it is more than is read.
fn again(text: &str) -> Option<Value> {
    check_brackets(text).ok()?;
    Some(parse_yaml("it", text).expect("what was written is YAML"))
}
