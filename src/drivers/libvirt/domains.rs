//! Domains of a host: found, described, switched on and off, defined and forgotten.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain as VirtDomain;
use virt::error::{Error as VirtError, ErrorNumber};
use virt::sys;

use super::host::errors::{found, is};
use super::host::{Held, Host};
use super::loader::{DomainStats, StatValue, domain_list_stats, domain_stats};
use super::xml::record::NAMESPACE;
use crate::driver::Status;
use crate::{Error, Kind, Result};

/// How long statistics may take before a guest is taken for silent, and how much longer for each domain
/// of a host that has many.
const PATIENCE: Duration = Duration::from_secs(5);
const PATIENCE_EACH: Duration = Duration::from_millis(20);
/// How often they are asked for: each time passes over the guests that were silent before.
const TRIES: usize = 3;
/// How many domains are asked about at once where the host has too many for one answer.
const CHUNK: usize = 1000;

/// What is asked about each domain.
const STATS: u32 = sys::VIR_DOMAIN_STATS_STATE
    | sys::VIR_DOMAIN_STATS_BALLOON
    | sys::VIR_DOMAIN_STATS_VCPU
    | sys::VIR_DOMAIN_STATS_BLOCK;

/// A domain that was found.
#[derive(Debug, Clone)]
pub(crate) struct Domain {
    pub(crate) uuid: Uuid,
    pub(crate) name: String,
    held: Held<VirtDomain>,
}

/// What libvirt keeps of a domain.
#[derive(Debug)]
pub(crate) struct Description {
    /// Its definition.
    pub(crate) xml: String,
    /// The record in its metadata, as XML.
    pub(crate) record: Option<String>,
    /// Whether it runs, or is halted in memory.
    pub(crate) active: bool,
}

/// A domain's statistics.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) stats: DomainStats,
    /// Whether they are all that there are: a QEMU that is silent or busy does not tell the sizes of its
    /// disks.
    pub(crate) is_whole: bool,
}

/// Which definition of a domain that runs is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Definition {
    /// What it runs with.
    Current,
    /// What it starts with next.
    Next,
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

/// The definitions of all domains, of those that run both.
pub(crate) fn definitions(host: &Host) -> Result<Vec<String>> {
    host.ask("look at the domains", |conn| {
        let mut all = Vec::new();
        for domain in conn.list_all_domains(0)? {
            for flags in [0, sys::VIR_DOMAIN_XML_INACTIVE] {
                // it may have been deleted by someone else in the meantime
                all.extend(found(domain.xml_desc(flags), ErrorNumber::NoDomain)?);
            }
        }
        Ok(all)
    })
}

/// Defines the domain `name` with the UUID `uuid` as `xml` says; false where another has the name.
pub(crate) fn define(host: &Host, name: &str, uuid: Uuid, xml: String) -> Result<bool> {
    let wanted = name.to_owned();
    host.ask(&format!("define the domain {name}"), move |conn| {
        match conn.define_domain_xml_flags(&xml, sys::VIR_DOMAIN_DEFINE_VALIDATE) {
            Ok(_) => Ok(true),
            // Someone else was faster: libvirt says so in words only, so look who has the name.
            Err(error) => match conn
                .lookup_domain_by_name(&wanted)
                .and_then(|other| other.uuid())
            {
                Ok(other) if other != uuid => Ok(false),
                _ => Err(error),
            },
        }
    })
}

