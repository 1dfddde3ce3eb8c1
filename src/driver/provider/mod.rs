//! The provider record: how to reach a host and what servers on it get unless they say otherwise.
//!
//! | file | concern |
//! |---|---|
//! | `members` | the table of what a driver reads of a record, refuses, and passes over |
//! | `record` | a record as its driver reads it, by that table |

mod members;
mod record;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{Error, Result, Secret};

pub(crate) use members::provider_members;
pub use members::{OtherMember, ProviderMeaning, ProviderMember, ProviderMembers};
pub(crate) use record::{Places, Record, one_line};

/// A provider as `va_master`'s datastore or Salt's provider configuration holds it.
///
/// Members that this type does not name are kept in `extra`, because Salt and `va_master` put their
/// own beside ours; a driver takes its further settings from there, by its table of members.
///
/// Salt keeps the defaults of servers at the provider's top level: `network`, `sec_group`, `image` and
/// `size` are taken from there where `defaults` does not say them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
// The derived functions become `Provider`'s own, and the traits' below go through them.
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Provider {
    /// The driver's id. Salt's name for its module, `va_libvirt`, serves too.
    #[serde(
        alias = "driver",
        alias = "driver_id",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub driver_name: Option<String>,
    /// What the provider is called.
    #[serde(default)]
    pub provider_name: String,
    /// Who logs in on the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password that goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// Where it stands, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The host, as the driver reads it: `host`, `host:port`, a URL or a socket's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_ip: Option<String>,
    /// How to reach it, one of the choices that the driver offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_protocol: Option<String>,
    /// The whole connection URI, instead of `host_protocol` and `host_ip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The tenant (project).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What a server gets that does not say otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// Everything else, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What a server gets that does not say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Defaults {
    /// Network, by name or as the `name|id` that a dashboard shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Security group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sec_group: Option<String>,
    /// Image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Size (flavour).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
}

impl Serialize for Provider {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let mut provider = Self::deserialize(deserializer)?;
        // va_master stores both names of each; where they differ, the driver's record says so
        for (name, member) in [
            ("provider_ip", &mut provider.host_ip),
            ("provider_protocol", &mut provider.host_protocol),
        ] {
            if let (None, Some(Value::String(text))) = (&member, provider.extra.get(name)) {
                *member = Some(text.clone());
                provider.extra.shift_remove(name);
            }
        }
        let defaults = &mut provider.defaults;
        for (name, default) in [
            ("network", &mut defaults.network),
            ("sec_group", &mut defaults.sec_group),
            ("image", &mut defaults.image),
            ("size", &mut defaults.size),
        ] {
            if let (None, Some(Value::String(text))) = (&default, provider.extra.get(name)) {
                *default = Some(text.clone());
            }
        }
        Ok(provider)
    }
}

impl Provider {
    /// The member of Salt's configuration that says of which driver it is, where `driver` is Salt's own.
    pub(crate) const MARK: &'static str = "va_driver";

    /// The driver's id, without the `va_` that Salt's module carries.
    pub fn driver_id(&self) -> Result<&str> {
        let mark = self.extra.get(Self::MARK);
        if let Some(id) = mark.and_then(|mark| mark["driver_id"].as_str()) {
            return Ok(id);
        }
        let name = self
            .driver_name
            .as_deref()
            .filter(|name| !name.is_empty())
            .ok_or_else(|| {
                Error::invalid(
                    "/provider/driver_name",
                    "the provider does not say which driver it is for",
                )
            })?;
        Ok(name.strip_prefix("va_").unwrap_or(name))
    }
}

#[cfg(test)]
pub(crate) mod table_tests;
#[cfg(test)]
mod tests;
