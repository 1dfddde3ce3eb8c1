//! Domains of a host: found, described, switched on and off, defined and forgotten.
//!
//! | file | concern |
//! |---|---|
//! | `stats` | how large they are and what they do |
//! | `addresses` | by guest agent and neighbours |
//! | `live` | what is changed while they run: size, devices |
//! | `snapshots` | states that are kept |

mod addresses;
mod live;
mod snapshots;
mod stats;

use std::borrow::Cow;
use std::collections::HashMap;

use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain as VirtDomain;
use virt::error::{Error as VirtError, ErrorNumber};
use virt::sys;

use super::host::errors::{found, is};
use super::host::{Held, Host, at_once};
use super::xml::domain_view;
use super::xml::record::{NAMESPACE, Record};
use crate::concurrent::each;
use crate::driver::Status;
use crate::{Error, Kind, Result};

pub(crate) use addresses::Addresses;
pub(crate) use live::Affected;
pub(crate) use stats::{Measured, all_stats};

/// A domain that was found.
#[derive(Debug, Clone)]
pub(crate) struct Domain {
    pub(crate) uuid: Uuid,
    pub(crate) name: String,
    held: Held<VirtDomain>,
}

/// What a domain runs with, or starts with where it is off.
#[derive(Debug)]
pub(crate) struct Description {
    /// Its definition.
    pub(crate) xml: String,
    /// The record in its metadata, as XML.
    pub(crate) record: Option<String>,
    /// Whether it runs, or is halted in memory.
    pub(crate) active: bool,
}

/// Which other definition of a domain is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Definition {
    /// What it starts with next.
    Next,
    /// The same with its secrets, so that it can be defined anew.
    Whole,
}

/// The domain `name`; none where there is none.
pub(crate) fn find(host: &Host, name: &str) -> Result<Option<Domain>> {
    let wanted = name.to_owned();
    hold(host, &format!("look for the server {name}"), move |conn| {
        conn.lookup_domain_by_name(&wanted)
    })
}

/// The domain `name`.
///
/// # Errors
/// [`Kind::NotFound`] where there is none.
pub(crate) fn named(host: &Host, name: &str) -> Result<Domain> {
    find(host, name)?.ok_or_else(|| no_such_server(name))
}

/// The name of the server that `name` means, which may be its UUID.
pub(crate) fn name_of<'a>(host: &Host, name: &'a str) -> Result<Cow<'a, str>> {
    let Ok(uuid) = Uuid::try_parse(name) else {
        return Ok(name.into());
    };
    if find(host, name)?.is_some() {
        return Ok(name.into());
    }
    let found = find_by_uuid(host, uuid)?;
    Ok(found.map_or(name.into(), |domain| domain.name.into()))
}

/// The error for a server that is not there.
pub(crate) fn no_such_server(name: &str) -> Error {
    Error::new(
        Kind::NotFound,
        format!("there is no server {name:?}; `server.list` tells those there are"),
    )
    .with_field("/server_name")
}

/// The domain `uuid`; none where there is none.
pub(crate) fn find_by_uuid(host: &Host, uuid: Uuid) -> Result<Option<Domain>> {
    hold(host, &format!("look for the domain {uuid}"), move |conn| {
        conn.lookup_domain_by_uuid(uuid)
    })
}

fn hold(
    host: &Host,
    doing: &str,
    look: impl FnOnce(&Connect) -> std::result::Result<VirtDomain, VirtError> + Send + 'static,
) -> Result<Option<Domain>> {
    let held = host.hold(doing, |conn| {
        let Some(domain) = found(look(conn), ErrorNumber::NoDomain)? else {
            return Ok(None);
        };
        let names = (domain.uuid()?, domain.name()?);
        Ok(Some((domain, names)))
    })?;
    Ok(held.map(|(held, (uuid, name))| Domain { uuid, name, held }))
}

/// The UUIDs and names of all domains.
pub(crate) fn all(host: &Host) -> Result<Vec<(Uuid, String)>> {
    host.ask("list the domains", |conn| {
        conn.list_all_domains(0)?
            .iter()
            .map(|domain| Ok((domain.uuid()?, domain.name()?)))
            .collect()
    })
}

