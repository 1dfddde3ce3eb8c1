//! What a server lacks of what was made for it.

use crate::Result;
use crate::drivers::creation::missing_key;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::{pools, volumes};

/// What is not there any more of what `record` says was made for a server: its volumes, and its
/// minion's key where the master is here.
pub(crate) fn what_is_missing(host: &Host, record: &Record) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for volume in &record.volumes {
        let pool = pools::find(host, &volume.pool)?;
        let found = pool.map_or(Ok(None), |pool| volumes::find(&pool, &volume.name))?;
        if found.is_none() {
            missing.push(format!("volume {}/{}", volume.pool, volume.name));
        }
    }
    missing.extend(missing_key(record.minion.as_ref())?);
    Ok(missing)
}
