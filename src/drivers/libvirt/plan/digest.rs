//! The digest by which a creation that is asked for again is told from another one.

use serde_json::json;

use super::Request;
use crate::drivers::creation::{digest_of, without_keys};
use crate::drivers::libvirt::settings::Settings;

/// SHA-256, in hex, of everything about `request` that shapes the server.
pub(crate) fn digest(settings: &Settings, request: &Request) -> String {
    let names_network = request.spec.network.is_some() || request.spec.networks.is_some();
    digest_of(json!({
        "server": without_keys(&request.spec),
        "image": request.image,
        "size": request.size,
        "flavour": {
            "num_cpus": request.flavour.num_cpus,
            "memory": request.flavour.memory,
            "max_memory": request.flavour.max_memory(),
            "vol_capacity": request.flavour.vol_capacity,
        },
        "pool": request.pool,
        "network": settings.defaults.network.as_ref().filter(|_| !names_network),
    }))
}