/// Statistics of all domains. A guest whose QEMU is silent delays them by seconds, and is told by
/// libvirt's own knowledge of it.
pub(crate) fn all_stats(host: &Host) -> Result<Vec<Measured>> {
    let doing = "list the servers";
    let first = host.call(doing, PATIENCE.min(host.call_limit()), |conn| {
        measure(conn, STATS)
    });
    if !has_timed_out(&first) {
        return first;
    }
    // These need no QEMU.
    let mut states = host.ask(doing, |conn| measure(conn, sys::VIR_DOMAIN_STATS_STATE))?;
    let many = u32::try_from(states.len()).unwrap_or(u32::MAX);
    let limit = (PATIENCE + PATIENCE_EACH.saturating_mul(many)).min(host.call_limit());
    for _ in 1..TRIES {
        // The call that is held up keeps its guest busy, and busy ones are passed over.
        let again = host.call(doing, limit, |conn| measure(conn, STATS));
        if !has_timed_out(&again) {
            return again;
        }
    }
    for measured in &mut states {
        measured.is_whole = false;
    }
    Ok(states)
}

impl Measured {
    /// What a reader of them should know.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let text = "its disks could not be measured: its QEMU does not answer, or is busy";
        if self.is_whole {
            Vec::new()
        } else {
            vec![text.to_owned()]
        }
    }
}

fn has_timed_out<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(error) if error.kind() == Kind::Timeout)
}

fn measure(conn: &Connect, stats: u32) -> std::result::Result<Vec<Measured>, VirtError> {
    let found = without_wait(|flags| domain_stats(conn, stats, flags));
    let found = match found {
        Ok(found) => found,
        Err(_) => in_chunks(conn, stats)?,
    };
    Ok(measured(conn, found))
}

/// Asks for statistics without waiting for domains that are busy, where libvirt knows how.
fn without_wait(
    ask: impl Fn(u32) -> std::result::Result<Vec<DomainStats>, VirtError>,
) -> std::result::Result<Vec<DomainStats>, VirtError> {
    match ask(sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT) {
        // libvirt's test driver, and daemons before 4.5
        Err(error) if is(&error, ErrorNumber::InvalidArg) => ask(0),
        answered => answered,
    }
}

/// The same statistics for hosts whose domains do not fit in one answer (libvirt's RPC carries 4096
/// records at once, newer versions 16384).
fn in_chunks(conn: &Connect, stats: u32) -> std::result::Result<Vec<DomainStats>, VirtError> {
    let domains = conn.list_all_domains(0)?;
    let mut all = Vec::with_capacity(domains.len());
    for chunk in domains.chunks(CHUNK) {
        all.extend(without_wait(|flags| {
            domain_list_stats(chunk, stats, flags)
        })?);
    }
    Ok(all)
}

fn measured(conn: &Connect, found: Vec<DomainStats>) -> Vec<Measured> {
    with_missing(conn, found)
        .into_iter()
        .map(|stats| Measured {
            is_whole: is_whole(&stats),
            stats,
        })
        .collect()
}

/// Whether every disk that there is has a size.
fn is_whole(stats: &DomainStats) -> bool {
    (0..stats.number("block.count").unwrap_or(0)).all(|disk| {
        stats.text(&format!("block.{disk}.path")).is_none()
            || stats.number(&format!("block.{disk}.capacity")).is_some()
    })
}

/// libvirt's test driver tells of states only; what is missing is asked for domain by domain.
fn with_missing(conn: &Connect, mut stats: Vec<DomainStats>) -> Vec<DomainStats> {
    for stats in stats
        .iter_mut()
        .filter(|stats| stats.number("balloon.maximum").is_none())
    {
        let Ok(info) = conn
            .lookup_domain_by_uuid_string(&stats.uuid)
            .and_then(|domain| domain.info())
        else {
            continue; // gone in the meantime
        };
        for (name, number) in [
            ("balloon.maximum", info.max_mem),
            ("balloon.current", info.memory),
            ("vcpu.current", u64::from(info.nr_virt_cpu)),
        ] {
            stats
                .values
                .insert(name.to_owned(), StatValue::Uint(number));
        }
    }
    stats
}

