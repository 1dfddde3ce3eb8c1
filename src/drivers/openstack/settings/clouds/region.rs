//! What one of several regions says.

use serde_json::{Map, Value};

use super::files::merge;
use crate::drivers::openstack::settings::members::{AUTH, REGIONS};

pub(super) const REGION_NAME: &str = "region_name";
/// Stands for the region in URLs.
const OPEN: &str = "{region_name}";

/// Has `cloud` be in `region`, else in the one that it names, else in the first of those that it has. What
/// that says counts before the rest; a name that it does not have is left to be refused.
pub(super) fn choose(cloud: &mut Map<String, Value>, region: Option<&str>) {
    // openstacksdk takes several there as well
    let several = match cloud.get(REGION_NAME) {
        Some(Value::String(names)) if names.contains(',') => Some(
            names
                .split(',')
                .map(|name| Value::from(name.trim()))
                .collect(),
        ),
        Some(Value::Array(names)) => Some(names.clone()),
        _ => None,
    };
    if let Some(names) = several {
        cloud.shift_remove(REGION_NAME);
        cloud.entry(REGIONS.name).or_insert(Value::Array(names));
    }
    let mut regions = match cloud.get(REGIONS.name) {
        Some(Value::Array(regions)) => regions.clone(),
        _ => Vec::new(),
    };
    let name = |region: &Value| {
        let name = region.as_str().or_else(|| region["name"].as_str());
        name.map(ToOwned::to_owned)
    };
    let own = cloud.get(REGION_NAME).and_then(Value::as_str);
    let chosen = region.or(own).map(ToOwned::to_owned);
    let Some(chosen) = chosen.or_else(|| regions.first().and_then(name)) else {
        return;
    };
    for region in &mut regions {
        let Some(one) = name(region) else { continue };
        if let Some(Value::Object(values)) = region.get_mut("values").map(Value::take)
            && one == chosen
        {
            merge(cloud, values);
        }
        *region = Value::String(one);
    }
    if !regions.is_empty() {
        cloud.insert(REGIONS.name.to_owned(), Value::Array(regions));
    }
    fill_in(cloud, &chosen);
}

fn fill_in(cloud: &mut Map<String, Value>, region: &str) {
    for (name, value) in cloud {
        match value {
            Value::Object(below) if name == AUTH.name => fill_in(below, region),
            Value::String(text) if text.contains(OPEN) && text.contains("://") => {
                *text = text.replace(OPEN, region);
            }
            _ => {}
        }
    }
}
