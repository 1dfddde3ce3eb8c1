//! `version`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::driver::Context;
use crate::rpc::{PROTOCOL_VERSIONS, Service};

/// No parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct NoParams {}

/// What `version` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names on the wire")]
pub(in crate::rpc) struct Version {
    /// The program's name.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// The versions of the protocol that it speaks.
    protocol_versions: Vec<&'static str>,
}

#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn version(_: &Service, _: &Context, _: NoParams) -> Result<Version> {
    Ok(Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        protocol_versions: PROTOCOL_VERSIONS.to_vec(),
    })
}
