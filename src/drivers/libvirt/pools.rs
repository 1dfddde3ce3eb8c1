//! The storage pools of a host.

use virt::error::ErrorNumber;
use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;
use virt::sys;

use super::host::errors::found;
use super::host::{Held, Host};
use crate::{Error, Kind, Result};

/// A pool that was found.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub(crate) name: String,
    pub(super) held: Held<StoragePool>,
}

/// What libvirt says of a pool.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) xml: String,
    pub(crate) active: bool,
    /// Bytes that it can hold.
    pub(crate) capacity: u64,
    /// Bytes that are free.
    pub(crate) available: u64,
}

/// The pool `name`; none where there is none.
pub(crate) fn find(host: &Host, name: &str) -> Result<Option<Pool>> {
    let wanted = name.to_owned();
    let held = host.hold(&format!("look for pool {name}"), move |conn| {
        let pool = conn.lookup_storage_pool_by_name(&wanted);
        Ok(found(pool, ErrorNumber::NoStoragePool)?.map(|pool| (pool, ())))
    })?;
    Ok(held.map(|(held, ())| Pool {
        name: name.to_owned(),
        held,
    }))
}

/// The pool `name`.
///
/// # Errors
/// [`Kind::NotFound`] where there is none.
pub(crate) fn named(host: &Host, name: &str) -> Result<Pool> {
    find(host, name)?.ok_or_else(|| {
        let message = format!(
            "there is no pool {name}; `virsh pool-list --all` tells those there are, `virsh \
                 pool-define-as {name} dir --target /var/lib/libvirt/images` and `virsh pool-start \
                 {name}` make one; or say another in pool"
        );
        Error::new(Kind::NotFound, message)
    })
}

/// The names of those that are started.
pub(crate) fn active(host: &Host) -> Result<Vec<String>> {
    host.ask("list the pools", |conn| {
        let pools = conn.list_all_storage_pools(sys::VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)?;
        pools.iter().map(StoragePool::name).collect()
    })
}

impl Pool {
    /// What libvirt says of it.
    pub(crate) fn describe(&self) -> Result<Description> {
        self.held
            .ask(&format!("look at pool {}", self.name), |pool| {
                let info = pool.info()?;
                Ok(Description {
                    xml: pool.xml_desc(0)?,
                    active: pool.is_active()?,
                    capacity: info.capacity,
                    available: info.available,
                })
            })
    }

    /// Looks again at what it holds. A pool that is busy refuses, and what it knows is still right.
    pub(crate) fn refresh(&self) -> Result<()> {
        self.held
            .ask(&format!("refresh pool {}", self.name), |pool| {
                let _ = pool.refresh(0);
                Ok(())
            })
    }

    /// The names of its volumes.
    pub(crate) fn volume_names(&self) -> Result<Vec<String>> {
        let doing = format!("list the volumes of pool {}", self.name);
        self.held.ask(&doing, |pool| {
            let volumes = pool.list_all_volumes(0)?;
            volumes.iter().map(StorageVol::name).collect()
        })
    }

    /// Its volumes, as XML.
    pub(crate) fn volumes(&self) -> Result<Vec<String>> {
        let doing = format!("list the volumes of pool {}", self.name);
        self.held.ask(&doing, |pool| {
            let mut seen = Vec::new();
            for volume in pool.list_all_volumes(0)? {
                // it may have been deleted by someone else in the meantime
                seen.extend(found(volume.xml_desc(0), ErrorNumber::NoStorageVolume)?);
            }
            Ok(seen)
        })
    }
}
