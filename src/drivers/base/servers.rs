//! Lists: images, sizes, functions, servers.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::host::Host;
use super::{action, create, remove};
use crate::driver::BaseHost;
use crate::driver::base::unsupported;
use crate::driver::{
    Action, ActionDone, ActionOptions, Choice, Context, CreateOptions, Created, DeleteOptions,
    Deleted, Driver, DryRun, Image, PlanAnswer, Provider, ProviderData, ProviderStatus,
    RecoverOptions, Recovered, Server, ServerSpec, Size, Status, Usage, split_addresses,
};
use crate::drivers::creation;
use crate::{Error, Kind, Result};

/// What Salt's drivers call a server that is in a status, in small letters.
const STATES: &[(Status, &str)] = &[
    (Status::Active, "running active up on poweredon started"),
    (
        Status::Shutoff,
        "stopped off shutoff poweredoff halted deallocated down",
    ),
    (Status::Paused, "paused"),
    (Status::Suspended, "suspended"),
    (
        Status::Build,
        "pending build building starting provisioning creating new",
    ),
    (Status::Error, "error failed"),
];

/// What a cloud calls one that it lists for a while after its end.
const GONE: &[&str] = &["terminated", "destroyed", "deleted"];

impl Host<'_> {
    /// The names that a list of Salt's has, with what it says of each: `images`, `sizes`, `locations`, or a
    /// function of its driver.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] where the driver has no such list, or says nothing in it: that is not the same
    /// as a host that has none.
    pub(super) fn list(&self, what: &str) -> Result<Vec<(String, Value)>> {
        let doing = format!("list {what}");
        let option = format!("--list-{what}");
        let listed = match what {
            "images" | "sizes" | "locations" => self.ask(&doing, &[&option, &self.alias])?,
            function => self.ask(&doing, &["--function", function, &self.alias])?,
        };
        let listed: Vec<_> = match listed {
            Some(Value::Object(all)) => all.into_iter().collect(),
            Some(Value::Array(all)) => {
                let name = |one: Value| match &one {
                    Value::String(text) => Some((text.clone(), Value::Null)),
                    Value::Object(of) => Some((of.get("name")?.as_str()?.to_owned(), one)),
                    _ => None,
                };
                all.into_iter().filter_map(name).collect()
            }
            _ => Vec::new(),
        };
        if listed.is_empty() {
            let message = format!("Salt's driver of {} says no {what}", self.alias);
            return Err(Error::new(Kind::Unsupported, message));
        }
        Ok(listed)
    }

    /// The same as choices of a field.
    fn choices(&self, what: &str) -> Result<Vec<Choice>> {
        let listed = self.list(what)?.into_iter();
        Ok(listed.map(|(name, _)| Choice::Text(name)).collect())
    }

    /// Whether it is about machines that exist by themselves: Salt lists only those whose minions answer.
    pub(super) fn is_of_machines(&self) -> bool {
        self.settings.get("driver") == Some(&Value::from("saltify"))
    }

    /// The servers that Salt lists. By the function itself: a query passes over what went wrong.
    pub(super) fn listed(&self) -> Result<Vec<Server>> {
        let said = self.ask(
            "list servers",
            &["--function", "list_nodes_full", &self.alias],
        )?;
        let nodes = match said {
            Some(Value::Object(nodes)) => nodes,
            _ => Map::new(),
        };
        let servers = nodes.iter().filter_map(|(name, node)| {
            let node = node.as_object()?;
            let state = node
                .get("state")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let is_gone = GONE.contains(&state.to_lowercase().as_str());
            (!is_gone).then(|| self.server_of(name, node))
        });
        Ok(servers.collect())
    }

    /// The server `name`, where there is one.
    pub(super) fn find(&self, name: &str) -> Result<Option<Server>> {
        let mut servers = self.servers()?.into_iter();
        Ok(servers.find(|server| server.name == name))
    }

    /// The names of the servers as they were when this was first asked.
    pub(super) fn seen(&self) -> Result<&[String]> {
        if self.seen.get().is_none() {
            let servers = self.servers()?.into_iter();
            let _ = self.seen.set(servers.map(|server| server.name).collect());
        }
        Ok(self.seen.get().map_or(&[], Vec::as_slice))
    }

    /// The same whether or not the call is to end.
    pub(super) fn look(&self, name: &str) -> Result<Option<Server>> {
        let cx = self.cx.undisturbed();
        self.with(&cx).find(name)
    }

    /// A server, as a list or a creation shows its `node`.
    pub(super) fn server_of(&self, name: &str, node: &Map<String, Value>) -> Server {
        let text = |name: &str| node.get(name).and_then(plain).unwrap_or_default();
        let addresses = |name: &str| -> Vec<String> {
            match node.get(name) {
                Some(Value::Array(all)) => all.iter().filter_map(plain).collect(),
                Some(Value::String(one)) if !one.is_empty() => vec![one.clone()],
                _ => Vec::new(),
            }
        };
        let (mut public, mut private) = (addresses("public_ips"), addresses("private_ips"));
        if public.is_empty() && private.is_empty() {
            let plain = ["ip_address", "ip_addresses", "ipv4", "ip"]
                .map(addresses)
                .concat();
            let plain: Vec<IpAddr> = plain.iter().filter_map(|ip| ip.parse().ok()).collect();
            (public, private) = split_addresses(&plain);
        }
        // some full lists are the cloud's own words
        let state = [text("state"), text("status")];
        let state = state.iter().find(|text| !text.is_empty());
        let state = state.map(|text| text.to_lowercase()).unwrap_or_default();
        let known = STATES
            .iter()
            .find(|(_, words)| words.split(' ').any(|word| word == state));
        let status = known.map_or(Status::Unknown, |(status, _)| *status);
        Server {
            ip: public
                .first()
                .or(private.first())
                .cloned()
                .unwrap_or_default(),
            size: text("size"),
            image: Some(text("image")).filter(|image| !image.is_empty()),
            public_ips: public,
            private_ips: private,
            ..Server::new(&self.provider.provider_name, name, text("id"), status)
        }
    }

    /// The error of what this driver cannot do.
    pub(super) fn unsupported(&self, what: &str) -> Error {
        unsupported(self.driver.driver_id(), what)
    }
}

