//! From a request to a plan: what is asked for is checked, the host is asked what it has, and a
//! pure function puts both together. Nothing here changes the host.
//!
//! | file | concern |
//! |---|---|
//! | `request` | the request, checked and with defaults |
//! | `interfaces` | networks: what is asked for, what a server gets |
//! | `texts` | names and texts that a request may hold |
//! | `facts` | what the host has of what the request names |
//! | `hypervisor` | domain type, machine, firmware, CPU |
//! | `fit` | whether it fits what the host has |
//! | `parts` | what a plan consists of |
//! | `domain` | the domain's definition |
//! | `seed` | what the guest reads at its first boot |
//! | `digest` | by which the same specification is known again |
//! | `show` | a plan for people and programs to look at |

mod digest;
mod domain;
mod facts;
mod fit;
mod hypervisor;
mod interfaces;
mod parts;
mod request;
mod seed;
mod show;
#[cfg(test)]
mod tests;
mod texts;

use uuid::Uuid;

pub(super) use digest::digest;
pub(super) use domain::{Made, extra_disk, free_target};
#[cfg(test)]
use facts::PoolFacts;
pub(super) use facts::{Existing, Facts, check_networks, existing, image, pool};
pub(super) use fit::check_image_pool;
pub(super) use interfaces::{Attachment, PlannedInterface, WantedInterface, derived_mac};
pub(super) use parts::{Plan, PlannedVolume};
pub(super) use request::{MEMBERS, Request, check_flavour};
pub(super) use show::answer;

use super::settings::Settings;
use super::storage::names;
use super::xml::record::{Record, RecordedVolume, VolumeUse};
use super::xml::volume::NewVolume;
use crate::Result;
use crate::driver::CloneMode;
use crate::units::GIB;

/// Puts the request and what the host has together.
pub(super) fn plan(
    settings: &Settings,
    request: &Request,
    facts: &Facts,
    uuid: Uuid,
) -> Result<Plan> {
    let spec = &request.spec;
    let name = &spec.server_name;
    let capacity = request.flavour.vol_capacity * GIB;
    fit::check(settings, request, facts)?;
    let pool = facts.pool(&request.pool)?;
    let (format, clones) = (pool.format(), pool.view.clones());
    let root_name = names::root(name, uuid, format);
    let root_xml = NewVolume::new(&root_name, format, capacity);
    let root = PlannedVolume {
        pool: request.pool.clone(),
        xml: if spec.clone == CloneMode::Linked && !clones {
            root_xml.backed_by(&facts.image_path, &facts.image_format)
        } else {
            root_xml
        },
        name: root_name,
        capacity,
    };
    let data: Vec<PlannedVolume> = request
        .disks
        .iter()
        .enumerate()
        .map(|(index, disk)| {
            let format = facts.pool(&disk.pool)?.format();
            let name = names::data(name, uuid, index + 1, format);
            let capacity = disk.gib * GIB;
            Ok(PlannedVolume {
                pool: disk.pool.clone(),
                xml: NewVolume::new(&name, format, capacity),
                name,
                capacity,
            })
        })
        .collect::<Result<_>>()?;
    let seed_name = names::seed(name, uuid);
    let mut record = Record::new(
        uuid,
        digest(settings, request),
        request.image.clone(),
        request.size.clone(),
        spec.role.clone(),
    );
    record.provider = Some(settings.provider_name.clone()).filter(|name| !name.is_empty());
    let recorded = |volume: &PlannedVolume, purpose| RecordedVolume {
        pool: volume.pool.clone(),
        name: volume.name.clone(),
        purpose,
    };
    record.volumes.push(recorded(&root, VolumeUse::Root));
    record
        .volumes
        .extend(data.iter().map(|volume| recorded(volume, VolumeUse::Data)));
    record.volumes.push(RecordedVolume {
        pool: facts.seed_pool.clone(),
        name: seed_name.clone(),
        purpose: VolumeUse::Seed,
    });
    let addresses = request
        .interfaces
        .iter()
        .flat_map(|interface| &interface.addresses);
    record.addresses = addresses.map(|net| net.addr().to_string()).collect();
    Ok(Plan {
        uuid,
        name: name.clone(),
        root,
        // a cluster's clone is a copy that takes no room
        clone: if clones { CloneMode::Full } else { spec.clone },
        data,
        seed_pool: facts.seed_pool.clone(),
        seed_name,
        record,
        warnings: facts.warnings.clone(),
        interfaces: interfaces::plan(&request.interfaces, uuid),
    })
}
