//! What a server lacks of what was made for it.

use crate::Result;
use crate::concurrent::each;
use crate::drivers::creation::missing_key;
use crate::drivers::libvirt::host::{Host, at_once};
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::{pools, volumes};

/// What is not there any more of what `record` says was made for a server: its volumes, and its
/// minion's key where the master is here.
pub(crate) fn what_is_missing(host: &Host, record: &Record) -> Result<Vec<String>> {
    let looks = each(&record.volumes, at_once(), |volume| {
        let pool = pools::find(host, &volume.pool)?;
        let found = pool.map_or(Ok(None), |pool| volumes::find(&pool, &volume.name))?;
        let is_missing = found.is_none();
        Ok(is_missing.then(|| format!("volume {}/{}", volume.pool, volume.name)))
    });
    let looks: Vec<Option<String>> = looks.into_iter().collect::<Result<_>>()?;
    let mut missing: Vec<String> = looks.into_iter().flatten().collect();
    missing.extend(missing_key(record.minion.as_ref())?);
    Ok(missing)
}
