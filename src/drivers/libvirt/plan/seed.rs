//! What the guest of a plan reads at its first boot.

use super::{Plan, Request};
use crate::config_drive::{Interface, Seed};
use crate::drivers::minion::{Keys, guest_seed};

/// Puts the seed together.
pub(super) fn build(plan: &Plan, request: &Request, keys: Option<&Keys>) -> Seed {
    let minion = request.minion_id.as_ref().zip(keys);
    let mut seed = guest_seed(&request.spec, plan.uuid, minion);
    seed.format = request.seed_format;
    if plan
        .interfaces
        .iter()
        .any(|interface| !interface.wanted.dhcp())
    {
        seed.interfaces = plan
            .interfaces
            .iter()
            .map(|interface| Interface {
                name: None,
                mac: interface.mac.clone(),
                mtu: None,
                dhcp: interface.wanted.dhcp(),
                addresses: interface.wanted.addresses.clone(),
                gateways: interface.wanted.gateways.clone(),
                dns: interface.wanted.dns.clone(),
            })
            .collect();
    }
    seed
}
