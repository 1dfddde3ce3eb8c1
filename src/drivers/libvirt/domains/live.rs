//! What is changed of a domain while it runs, and of what it starts with next.

use virt::domain::Domain as VirtDomain;
use virt::error::{Error as VirtError, ErrorNumber};
use virt::sys;

use super::Domain;
use crate::Result;
use crate::drivers::libvirt::host::errors::is;

/// What a domain that runs was started with.
#[derive(Debug)]
pub(crate) struct LiveSize {
    pub(crate) cpus: u64,
    pub(crate) most_cpus: u64,
    /// KiB.
    pub(crate) most_memory: u64,
}

/// Which of a domain's definitions a device is changed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affected {
    /// What it runs with.
    Live,
    /// What it starts with next.
    Next,
    /// Both, or neither.
    Both,
}

impl Affected {
    fn flags(self) -> u32 {
        match self {
            Self::Live => sys::VIR_DOMAIN_AFFECT_LIVE,
            Self::Next => sys::VIR_DOMAIN_AFFECT_CONFIG,
            Self::Both => sys::VIR_DOMAIN_AFFECT_LIVE | sys::VIR_DOMAIN_AFFECT_CONFIG,
        }
    }
}

impl Domain {
    /// How far it can be resized while it runs.
    pub(crate) fn live_size(&self) -> Result<LiveSize> {
        self.ask("look at", |domain| {
            let info = domain.info()?;
            let most = domain.max_vcpus()?;
            Ok(LiveSize {
                cpus: info.nr_virt_cpu.into(),
                most_cpus: most,
                most_memory: info.max_mem,
            })
        })
    }

    /// Gives the guest that runs `cpus` and `memory` KiB.
    pub(crate) fn set_live(&self, cpus: u64, memory: u64) -> Result<()> {
        let cpus = u32::try_from(cpus).unwrap_or(u32::MAX);
        self.ask("resize", move |domain| {
            if domain.info()?.nr_virt_cpu != cpus {
                domain.set_vcpus_flags(cpus, sys::VIR_DOMAIN_VCPU_LIVE)?;
            }
            domain.set_memory_flags(memory, sys::VIR_DOMAIN_MEM_LIVE)?;
            Ok(())
        })
    }

    /// Tells the guest that runs that its disk `target` has `capacity` bytes, and gives it those.
    pub(crate) fn grow_disk(&self, target: &str, capacity: u64) -> Result<()> {
        let target = target.to_owned();
        self.ask("enlarge a disk of", move |domain| {
            domain.block_resize(&target, capacity, sys::VIR_DOMAIN_BLOCK_RESIZE_BYTES)
        })
    }

    /// Adds the device that `xml` describes.
    pub(crate) fn attach(&self, xml: String, to: Affected) -> Result<()> {
        self.ask("attach a device to", move |domain| {
            domain.attach_device_flags(&xml, to.flags())
        })
    }

    /// Takes the device that `xml` describes away. Of a guest that runs it is only asked for: it goes once the guest
    /// lets go of it.
    pub(crate) fn detach(&self, xml: String, from: Affected) -> Result<()> {
        self.ask("detach a device from", move |domain| {
            unless_going(domain, &xml, from)
        })
    }
}

/// libvirt refuses to ask a guest again that has not answered yet; a device that is gone needs not go.
fn unless_going(
    domain: &VirtDomain,
    xml: &str,
    from: Affected,
) -> std::result::Result<(), VirtError> {
    match domain.detach_device_flags(xml, from.flags()) {
        Err(error) if is(&error, ErrorNumber::DeviceMissing) => Ok(()),
        Err(error) if error.message().contains("in the process of unplug") => Ok(()),
        done => done,
    }
}
