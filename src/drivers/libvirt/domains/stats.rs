//! Statistics of domains, within seconds although a guest's QEMU is silent.

use std::time::Duration;

use virt::connect::Connect;
use virt::error::{Error as VirtError, ErrorNumber};
use virt::sys;

use super::Domain;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::host::errors::{found, is};
use crate::drivers::libvirt::loader::{DomainStats, StatValue, domain_list_stats, domain_stats};
use crate::{Kind, Result};

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

/// Whether a value of that name tells something here. There are dozens for each disk and each CPU.
fn is_of_use(name: &str) -> bool {
    match name.split_once('.') {
        Some(("vcpu", rest)) => matches!(rest, "current" | "maximum"),
        Some(("block", rest)) => {
            let kinds = ["count", ".name", ".path", ".capacity"];
            kinds.iter().any(|kind| rest.ends_with(kind))
        }
        Some(("balloon", rest)) => matches!(rest, "current" | "maximum"),
        _ => name == "state.state",
    }
}

/// A domain's statistics.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) stats: DomainStats,
    /// Whether they are all that there are: a QEMU that is silent or busy does not tell the sizes of its
    /// disks.
    pub(crate) is_whole: bool,
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
    let found = without_wait(|flags| domain_stats(conn, stats, flags, is_of_use));
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
            domain_list_stats(chunk, stats, flags, is_of_use)
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
    (0..stats.disks()).all(|disk| {
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
    /// Its statistics, as [`all_stats`]; none where it is gone.
    pub(crate) fn stats(&self) -> Result<Option<Measured>> {
        let host = self.held.host();
        let ask = |limit| {
            let doing = format!("measure {}", self.name);
            self.held.call_with(&doing, limit, |conn, domain| {
                let one = [domain.clone()];
                let stats = without_wait(|flags| domain_list_stats(&one, STATS, flags, is_of_use));
                let stats = found(stats, ErrorNumber::NoDomain)?;
                Ok(measured(conn, stats.unwrap_or_default()).pop())
            })
        };
        let first = ask(PATIENCE.min(host.call_limit()));
        if has_timed_out(&first) {
            return ask(host.call_limit());
        }
        first
    }
}
