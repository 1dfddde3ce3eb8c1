//! What a program says of itself, and the questions that it may be asked.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answers::{each, field};
use super::session::Session;
use crate::decode::{decode, escape};
use crate::driver::{Context, Field, ServerSpec, Step};
use crate::{Error, Kind, Result};

/// The version of the protocol that is spoken with it.
const PROTOCOL: &str = "1";

/// The answer to `version`.
#[derive(Debug, Deserialize)]
struct Version {
    #[serde(default)]
    name: Option<String>,
    protocol_versions: Vec<String>,
    methods: Vec<String>,
    #[serde(default)]
    server_members: Vec<String>,
}

/// The answer to `driver.steps`.
#[derive(Debug, Default, Deserialize)]
struct Steps {
    steps: Vec<Step>,
    #[serde(default)]
    server_fields: Vec<Field>,
}

/// What a program says of itself.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) steps: Option<Vec<Step>>,
    pub(super) server_fields: Vec<Field>,
    methods: Vec<String>,
    server_members: Vec<String>,
}

impl Profile {
    /// Asks the program `id` what it is.
    pub(super) fn ask(session: &Session, cx: &Context, id: &str) -> Result<Self> {
        let said = |method: &str, params| session.ask(cx, method, params)?;
        let documented = |error: Error| session.fault(&format!("is no driver: {error}"));
        let version = said("version", json!({}))?;
        let version: Version = decode(&version, "/result").map_err(documented)?;
        if !version.protocol_versions.iter().any(|one| one == PROTOCOL) {
            let what = format!(
                "speaks no version of the protocol that is known here: {PROTOCOL} is not in its protocol_versions"
            );
            return Err(session.fault(&what).with_kind(Kind::Unsupported));
        }
        let steps = if version.methods.iter().any(|one| one == "driver.steps") {
            let mut steps = said("driver.steps", json!({"driver_id": id}))?;
            each(&mut steps, "steps", |mut step| {
                each(&mut step, "fields", field);
                step
            });
            each(&mut steps, "server_fields", field);
            Some(decode::<Steps>(&steps, "/result").map_err(documented)?)
        } else {
            None
        };
        let (steps, server_fields) = match steps {
            Some(said) => (Some(said.steps), said.server_fields),
            None => (None, Vec::new()),
        };
        Ok(Self {
            name: version.name.unwrap_or_else(|| id.to_owned()),
            steps,
            server_fields,
            methods: version.methods,
            server_members: version.server_members,
        })
    }

    /// Whether it answers `method`.
    pub(super) fn answers(&self, method: &str) -> bool {
        self.methods.iter().any(|one| one == method)
    }

    /// `spec` as a program is given it: where the minion's key is accepted is our business.
    ///
    /// # Errors
    /// [`Kind::InvalidField`] about a member that it does not say that it takes.
    pub(super) fn server(&self, spec: &ServerSpec) -> Result<Value> {
        let mut given = serde_json::to_value(spec).unwrap_or_default();
        if let Some(minion) = given.get_mut("minion").and_then(Value::as_object_mut) {
            minion.shift_remove("pki_dir");
            minion.shift_remove("accept");
        }
        let mut names = given
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name);
        let takes = |name: &str| {
            let members = self.server_members.iter().map(String::as_str);
            let fields = self.server_fields.iter().map(|field| field.id.as_str());
            members.chain(fields).any(|one| one == name)
        };
        if let Some(name) = names.find(|name| *name != "server_name" && !takes(name)) {
            let message = format!(
                "{} has no {name}; leave it out (the answer of a driver to version lists what it takes, as server_members)",
                self.name
            );
            return Err(Error::invalid(format!("/server/{}", escape(name)), message));
        }
        Ok(given)
    }
}
