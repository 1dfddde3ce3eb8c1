//! Sizes: the provider's flavours.

use crate::driver::{Flavour, Size};
use crate::drivers::libvirt::settings::Settings;
use crate::units::KIB_PER_MIB;
use crate::{Error, Kind, Result};

/// The sizes of the provider, in its own order.
pub(crate) fn sizes(settings: &Settings) -> Vec<Size> {
    settings
        .flavours
        .iter()
        .map(|(name, flavour)| Size {
            name: name.clone(),
            id: name.clone(),
            cpus: flavour.num_cpus,
            ram: flavour.memory / KIB_PER_MIB,
            disk: flavour.vol_capacity,
            cost: flavour.cost,
        })
        .collect()
}

/// The flavour `name`.
pub(crate) fn size_named<'a>(settings: &'a Settings, name: &str) -> Result<&'a Flavour> {
    settings.flavours.get(name).ok_or_else(|| {
        let known: Vec<_> = settings.flavours.keys().map(String::as_str).collect();
        Error::new(
            Kind::NotFound,
            format!(
                "the provider has no size {name:?}; it has: {}",
                known.join(", ")
            ),
        )
        .with_field("/server/size")
    })
}

/// The name of the flavour that a server of `cpus` and `memory` KiB has; else its own measures.
pub(crate) fn size_of(settings: &Settings, cpus: u64, memory: u64, max_memory: u64) -> String {
    let fits = |flavour: &Flavour| {
        flavour.num_cpus == cpus
            && (flavour.memory == memory
                || flavour.memory == max_memory
                || flavour.max_memory() == max_memory)
    };
    settings
        .flavours
        .iter()
        .find(|(_, flavour)| fits(flavour))
        .map_or_else(
            || format!("{cpus}cpu-{}MiB", max_memory / KIB_PER_MIB),
            |(name, _)| name.clone(),
        )
}