impl BaseHost for Host<'_> {
    fn images(&self) -> Result<Vec<Image>> {
        let listed = self.list("images")?.into_iter();
        let image = |(name, about): (String, Value)| Image {
            id: id_of(&about).unwrap_or_else(|| name.clone()),
            name,
            format: None,
            virtual_size: None,
            size: None,
            pool: None,
        };
        Ok(listed.map(image).collect())
    }

    fn sizes(&self) -> Result<Vec<Size>> {
        let listed = self.list("sizes")?.into_iter();
        let size = |(name, about): (String, Value)| {
            let number = |names: &[&str]| names.iter().find_map(|name| about.get(name)?.as_u64());
            Size {
                id: id_of(&about).unwrap_or_else(|| name.clone()),
                cpus: number(&["vcpus", "cpus", "cores"]).unwrap_or_default(),
                ram: number(&["ram", "memory"]).unwrap_or_default(),
                disk: number(&["disk"]).unwrap_or_default(),
                cost: None,
                name,
            }
        };
        Ok(listed.map(size).collect())
    }

    fn servers(&self) -> Result<Vec<Server>> {
        if !self.is_of_machines() {
            return self.listed();
        }
        let mut servers = match self.listed() {
            Err(error) if matches!(error.kind(), Kind::ConnectionFailed | Kind::Timeout) => {
                tracing::warn!(%error, "which minions answer is not known");
                Vec::new()
            }
            listed => listed?,
        };
        for made in self.all_made()? {
            if !servers.iter().any(|server| server.name == made.name) {
                let provider = &self.provider.provider_name;
                let id = made.minion_id.unwrap_or_default();
                servers.push(Server::new(provider, &made.name, id, Status::Unknown));
            }
        }
        Ok(servers)
    }

    fn server(&self, name: &str) -> Result<Server> {
        self.find(name)?.ok_or_else(|| {
            let message = format!("there is no server {name} at {}", self.alias);
            Error::new(Kind::NotFound, message).with_field("/server_name")
        })
    }

    fn status(&self) -> Result<ProviderStatus> {
        let count = self.servers()?.len();
        Ok(ProviderStatus {
            success: true,
            message: format!(
                "{} answers by salt-cloud and has {count} servers",
                self.alias
            ),
            host: None,
            warnings: Vec::new(),
        })
    }

    /// What is known: the servers. Salt asks no host for what it has room for.
    fn data(&self) -> Result<ProviderData> {
        let servers = self.servers()?;
        let unknown = Usage::unknown;
        Ok(ProviderData::new(unknown(), unknown(), unknown(), servers))
    }

    fn plan(&self, spec: &ServerSpec) -> Result<PlanAnswer> {
        create::plan(self, spec)
    }

    fn create(&self, spec: &ServerSpec, options: CreateOptions) -> Result<Created> {
        create::create(self, spec, options)
    }

    fn act(&self, name: &str, action: Action, options: &ActionOptions) -> Result<ActionDone> {
        action::act(self, name, action, options)
    }

    fn plan_deletion(&self, name: &str, options: &DeleteOptions) -> Result<DryRun> {
        remove::plan_deletion(self, name, options)
    }

    fn delete(&self, name: &str, options: &DeleteOptions) -> Result<Deleted> {
        remove::delete(self, name, options)
    }

    fn plan_recovery(&self, options: RecoverOptions) -> Result<DryRun> {
        creation::plan_recovery(self.cx, self, options)
    }

    fn recover(&self, options: RecoverOptions) -> Result<Recovered> {
        creation::recover(self.cx, self, options)
    }
}

fn id_of(about: &Value) -> Option<String> {
    about.get("id").and_then(plain)
}

/// A text, or a number as one.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What a list of Salt's offers for a field, at the `provider` as far as it is known: `images`, `sizes`,
/// `locations`, or a function of the driver.
pub(crate) fn listed(
    driver: &dyn Driver,
    cx: &Context,
    provider: &Provider,
    what: &str,
) -> Result<Vec<Choice>> {
    Host::of(driver, cx, provider)?.choices(what)
}
