//! Whether the drivers beside the program's own are in order, and have what they need.

use super::Check;
use crate::cli::settings::Settings;
use crate::drivers::base::lacking;

/// Whether no file of `drivers.d` is broken, and Salt has the cloud drivers that they need.
pub(super) fn drivers(settings: &Settings) -> Check {
    let name = "drivers";
    let service = settings.service();
    let (drivers, broken) = service.drivers();
    if !broken.is_empty() {
        let all: Vec<_> = broken.iter().map(ToString::to_string).collect();
        return Check::warning(
            name,
            all.join("; "),
            "the others can be used all the same; `va-driver driver check FILE` says what is wrong",
        );
    }
    let wanted: Vec<_> = drivers
        .iter()
        .filter_map(|driver| driver.salt_driver())
        .collect();
    // without salt-cloud, its own check says all there is to say
    let lacking = lacking(service.context(), &wanted).unwrap_or_default();
    let lacks = |driver: &&std::sync::Arc<dyn crate::driver::Driver>| {
        let needed = driver.salt_driver();
        needed.is_some_and(|needed| lacking.iter().any(|lacking| lacking == needed))
    };
    let without: Vec<_> = drivers
        .iter()
        .filter(lacks)
        .map(|driver| driver.driver_id())
        .collect();
    if without.is_empty() {
        let ids: Vec<_> = drivers.iter().map(|driver| driver.driver_id()).collect();
        return Check::ok(name, ids.join(", "));
    }
    Check::warning(
        name,
        format!(
            "this master's Salt lacks the cloud driver of: {}",
            without.join(", ")
        ),
        "only needed for hosts of these drivers: install the Salt extension that has it, with salt-pip",
    )
}
