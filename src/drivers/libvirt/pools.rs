//! The storage pools of a host.

use virt::error::ErrorNumber;
use virt::storage_pool::{StoragePool, StoragePoolInfo};
use virt::sys;

use super::host::errors::found;
use super::host::{Held, Host, at_once};
use super::xml::{from_xml, is_xml_text, pool as xml, to_xml};
use crate::concurrent::{both, each};
use crate::driver::{self, Done, PoolSpec};
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

/// The pool `name`; none where there is none. One that this call has found before is not looked for again.
pub(crate) fn find(host: &Host, name: &str) -> Result<Option<Pool>> {
    let found = host.pool(name, || look(host, name))?;
    Ok(found.map(|held| Pool {
        name: name.to_owned(),
        held,
    }))
}

fn look(host: &Host, name: &str) -> Result<Option<Held<StoragePool>>> {
    let wanted = name.to_owned();
    let held = host.hold(&format!("look for pool {name}"), move |conn| {
        let pool = conn.lookup_storage_pool_by_name(&wanted);
        Ok(found(pool, ErrorNumber::NoStoragePool)?.map(|pool| (pool, ())))
    })?;
    Ok(held.map(|(held, ())| held))
}

/// The pool `name`.
///
/// # Errors
/// [`Kind::NotFound`] where there is none.
pub(crate) fn named(host: &Host, name: &str) -> Result<Pool> {
    if let Some(pool) = find(host, name)? {
        return Ok(pool);
    }
    let there = list(host)?;
    let there: Vec<_> = there.iter().map(|pool| pool.name.as_str()).collect();
    let there = match there.as_slice() {
        [] => "the host has none".to_owned(),
        there => format!("say one that the host has in pool: {}", there.join(", ")),
    };
    let message = format!("there is no pool {name}; {there}, or `pool.create` makes one");
    Err(Error::new(Kind::NotFound, message))
}

/// All pools, started or not, by name.
pub(crate) fn list(host: &Host) -> Result<Vec<driver::Pool>> {
    let all = host.hold_all("list the pools", |conn| {
        let all = conn.list_all_storage_pools(0)?.into_iter();
        all.map(|pool| pool.name().map(|name| (pool, name)))
            .collect()
    })?;
    let seen = each(&all, at_once(), |(held, name)| {
        let (held, name) = (held.clone(), name.clone());
        shown(&Pool { name, held })
    });
    let seen: Vec<Option<driver::Pool>> = seen.into_iter().collect::<Result<_>>()?;
    let mut pools: Vec<_> = seen.into_iter().flatten().collect();
    pools.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pools)
}

/// What there is to say of `pool`; none where somebody else has undefined it in the meantime.
fn shown(pool: &Pool) -> Result<Option<driver::Pool>> {
    let (seen, autostart) = both(
        || pool.describe(),
        || pool.held.ask("look at a pool", StoragePool::autostart),
    );
    let seen = match seen {
        Err(error) if error.kind() == Kind::NotFound => return Ok(None),
        seen => seen?,
    };
    let view: xml::Pool = from_xml("a pool", &seen.xml)?;
    Ok(Some(driver::Pool {
        files: view.holds_files(),
        path: view.target.path,
        kind: view.kind,
        name: view.name,
        active: seen.active,
        autostart: autostart.unwrap_or(false),
        capacity: seen.capacity,
        available: seen.available,
    }))
}

/// Makes and starts the pool that `spec` describes, or with `dry_run` tells whether it would.
pub(crate) fn create(host: &Host, spec: &PoolSpec, dry_run: bool) -> Result<Done> {
    let PoolSpec { name, path } = spec;
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\n']) || !is_xml_text(name)
    {
        let message = format!("{name:?} cannot be a pool's name");
        return Err(Error::invalid("/pool/name", message));
    }
    if !path.starts_with('/') || path.contains('\n') || !is_xml_text(path) {
        let message = format!("{path:?} is no whole path of a directory on the host");
        return Err(Error::invalid("/pool/path", message));
    }
    let stem = |path: &str| path.trim_end_matches('/').to_owned();
    let pools = list(host)?;
    let namesake = pools.iter().find(|pool| pool.name == *name);
    if let Some(pool) = namesake {
        if pool.kind == "dir" && pool.path.as_deref().map(stem) == Some(stem(path)) {
            return start(host, name, dry_run);
        }
        let message = format!("there is a pool {name} already, of another kind or place");
        return Err(Error::new(Kind::AlreadyExists, message).with_field("/pool/name"));
    }
    if dry_run {
        let message = format!("the pool {name} would be made in {path} and started");
        return Ok(Done::new(message, true));
    }
    let xml = to_xml(&xml::Pool::in_directory(name, path))?;
    let doing = format!("make the pool {name} in {path}");
    host.ask(&doing, move |conn| {
        let pool = conn.define_storage_pool_xml(&xml, 0)?;
        let started = pool
            .build(0)
            .and_then(|()| pool.create(0))
            .and_then(|()| pool.set_autostart(true));
        if let Err(error) = started {
            let _ = pool.destroy();
            let _ = pool.undefine();
            return Err(error);
        }
        Ok(())
    })
    .map_err(|error| error.with_field("/pool/path"))?;
    Ok(Done::new(
        format!("the pool {name} is made in {path}"),
        true,
    ))
}

/// Starts the pool `name`, or with `dry_run` tells whether it would.
pub(crate) fn start(host: &Host, name: &str, dry_run: bool) -> Result<Done> {
    let pool = named(host, name).map_err(|error| error.with_field("/name"))?;
    if pool.describe()?.active {
        return Ok(Done::new(
            format!("the pool {name} is started already"),
            false,
        ));
    }
    if dry_run {
        return Ok(Done::new(format!("the pool {name} would be started"), true));
    }
    let doing = format!("start the pool {name}");
    pool.held.ask(&doing, |pool| pool.create(0).map(drop))?;
    Ok(Done::new(format!("the pool {name} is started"), true))
}

/// The names of those that are started.
pub(crate) fn active(host: &Host) -> Result<Vec<String>> {
    host.ask("list the pools", |conn| {
        let pools = conn.list_all_storage_pools(sys::VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)?;
        pools.iter().map(StoragePool::name).collect()
    })
}

fn is_active(info: &StoragePoolInfo) -> bool {
    info.state != sys::VIR_STORAGE_POOL_INACTIVE
}

impl Pool {
    /// What libvirt says of it.
    pub(crate) fn describe(&self) -> Result<Description> {
        let doing = format!("look at pool {}", self.name);
        let (info, xml) = both(|| self.held.ask(&doing, StoragePool::info), || self.xml());
        let info = info?;
        Ok(Description {
            xml: xml?,
            active: is_active(&info),
            capacity: info.capacity,
            available: info.available,
        })
    }

    /// Its definition.
    pub(crate) fn xml(&self) -> Result<String> {
        let doing = format!("look at pool {}", self.name);
        self.held.ask(&doing, |pool| pool.xml_desc(0))
    }

    /// Looks again at what it holds. A pool that is busy refuses, and what it knows is still right.
    pub(crate) fn refresh(&self) -> Result<()> {
        self.held
            .ask(&format!("refresh pool {}", self.name), |pool| {
                let _ = pool.refresh(0);
                Ok(())
            })
    }
}
