//! What a domain is doing, and how it is switched off and forgotten.

use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::{Error as VirtError, ErrorNumber};
use virt::sys;

use crate::driver::Status;
use crate::drivers::libvirt::host::errors::is;

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

/// Pulls the plug; a domain that is off already stays so.
pub(crate) fn switch_off(domain: &Domain) -> Result<(), VirtError> {
    match domain.destroy() {
        Err(error) if !is(&error, ErrorNumber::OperationInvalid) => Err(error),
        _ => Ok(()),
    }
}

/// Forgets `domain` with everything that libvirt itself keeps of it; its UEFI variables go too if
/// `nvram` says so, and stay otherwise.
fn undefine(domain: &Domain, nvram: bool) -> Result<(), VirtError> {
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

/// Switches the domain `uuid` off and forgets it; answers whether it was there.
pub(crate) fn remove(conn: &Connect, uuid: Uuid, nvram: bool) -> Result<bool, VirtError> {
    let domain = match conn.lookup_domain_by_uuid(uuid) {
        Ok(domain) => domain,
        Err(error) if is(&error, ErrorNumber::NoDomain) => return Ok(false),
        Err(error) => return Err(error),
    };
    switch_off(&domain)?;
    match undefine(&domain, nvram) {
        // a transient domain is gone once it is off
        Err(error) if !is(&error, ErrorNumber::NoDomain) => Err(error),
        _ => Ok(true),
    }
}
