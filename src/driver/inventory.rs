//! What a host offers: networks, security groups, images, sizes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::form::Choice;

/// A network that a server can be attached to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Its id on the host, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether servers can use it now.
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
pub struct SecGroup {
    /// Its name.
    pub name: String,
    /// Its id on the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// An image that a server can be made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    /// Its name: what `image` takes.
    pub name: String,
    /// Its id on the host: a volume's path, an image's UUID.
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

/// A size (flavour) that a server can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// Its name: what `size` takes.
    pub name: String,
    /// Its id on the host.
    pub id: String,
    /// Virtual CPUs.
    pub cpus: u64,
    /// Memory, in MiB.
    pub ram: u64,
    /// Root disk, in GiB.
    pub disk: u64,
    /// Price for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

/// `name|id` where there is an id; a person reads the name.
fn name_and_id(name: &str, id: Option<&str>) -> Choice {
    match id {
        None => Choice::from(name),
        Some(id) => Choice::Titled {
            value: format!("{name}|{id}"),
            title: name.to_owned(),
        },
    }
}

impl Network {
    /// As an option of a form: `name|id` where it has an id, as `va_master`'s dashboard expects.
    #[must_use]
    pub fn choice(&self) -> Choice {
        name_and_id(&self.name, self.id.as_deref())
    }
}

impl SecGroup {
    /// As an option of a form: `name|id` where it has an id.
    #[must_use]
    pub fn choice(&self) -> Choice {
        name_and_id(&self.name, self.id.as_deref())
    }
}

impl Image {
    /// As an option of a form.
    #[must_use]
    pub fn choice(&self) -> Choice {
        Choice::Text(self.name.clone())
    }
}

impl Size {
    /// As an option of a form.
    #[must_use]
    pub fn choice(&self) -> Choice {
        Choice::Text(self.name.clone())
    }
}
