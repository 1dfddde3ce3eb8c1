//! Network interfaces that are asked for.

use std::net::IpAddr;

use super::reference::Reference;
use crate::config_drive::Mac;
use crate::driver::{InterfaceSpec, NetworkSpec, ServerSpec};
use crate::drivers::openstack::settings::Settings;
use crate::{Error, Result};

/// The most interfaces of a server.
const INTERFACES: usize = 16;

/// Where an interface goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A network, on a port that is made.
    Network(Reference),
    /// A port that is there already, and stays.
    Port(Reference),
}

/// An interface that is asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedInterface {
    pub(crate) place: Place,
    pub(crate) mac: Option<String>,
    pub(crate) addresses: Vec<IpAddr>,
    /// The member that asks for it.
    pub(crate) field: String,
}

impl WantedInterface {
    /// The interfaces that `spec` asks for; the provider's default network where it names none.
    pub(super) fn all(settings: &Settings, spec: &ServerSpec) -> Result<Vec<Self>> {
        if spec.network.is_some() && !spec.networks.is_empty() {
            let message = "give network or networks, not both";
            return Err(Error::invalid("/server/network", message));
        }
        let named: Vec<(String, NetworkSpec)> = if spec.networks.is_empty() {
            let own = spec.network.as_ref().map(|name| ("/server/network", name));
            let default = settings.defaults.network.as_ref();
            own.or_else(|| default.map(|name| ("/provider/defaults/network", name)))
                .filter(|(_, name)| !name.is_empty())
                .map(|(field, name)| (field.to_owned(), NetworkSpec::Name(name.clone())))
                .into_iter()
                .collect()
        } else {
            let listed = spec.networks.iter().cloned().enumerate();
            listed
                .map(|(index, network)| (format!("/server/networks/{index}"), network))
                .collect()
        };
        if named.len() > INTERFACES {
            let message = format!("{} networks; {INTERFACES} are allowed", named.len());
            return Err(Error::invalid("/server/networks", message));
        }
        for (member, given) in [
            ("gateways", !spec.gateways.is_empty()),
            ("dns", !spec.dns.is_empty()),
        ] {
            if given {
                return Err(says_the_subnet(format!("/server/{member}")));
            }
        }
        let mut all = named
            .into_iter()
            .map(|(field, network)| Self::read(field, network))
            .collect::<Result<Vec<_>>>()?;
        if !spec.addresses.is_empty() {
            let first = all.first_mut().ok_or_else(|| {
                let message = "there are addresses, but no network to have them on";
                Error::invalid("/server/addresses", message)
            })?;
            if matches!(first.place, Place::Port(_)) {
                return Err(has_its_addresses("/server/addresses"));
            }
            first
                .addresses
                .extend(spec.addresses.iter().map(ipnet::IpNet::addr));
        }
        Ok(all)
    }

    fn read(field: String, network: NetworkSpec) -> Result<Self> {
        let spec = match network {
            NetworkSpec::Interface(spec) => *spec,
            NetworkSpec::Name(name) => InterfaceSpec {
                network: Some(name),
                ..InterfaceSpec::default()
            },
        };
        let foreign = [
            ("bridge", spec.bridge.is_some()),
            ("macvtap", spec.macvtap.is_some()),
            ("user", spec.user),
            ("model", spec.model.is_some()),
        ];
        if let Some((member, _)) = foreign.into_iter().find(|(_, given)| *given) {
            let message = format!("a cloud has no {member}; name a network or a port");
            return Err(Error::invalid(format!("{field}/{member}"), message));
        }
        for (member, given) in [
            ("gateways", !spec.gateways.is_empty()),
            ("dns", !spec.dns.is_empty()),
        ] {
            if given {
                return Err(says_the_subnet(format!("{field}/{member}")));
            }
        }
        let reference = |text: String, member: &str| Reference {
            text,
            field: format!("{field}{member}"),
        };
        let place = match (spec.network, spec.port) {
            (Some(name), None) if !name.is_empty() => Place::Network(reference(name, "")),
            (None, Some(port)) if !port.is_empty() => Place::Port(reference(port, "/port")),
            _ => {
                let message = "give exactly one of network and port";
                return Err(Error::invalid(field, message));
            }
        };
        if matches!(place, Place::Port(_)) && (spec.mac.is_some() || !spec.addresses.is_empty()) {
            return Err(has_its_addresses(&field));
        }
        let mac = spec.mac.map(|mac| {
            Mac::parse(&mac.replace('-', ":"))
                .map(|mac| mac.to_string())
                .map_err(|why| Error::invalid(format!("{field}/mac"), why))
        });
        Ok(Self {
            place,
            mac: mac.transpose()?,
            addresses: spec.addresses.iter().map(ipnet::IpNet::addr).collect(),
            field,
        })
    }
}

fn says_the_subnet(field: String) -> Error {
    let message = "the cloud's subnet says its gateway and name servers; leave them out";
    Error::invalid(field, message)
}

fn has_its_addresses(field: &str) -> Error {
    let message = "a port that is there has its addresses already; leave them out";
    Error::invalid(field, message)
}
