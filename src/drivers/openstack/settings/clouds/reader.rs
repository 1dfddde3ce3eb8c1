//! A `clouds.yaml`, its texts as they were written.
//!
//! YAML takes `1e5`, `0o17`, `yes` and a project's id that has digits only for something else than text.
//! Who wrote them as a password or an id means those letters; so what a member's value is to be decides how
//! it is read.

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

use crate::drivers::openstack::settings::members::{
    AUTH, AUTH_METHODS, COMPUTE_INTERFACE, DEFAULTS, FLAVOURS, IMAGE_INTERFACE, INTERFACE, MEMBERS,
    NETWORK_INTERFACE, PRICES, REGIONS, VOLUME_INTERFACE,
};
use crate::template::check_brackets;

/// Members that are read and are more than a text.
const NOT_TEXT: [&str; 10] = [
    AUTH_METHODS.name,
    DEFAULTS.name,
    FLAVOURS.name,
    INTERFACE.name,
    COMPUTE_INTERFACE.name,
    IMAGE_INTERFACE.name,
    NETWORK_INTERFACE.name,
    VOLUME_INTERFACE.name,
    PRICES.name,
    REGIONS.name,
];

/// The file in `text`; of the clouds in its member `list`, only `name` is read, the others are null. An error
/// says what is wrong, and no value.
pub(super) fn read(text: &str, list: &str, name: &str) -> Result<Map<String, Value>, String> {
    check_brackets(text).map_err(|why| format!("is not read: {why}"))?;
    let read = Place::File(list, name).deserialize(serde_yaml::Deserializer::from_str(text));
    match read {
        Ok(Value::Object(members)) => Ok(members),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err("does not hold a mapping".to_owned()),
        // the parser's own sentence may quote a scalar, which may be a password
        Err(error) => Err(match error.location() {
            None => "is not one document of plain YAML".to_owned(),
            Some(at) => format!(
                "is not valid YAML, or not what is read there: line {}, column {}",
                at.line(),
                at.column()
            ),
        }),
    }
}

/// Where in the file one is.
#[derive(Debug, Clone, Copy)]
enum Place<'a> {
    /// At its top, in search of a list of clouds, and of one in that.
    File(&'a str, &'a str),
    /// Among the clouds, in search of one.
    Clouds(&'a str),
    /// In a cloud, or in its `auth`.
    Cloud,
    /// Where a text stands.
    Text,
    /// Elsewhere.
    Other,
    /// In what is not read.
    Nowhere,
}

