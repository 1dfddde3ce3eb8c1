//! What the host is and what it can run.

use std::sync::PoisonError;
use std::time::Duration;

use virt::sys;

use super::{Host, errors};
use crate::{Error, Kind, Result};

/// Who answers.
#[derive(Debug)]
pub(in crate::drivers::libvirt) struct About {
    /// The machine's name.
    pub(in crate::drivers::libvirt) hostname: String,
    /// libvirt's version, as it counts them.
    pub(in crate::drivers::libvirt) libvirt: u32,
    /// The hypervisor's version; 0 where it does not say.
    pub(in crate::drivers::libvirt) hypervisor: u32,
    /// The hypervisor's kind, such as `QEMU`.
    pub(in crate::drivers::libvirt) kind: String,
}

impl Host {
    /// Who answers.
    pub(in crate::drivers::libvirt) fn about(&self) -> Result<About> {
        self.ask("ask for its version", |conn| {
            Ok(About {
                hostname: conn.hostname()?,
                libvirt: conn.lib_version()?,
                hypervisor: conn.hyp_version().unwrap_or(0),
                kind: conn.driver_type()?,
            })
        })
    }

    /// The hypervisor's kind, such as `QEMU`.
    ///
    /// # Errors
    /// As [`Host::ask`]; [`Kind::ConnectionFailed`] where libvirt's client answers `remote`, its own name, which it
    /// does where the host could not be asked. A journal of such a host would be found again by no other address.
    pub(in crate::drivers::libvirt) fn kind(&self) -> Result<String> {
        self.kind_within(self.call_limit())
    }

    /// The same within `limit`.
    pub(in crate::drivers::libvirt) fn kind_within(&self, limit: Duration) -> Result<String> {
        // who asks at the same time waits
        let known = self.inner.kind.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = known.as_ref() {
            return Ok(kind.clone());
        }
        let (link, doing) = (self.link(), "ask what it runs");
        let kind = self.work(doing, limit, move || {
            let kind = link.get().driver_type();
            let kind = kind.map_err(|error| errors::from_virt(doing, &error))?;
            if kind == "remote" {
                let message = "the connection to the host failed when it was asked what it runs";
                return Err(Error::new(Kind::ConnectionFailed, message));
            }
            Ok(kind)
        })?;
        *known = Some(kind.clone());
        Ok(kind)
    }

    /// Its processors, and its memory in KiB.
    pub(in crate::drivers::libvirt) fn size(&self) -> Result<(u32, u64)> {
        self.ask("ask how large it is", |conn| {
            let node = conn.node_info()?;
            Ok((node.cpus, node.memory))
        })
    }

    /// What guests of `domain_type` and `arch` on `machine` can have, as `<domainCapabilities>`.
    pub(in crate::drivers::libvirt) fn capabilities(
        &self,
        domain_type: &str,
        arch: Option<&str>,
        machine: Option<&str>,
    ) -> Result<String> {
        let (kind, arch, machine) = (
            domain_type.to_owned(),
            arch.map(ToOwned::to_owned),
            machine.map(ToOwned::to_owned),
        );
        let doing = format!("ask what {domain_type} guests can have");
        self.ask(&doing, move |conn| {
            conn.domain_capabilities(None, arch.as_deref(), machine.as_deref(), Some(&kind), 0)
        })
    }

    /// Its processor, as `<cpu>` with all features of x86 processors spelt out; empty where it does not
    /// say.
    pub(in crate::drivers::libvirt) fn processor(&self) -> Result<String> {
        self.ask("ask for its processor", |conn| {
            let capabilities = conn.capabilities()?;
            let Some(cpu) = host_cpu(&capabilities) else {
                return Ok(String::new());
            };
            let expand = sys::VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES;
            match conn.baseline_cpu(&[cpu], expand) {
                // what libvirt cannot expand is told as it is
                Err(_) if !is_x86(cpu) => Ok(cpu.to_owned()),
                expanded => expanded,
            }
        })
    }
}

/// Whether `cpu`, a `<cpu>`, is one of x86.
pub(in crate::drivers::libvirt) fn is_x86(cpu: &str) -> bool {
    cpu.contains("<arch>x86_64</arch>")
        || cpu.contains("<arch>i686</arch>")
        || !cpu.contains("<arch>")
}

/// The `<cpu>` element of the host in its capabilities, as text.
fn host_cpu(capabilities: &str) -> Option<&str> {
    let start = capabilities.find("<cpu>")?;
    let end = capabilities[start..].find("</cpu>")? + start + "</cpu>".len();
    Some(&capabilities[start..end])
}

#[cfg(test)]
mod tests;
