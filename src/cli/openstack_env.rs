//! Clouds as other programs of OpenStack know them: `clouds.yaml`, and the variables `OS_…`.

use std::env;

use serde_json::{Map, Value, json};

use super::options::AD_HOC;
use crate::Result;
use crate::drivers::openstack::clouds;

/// The cloud `name` of the first `clouds.yaml` that there is, with what the variables say beside it; of
/// several regions in `region`, where that is said.
pub(super) fn named(name: &str, region: Option<&str>) -> Result<Map<String, Value>> {
    let variables = clouds::variables();
    let around = variables.iter().find(|(name, _)| name == "region_name");
    let region = region.or(around.map(|(_, region)| region.as_str()));
    let mut record = clouds::named(name, region)?;
    clouds::add_variables(&mut record, variables);
    Ok(provider(name, record))
}

/// The cloud that the variables `OS_…` describe, where they do.
pub(super) fn from_variables() -> Option<Map<String, Value>> {
    let url = |name| env::var_os(name).filter(|url| !url.is_empty());
    url("OS_AUTH_URL").or_else(|| url("OS_ENDPOINT"))?;
    let mut record = Map::new();
    clouds::add_variables(&mut record, clouds::variables());
    Some(provider(AD_HOC, record))
}

fn provider(name: &str, mut record: Map<String, Value>) -> Map<String, Value> {
    record.insert("driver_name".to_owned(), json!("openstack"));
    record.insert("provider_name".to_owned(), json!(name));
    record
}
