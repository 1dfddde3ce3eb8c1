//! Network interfaces that are asked for.

use std::net::IpAddr;

use super::reference::{Reference, references};
use crate::driver::{AddressPairSpec, InterfaceSpec, NetworkSpec, ServerSpec};
use crate::drivers::creation::{check_mac, wanted_networks};
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
    pub(crate) subnet: Option<Reference>,
    /// Its own, instead of the server's.
    pub(crate) sec_groups: Option<Vec<Reference>>,
    pub(crate) port_security: Option<bool>,
    pub(crate) address_pairs: Vec<AddressPairSpec>,
    pub(crate) has_floating_ip: bool,
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
        if let Some(second) = all.iter().filter(|one| one.has_floating_ip).nth(1) {
            let field = format!("{}/floating_ip", second.field);
            return Err(Error::invalid(
                field,
                "another interface has the server's one",
            ));
        }
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
        let is_shaped = spec.mac.is_some()
            || !spec.addresses.is_empty()
            || spec.subnet.is_some()
            || spec.sec_groups.is_some()
            || spec.port_security.is_some()
            || !spec.allowed_address_pairs.is_empty();
        if matches!(place, Place::Port(_)) && is_shaped {
            return Err(has_its_addresses(&field));
        }
        let sec_groups = match &spec.sec_groups {
            Some(groups) => Some(references(groups, &format!("{field}/sec_groups"))?),
            None => None,
        };
        let needs_security = sec_groups.as_ref().is_some_and(|groups| !groups.is_empty())
            || !spec.allowed_address_pairs.is_empty();
        if spec.port_security == Some(false) && needs_security {
            let message = "without it there are neither security groups nor address pairs; leave \
                           these out";
            return Err(Error::invalid(format!("{field}/port_security"), message));
        }
        let mut address_pairs = spec.allowed_address_pairs;
        for (index, pair) in address_pairs.iter_mut().enumerate() {
            let at = |member: &str| format!("{field}/allowed_address_pairs/{index}/{member}");
            let ip = &pair.ip_address;
            if ip.parse::<IpAddr>().is_err() && ip.parse::<ipnet::IpNet>().is_err() {
                let message = "takes an address, or a range as CIDR";
                return Err(Error::invalid(at("ip_address"), message));
            }
            if let Some(mac) = &mut pair.mac_address {
                *mac = check_mac(mac, &at("mac_address"))?;
            }
        }
        let mac = spec.mac;
        let mac = mac.map(|mac| check_mac(&mac, &format!("{field}/mac")));
        Ok(Self {
            place,
            mac: mac.transpose()?,
            subnet: Reference::given(spec.subnet.as_ref(), &format!("{field}/subnet")),
            sec_groups,
            port_security: spec.port_security,
            address_pairs,
            has_floating_ip: spec.floating_ip,
            addresses: spec.addresses.iter().map(ipnet::IpNet::addr).collect(),
            field,
        })
    }
}

fn has_its_addresses(field: &str) -> Error {
    let message =
        "a port that is there has its addresses, groups and the like already; leave them out";
    Error::invalid(field, message)
}
