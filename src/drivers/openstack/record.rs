//! The record that each server carries in its metadata: what was made for it, so that deletion
//! removes exactly that, and what it was made from.
//!
//! Nova takes 255 characters for a value, so each thing has a member of its own.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::drivers::minion::RecordedMinion;

/// What Nova takes as a value, in characters.
pub(super) const VALUE_MAX: usize = 255;

/// What the names of all members begin with.
pub(super) const PREFIX: &str = "va-driver.";

/// What of a volume's metadata says that it stays when its server goes.
pub(super) const KEPT: &str = "va-driver.kept";

/// What this program knows of a server that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The version of the program that made it.
    pub(super) version: String,
    /// When it was made, RFC 3339 in UTC.
    pub(super) created: String,
    /// The provider by which it was made; another one may be of the same project.
    pub(super) provider: Option<String>,
    /// The creation's own id, which is in the names of all that it made.
    pub(super) creation: Uuid,
    /// SHA-256 of the specification that it was made from.
    pub(super) spec: String,
    pub(super) image: String,
    pub(super) size: String,
    pub(super) role: Option<String>,
    pub(super) minion: Option<RecordedMinion>,
    /// The key pair that was made, by its name.
    pub(super) key_pair: Option<String>,
    /// The ports that were made, by id.
    pub(super) ports: Vec<String>,
    /// The floating IP that was made, by id.
    pub(super) floating_ip: Option<String>,
    /// The floating IP that was there already and leads to it, by id.
    pub(super) associated: Option<String>,
    /// The volumes that were made, by id.
    pub(super) volumes: Vec<String>,
    /// Those that were made and are to stay, by id.
    pub(super) kept: Vec<String>,
}

/// What the key pair of the creation is called.
pub(super) fn key_pair_name(creation: Uuid) -> String {
    format!("va-{creation}")
}

/// What `what` of the server `server` is called, which the creation makes for it.
pub(super) fn marked_name(server: &str, what: &str, creation: Uuid) -> String {
    format!("{server}-{what}-{}", key_pair_name(creation))
}

/// The creation that has called something `name`; none where no creation has.
pub(super) fn creation_of(name: &str) -> Option<Uuid> {
    let at = name.len().checked_sub(key_pair_name(Uuid::nil()).len())?;
    let (before, mark) = name.split_at_checked(at)?;
    let creation = Uuid::try_parse(mark.strip_prefix("va-")?).ok()?;
    // other ways to write the same
    let is_whole = (before.is_empty() || before.ends_with('-')) && key_pair_name(creation) == mark;
    is_whole.then_some(creation)
}

