//! Which provider is meant.

use std::env;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::files;
use super::near::did_you_mean;
use super::openstack_env;
use super::options::{AD_HOC, ProviderArgs};
use super::output;
use super::settings::Settings;
use crate::drivers::openstack::clouds;
use crate::salt::{list_providers, read_provider};
use crate::{Error, Kind, Result};

/// libvirt's own host for trying things out: it lives in this program only, and forgets.
const TEST_URI: &str = "test:///default";
/// The pool that it has.
const TEST_POOL: &str = "default-pool";
const NOTE: &str = "no provider was given, so this is libvirt's built-in test host, test:///default; \
                    see --provider, --provider-file, --uri and --os-cloud";
pub(super) const NONE: &str = "no provider was given: say which host is meant by --provider NAME (of Salt's \
                    cloud.providers.d), --provider-file FILE, --uri URI (such as qemu:///system) or \
                    --os-cloud NAME (of clouds.yaml), or by the variable VA_DRIVER_PROVIDER, \
                    VA_DRIVER_URI or OS_CLOUD, or for good in ~/.config/va-driver/config.yaml. libvirt's built-in test host is --uri test:///default";

/// The provider that is [`given`]. Without any, what only reads is asked of libvirt's test host; what
/// `changes` something is refused, because it would succeed there and be forgotten.
pub(super) fn provider(args: &ProviderArgs, settings: &Settings, changes: bool) -> Result<Value> {
    match given(args, settings)? {
        Some(provider) => Ok(provider),
        None if changes || args.region.is_some() => Err(Error::invalid("/provider", NONE)),
        None => {
            output::note(NOTE);
            Ok(Value::Object(ad_hoc(TEST_URI)))
        }
    }
}

/// The provider that `args` name, else the environment: this program's own variables before those of
/// `OpenStack`.
pub(super) fn given(args: &ProviderArgs, settings: &Settings) -> Result<Option<Value>> {
    let region = args.region.as_deref();
    let record = if let Some(name) = &args.provider {
        stored(&settings.salt_config_dir, name)?
    } else if let Some(path) = &args.provider_file {
        files::record(path)?
    } else if let Some(uri) = &args.uri {
        given_uri(uri)?
    } else if let Some(name) = &args.os_cloud {
        openstack_env::named(name, region)?
    } else if let Some(name) = variable("VA_DRIVER_PROVIDER") {
        stored(&settings.salt_config_dir, &name)?
    } else if let Some(uri) = variable("VA_DRIVER_URI") {
        ad_hoc(&uri)
    } else if let Some(name) = variable("OS_CLOUD") {
        openstack_env::named(&name, region)?
    } else if let Some(record) = openstack_env::from_variables() {
        record
    } else if let Some(mut own) = settings.own.provider() {
        own.region.clone_from(&args.region);
        return given(&own, settings);
    } else {
        return Ok(None);
    };
    with_region(record, region).map(|record| Some(Value::Object(record)))
}

/// `record` with the region that is said beside it.
fn with_region(mut record: Map<String, Value>, region: Option<&str>) -> Result<Map<String, Value>> {
    let Some(region) = region else {
        return Ok(record);
    };
    let drivers = ["driver_name", "driver", "driver_id"];
    let mut drivers = drivers
        .iter()
        .filter_map(|name| record.get(*name)?.as_str());
    if !drivers.any(|driver| driver.ends_with("openstack")) {
        let message = "--region is for clouds of OpenStack; this provider has no regions";
        return Err(Error::invalid("/provider/region", message));
    }
    clouds::add_variables(
        &mut record,
        vec![("region_name".to_owned(), region.to_owned())],
    );
    Ok(record)
}

/// The provider of Salt's configuration that is meant where none is named.
pub(super) fn default_name(settings: &Settings) -> Option<String> {
    let own = || settings.own.provider().and_then(|args| args.provider);
    variable("VA_DRIVER_PROVIDER").or_else(own)
}

/// `--uri URI`. An empty one, such as an unset variable of a script, is no provider: libvirt would take
/// it for this machine.
fn given_uri(uri: &str) -> Result<Map<String, Value>> {
    if uri.trim().is_empty() {
        let message = "--uri is empty: give a connection such as qemu:///system";
        return Err(Error::invalid("/provider/uri", message));
    }
    Ok(ad_hoc(uri))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The provider `name` of Salt's configuration, as a record.
fn stored(config_dir: &Path, name: &str) -> Result<Map<String, Value>> {
    let mut record =
        read_provider(config_dir, name).map_err(|error| near(error, config_dir, name))?;
    // Salt's own, beside the settings.
    record.shift_remove("profiles");
    // beside this the driver is Salt's module, va_external
    if record.contains_key("driver_id") {
        record.shift_remove("driver");
    }
    let alias = name.split(':').next().unwrap_or(name);
    record
        .entry("provider_name")
        .or_insert_with(|| Value::from(alias));
    Ok(record)
}

/// `error` about the provider `name`, with the names that are near it.
fn near(error: Error, config_dir: &Path, name: &str) -> Error {
    match list_providers(config_dir) {
        Ok((listed, _)) if error.kind() == Kind::NotFound => {
            let names = listed.iter().map(|(name, ..)| name.as_str());
            did_you_mean(error, name, names)
        }
        _ => error,
    }
}

/// A provider that is nothing but a connection.
fn ad_hoc(uri: &str) -> Map<String, Value> {
    let mut record = Map::new();
    record.insert("driver_name".to_owned(), json!("libvirt"));
    record.insert("provider_name".to_owned(), json!(AD_HOC));
    record.insert("uri".to_owned(), json!(uri));
    if uri == TEST_URI {
        record.insert("pool".to_owned(), json!(TEST_POOL));
    }
    record
}
