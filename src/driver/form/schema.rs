//! A step as JSON Schema (draft-07) and a UI schema that both JSON Forms and
//! react-jsonschema-form render.

use serde_json::{Map, Value, json};

use super::{Field, FieldType, OptionChoices, Step};

/// The JSON Schema of what `step` takes; `choices` add to those that its fields know themselves.
#[must_use]
pub fn json_schema(step: &Step, choices: &OptionChoices) -> Value {
    let properties: Map<String, Value> = step
        .fields
        .iter()
        .filter(|field| field.field_type != FieldType::Description)
        .map(|field| (field.id.clone(), property(field, choices)))
        .collect();
    let fields = step.fields.iter();
    let must = fields.filter(|field| !field.blank && field.default.is_none());
    let (always, sometimes): (Vec<&Field>, Vec<&Field>) =
        must.partition(|field| field.unless.is_empty());
    let required: Vec<&str> = always.iter().map(|field| field.id.as_str()).collect();
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
    if !sometimes.is_empty() {
        schema["allOf"] = sometimes.into_iter().map(needed_unless).collect();
    }
    schema
}

fn property(field: &Field, choices: &OptionChoices) -> Value {
    let mut property = json!({"type": "string", "title": field.name});
    if let Some(text) = &field.description {
        property["description"] = json!(text);
    }
    if field.secret {
        property["writeOnly"] = json!(true);
    }
    if let Some(one_of) = one_of(field, choices) {
        // nothing is chosen for anybody: renderers would begin with the first
        property["default"] = json!("");
        property["oneOf"] = json!(one_of);
    }
    if !field.may_stay_empty() {
        property["minLength"] = json!(1);
    }
    property
}

/// What there is to choose for `field`, nothing first; none where it is not known what there is.
fn one_of(field: &Field, choices: &OptionChoices) -> Option<Vec<Value>> {
    let of_itself = Some(&field.option_choices).filter(|own| !own.is_empty());
    let known = choices.get(&field.id).or(of_itself);
    let known = known.filter(|_| field.field_type == FieldType::Options)?;
    let default = field.default.as_deref().unwrap_or_default();
    let nothing = match known.as_slice() {
        [] => "there is none".to_owned(),
        some if some.iter().any(|choice| choice.value() == default) => {
            format!("{default} (the default)")
        }
        _ if field.blank => String::new(),
        _ => "choose one".to_owned(),
    };
    let nothing = json!({"const": "", "title": nothing});
    let some = known
        .iter()
        .map(|one| json!({"const": one.value(), "title": one.title()}));
    Some(std::iter::once(nothing).chain(some).collect())
}

/// The rule of a field that must be filled in unless another one is.
fn needed_unless(field: &Field) -> Value {
    let given = |name: &&str| json!({"required": [name], "properties": {*name: {"minLength": 1}}});
    let given: Vec<Value> = field.unless.iter().map(given).collect();
    let needed = json!({"required": [field.id], "properties": {&field.id: {"minLength": 1}}});
    json!({"if": {"anyOf": given}, "else": needed})
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
    for field in &step.fields {
        if field.secret {
            ui[&field.id]["ui:widget"] = json!("password");
        }
        if let Some(default) = &field.default {
            ui[&field.id]["ui:placeholder"] = json!(default);
        }
    }
    ui
}

fn element(field: &Field) -> Value {
    if field.field_type == FieldType::Description {
        return json!({"type": "Label", "text": field.name});
    }
    let mut control = json!({"type": "Control", "scope": format!("#/properties/{}", field.id)});
    if field.secret {
        control["options"]["format"] = json!("password");
    }
    if let Some(default) = &field.default {
        control["options"]["placeholder"] = json!(default);
    }
    control
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::{Choice, base};

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
            vec![Choice::from("b"), Choice::titled("a", "Debian".to_owned())],
        )]);
        assert_eq!(
            json_schema(&step, &choices)["properties"]["image"]["oneOf"],
            json!([
                {"const": "", "title": "choose one"},
                {"const": "b", "title": "b"},
                {"const": "a", "title": "Debian"}
            ])
        );
    }

    fn property_of(step: &Step, choices: &OptionChoices, id: &str) -> Value {
        json_schema(step, choices)["properties"][id].clone()
    }

    #[test]
    fn nothing_is_chosen_for_anybody_and_a_list_that_is_empty_stays_a_choice() {
        let step = Step::new("Network")
            .field("network", "Network", FieldType::Options)
            .blank_field("pool", "Pool", FieldType::Options)
            .default("pool", "default");
        let values = |property: &Value| -> Vec<String> {
            let one_of = property["oneOf"].as_array().unwrap().iter();
            one_of
                .map(|one| one["const"].as_str().unwrap().to_owned())
                .collect()
        };
        let pools = vec![Choice::from("default"), Choice::from("ssd")];
        let offered = [("network".to_owned(), vec![]), ("pool".to_owned(), pools)].into();
        let pool = property_of(&step, &offered, "pool");
        assert_eq!(values(&pool), ["", "default", "ssd"]);
        assert_eq!(pool["oneOf"][0]["title"], "default (the default)");
        let network = property_of(&step, &offered, "network");
        assert_eq!(values(&network), [""]);
        let schema = jsonschema::draft7::new(&json_schema(&step, &offered)).unwrap();
        assert!(!schema.is_valid(&json!({"network": "", "pool": ""})));
        // what was not asked yet is text
        let network = property_of(&step, &OptionChoices::new(), "network");
        assert!(network.get("oneOf").is_none(), "{network}");
    }

    #[test]
    fn a_field_is_required_unless_another_one_stands_for_it() {
        let driver = crate::drivers::registry();
        let steps = driver.get("libvirt", "/driver_id").unwrap().form();
        let schema = jsonschema::draft7::new(&json_schema(&steps[0], &OptionChoices::new()));
        let schema = schema.unwrap();
        for (values, valid) in [
            (json!({"provider_name": "a"}), false),
            (json!({"provider_name": "a", "host_ip": "kvm1"}), false),
            (json!({"provider_name": "a", "uri": ""}), false),
            (json!({"provider_name": "a", "uri": "qemu:///system"}), true),
            (
                json!({"provider_name": "a", "host_ip": "kvm1", "host_protocol": "qemu"}),
                true,
            ),
        ] {
            assert_eq!(schema.is_valid(&values), valid, "{values}");
            let wrong = steps[0].validate(values.as_object().unwrap()).unwrap();
            assert_eq!(wrong.is_empty(), valid, "{values}: {wrong:?}");
        }
    }

    #[test]
    fn every_field_of_every_driver_is_described_and_secrets_are_only_written() {
        for driver in crate::drivers::registry().own() {
            for step in driver.form() {
                let schema = json_schema(&step, &OptionChoices::new());
                for (id, property) in schema["properties"].as_object().unwrap() {
                    let secret =
                        ["password", "application_credential_secret"].contains(&id.as_str());
                    assert_eq!(property["writeOnly"] == true, secret, "{id}");
                    assert!(property["description"].is_string(), "{id}");
                }
            }
        }
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
