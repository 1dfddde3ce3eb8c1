//! A provider of a manifest, as its form or as Salt's configuration holds it.
//!
//! Salt's configuration has what the manifest's tree makes of the fields; so that the fields can be read
//! out of it again, it says in [`Provider::MARK`] which driver it is of, and all that is not secret as it was
//! entered. The secrets are found where the tree has put them.

use serde_json::{Map, Value, json};

use super::Manifest;
use super::field_text::text_of;
use crate::decode::{decode, escape, suggest};
use crate::driver::Provider;
use crate::driver::template_vars::var_of;
use crate::{Error, Result};

/// The fields that are what servers get which do not say otherwise.
pub(super) const DEFAULTS: [&str; 4] = ["network", "sec_group", "image", "size"];

impl Manifest {
    /// The provider's tree, with the mark in it.
    pub(super) fn marked(&self) -> Value {
        let entered = self
            .fields()
            .filter(|field| !field.secret && field.id != "provider_name");
        let values: Map<String, Value> = entered
            .map(|field| (field.id.clone(), json!(var_of(&field.id))))
            .collect();
        let mut tree = self.provider.clone();
        for members in tree.values_mut().filter_map(Value::as_object_mut) {
            members.insert(
                Provider::MARK.to_owned(),
                json!({"driver_id": self.id, "values": values}),
            );
        }
        Value::Object(tree)
    }

    /// `provider` as the form makes it, also where it is Salt's configuration.
    pub(super) fn entered(&self, provider: &Provider) -> Result<Provider> {
        let Some(mark) = provider.extra.get(Provider::MARK) else {
            return Ok(provider.clone());
        };
        let stored = serde_json::to_value(provider).unwrap_or_default();
        let mut found = Map::new();
        for tree in self.provider.values() {
            find(tree, &stored, &mut found);
        }
        let mut record = Map::new();
        let mut defaults = Map::new();
        for field in self.fields() {
            let value = mark["values"]
                .get(&field.id)
                .or_else(|| found.get(&var_of(&field.id)));
            let Some(text) = value.and_then(text_of) else {
                continue;
            };
            let into = if DEFAULTS.contains(&field.id.as_str()) {
                &mut defaults
            } else {
                &mut record
            };
            into.insert(field.id.clone(), Value::from(text));
        }
        for name in super::master::NAMES {
            if let Some(value) = found.get(&var_of(name)) {
                record.entry(name).or_insert_with(|| value.clone());
            }
        }
        record.insert("driver_name".to_owned(), json!(self.id));
        record.insert("provider_name".to_owned(), json!(provider.provider_name));
        record.insert("defaults".to_owned(), Value::Object(defaults));
        decode(&Value::Object(record), "/provider")
    }

    /// Whether `provider` has what the form would have asked for, and nothing that is misspelt.
    pub(super) fn check(&self, provider: &Provider) -> Result<()> {
        let ids = || self.fields().map(|field| field.id.as_str());
        if !provider.extra.contains_key(Provider::MARK) {
            for name in provider
                .extra
                .keys()
                .filter(|name| !ids().any(|id| id == name.as_str()))
            {
                if let Some(meant) = suggest::near_miss(name, ids()) {
                    let at = format!("/provider/{}", escape(name));
                    let message =
                        format!("{at} is not a member that is taken here; did you mean {meant}");
                    return Err(Error::invalid(at, message));
                }
            }
        }
        let record = serde_json::to_value(self.entered(provider)?).unwrap_or_default();
        for field in self
            .fields()
            .filter(|field| !DEFAULTS.contains(&field.id.as_str()))
        {
            let entered = value(&record, &field.id);
            field.check(entered.as_deref()).map_err(|message| {
                Error::invalid(
                    format!("/provider/{}", field.id),
                    message.trim_end_matches('.'),
                )
            })?;
        }
        Ok(())
    }
}

/// What `provider` holds in the field `id`.
pub(super) fn value(provider: &Value, id: &str) -> Option<String> {
    let place = if DEFAULTS.contains(&id) {
        &provider["defaults"][id]
    } else {
        &provider[id]
    };
    text_of(place)
}

/// What stands in `stored` where `tree` has a placeholder and nothing else.
fn find(tree: &Value, stored: &Value, found: &mut Map<String, Value>) {
    match (tree, stored) {
        (Value::Object(tree), Value::Object(stored)) => {
            for (name, below) in tree {
                if let Some(value) = stored.get(name) {
                    find(below, value, found);
                }
            }
        }
        (Value::String(name), value) if name.starts_with("VAR_") => {
            found.insert(name.clone(), value.clone());
        }
        _ => {}
    }
}
