//! What a volume is needed by, before it is removed.

use super::host::Host;
use super::xml::{domain_view::DomainView, from_xml, volume::Volume};
use super::{domains, pools};
use crate::Result;

/// Whatever may need a volume: definitions of domains, and volumes that are overlays.
pub(super) struct Uses {
    definitions: Vec<String>,
    /// Overlays, and what each is one of.
    overlays: Vec<(String, String)>,
}

impl Uses {
    pub(super) fn of(host: &Host) -> Result<Self> {
        let mut overlays = Vec::new();
        for pool in pools::active(host)? {
            let Some(pool) = pools::find(host, &pool)? else {
                continue;
            };
            for text in pool.volumes(|_| true)? {
                let volume: Volume = from_xml("a volume", &text)?;
                let base = volume.backing_path().map(ToOwned::to_owned);
                overlays.extend(base.map(|base| (volume.name, base)));
            }
        }
        Ok(Self {
            definitions: domains::definitions(host)?,
            overlays,
        })
    }

    /// What uses the volume `name`. A word too much here leaves a volume; one too few loses it.
    pub(super) fn find(&self, name: &str) -> Option<String> {
        let overlay = self.overlays.iter().find(|(_, base)| base.contains(name));
        match overlay {
            Some((overlay, _)) => Some(format!("{overlay} is an overlay of it")),
            None => self
                .definitions
                .iter()
                .any(|definition| definition.contains(name))
                .then(|| "a domain's definition names it".to_owned()),
        }
    }

    /// What uses the volume at `path`, by that path alone: a definition may name an image that it needs no more.
    pub(super) fn of_path(&self, path: &str) -> Option<String> {
        if let Some((overlay, _)) = self.overlays.iter().find(|(_, base)| base == path) {
            return Some(format!("{overlay} is a linked clone of it"));
        }
        let views = self.definitions.iter();
        let mut views = views.filter_map(|xml| from_xml::<DomainView>("a domain", xml).ok());
        let uses = |view: &DomainView| {
            let mut disks = view.devices.disk.iter().flat_map(|disk| disk.chain());
            disks.any(|source| source.place().as_deref() == Some(path))
        };
        let user = views.find(uses)?;
        Some(format!("the server {} has it as a disk", user.name))
    }
}
