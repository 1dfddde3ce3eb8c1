//! What a host offers: networks, security groups, images, sizes.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::form::Choice;
use crate::units::{GIB, MIB};

/// A network that a server can be attached to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Its id on the host, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether servers can use it now.
    #[serde(default = "crate::decode::yes")]
    pub active: bool,
    /// What kind it is: `nat`, `isolated`, `bridge`, `external` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The host's bridge behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// Its subnets, as CIDR.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<String>,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SecGroup {
    /// Its name.
    pub name: String,
    /// Its id on the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// An image that a server can be made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Image {
    /// Its name: what `image` takes, unless several have the same.
    pub name: String,
    /// Its id on the host: a volume's path, an image's UUID.
    #[serde(default)]
    pub id: String,
    /// Its format: `qcow2`, `raw`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The smallest root disk it needs, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_size: Option<u64>,
    /// What it takes on the host, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The pool that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
}

/// A pool that keeps disks and images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Pool {
    /// Its name: what `pool` takes.
    pub name: String,
    /// What kind it is: `dir`, `netfs`, `logical`, `rbd` …
    pub kind: String,
    /// Whether it is started.
    pub active: bool,
    /// Whether the host starts it by itself.
    pub autostart: bool,
    /// Where it is on the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether its volumes are files, which may be qcow2 and linked clones.
    pub files: bool,
    /// Bytes that it can hold; 0 while it is not started.
    pub capacity: u64,
    /// Bytes that are free.
    pub available: u64,
}

/// A size (flavour) that a server can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Size {
    /// Its name: what `size` takes.
    pub name: String,
    /// Its id on the host.
    #[serde(default)]
    pub id: String,
    /// Virtual CPUs.
    #[serde(default)]
    pub cpus: u64,
    /// Memory, in MiB.
    #[serde(default)]
    pub ram: u64,
    /// Root disk, in GiB.
    #[serde(default)]
    pub disk: u64,
    /// Price for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

/// What a list's options are told apart by.
trait Listed {
    fn name(&self) -> &str;
    fn id(&self) -> Option<&str>;
    /// What a person reads beside the name.
    fn details(&self) -> Option<String> {
        None
    }
}

impl Listed for Network {
    fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

impl Listed for SecGroup {
    fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

impl Listed for Image {
    fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> Option<&str> {
        Some(&self.id)
    }

    fn details(&self) -> Option<String> {
        let bytes = self.virtual_size.or(self.size).filter(|bytes| *bytes > 0)?;
        Some(in_mib_or_gib(bytes.div_ceil(MIB)))
    }
}

/// `mib` MiB, for people.
fn in_mib_or_gib(mib: u64) -> String {
    let in_gib = GIB / MIB;
    match mib % in_gib {
        0 if mib > 0 => format!("{} GiB", mib / in_gib),
        _ => format!("{mib} MiB"),
    }
}

/// Names, `name|id` where one occurs twice; a name, an id and both are taken for any that is unique.
fn choices<T: Listed>(list: &[T]) -> Vec<Choice> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for one in list {
        *times.entry(one.name()).or_default() += 1;
    }
    list.iter()
        .map(|one| {
            let name = one.name();
            let twice = times.get(name).is_some_and(|times| *times > 1);
            let details = one.details();
            let title = details.map_or_else(|| name.to_owned(), |more| format!("{name}, {more}"));
            let Some(id) = one.id() else {
                return Choice::from(name);
            };
            let (name, id, both) = (name.to_owned(), id.to_owned(), format!("{name}|{id}"));
            let (value, title, also) = if twice {
                (both, format!("{title} ({id})"), vec![id])
            } else {
                (name, title, vec![both, id])
            };
            Choice::Titled { value, title, also }
        })
        .collect()
}

impl Network {
    /// The network `name`, which servers can use.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            id: None,
            active: true,
            kind: None,
            bridge: None,
            subnets: Vec::new(),
        }
    }

    /// `list` as options of a form: names, and `name|id` where several have the same.
    #[must_use]
    pub fn choices(list: &[Self]) -> Vec<Choice> {
        choices(list)
    }
}

impl SecGroup {
    /// The security group `name`.
    #[must_use]
    pub fn new(name: impl Into<String>, id: Option<String>) -> Self {
        Self {
            name: name.into(),
            id,
        }
    }

    /// `list` as options of a form: names, and `name|id` where several have the same.
    #[must_use]
    pub fn choices(list: &[Self]) -> Vec<Choice> {
        choices(list)
    }
}

impl Image {
    /// The image `name`, known to the host as `id`.
    #[must_use]
    pub fn new(name: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            id: id.into(),
            format: None,
            virtual_size: None,
            size: None,
            pool: None,
        }
    }

    /// `list` as options of a form: names, and `name|id` where several have the same.
    #[must_use]
    pub fn choices(list: &[Self]) -> Vec<Choice> {
        choices(list)
    }
}

impl Size {
    /// The size `name`: CPUs, memory in MiB, root disk in GiB.
    #[must_use]
    pub fn new(name: impl Into<String>, cpus: u64, ram: u64, disk: u64) -> Self {
        let name = name.into();
        Self {
            id: name.clone(),
            name,
            cpus,
            ram,
            disk,
            cost: None,
        }
    }

    /// `list` as options of a form.
    #[must_use]
    pub fn choices(list: &[Self]) -> Vec<Choice> {
        list.iter()
            .map(|size| {
                let Self {
                    name,
                    cpus,
                    ram,
                    disk,
                    ..
                } = size;
                let cpus = format!("{cpus} CPU{}", if *cpus == 1 { "" } else { "s" });
                let ram = in_mib_or_gib(*ram);
                Choice::titled(name, format!("{name}: {cpus}, {ram} RAM, {disk} GiB disk"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_that_occur_twice_are_told_apart_by_their_ids() {
        let image = |name: &str, id: &str| Image {
            name: name.to_owned(),
            id: id.to_owned(),
            format: None,
            virtual_size: (name == "b").then_some(2 * GIB),
            size: None,
            pool: None,
        };
        let images = [image("a", "1"), image("b", "2"), image("a", "3")];
        let choices = serde_json::to_value(Image::choices(&images)).unwrap();
        let titled = |value: &str, title: &str| json!({"const": value, "title": title});
        assert_eq!(
            choices,
            json!([
                titled("a|1", "a (1)"),
                titled("b", "b, 2 GiB"),
                titled("a|3", "a (3)")
            ])
        );

        let group = |name: &str, id: Option<&str>| SecGroup {
            name: name.to_owned(),
            id: id.map(ToOwned::to_owned),
        };
        let groups = [
            group("web", Some("1")),
            group("db", Some("2")),
            group("db", Some("3")),
            group("local", None),
        ];
        let choices = serde_json::to_value(SecGroup::choices(&groups)).unwrap();
        let expected = json!([
            titled("web", "web"),
            titled("db|2", "db (2)"),
            titled("db|3", "db (3)"),
            "local"
        ]);
        assert_eq!(choices, expected);
    }
}