/// All domains, by UUID.
pub(crate) fn hold_all(host: &Host) -> Result<HashMap<Uuid, Domain>> {
    let all = host.hold_all("list the domains", |conn| {
        let all = conn.list_all_domains(0)?.into_iter();
        all.map(|domain| {
            let names = (domain.uuid()?, domain.name()?);
            Ok((domain, names))
        })
        .collect()
    })?;
    let all = all.into_iter();
    let all = all.map(|(held, (uuid, name))| (uuid, Domain { uuid, name, held }));
    Ok(all.collect())
}

/// The definitions of all domains, of those that run both.
pub(crate) fn definitions(host: &Host) -> Result<Vec<String>> {
    let domains: Vec<Domain> = hold_all(host)?.into_values().collect();
    let looks = each(&domains, at_once(), |domain| {
        // it may have been deleted by someone else in the meantime
        Ok([domain.xml(0)?, domain.definition(Definition::Next)?])
    });
    let looks: Vec<[Option<String>; 2]> = looks.into_iter().collect::<Result<_>>()?;
    Ok(looks.into_iter().flatten().flatten().collect())
}

/// Defines the domain `name` with the UUID `uuid` as `xml` says; none where another has the name.
pub(crate) fn define(host: &Host, name: &str, uuid: Uuid, xml: String) -> Result<Option<Domain>> {
    let wanted = name.to_owned();
    let held = host.hold(&format!("define the domain {name}"), move |conn| {
        match conn.define_domain_xml_flags(&xml, sys::VIR_DOMAIN_DEFINE_VALIDATE) {
            Ok(domain) => Ok(Some((domain, ()))),
            // Someone else was faster: libvirt says so in words only, so look who has the name.
            Err(error) => match conn
                .lookup_domain_by_name(&wanted)
                .and_then(|other| other.uuid())
            {
                Ok(other) if other != uuid => Ok(None),
                _ => Err(error),
            },
        }
    })?;
    let name = name.to_owned();
    Ok(held.map(|(held, ())| Domain { uuid, name, held }))
}

