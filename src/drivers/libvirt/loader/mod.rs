//! Loads libvirt.so.0 when it is first needed, so that everything else runs without it.
//!
//! Nothing has to be called: the functions of the crate `virt` work as they are. Where the library
//! is missing they fail with an error that says so and how to get it. `VA_DRIVER_LIBVIRT_SO` names
//! another file to load, for a libvirt that the dynamic linker does not find by itself.
//!
//! | file | concern |
//! |---|---|
//! | `shim` | libvirt's functions, which find the real ones on first use |
//! | `shim/holes` | holes in what is sent |
//! | `shim/leases` | DHCP leases |
//! | `shim/stats` | statistics of all domains in one call |
//! | `soname` | what the library is called, and what is said where it is missing |
//! | `symbols` | the table of functions |

mod shim;
mod soname;
mod symbols;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::{Error, Kind, Result};

pub(crate) use shim::holes::send_hole;
pub(crate) use shim::leases::dhcp_leases;
pub(crate) use shim::stats::{DomainStats, StatValue, domain_list_stats, domain_stats};
pub(crate) use soname::SONAME;

/// The version of the libvirt that was loaded. Shown as `9.0.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub micro: u32,
}

impl Version {
    /// Takes libvirt's number apart: major × 1,000,000 + minor × 1,000 + micro.
    #[must_use]
    pub(crate) fn from_number(number: u32) -> Self {
        Self {
            major: number / 1_000_000,
            minor: number / 1000 % 1000,
            micro: number % 1000,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

/// Loads the library if that has not happened yet.
///
/// [`Kind::Unsupported`] where it is missing, with the way to get it in the message.
pub(crate) fn available() -> Result<Version> {
    shim::library().map_err(|reason| Error::new(Kind::Unsupported, reason))?;
    virt::connect::Connect::version()
        .map(Version::from_number)
        .map_err(|error| {
            Error::new(
                Kind::Unsupported,
                format!("{SONAME} does not start: {}", error.message()),
            )
            .with_source(error)
        })
}
