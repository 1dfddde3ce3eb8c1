//! A step as JSON Schema (draft-07) and a UI schema that both JSON Forms and
//! react-jsonschema-form render.

use serde_json::{Map, Value, json};

use super::{Choice, Field, FieldType, OptionChoices, Step};

/// The JSON Schema of what `step` takes; `choices` add to those that its fields know themselves.
#[must_use]
pub fn json_schema(step: &Step, choices: &OptionChoices) -> Value {
    let properties: Map<String, Value> = step
        .fields
        .iter()
        .filter(|field| field.field_type != FieldType::Description)
        .map(|field| (field.id.clone(), property(field, choices)))
        .collect();
    let required: Vec<&str> = step
        .fields
        .iter()
        .filter(|field| !field.blank)
        .map(|field| field.id.as_str())
        .collect();
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "title": step.name,
        "properties": properties,
        "required": required,
    });
    if let Some(text) = step
        .fields
        .iter()
        .find(|field| field.field_type == FieldType::Description)
    {
        schema["description"] = json!(text.name);
    }
    schema
}

fn property(field: &Field, choices: &OptionChoices) -> Value {
    let mut property = json!({"type": "string", "title": field.name});
    let known = choices.get(&field.id).unwrap_or(&field.option_choices);
    if field.field_type == FieldType::Options && !known.is_empty() {
        let mut one_of: Vec<Value> = known.iter().map(one_of).collect();
        if field.blank {
            one_of.insert(0, json!({"const": "", "title": ""}));
        }
        property["oneOf"] = json!(one_of);
    } else if !field.blank {
        property["minLength"] = json!(1);
    }
    property
}

fn one_of(choice: &Choice) -> Value {
    json!({"const": choice.value(), "title": choice.title()})
}

/// The UI schema of `step`: a layout as JSON Forms reads it (`type`, `elements`), and beside it the
/// members that react-jsonschema-form reads (`ui:order` and one for each field with a widget).
#[must_use]
pub fn ui_schema(step: &Step) -> Value {
    let elements: Vec<Value> = step.fields.iter().map(element).collect();
    let order: Vec<&str> = step
        .fields
        .iter()
        .filter(|field| field.field_type != FieldType::Description)
        .map(|field| field.id.as_str())
        .collect();
    let mut ui = json!({"type": "VerticalLayout", "elements": elements, "ui:order": order});
    for field in step.fields.iter().filter(|field| field.secret) {
        ui[&field.id] = json!({"ui:widget": "password"});
    }
    ui
}

fn element(field: &Field) -> Value {
    if field.field_type == FieldType::Description {
        return json!({"type": "Label", "text": field.name});
    }
    let mut control = json!({"type": "Control", "scope": format!("#/properties/{}", field.id)});
    if field.secret {
        control["options"] = json!({"format": "password"});
    }
    control
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::base;

    #[test]
    fn the_schema_accepts_what_the_step_accepts() {
        let step = &base::steps()[0];
        let schema = jsonschema::draft7::new(&json_schema(step, &OptionChoices::new())).unwrap();
        let filled = json!({
            "provider_name": "a", "username": "b", "password": "c", "location": "d",
        });
        assert!(schema.is_valid(&filled));
        assert!(!schema.is_valid(&json!({"provider_name": "a"})));
        assert!(!schema.is_valid(&json!({
            "provider_name": "", "username": "b", "password": "c", "location": "d",
        })));
    }

    #[test]
    fn choices_become_one_of_and_keep_their_order() {
        let step = Step::new("Image").field("image", "Image", FieldType::Options);
        let choices = OptionChoices::from_iter([(
            "image".to_owned(),
            vec![
                Choice::from("b"),
                Choice::Titled {
                    value: "a".into(),
                    title: "Debian".into(),
                },
            ],
        )]);
        assert_eq!(
            json_schema(&step, &choices)["properties"]["image"]["oneOf"],
            json!([{"const": "b", "title": "b"}, {"const": "a", "title": "Debian"}])
        );
    }

    #[test]
    fn a_password_is_shown_as_one_in_both_dialects() {
        let ui = ui_schema(&base::steps()[0]);
        assert_eq!(ui["password"]["ui:widget"], "password");
        let control = ui["elements"]
            .as_array()
            .unwrap()
            .iter()
            .find(|element| element["scope"] == "#/properties/password");
        assert_eq!(control.unwrap()["options"]["format"], "password");
    }
}
