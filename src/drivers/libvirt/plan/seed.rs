//! What the guest of a plan reads at its first boot.

use super::Request;
use super::parts::Plan;
use crate::config_drive::{Interface, Seed};
use crate::drivers::minion::{Keys, guest_seed};

impl Plan {
    /// What the guest reads at its first boot.
    pub(crate) fn seed(&self, request: &Request, keys: Option<&Keys>) -> Seed {
        let minion = request.minion_id.as_ref().zip(keys);
        let mut seed = guest_seed(&request.spec, self.uuid, minion);
        seed.format = request.seed_format;
        seed.network_config.clone_from(&request.spec.network_config);
        let interfaces = self.interfaces.iter().map(|interface| Interface {
            name: None,
            mac: interface.mac.clone(),
            mtu: interface.wanted.mtu,
            dhcp: interface.wanted.dhcp(),
            addresses: interface.wanted.addresses.clone(),
            gateways: interface.wanted.gateways.clone(),
            routes: interface.wanted.routes.clone(),
            dns: interface.wanted.dns.clone(),
        });
        seed.interfaces = interfaces.collect();
        seed
    }
}
