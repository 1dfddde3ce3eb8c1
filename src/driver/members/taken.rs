//! What a driver does with each member of a server, and the refusal of the rest.

use std::ops::Deref;

use serde::Serialize;
use serde_json::Value;

use super::table::{Member, server_members};
use crate::decode::{escape, suggest};
use crate::driver::form::text_of;
use crate::driver::{Field, ServerSpec};
use crate::{Error, Kind, Result};

/// Members, each by its path, and why they are treated as they are.
pub type Reasons = &'static [(&'static str, &'static str)];

/// What a driver does with the members of a server: what is in no list is refused.
#[derive(Debug, Clone, Copy)]
pub struct ServerMembers {
    /// What its hosts are called, such as `a libvirt host`.
    pub host: &'static str,
    /// The paths of what it takes, in groups. An object is taken by its own path, and so is each of its
    /// members.
    pub takes: &'static [&'static [&'static str]],
    /// What it passes over on purpose, and why.
    pub passes_over: Reasons,
    /// Why it refuses some of the rest, with the way out.
    pub refuses: Reasons,
}

/// What a driver does with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It is taken.
    Taken,
    /// It is passed over on purpose, for this reason.
    PassedOver(&'static str),
    /// It is refused, for this reason where there is a special one.
    Refused(Option<&'static str>),
}

impl Default for ServerMembers {
    /// Of a driver that says nothing: a server's name, and nothing else.
    fn default() -> Self {
        Self {
            host: "a host of this driver",
            takes: &[&["server_name"]],
            passes_over: &[],
            refuses: &[],
        }
    }
}

impl ServerMembers {
    /// What becomes of the member at `path`.
    #[must_use]
    pub fn treatment(&self, path: &str) -> Treatment {
        let reason = |reasons: Reasons| reasons.iter().find(|(of, _)| *of == path);
        if self.takes.iter().any(|group| group.contains(&path)) {
            Treatment::Taken
        } else if let Some((_, why)) = reason(self.passes_over) {
            Treatment::PassedOver(why)
        } else {
            Treatment::Refused(reason(self.refuses).map(|(_, why)| *why))
        }
    }

    /// `spec` for a driver that takes these, and the `fields` of its own.
    ///
    /// # Errors
    /// [`Kind::InvalidField`] about a member that is given and not taken, and about a field of the driver's
    /// that lacks a value or has none that it takes.
    pub fn check<'a>(self, spec: &'a ServerSpec, fields: &[Field]) -> Result<CheckedServer<'a>> {
        let ids = || fields.iter().map(|field| field.id.as_str());
        let known = |name: &String| ids().any(|id| id == name);
        if let Some(name) = spec.extra.0.keys().find(|name| !known(name)) {
            return Err(unknown(name, ids()));
        }
        for field in fields {
            let at = || format!("/server/{}", field.id);
            let entered = match spec.extra.0.get(&field.id) {
                Some(Value::Bool(flag)) => Some(flag.to_string()),
                _ => text_of(&spec.extra.0, &field.id).map_err(|error| error.with_field(at()))?,
            };
            field
                .check(entered.as_deref())
                .map_err(|message| Error::invalid(at(), message.trim_end_matches('.')))?;
        }
        // What is not given is not serialised.
        let mut given = serde_json::to_value(spec).map_err(|error| {
            Error::new(Kind::Internal, format!("the server is not JSON: {error}"))
        })?;
        if let Value::Object(members) = &mut given {
            members.retain(|name, _| !known(name));
        }
        self.refuse_rest(server_members(), &given, "", "/server")?;
        Ok(CheckedServer { spec })
    }

    /// Refuses the first member of `object`, which stands at `above` and at the pointer `at`, that is
    /// not taken.
    pub(crate) fn refuse_rest(
        &self,
        table: &[Member],
        object: &Value,
        above: &str,
        at: &str,
    ) -> Result<()> {
        for (name, value) in object.as_object().into_iter().flatten() {
            let path = format!("{above}{name}");
            let at = format!("{at}/{}", escape(name));
            match self.treatment(&path) {
                Treatment::Refused(why) => return Err(self.refusal(&path, at, why)),
                Treatment::PassedOver(_) => continue,
                Treatment::Taken => {}
            }
            // What is no object of ours, such as a minion's grains, is taken as a whole.
            if !table
                .iter()
                .any(|member| member.path == path && member.has_members)
            {
                continue;
            }
            let below = format!("{path}/");
            match value {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.refuse_rest(table, item, &below, &format!("{at}/{index}"))?;
                    }
                }
                value => self.refuse_rest(table, value, &below, &at)?,
            }
        }
        Ok(())
    }

    fn refusal(&self, path: &str, at: String, why: Option<&str>) -> Error {
        let why = why.map_or("; leave it out".to_owned(), |why| format!(": {why}"));
        Error::invalid(at, format!("{} has no {path}{why}", self.host))
    }
}

/// The error about the member `name`, which neither a server has nor the driver with the fields `ids`.
fn unknown<'a>(name: &str, ids: impl Iterator<Item = &'a str>) -> Error {
    let at = format!("/server/{}", escape(name));
    let top = server_members()
        .iter()
        .filter(|member| !member.path.contains('/'));
    let known: Vec<_> = top.flat_map(Member::names).chain(ids).collect();
    let way_out = suggest::way_out(name, &known);
    let message = format!("{at} is not a member that is taken here; {way_out}");
    Error::invalid(at, message)
}

/// A server of which a driver takes everything that is given. Only [`ServerMembers::check`] makes one,
/// and a driver creates and plans nothing else: what it does not take cannot be passed over.
#[derive(Debug, Clone, Copy)]
pub struct CheckedServer<'a> {
    spec: &'a ServerSpec,
}

impl Deref for CheckedServer<'_> {
    type Target = ServerSpec;

    fn deref(&self) -> &ServerSpec {
        self.spec
    }
}
