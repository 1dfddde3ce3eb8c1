//! Sizes: the cloud's flavours, with the provider's prices.

use crate::Result;
use crate::driver::Size;
use crate::drivers::openstack::api::called;
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::lists;
use crate::drivers::openstack::settings::Settings;

/// The flavours that the project can use, the smallest first.
pub(crate) fn sizes(cloud: &Cloud, settings: &Settings) -> Result<Vec<Size>> {
    let mut sizes: Vec<Size> = lists::flavors(cloud)?
        .into_iter()
        .map(|flavor| Size {
            cost: settings.prices.get(&flavor.name).copied(),
            name: called(flavor.name, &flavor.id),
            id: flavor.id,
            cpus: flavor.vcpus,
            ram: flavor.ram,
            disk: flavor.disk,
        })
        .collect();
    sizes.sort_by(|a, b| (a.cpus, a.ram, a.disk, &a.name).cmp(&(b.cpus, b.ram, b.disk, &b.name)));
    Ok(sizes)
}
