//! Whether something is a creation's own, and nobody else uses it: looked at right before its removal.

use serde_json::Value;
use uuid::Uuid;

use super::Remover;
use super::parts::{Collection, User};
use crate::Result;
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::lookup::servers::by_id;
use crate::drivers::openstack::record::{Record, creation_of};

impl Remover<'_> {
    /// Why what was `seen` just now is not removed with the server of `creation`; none where it is.
    pub(super) fn objection(
        &self,
        kind: &Collection,
        seen: &Value,
        creation: Uuid,
    ) -> Result<Option<String>> {
        let called = kind.marker(seen);
        if creation_of(called) != Some(creation) {
            return Ok(Some(format!(
                "it is called {called:?} now, which does not name it as this server's"
            )));
        }
        for user in kind.users(self.cloud, seen)? {
            if let Some(why) = self.in_use(&user)? {
                return Ok(Some(why));
            }
        }
        self.carrier(Some(creation))
    }

    /// Why `user` keeps what it uses; none where it is no more, or goes itself.
    fn in_use(&self, user: &User) -> Result<Option<String>> {
        let id = match user {
            User::Other(what) => return Ok(Some(format!("it is used by {what}"))),
            User::Server(id) if self.removed.borrow().contains(id) => return Ok(None),
            User::Server(id) => id,
        };
        let Some(server) = by_id(self.cloud, id)? else {
            return Ok(None);
        };
        if self.is_own(&server) {
            self.remove_server(&server.id)?;
            return Ok(None);
        }
        let name = &server.name;
        Ok(Some(format!("it is attached to the server {name} ({id})")))
    }

    /// Whether `server` is the one that the journal names without an id: it appeared late.
    fn is_own(&self, server: &Server) -> bool {
        let Some((name, id)) = &self.server else {
            return false;
        };
        let record = Record::of(&server.metadata);
        let is_meant = match id {
            Some(id) => *id == server.id,
            None => *name == server.name,
        };
        is_meant && record.is_some_and(|record| Some(record.creation) == self.creation)
    }

    /// Why nothing of `creation` goes: a server that stands carries its record, which another has
    /// copied, or under another name.
    pub(super) fn carrier(&self, creation: Option<Uuid>) -> Result<Option<String>> {
        let Some(creation) = creation.filter(|_| !self.is_fresh) else {
            return Ok(None);
        };
        for server in self.recorded.carriers(creation)? {
            if self.removed.borrow().contains(&server.id) {
                continue;
            }
            if self.is_own(server) {
                self.remove_server(&server.id)?;
                continue;
            }
            return Ok(Some(format!(
                "the server {} ({}) carries the same record",
                server.name, server.id
            )));
        }
        Ok(None)
    }
}
