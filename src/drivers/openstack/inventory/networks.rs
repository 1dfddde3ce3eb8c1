//! The networks that the project can use, and its security groups.

use std::collections::HashMap;
use std::thread;

use crate::Result;
use crate::concurrent::joined;
use crate::driver::{Network, SecGroup};
use crate::drivers::openstack::api::{self, called};
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::lists;

/// The networks: the project's own first, those that lead outside last.
pub(crate) fn networks(cloud: &Cloud) -> Result<Vec<Network>> {
    let (networks, subnets) = thread::scope(|scope| {
        let subnets = scope.spawn(|| lists::subnets(cloud));
        (lists::networks(cloud), joined(subnets))
    });
    let mut by_network: HashMap<String, Vec<String>> = HashMap::new();
    for subnet in subnets? {
        by_network
            .entry(subnet.network_id)
            .or_default()
            .push(subnet.cidr);
    }
    let mut networks: Vec<Network> = networks?
        .into_iter()
        .map(|network| {
            let subnets = by_network.remove(&network.id).unwrap_or_default();
            shown(network, subnets)
        })
        .collect();
    networks.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(networks)
}

fn shown(network: api::network::Network, mut subnets: Vec<String>) -> Network {
    subnets.sort_unstable();
    let kind = if network.external {
        "external"
    } else if network.shared {
        "shared"
    } else {
        "project"
    };
    Network {
        active: network.admin_state_up && network.status.as_deref() == Some("ACTIVE"),
        kind: Some(kind.to_owned()),
        name: called(network.name, &network.id),
        id: Some(network.id),
        bridge: None,
        subnets,
    }
}

fn order(network: &Network) -> (bool, u8, &str, Option<&str>) {
    let rank = match network.kind.as_deref() {
        Some("project") => 0,
        Some("shared") => 1,
        _ => 2,
    };
    (!network.active, rank, &network.name, network.id.as_deref())
}

/// The project's security groups, by name.
pub(crate) fn sec_groups(cloud: &Cloud) -> Result<Vec<SecGroup>> {
    let mut groups: Vec<SecGroup> = lists::sec_groups(cloud)?
        .into_iter()
        .map(|group| SecGroup {
            name: called(group.name, &group.id),
            id: Some(group.id),
        })
        .collect();
    groups.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn network(members: serde_json::Value) -> Network {
        shown(serde_json::from_value(members).unwrap(), Vec::new())
    }

    #[test]
    fn a_network_says_whose_it_is_and_whether_it_is_up() {
        for (shared, external, kind) in [
            (false, false, "project"),
            (true, false, "shared"),
            (true, true, "external"),
            (false, true, "external"),
        ] {
            for (admin, status, active) in [
                (true, json!("ACTIVE"), true),
                (false, json!("ACTIVE"), false),
                (true, json!("DOWN"), false),
                (true, json!(null), false),
            ] {
                let shown = network(json!({
                    "id": "n1", "name": "lan", "shared": shared, "router:external": external,
                    "admin_state_up": admin, "status": status
                }));
                assert_eq!(shown.kind.as_deref(), Some(kind));
                assert_eq!(shown.active, active, "{admin} {status}");
            }
        }
    }

    #[test]
    fn the_projects_own_networks_come_first() {
        let up = json!({"admin_state_up": true, "status": "ACTIVE"});
        let mut networks = [
            ("a", true, false, true),
            ("b", false, true, true),
            ("d", false, false, true),
            ("c", false, false, true),
            ("0", false, false, false),
        ]
        .map(|(name, external, shared, active)| {
            let mut members = if active { up.clone() } else { json!({}) };
            members["id"] = json!(format!("id-{name}"));
            members["name"] = json!(name);
            members["router:external"] = json!(external);
            members["shared"] = json!(shared);
            network(members)
        });
        networks.sort_by(|a, b| order(a).cmp(&order(b)));
        assert_eq!(
            networks.map(|network| network.name),
            ["c", "d", "b", "a", "0"]
        );
    }
}
