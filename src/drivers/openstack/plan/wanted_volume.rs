//! Volumes that are asked for.

use crate::driver::{ServerSpec, VolumeSpec};
use crate::drivers::creation::disks;
use crate::{Error, Result};

/// A volume that is asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedVolume {
    pub(crate) spec: VolumeSpec,
    pub(crate) is_root: bool,
    /// The member that asks for it.
    pub(crate) field: String,
}

impl WantedVolume {
    /// Those of `spec`, the root disk first.
    pub(super) fn all(spec: &ServerSpec) -> Result<Vec<Self>> {
        let root = spec.boot_volume.iter();
        let root = root.map(|volume| ("/server/boot_volume".to_owned(), volume.clone(), true));
        let disks = disks(spec).into_iter();
        let all = root.chain(disks.map(|(field, disk)| (field, disk, false)));
        let all = all.map(|(field, spec, is_root)| Self {
            spec,
            is_root,
            field,
        });
        let all: Vec<_> = all.collect();
        for one in &all {
            one.check(spec)?;
        }
        Ok(all)
    }

    fn check(&self, server: &ServerSpec) -> Result<()> {
        let spec = &self.spec;
        let refuse =
            |member: &str, why: &str| Err(Error::invalid(format!("{}/{member}", self.field), why));
        if spec.volume.is_some() {
            let its_own = "a volume that is there has its own already; leave it out";
            for (member, said) in [
                ("snapshot", spec.snapshot.is_some()),
                ("size", spec.size.is_some()),
                ("volume_type", spec.volume_type.is_some()),
                ("availability_zone", spec.availability_zone.is_some()),
            ] {
                if said {
                    return refuse(member, its_own);
                }
            }
            if spec.delete_on_termination == Some(true) {
                let why =
                    "a volume that is there already stays; delete it by the cloud's own means";
                return refuse("delete_on_termination", why);
            }
        }
        if self.is_root && self.has_content() && server.image.is_some() {
            let why = "it boots from what its boot_volume holds already; leave the image out";
            return Err(Error::invalid("/server/image", why));
        }
        Ok(())
    }

    /// Whether it brings its content: a volume that is there, or of a snapshot.
    pub(super) fn has_content(&self) -> bool {
        self.spec.volume.is_some() || self.spec.snapshot.is_some()
    }
}
