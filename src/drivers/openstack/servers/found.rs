//! Servers as Nova has them, found by name or id.

use indexmap::IndexMap;
use serde::Deserialize;
use uuid::Uuid;

use crate::drivers::openstack::cloud::{Cloud, Service};
use crate::drivers::openstack::inventory::query;
use crate::drivers::openstack::record::Record;
use crate::{Error, Kind, Result};

/// What changing a server needs to know of it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Found {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    /// `ACTIVE`, `SHUTOFF` …
    #[serde(default)]
    pub(crate) status: String,
    /// What it is being put through.
    #[serde(rename = "OS-EXT-STS:task_state", default)]
    pub(crate) task: Option<String>,
    /// When Nova took it up, to the second.
    #[serde(default)]
    pub(crate) created: String,
    #[serde(default)]
    pub(crate) metadata: IndexMap<String, String>,
    #[serde(default)]
    pub(crate) fault: Option<Fault>,
    #[serde(default)]
    pub(crate) flavor: FlavorName,
}

/// What went wrong with a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Fault {
    #[serde(default)]
    pub(crate) code: u16,
    #[serde(default)]
    pub(crate) message: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct FlavorName {
    #[serde(rename = "original_name", default)]
    pub(crate) name: Option<String>,
}

#[derive(Deserialize)]
struct One {
    server: Found,
}

/// The server of this `id`; none where it is gone.
pub(crate) fn by_id(cloud: &Cloud, id: &str) -> Result<Option<Found>> {
    match cloud.get::<One>(Service::Compute, &format!("/servers/{id}")) {
        Ok(One { server }) => Ok(Some(server)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// All servers of exactly this `name`.
pub(crate) fn named(cloud: &Cloud, name: &str) -> Result<Vec<Found>> {
    // Nova takes a regular expression
    let pattern: String = name
        .chars()
        .flat_map(|c| {
            let plain = c.is_ascii_alphanumeric() || !c.is_ascii() || c == '_' || c == '-';
            (!plain).then_some('\\').into_iter().chain([c])
        })
        .collect();
    let path = query("/servers/detail", &[("name", &format!("^{pattern}$"))]);
    let mut all: Vec<Found> = cloud.list(Service::Compute, &path, "servers")?;
    all.retain(|server| server.name == name);
    Ok(all)
}

/// Those of that name that this program made.
pub(crate) fn creations_named(cloud: &Cloud, name: &str) -> Result<Vec<(Record, Found)>> {
    let all = named(cloud, name)?.into_iter();
    Ok(all
        .filter_map(|server| Record::of(&server.metadata).map(|record| (record, server)))
        .collect())
}

/// The one server that `text` means: an id, `name|id`, or a name that only one has. None where there
/// is none.
pub(crate) fn find(cloud: &Cloud, text: &str) -> Result<Option<Found>> {
    let id = text.rsplit_once('|').map_or(text, |(_, id)| id);
    if Uuid::try_parse(id).is_ok()
        && let Some(server) = by_id(cloud, id)?
    {
        return Ok(Some(server));
    }
    let mut all = named(cloud, text)?;
    if all.len() > 1 {
        let mut ids: Vec<_> = all.iter().map(|server| server.id.as_str()).collect();
        ids.sort_unstable();
        let message = format!(
            "there are {} servers called {text:?}; name one by its id: {}",
            ids.len(),
            ids.join(", ")
        );
        return Err(Error::new(Kind::Conflict, message).with_field("/server_name"));
    }
    Ok(all.pop())
}

/// The refusal of a server that is not there.
pub(crate) fn no_such_server(name: &str) -> Error {
    Error::new(
        Kind::NotFound,
        format!("there is no server {name:?}; `server.list` tells those there are"),
    )
    .with_field("/server_name")
}

impl Fault {
    /// As an error about the server `name`: what is short, refused or not there is told by Nova in
    /// words and in the code of an HTTP answer.
    pub(crate) fn error(&self, name: &str) -> Error {
        let text = self.message.to_lowercase();
        let says = |needle: &str| text.contains(needle);
        let kind = if says("quota") || says("no valid host") || says("exceeded maximum number of") {
            Kind::QuotaExceeded
        } else {
            match self.code {
                403 => Kind::PermissionDenied,
                404 => Kind::NotFound,
                _ => Kind::Conflict,
            }
        };
        let hint = if says("no valid host") {
            "; no host of the cloud has room for this size: choose another, or try again later"
        } else {
            ""
        };
        let words = if self.message.is_empty() {
            "it does not say why"
        } else {
            self.message.trim_end_matches('.')
        };
        Error::new(kind, format!("the cloud could not run {name}: {words}{hint}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_cloud_is_none_of_this_program() {
        let kind = |code, message: &str| {
            let message = message.to_owned();
            Fault { code, message }.error("web1").kind()
        };
        assert_eq!(kind(500, "No valid host was found. "), Kind::QuotaExceeded);
        assert_eq!(kind(500, "Quota exceeded for ports"), Kind::QuotaExceeded);
        assert_eq!(kind(404, "Image x could not be found."), Kind::NotFound);
        assert_eq!(kind(500, ""), Kind::Conflict);
        let error = Fault::default().error("web1");
        assert!(error.message().contains("does not say why"), "{error}");
    }
}