impl<'a> Place<'a> {
    /// Where the member `name` leads.
    fn below(self, name: &str) -> Place<'a> {
        match self {
            Place::File(list, wanted) if name == list => Place::Clouds(wanted),
            Place::Clouds(wanted) if name == wanted => Place::Cloud,
            Place::Cloud => match MEMBERS.taken(name) {
                Some(member) if member.name == AUTH.name => Place::Cloud,
                Some(member) if !NOT_TEXT.contains(&member.name) => Place::Text,
                _ => Place::Other,
            },
            Place::File(..) | Place::Clouds(_) => Place::Nowhere,
            inner => inner,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self {
            Place::Text => deserializer.deserialize_option(self),
            Place::Nowhere => deserializer
                .deserialize_ignored_any(IgnoredAny)
                .map(|_| Value::Null),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Place::Text => "a text",
            _ => "plain data",
        })
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_str(self)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Value, E> {
        Ok(Value::from(number.to_string()))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Value, E> {
        Ok(Value::from(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        let mut merged = Vec::new();
        while let Some(mut name) = map.next_key::<String>()? {
            if matches!(self, Place::Cloud) {
                // openstacksdk takes either
                name = name.replace('-', "_");
            }
            if name == "<<" {
                merged.push(map.next_value_seed(self)?);
                continue;
            }
            let value = map.next_value_seed(self.below(&name))?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is given twice"));
            }
        }
        let merged = merged.into_iter().flat_map(|value| match value {
            Value::Array(items) => items,
            one => vec![one],
        });
        for value in merged {
            let Value::Object(more) = value else {
                return Err(A::Error::custom("a merge key does not name a mapping"));
            };
            for (name, value) in more {
                members.entry(name).or_insert(value);
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cloud(text: &str) -> Value {
        let mut file = read(text, "clouds", "lab").unwrap();
        file["clouds"]["lab"].take()
    }

    #[test]
    fn texts_stay_as_they_were_written() {
        for text in [
            "12345678901234567890123456789012",
            "1e5",
            "0o17",
            "0755",
            "yes",
            "true",
            "1:30",
            "1_000",
            "2026-01-02",
            ".5",
            "0x1F",
            "-0",
            "1.0",
            ".inf",
        ] {
            let file = format!(
                "clouds: {{lab: {{auth: {{password: {text}, project_name: {text}}}, region_name: {text}}}}}"
            );
            let wanted = json!({
                "auth": {"password": text, "project_name": text}, "region_name": text
            });
            assert_eq!(cloud(&file), wanted);
        }
        let file = "clouds:\n  lab:\n    auth: {password: null, username: , token: ~}\n    verify: false\n    cert: 'null'\n";
        assert_eq!(
            cloud(file),
            json!({"auth": {"password": null, "username": null, "token": null},
                "verify": "false", "cert": "null"})
        );
    }

    #[test]
    fn the_rest_is_read_as_yaml_has_it() {
        let file = "cache: {expiration: 1}\nclouds:\n  lab:\n    interface: [internal, public]\n    \
                    networks: [{name: lan, routes_externally: true}]\n    regions: [a]\n    \
                    some_id: 12345678901234567890123456789012\n    prices: {m1: 0.5}\n";
        assert_eq!(
            cloud(file),
            json!({"interface": ["internal", "public"], "regions": ["a"], "prices": {"m1": 0.5},
                "networks": [{"name": "lan", "routes_externally": true}],
                "some_id": "12345678901234567890123456789012"})
        );
        assert_eq!(
            read("clouds:\n", "clouds", "lab"),
            Ok(json!({"clouds": null}).as_object().unwrap().clone())
        );
        assert_eq!(
            cloud("{\"clouds\": {\"lab\": {\"auth\": {\"password\": \"1e5\"}}}}")["auth"]["password"],
            "1e5"
        );
    }

    #[test]
    fn anchors_and_merge_keys_are_applied() {
        let file = "common: &common\n  auth: &auth {username: demo, password: 0o17}\n  region_name: one\n\
                    clouds:\n  lab:\n    <<: *common\n    region-name: two\n  other:\n    auth:\n      <<: [*auth]\n";
        let lab = json!({"auth": {"username": "demo", "password": "0o17"}, "region_name": "two"});
        assert_eq!(cloud(file), lab);
        let other = &read(file, "clouds", "other").unwrap()["clouds"]["other"];
        assert_eq!(
            other["auth"],
            json!({"username": "demo", "password": "0o17"})
        );
    }

    #[test]
    fn a_broken_neighbour_does_no_harm_and_nothing_is_repeated() {
        let file =
            "clouds: {other: {password: [hunter2], x: !tag y, 1: 2}, lab: {auth: {username: a}}}";
        assert_eq!(cloud(file), json!({"auth": {"username": "a"}}));
        for file in [
            "clouds: {lab: {password: [hunter2]}}",
            "clouds: {lab: {password: hunter2, password: hunter3}}",
            "clouds: {lab: {<<: hunter2}}",
            "clouds: {lab: [hunter2",
            "hunter2",
            "--- {clouds: hunter2}\n--- {}",
        ] {
            let error = read(file, "clouds", "lab").unwrap_err();
            assert!(!error.contains("hunter"), "{error}");
        }
    }
}
