//! Network interfaces that are asked for.

use std::net::IpAddr;

use super::reference::Reference;
use crate::config_drive::Mac;
use crate::driver::{InterfaceSpec, NetworkSpec, ServerSpec};
use crate::drivers::creation::wanted_networks;
use crate::drivers::openstack::settings::Settings;
use crate::{Error, Result};

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
        let default = settings.defaults.network.as_ref();
        let named = wanted_networks(spec, default, "/provider/defaults/network");
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

fn has_its_addresses(field: &str) -> Error {
    let message = "a port that is there has its addresses already; leave them out";
    Error::invalid(field, message)
}
