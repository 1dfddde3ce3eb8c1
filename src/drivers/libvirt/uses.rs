//! What a volume is needed for.

use super::host::Host;
use super::inventory::images;
use super::pools;
use super::volumes;
use super::xml::{from_xml, volume::Volume};
use super::{domains, settings::Settings};
use crate::decode::suggest;
use crate::driver::Image;
use crate::{Error, Kind, Result};

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
            for text in pool.volumes()? {
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
        self.by(|text| text.contains(name), |text| text.contains(name))
    }

    /// What uses the file `path`, and not another whose path begins so.
    fn of_file(&self, path: &str) -> Option<String> {
        let quoted = ["'", "\"", "&apos;", "&quot;"].map(|mark| format!("{path}{mark}"));
        let named = |text: &str| quoted.iter().any(|quoted| text.contains(quoted));
        self.by(|base| base == path, named)
    }

    fn by(&self, base: impl Fn(&str) -> bool, text: impl Fn(&str) -> bool) -> Option<String> {
        let overlay = self.overlays.iter().find(|(_, path)| base(path));
        match overlay {
            Some((overlay, _)) => Some(format!("{overlay} is an overlay of it")),
            None => self
                .definitions
                .iter()
                .any(|definition| text(definition))
                .then(|| "a domain's definition names it".to_owned()),
        }
    }
}

/// The image `name` (or with that id) of the provider's pool, and its volume, which nothing needs.
pub(super) fn unused_image(settings: &Settings, name: &str) -> Result<(Image, volumes::Volume)> {
    let (host, pool) = (settings.open()?, &settings.image_pool);
    let all = images(&host, pool)?;
    let about = |kind, message: String| Error::new(kind, message).with_field("/image_name");
    let image = all
        .iter()
        .find(|image| image.name == name || image.id == name);
    let volume = match image {
        Some(image) => volumes::find(&pools::named(&host, pool)?, &image.name)?,
        None => None,
    };
    let (Some(image), Some(volume)) = (image, volume) else {
        let near = suggest::near(name, all.iter().map(|image| image.name.as_str()));
        let near = match near.is_empty() {
            true => "`provider.images` lists those there are".to_owned(),
            false => format!("did you mean {}", near.join(" or ")),
        };
        return Err(about(
            Kind::NotFound,
            format!("there is no image {name:?} in pool {pool}; {near}"),
        ));
    };
    match Uses::of(&host)?.of_file(&image.id) {
        Some(use_) => Err(about(
            Kind::Conflict,
            format!("{name} cannot be deleted: {use_}"),
        )),
        None => Ok((image.clone(), volume)),
    }
}