impl Domain {
    fn ask<T: Send + 'static>(
        &self,
        doing: &str,
        f: impl FnOnce(&VirtDomain) -> std::result::Result<T, VirtError> + Send + 'static,
    ) -> Result<T> {
        self.held.ask(&format!("{doing} {}", self.name), f)
    }

    /// What libvirt keeps of it; none where it is gone.
    pub(crate) fn describe(&self, which: Definition) -> Result<Option<Description>> {
        let flags = match which {
            Definition::Current => 0,
            Definition::Next => sys::VIR_DOMAIN_XML_INACTIVE,
        };
        self.ask("look at", move |domain| {
            let Some(xml) = found(domain.xml_desc(flags), ErrorNumber::NoDomain)? else {
                return Ok(None);
            };
            Ok(Some(Description {
                xml,
                record: record(domain)?,
                active: domain.is_active()?,
            }))
        })
    }

    /// Its statistics, as [`all_stats`]; none where it is gone.
    pub(crate) fn stats(&self) -> Result<Option<Measured>> {
        let (uuid, host) = (self.uuid, self.held.host());
        let ask = |limit| {
            host.call(&format!("measure {}", self.name), limit, move |conn| {
                let domain = found(conn.lookup_domain_by_uuid(uuid), ErrorNumber::NoDomain)?;
                let Some(domain) = domain else {
                    return Ok(None);
                };
                let one = [domain];
                let stats = without_wait(|flags| domain_list_stats(&one, STATS, flags))?;
                Ok(measured(conn, stats).pop())
            })
        };
        let first = ask(PATIENCE.min(host.call_limit()));
        if has_timed_out(&first) {
            return ask(host.call_limit());
        }
        first
    }

    /// What the guest's agent says of its addresses, and where there is none what the host has seen of
    /// its neighbours: by MAC address.
    pub(crate) fn addresses(&self) -> Result<HashMap<String, Vec<IpAddr>>> {
        self.ask("ask for the addresses of", |domain| {
            let sources = [
                sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
                sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
            ];
            let all = sources.iter().map(|source| addresses_by(domain, *source));
            Ok(all
                .into_iter()
                .find(|found| !found.is_empty())
                .unwrap_or_default())
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
        self.ask("start", VirtDomain::create)
    }

    /// Halts it in the host's memory.
    pub(crate) fn suspend(&self) -> Result<()> {
        self.ask("suspend", VirtDomain::suspend)
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) -> Result<()> {
        self.ask("resume", VirtDomain::resume)
    }

    /// Wakes it from a sleep of its own.
    pub(crate) fn wake(&self) -> Result<()> {
        self.ask("wake", |domain| domain.pm_wakeup(0))
    }

    /// Asks the guest to shut down; one that is off already needs not be asked.
    pub(crate) fn ask_to_shut_down(&self) -> Result<()> {
        self.ask("shut down", |domain| {
            unless_off(domain.shutdown_flags(sys::VIR_DOMAIN_SHUTDOWN_DEFAULT))
        })
    }

    /// Pulls the plug; a domain that is off already stays so.
    pub(crate) fn switch_off(&self) -> Result<()> {
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

/// The record of `domain`, as the XML in its metadata.
fn record(domain: &VirtDomain) -> std::result::Result<Option<String>, VirtError> {
    let text = domain.metadata(METADATA, Some(NAMESPACE), sys::VIR_DOMAIN_AFFECT_CURRENT);
    found(text, ErrorNumber::NoDomainMetadata)
}

fn addresses_by(domain: &VirtDomain, source: u32) -> HashMap<String, Vec<IpAddr>> {
    let mut found: HashMap<String, Vec<IpAddr>> = HashMap::new();
    for interface in domain.interface_addresses(source, 0).unwrap_or_default() {
        let Some(mac) = interface.hwaddr else {
            continue;
        };
        let addresses = interface
            .addrs
            .iter()
            .filter_map(|address| address.addr.parse().ok());
        let useful = addresses.filter(|ip: &IpAddr| !ip.is_loopback() && !is_link_local(ip));
        found.entry(mac.to_lowercase()).or_default().extend(useful);
    }
    found.retain(|_, addresses| !addresses.is_empty());
    found
}

fn is_link_local(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

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
