//! What a server's specification leaves to the provider's defaults.

use crate::{Error, Result};

/// The specification's `own` value, else the provider's `default`; `what` is the member that holds both.
pub(super) fn or_default(
    own: Option<&String>,
    default: Option<&String>,
    what: &str,
) -> Result<String> {
    own.or(default)
        .filter(|text| !text.is_empty())
        .cloned()
        .ok_or_else(|| {
            let message = format!("no {what} is given, and the provider has no default for it");
            Error::invalid(format!("/server/{what}"), message)
        })
}
