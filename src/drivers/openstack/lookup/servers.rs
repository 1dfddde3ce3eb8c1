//! The server that a name or an id means, and which servers this program made.

use std::cell::OnceCell;

use uuid::Uuid;

use crate::drivers::openstack::api::compute::{OneServer, Server};
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::drivers::openstack::record::Record;
use crate::{Error, Kind, Result};

/// The server `name`, which may be its id.
pub(crate) fn find(cloud: &Cloud, name: &str) -> Result<Server> {
    find_server(cloud, name)?.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!("there is no server {name:?}; `server.list` tells those there are"),
        )
        .with_field("/server_name")
    })
}

/// The server `name`, which may be its id; none where there is none.
pub(crate) fn find_server(cloud: &Cloud, name: &str) -> Result<Option<Server>> {
    if Uuid::try_parse(name).is_ok()
        && let Some(server) = by_id(cloud, name)?
    {
        return Ok(Some(server));
    }
    only(name, named(cloud, name)?)
}

/// All servers of exactly that name.
pub(crate) fn named(cloud: &Cloud, name: &str) -> Result<Vec<Server>> {
    let mut servers: Vec<Server> = cloud.list(Service::Compute, path(name), "servers")?;
    servers.retain(|server| server.name == name);
    Ok(servers)
}

/// Those of exactly this `name` that this program made.
pub(crate) fn creations_named(cloud: &Cloud, name: &str) -> Result<Vec<(Record, Server)>> {
    let all = named(cloud, name)?.into_iter();
    Ok(all
        .filter_map(|server| Record::of(&server.metadata).map(|record| (record, server)))
        .collect())
}

/// The servers that carry a record of this program: the whole project's, listed when it is first asked.
#[derive(Debug)]
pub(crate) struct Recorded<'a> {
    pub(crate) cloud: &'a Cloud,
    all: OnceCell<Vec<(Uuid, Server)>>,
}

impl<'a> Recorded<'a> {
    /// Those of the project in `cloud`.
    pub(crate) fn of(cloud: &'a Cloud) -> Self {
        Self {
            cloud,
            all: OnceCell::new(),
        }
    }

    /// Those that carry the record of `creation`, the oldest first.
    pub(crate) fn carriers(&self, creation: Uuid) -> Result<Vec<&Server>> {
        if self.all.get().is_none() {
            let mut all: Vec<Server> =
                self.cloud
                    .list(Service::Compute, "/servers/detail", "servers")?;
            all.sort_by(|a, b| (&a.created, &a.id).cmp(&(&b.created, &b.id)));
            let recorded = |server: Server| Some((Record::of(&server.metadata)?.creation, server));
            let _ = self.all.set(all.into_iter().filter_map(recorded).collect());
        }
        let all = self.all.get().into_iter().flatten();
        Ok(all
            .filter(|(of, _)| *of == creation)
            .map(|(_, server)| server)
            .collect())
    }
}

/// The server of this `id`; none where it is gone.
pub(crate) fn by_id(cloud: &Cloud, id: &str) -> Result<Option<Server>> {
    let found: Option<OneServer> = cloud.find(Service::Compute, Path::of("/servers", id)?)?;
    Ok(found.map(|answer| {
        cloud.seen(id);
        answer.server
    }))
}

/// A listing with at least the servers of that name. Nova takes its filter for a regular expression,
/// in its database's own dialect, so only names that are none are given to it.
fn path(name: &str) -> Path {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.chars().all(plain) {
        Path::query("/servers/detail", &[("name", &format!("^{name}$"))])
    } else {
        "/servers/detail".into()
    }
}

/// The one of `servers` with exactly that name.
fn only(name: &str, mut servers: Vec<Server>) -> Result<Option<Server>> {
    servers.retain(|server| server.name == name);
    if servers.len() < 2 {
        return Ok(servers.pop());
    }
    let mut ids: Vec<&str> = servers.iter().map(|server| server.id.as_str()).collect();
    ids.sort_unstable();
    let message = format!(
        "there are {} servers called {name:?}; name one by its id: {}",
        ids.len(),
        ids.join(", ")
    );
    Err(Error::new(Kind::Conflict, message).with_field("/server_name"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn servers(names: &[&str]) -> Vec<Server> {
        let one =
            |(number, name): (usize, &&str)| json!({"id": format!("id-{number}"), "name": name});
        let all: Vec<_> = names.iter().enumerate().map(one).collect();
        serde_json::from_value(json!(all)).unwrap()
    }

    #[test]
    fn a_name_is_exact_and_one_servers_only() {
        // `^a.b$` and a database that does not tell cases apart find all of these
        let found = only("a.b", servers(&["aXb", "a.b", "A.B"]))
            .unwrap()
            .unwrap();
        assert_eq!(found.id, "id-1");
        assert!(only("a.b", servers(&["aXb"])).unwrap().is_none());
        let error = only("web", servers(&["web", "db", "web"])).unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        assert!(error.message().contains("id-0, id-2"), "{error}");
    }

    #[test]
    fn what_is_not_a_plain_name_is_not_given_to_nova() {
        let path = |name| path(name).to_string();
        assert_eq!(path("web-1.lan"), "/servers/detail?name=%5Eweb-1.lan%24");
        assert_eq!(path("web (old)"), "/servers/detail");
        assert_eq!(path("a|b"), "/servers/detail");
    }
}
