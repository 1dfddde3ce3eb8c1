//! What a server lacks of what was made for it.

use crate::Result;
use crate::driver::DeleteOptions;
use crate::drivers::creation::{is_there, recorded_key};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::{pools, volumes};
use crate::drivers::minion::ServerIdentity;

/// What is not there any more of what `record` says was made for `server`: its volumes, and its
/// minion's key where the master is here.
pub(crate) fn what_is_missing(
    host: &Host,
    server: &ServerIdentity,
    record: &Record,
) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for volume in &record.volumes {
        let pool = pools::find(host, &volume.pool)?;
        let found = pool.map_or(Ok(None), |pool| volumes::find(&pool, &volume.name))?;
        if found.is_none() {
            missing.push(format!("volume {}/{}", volume.pool, volume.name));
        }
    }
    let minion = record.minion.as_ref();
    let key = minion.and_then(|minion| recorded_key(minion, server, &DeleteOptions::default()));
    if let Some(key) = key
        && is_there(&key)? == Some(false)
    {
        missing.push(format!("minion key {}", key.place()));
    }
    Ok(missing)
}
