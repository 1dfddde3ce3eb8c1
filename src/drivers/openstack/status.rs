//! Whether a cloud can be used.

use serde_json::Value;

use super::cloud::{Cloud, Service};
use crate::Result;
use crate::driver::ProviderStatus;

/// What the cloud says of itself. Nova is asked something that wants the token, which Keystone alone
/// does not prove to be good.
pub(super) fn status(cloud: &Cloud, mut warnings: Vec<String>) -> Result<ProviderStatus> {
    cloud.get::<Value>(Service::Compute, "/flavors?limit=1")?;
    let mut host = format!("Keystone {}", cloud.keystone_release());
    if let Some(version) = cloud.compute_release() {
        host = format!("{host}, Nova {version}");
    }
    warnings.extend(cloud.warnings());
    Ok(ProviderStatus {
        success: true,
        message: format!(
            "logged in as {}, region {}",
            cloud.account(),
            cloud.region()
        ),
        host: Some(host),
        warnings,
    })
}
