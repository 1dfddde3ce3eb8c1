use serde_json::{Map, Value, json};

use super::{Template, parse_yaml, to_yaml_block, to_yaml_flow, to_yaml_flow_ascii};

/// The first line is the value of a variable; the rest is a template of either kind.
pub fn template(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (value, source) = text.split_once('\n').unwrap_or(("", &text));
    let mut variables = Map::new();
    variables.insert("VAR_NAME".to_owned(), json!(value));
    variables.insert("VAR_LIST".to_owned(), json!([value, {"a": value}]));
    for name in ["t.conf", "t.conf.tera", "t.yaml.j2"] {
        if let Ok(rendered) = Template::new(name, source).render(&variables) {
            parse_yaml("it", &rendered).expect("what is rendered is YAML");
        }
    }
    if let Ok(tree) = parse_yaml("it", source) {
        if let Ok(line) = to_yaml_flow(&tree) {
            assert_eq!(parse_yaml("it", &line).expect("YAML"), tree);
            let ascii = to_yaml_flow_ascii(&tree).expect("ASCII");
            assert_eq!(parse_yaml("it", &ascii).expect("YAML"), tree);
        }
        if let Ok(block) = to_yaml_block(&tree) {
            let again = parse_yaml("it", &block).expect("YAML");
            assert_eq!(again, tree);
        }
    }
    let _: Value = variables.into();
}