impl Record {
    /// A record of nothing yet.
    pub(super) fn new(
        creation: Uuid,
        spec: String,
        image: String,
        size: String,
        role: Option<String>,
    ) -> Self {
        let now = OffsetDateTime::now_utc().replace_nanosecond(0).ok();
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: now
                .and_then(|now| now.format(&Rfc3339).ok())
                .unwrap_or_default(),
            provider: None,
            creation,
            spec,
            image,
            size,
            role,
            minion: None,
            key_pair: None,
            ports: Vec::new(),
            floating_ip: None,
            associated: None,
            volumes: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// As a server's metadata.
    pub(super) fn metadata(&self) -> BTreeMap<String, String> {
        let minion = self.minion.as_ref();
        let single = [
            ("version", Some(&self.version)),
            ("created", Some(&self.created)),
            ("provider", self.provider.as_ref()),
            ("spec", Some(&self.spec)),
            ("image", Some(&self.image)),
            ("size", Some(&self.size)),
            ("role", self.role.as_ref()),
            ("minion_id", minion.map(|minion| &minion.id)),
            ("fingerprint", minion.map(|minion| &minion.fingerprint)),
            ("pki_dir", minion.and_then(|minion| minion.pki_dir.as_ref())),
            ("key_pair", self.key_pair.as_ref()),
            ("floating_ip", self.floating_ip.as_ref()),
            ("associated", self.associated.as_ref()),
        ];
        let mut all: BTreeMap<String, String> = single
            .into_iter()
            .filter_map(|(name, value)| Some((format!("{PREFIX}{name}"), value?.clone())))
            .collect();
        all.insert(format!("{PREFIX}creation"), self.creation.to_string());
        for (kind, ids) in [
            ("port", &self.ports),
            ("volume", &self.volumes),
            ("kept", &self.kept),
        ] {
            for (index, id) in ids.iter().enumerate() {
                all.insert(format!("{PREFIX}{kind}.{index}"), id.clone());
            }
        }
        all.retain(|_, value| !value.is_empty());
        for value in all.values_mut() {
            if let Some((end, _)) = value.char_indices().nth(VALUE_MAX) {
                value.truncate(end);
            }
        }
        all
    }

    /// The record in `metadata`; none where this program did not make the server.
    pub(super) fn of<'a>(
        metadata: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Option<Self> {
        let ours: BTreeMap<&str, &str> = metadata
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value.as_str())))
            .collect();
        let creation = Uuid::parse_str(ours.get("creation")?).ok()?;
        let text = |name: &str| ours.get(name).map(|value| (*value).to_owned());
        // Who may change the metadata may write anything there, and ids become parts of paths.
        let id = |name: &str| text(name).filter(|id| Uuid::try_parse(id).is_ok());
        let list = |kind: &str| -> Vec<String> {
            (0..)
                .map_while(|index| id(&format!("{kind}.{index}")))
                .collect()
        };
        Some(Self {
            version: text("version").unwrap_or_default(),
            created: text("created").unwrap_or_default(),
            provider: text("provider"),
            creation,
            spec: text("spec").unwrap_or_default(),
            image: text("image").unwrap_or_default(),
            size: text("size").unwrap_or_default(),
            role: text("role"),
            minion: text("minion_id")
                .zip(text("fingerprint"))
                .map(|(id, fingerprint)| RecordedMinion {
                    id,
                    fingerprint,
                    pki_dir: text("pki_dir"),
                }),
            key_pair: text("key_pair").filter(|name| *name == key_pair_name(creation)),
            ports: list("port"),
            floating_ip: id("floating_ip"),
            associated: id("associated"),
            volumes: list("volume"),
            kept: list("kept"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let mut record = Record::new(
            Uuid::from_u128(7),
            "ab".into(),
            "debian".into(),
            "m1.small".into(),
            Some("wéb".into()),
        );
        record.minion = Some(RecordedMinion {
            id: "web1".into(),
            fingerprint: "aa:bb".into(),
            pki_dir: Some("/etc/salt/pki/master".into()),
        });
        record.provider = Some("cloud1".into());
        record.key_pair = Some(key_pair_name(record.creation));
        record.ports = (0..12).map(|id| Uuid::from_u128(id).to_string()).collect();
        record.volumes = vec![Uuid::from_u128(20).to_string()];
        record.floating_ip = Some(Uuid::from_u128(21).to_string());
        record
    }

    #[test]
    fn what_was_written_is_read_again() {
        let mut metadata = record().metadata();
        metadata.insert("somebody's".into(), "own".into());
        assert_eq!(Record::of(&metadata), Some(record()));
        assert!(
            metadata
                .keys()
                .filter(|name| name.starts_with(PREFIX))
                .count()
                > 20
        );
    }

    #[test]
    fn what_is_no_id_is_not_taken_for_one() {
        let mut metadata = record().metadata();
        for (member, value) in [
            ("key_pair", "somebodys-key"),
            ("floating_ip", "../networks/1"),
            ("port.0", "x?y"),
            ("volume.0", ""),
        ] {
            metadata.insert(format!("{PREFIX}{member}"), value.into());
        }
        let read = Record::of(&metadata).unwrap();
        assert_eq!((read.key_pair, read.floating_ip), (None, None));
        assert!(read.ports.is_empty() && read.volumes.is_empty());
    }

    #[test]
    fn what_a_creation_makes_is_known_by_its_name() {
        let creation = Uuid::from_u128(0xabc);
        for name in [
            key_pair_name(creation),
            marked_name("web", "disk1", creation),
            marked_name("wéb", "va", creation),
        ] {
            assert_eq!(creation_of(&name), Some(creation), "{name}");
            assert_eq!(creation_of(&format!("{name}-old")), None);
            assert_eq!(creation_of(&name.to_uppercase()), None);
        }
        for name in [
            "",
            "web",
            "é",
            &creation.to_string(),
            &format!("webva-{creation}"),
            &format!("web-va-{}", creation.simple()),
        ] {
            assert_eq!(creation_of(name), None, "{name}");
        }
    }

    #[test]
    fn every_value_fits() {
        let mut record = record();
        record.image = "é".repeat(300);
        let metadata = record.metadata();
        assert_eq!(metadata["va-driver.image"].chars().count(), VALUE_MAX);
    }

    #[test]
    fn a_server_of_others_has_none() {
        let metadata = BTreeMap::from([("va-driver.image".to_owned(), "debian".to_owned())]);
        assert_eq!(Record::of(&metadata), None);
    }
}
