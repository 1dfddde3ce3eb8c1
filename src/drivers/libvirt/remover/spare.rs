//! A volume that its server, which itself stays, has no use for.

use uuid::Uuid;

use super::Remover;
use crate::Result;
use crate::drivers::libvirt::domains::{self, Definition};
use crate::drivers::libvirt::ownership::Ownership;
use crate::drivers::libvirt::xml::{domain_view::DomainView, from_xml, to_xml};
use crate::transaction::Removal;

impl Remover<'_> {
    /// Removes a volume that the server `uuid` has no use for, and what its record says of it.
    pub(super) fn remove_spare(&self, uuid: Uuid, pool: &str, name: &str) -> Result<Removal> {
        let Some(domain) = domains::find_by_uuid(self.host, uuid)? else {
            return self.remove_volume(pool, name, Some(uuid));
        };
        let (Some(now), Some(next)) = (domain.describe()?, domain.definition(Definition::Next)?)
        else {
            return self.remove_volume(pool, name, Some(uuid));
        };
        let mut record = match Ownership::of(&domain.name, uuid, now.record.as_deref()) {
            Ownership::Ours(record) => record,
            other => {
                let why = format!("{} {}", domain.name, other.why_not());
                return Ok(Removal::Kept(why));
            }
        };
        for definition in [now.xml, next] {
            let view: DomainView = from_xml(&domain.name, &definition)?;
            if view.devices.disk.iter().any(|disk| disk.is_of(name)) {
                return Ok(Removal::Absent); // what was begun with it is done
            }
        }
        let removal = self.remove_volume(pool, name, Some(uuid))?;
        if !self.only_looks && !matches!(removal, Removal::Kept(_)) {
            record.volumes.retain(|volume| volume.name != name);
            domain.set_record(to_xml(&record)?)?;
        }
        Ok(removal)
    }
}
