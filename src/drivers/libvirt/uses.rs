//! What a volume is needed by, before it is removed.

use super::host::Host;
use super::xml::{domain_view::DomainView, from_xml, record::Record, volume::Volume};
use super::{domains, pools, volumes};
use crate::Result;
use crate::driver::Image;

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
            for text in volumes::texts(&volumes::all(&pool)?)? {
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

    /// What uses `image`, by its place alone: a definition may name an image that it needs no more. Of what a
    /// cluster has cloned (`in_cluster`), libvirt says nothing: that is known of our own servers.
    pub(super) fn of_image(&self, image: &Image, in_cluster: bool) -> Result<Option<String>> {
        if let Some((overlay, _)) = self.overlays.iter().find(|(_, base)| *base == image.id) {
            return Ok(Some(format!("{overlay} is a linked clone of it")));
        }
        // by its path, or by its pool and name
        let pool = image.pool.as_deref().unwrap_or_default();
        let is_cloned_by = |server: &str, definition: &str| {
            let record = Record::in_definition(definition).ok().flatten();
            let record = record.and_then(|text| Record::read(server, text).ok());
            record.is_some_and(|record| {
                let there = record.root().is_some_and(|root| root.pool == pool);
                there && record.image == image.name
            })
        };
        let places = [image.id.clone(), format!("{pool}/{}", image.name)];
        for definition in &self.definitions {
            let view: DomainView = from_xml("a domain", definition)?;
            let mut disks = view.devices.disk.iter().flat_map(|disk| disk.chain());
            if disks.any(|source| source.place().is_some_and(|place| places.contains(&place))) {
                return Ok(Some(format!("the server {} has it as a disk", view.name)));
            }
            if in_cluster && is_cloned_by(&view.name, definition) {
                return Ok(Some(format!("the disk of {} is a clone of it", view.name)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_used_by_its_path_or_by_its_pool_and_name() {
        let image = Image {
            id: "/images/base.qcow2".to_owned(),
            name: "base.qcow2".to_owned(),
            format: None,
            virtual_size: None,
            size: None,
            pool: Some("default".to_owned()),
        };
        let used_by = |definition: String| {
            let (definitions, overlays) = (vec![definition], Vec::new());
            let uses = Uses {
                definitions,
                overlays,
            };
            uses.of_image(&image, false)
        };
        for (source, used) in [
            ("file='/images/base.qcow2'", true),
            ("pool='default' volume='base.qcow2'", true),
            ("file='/others/base.qcow2'", false),
            ("pool='other' volume='base.qcow2'", false),
        ] {
            let definition = format!(
                "<domain><name>a</name><devices><disk><source {source}/></disk></devices></domain>"
            );
            assert_eq!(used_by(definition).unwrap().is_some(), used, "{source}");
        }
        // one that cannot be read may need it
        assert!(used_by("<domain/>".to_owned()).is_err());
    }
}
