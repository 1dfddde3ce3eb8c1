//! Volumes that are attached: made, or there already.

use super::{Facts, Request};

/// What a planned volume begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Nothing,
    /// An image, by its id.
    Image(String),
    /// A snapshot, by its id.
    Snapshot(String),
    /// It is there already, by its id.
    Volume(String),
}

/// A volume that is to be attached.
#[derive(Debug, Clone)]
pub(crate) struct PlannedVolume {
    /// Its name: of one that is made, one that no other volume has.
    pub(crate) name: String,
    pub(crate) source: Source,
    /// None where its source says it.
    pub(crate) gib: Option<u64>,
    pub(crate) volume_type: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) is_root: bool,
    /// Whether it stays when the server goes.
    pub(crate) stays: bool,
    /// The member that asks for it.
    pub(crate) field: String,
}

impl PlannedVolume {
    /// Those of `request`; `marked` gives the name of what it is for.
    pub(super) fn all(
        request: &Request,
        facts: &Facts,
        marked: impl Fn(&str) -> String,
    ) -> Vec<Self> {
        let mut disks = 0;
        let all = request.volumes.iter().zip(&facts.volumes);
        all.map(|(wanted, found)| {
            let what = if wanted.is_root {
                "root".to_owned()
            } else {
                disks += 1;
                format!("disk{disks}")
            };
            let id = found.source.as_ref().map(|source| source.id.clone());
            let image = facts.image.as_ref().filter(|_| wanted.is_root);
            let source = match (id, &wanted.spec.volume) {
                (Some(id), Some(_)) => Source::Volume(id),
                (Some(id), None) => Source::Snapshot(id),
                (None, _) => image.map_or(Source::Nothing, |image| Source::Image(image.id.clone())),
            };
            Self {
                name: match (&source, &found.source) {
                    (Source::Volume(id), Some(volume)) if volume.name.is_empty() => id.clone(),
                    (Source::Volume(_), Some(volume)) => volume.name.clone(),
                    _ => marked(&what),
                },
                gib: super::fit::gib(facts, wanted, found),
                volume_type: wanted.spec.volume_type.clone(),
                zone: found.zone.clone(),
                is_root: wanted.is_root,
                stays: wanted.spec.delete_on_termination == Some(false)
                    || matches!(source, Source::Volume(_)),
                field: wanted.field.clone(),
                source,
            }
        })
        .collect()
    }
}