impl Domain {
    fn ask<T: Send + 'static>(
        &self,
        doing: &str,
        f: impl FnOnce(&VirtDomain) -> std::result::Result<T, VirtError> + Send + 'static,
    ) -> Result<T> {
        self.held.ask(&format!("{doing} {}", self.name), f)
    }

    /// What libvirt keeps of it, by one question; none where it is gone.
    pub(crate) fn describe(&self) -> Result<Option<Description>> {
        let Some(xml) = self.xml(0)? else {
            return Ok(None);
        };
        let unread = |why| Error::new(Kind::Internal, format!("cannot read {}: {why}", self.name));
        let record = Record::in_definition(&xml).map_err(unread)?;
        Ok(Some(Description {
            record: record.map(ToOwned::to_owned),
            active: domain_view::is_active(&xml),
            xml,
        }))
    }

    /// The same, of one that must be there.
    pub(crate) fn described(&self) -> Result<Description> {
        self.describe()?.ok_or_else(|| no_such_server(&self.name))
    }

    /// Another definition of it; none where it is gone.
    pub(crate) fn definition(&self, which: Definition) -> Result<Option<String>> {
        self.xml(match which {
            Definition::Next => sys::VIR_DOMAIN_XML_INACTIVE,
            Definition::Whole => sys::VIR_DOMAIN_XML_INACTIVE | sys::VIR_DOMAIN_XML_SECURE,
        })
    }

    fn xml(&self, flags: u32) -> Result<Option<String>> {
        self.ask("look at", move |domain| {
            found(domain.xml_desc(flags), ErrorNumber::NoDomain)
        })
    }

    /// Whether there is something of it left once it is off.
    pub(crate) fn is_persistent(&self) -> Result<bool> {
        self.ask("look at", VirtDomain::is_persistent)
    }

    /// What it is doing.
    pub(crate) fn status(&self) -> Result<Status> {
        self.ask("look at", |domain| {
            domain.info().map(|info| info.state.to_raw())
        })
        .map(|state| status(u64::from(state)))
    }

    /// Starts it.
    pub(crate) fn start(&self) -> Result<()> {
        tracing::info!("starts {}", self.name);
        // without flags libvirt's client asks for its number besides
        self.ask("start", |domain| domain.create_with_flags(0).map(drop))
    }

    /// Lets libvirt start it together with the host.
    pub(crate) fn start_with_host(&self) -> Result<()> {
        self.ask("set the autostart of", |domain| domain.set_autostart(true))
    }

    /// Halts it in the host's memory.
    pub(crate) fn suspend(&self) -> Result<()> {
        tracing::info!("suspends {}", self.name);
        self.ask("suspend", VirtDomain::suspend)
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) -> Result<()> {
        tracing::info!("resumes {}", self.name);
        self.ask("resume", VirtDomain::resume)
    }

    /// Wakes it from a sleep of its own.
    pub(crate) fn wake(&self) -> Result<()> {
        self.ask("wake", |domain| domain.pm_wakeup(0))
    }

    /// Asks the guest to shut down; one that is off already needs not be asked.
    pub(crate) fn ask_to_shut_down(&self) -> Result<()> {
        tracing::info!("asks {} to shut down", self.name);
        self.ask("shut down", |domain| {
            unless_off(domain.shutdown_flags(sys::VIR_DOMAIN_SHUTDOWN_DEFAULT))
        })
    }

    /// Pulls the plug; a domain that is off already stays so.
    pub(crate) fn switch_off(&self) -> Result<()> {
        tracing::info!("switches {} off", self.name);
        self.ask("switch off", |domain| unless_off(domain.destroy()))
    }

    /// Forgets it with everything that libvirt itself keeps of it; its UEFI variables go too if `nvram`
    /// says so, and stay otherwise. One that is gone already needs no more.
    pub(crate) fn undefine(&self, nvram: bool) -> Result<()> {
        self.ask("undefine", move |domain| {
            // a transient domain is gone once it is off
            found(undefine(domain, nvram), ErrorNumber::NoDomain).map(|_| ())
        })
    }

    /// Calls it `name`.
    pub(crate) fn rename(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.ask("rename", move |domain| domain.rename(&name, 0))
    }

    /// Puts `xml` in place of its record.
    pub(crate) fn set_record(&self, xml: String) -> Result<()> {
        self.ask("write the record of", move |domain| {
            let flags = if domain.is_active()? {
                sys::VIR_DOMAIN_AFFECT_LIVE | sys::VIR_DOMAIN_AFFECT_CONFIG
            } else {
                sys::VIR_DOMAIN_AFFECT_CONFIG
            };
            // libvirt declares this prefix besides the text's own, and refuses one that it has.
            let prefix = Some("va-driver");
            domain.set_metadata(METADATA, Some(&xml), prefix, Some(NAMESPACE), flags)
        })
    }
}

/// `VIR_DOMAIN_METADATA_ELEMENT`, as the crate's functions want it.
const METADATA: i32 = sys::VIR_DOMAIN_METADATA_ELEMENT.cast_signed();

/// `va_master`'s word for libvirt's `virDomainState`.
pub(crate) fn status(state: u64) -> Status {
    match u32::try_from(state).unwrap_or(u32::MAX) {
        sys::VIR_DOMAIN_RUNNING | sys::VIR_DOMAIN_BLOCKED | sys::VIR_DOMAIN_SHUTDOWN => {
            Status::Active
        }
        sys::VIR_DOMAIN_PAUSED => Status::Paused,
        sys::VIR_DOMAIN_SHUTOFF => Status::Shutoff,
        sys::VIR_DOMAIN_CRASHED => Status::Error,
        sys::VIR_DOMAIN_PMSUSPENDED => Status::Suspended,
        _ => Status::Unknown,
    }
}

fn unless_off(done: std::result::Result<(), VirtError>) -> std::result::Result<(), VirtError> {
    match done {
        Err(error) if !is(&error, ErrorNumber::OperationInvalid) => Err(error),
        _ => Ok(()),
    }
}

fn undefine(domain: &VirtDomain, nvram: bool) -> std::result::Result<(), VirtError> {
    let variables = if nvram {
        sys::VIR_DOMAIN_UNDEFINE_NVRAM
    } else {
        sys::VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
    };
    let flags = sys::VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
        | sys::VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
        | sys::VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
        | variables;
    match domain.undefine_flags(flags) {
        // libvirt's test driver, and daemons before 5.6, know fewer flags
        Err(error) if is(&error, ErrorNumber::InvalidArg) || is(&error, ErrorNumber::NoSupport) => {
            domain.undefine()
        }
        other => other,
    }
}
