//! The provider of a program in Salt's configuration, where neither it nor a template says it: Salt's
//! module `va_external` asks this program, which asks the driver.

use serde_json::{Map, Value, json};

use crate::driver::Provider;
use crate::template::to_yaml_block;
use crate::{Error, Kind, Result};

/// Salt's module for drivers that it has no module of its own for.
const MODULE: &str = "va_external";

/// Salt's configuration of `provider` of the driver `id`, and of its profile, as YAML.
pub(super) fn of(
    id: &str,
    provider: &Provider,
    profile_name: Option<&str>,
) -> Result<(String, String)> {
    let name = &provider.provider_name;
    let Value::Object(members) = json!(provider) else {
        return Err(Error::new(Kind::Internal, "a provider is no object"));
    };
    let ours = ["driver_name", "provider_name"];
    let mut module = Map::from_iter([
        ("driver".to_owned(), json!(MODULE)),
        ("driver_id".to_owned(), json!(id)),
    ]);
    module.extend(
        members
            .into_iter()
            .filter(|(member, _)| !ours.contains(&member.as_str())),
    );
    let profile = profile_name.map_or_else(|| format!("{name}-profile"), ToOwned::to_owned);
    Ok((
        to_yaml_block(&json!({name: module}))?,
        to_yaml_block(&json!({profile: {"provider": name}}))?,
    ))
}
