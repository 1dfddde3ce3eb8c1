use serde_json::{Value, json};

use super::{nocloud, openstack};
use crate::config_drive::{Format, Interface, Seed};

fn cards() -> Vec<Interface> {
    serde_json::from_value(json!([
        {
            "mac": "52:54:00:AA:BB:01",
            "mtu": 1400,
            "addresses": ["192.0.2.7/24", "2001:db8::7/64", "192.0.2.8/24"],
            "gateways": ["192.0.2.1", "fe80::1"],
            "dns": ["192.0.2.53", "2001:db8::53"],
        },
        { "name": "eth0", "mac": "52:54:00:aa:bb:02", "dhcp": true, "dns": ["192.0.2.53"] },
        { "mac": "52:54:00:aa:bb:03" },
    ]))
    .unwrap()
}

#[test]
fn openstack_has_links_networks_and_services() {
    let default =
        |all: &str, gateway: &str| json!([{ "network": all, "netmask": all, "gateway": gateway }]);
    assert_eq!(
        serde_json::to_value(openstack(&cards())).unwrap(),
        json!({
            "links": [
                {"id": "interface0", "type": "phy", "ethernet_mac_address": "52:54:00:aa:bb:01", "mtu": 1400},
                {"id": "interface1", "name": "eth0", "type": "phy", "ethernet_mac_address": "52:54:00:aa:bb:02", "mtu": null},
                {"id": "interface2", "type": "phy", "ethernet_mac_address": "52:54:00:aa:bb:03", "mtu": null},
            ],
            "networks": [
                {"id": "network0", "network_id": "network0", "type": "ipv4", "link": "interface0",
                 "ip_address": "192.0.2.7", "netmask": "255.255.255.0", "routes": default("0.0.0.0", "192.0.2.1")},
                {"id": "network1", "network_id": "network1", "type": "ipv6", "link": "interface0",
                 "ip_address": "2001:db8::7", "netmask": "ffff:ffff:ffff:ffff::", "routes": default("::", "fe80::1")},
                {"id": "network2", "network_id": "network2", "type": "ipv4", "link": "interface0",
                 "ip_address": "192.0.2.8", "netmask": "255.255.255.0", "routes": []},
                {"id": "network3", "network_id": "network3", "type": "ipv4_dhcp", "link": "interface1"},
            ],
            "services": [
                {"type": "dns", "address": "192.0.2.53"},
                {"type": "dns", "address": "2001:db8::53"},
            ],
        })
    );
}

#[test]
fn nocloud_names_every_card_and_no_two_the_same() {
    assert_eq!(
        serde_json::to_value(nocloud(&cards())).unwrap(),
        json!({
            "version": 1,
            "config": [
                {"type": "physical", "name": "eth1", "mac_address": "52:54:00:aa:bb:01", "mtu": 1400, "subnets": [
                    {"type": "static", "address": "192.0.2.7/24", "gateway": "192.0.2.1"},
                    {"type": "static6", "address": "2001:db8::7/64", "gateway": "fe80::1"},
                    {"type": "static", "address": "192.0.2.8/24"},
                ]},
                {"type": "physical", "name": "eth0", "mac_address": "52:54:00:aa:bb:02", "subnets": [{"type": "dhcp4"}]},
                {"type": "physical", "name": "eth2", "mac_address": "52:54:00:aa:bb:03", "subnets": []},
                {"type": "nameserver", "address": ["192.0.2.53", "2001:db8::53"]},
            ],
        })
    );
}

#[test]
fn a_guest_that_only_asks_for_its_address_is_told_nothing() {
    let mut seed = Seed::new(uuid::Uuid::nil(), "web1");
    let paths = |seed: &Seed| -> Vec<String> {
        let files = seed.files().unwrap();
        files.into_iter().map(|file| file.path).collect()
    };
    seed.interfaces = serde_json::from_value(json!([
        { "mac": "52:54:00:aa:bb:01", "dhcp": true },
    ]))
    .unwrap();
    let without = ["meta_data.json", "user_data"];
    let of = |version: &str, names: &[&str]| -> Vec<String> {
        names
            .iter()
            .map(|name| format!("openstack/{version}/{name}"))
            .collect()
    };
    assert_eq!(
        paths(&seed),
        [of("2018-08-27", &without), of("latest", &without)].concat()
    );
    seed.interfaces = cards();
    let with = ["meta_data.json", "user_data", "network_data.json"];
    assert_eq!(
        paths(&seed),
        [of("2018-08-27", &with), of("latest", &with)].concat()
    );
    seed.format = Format::Cidata;
    assert_eq!(paths(&seed), ["meta-data", "user-data", "network-config"]);
}

#[test]
fn both_formats_are_json() {
    let mut seed = Seed::new(uuid::Uuid::nil(), "web1");
    seed.interfaces = cards();
    for format in [Format::Config2, Format::Cidata] {
        seed.format = format;
        for file in seed.files().unwrap() {
            if !file.path.contains("user") {
                serde_json::from_slice::<Value>(&file.content).unwrap();
            }
        }
    }
}

#[test]
fn routes_go_by_the_address_that_reaches_their_gateway() {
    let cards: Vec<Interface> = serde_json::from_value(json!([
        {
            "mac": "52:54:00:aa:bb:01",
            "addresses": ["192.0.2.7/24", "198.51.100.7/24"],
            "routes": [{"to": "203.0.113.0/24", "via": "198.51.100.1"}],
        },
        {"mac": "52:54:00:aa:bb:02", "dhcp": true, "routes": [{"to": "10.0.0.0/8", "via": "192.0.2.9"}]},
    ]))
    .unwrap();
    let to = |network: &str, netmask: &str, gateway: &str| json!([{"network": network, "netmask": netmask, "gateway": gateway}]);
    let data = serde_json::to_value(openstack(&cards)).unwrap();
    let networks = &data["networks"];
    assert_eq!(networks[0]["routes"], json!([]));
    assert_eq!(
        networks[1]["routes"],
        to("203.0.113.0", "255.255.255.0", "198.51.100.1")
    );
    assert_eq!(
        networks[2]["routes"],
        to("10.0.0.0", "255.0.0.0", "192.0.2.9")
    );
    let config = serde_json::to_value(nocloud(&cards)).unwrap();
    let subnets = |card: usize| config["config"][card]["subnets"].clone();
    assert_eq!(subnets(0)[0].get("routes"), None);
    assert_eq!(
        subnets(0)[1]["routes"],
        to("203.0.113.0", "255.255.255.0", "198.51.100.1")
    );
    assert_eq!(
        subnets(1)[0]["routes"],
        to("10.0.0.0", "255.0.0.0", "192.0.2.9")
    );
}

#[test]
fn a_route_that_cannot_be_and_a_config_that_is_not_read_are_refused() {
    let error = |interface: Value, config: Value, format: Format| {
        let mut seed = Seed::new(uuid::Uuid::nil(), "web1");
        seed.interfaces = vec![serde_json::from_value(interface).unwrap()];
        seed.network_config = config.as_object().unwrap().clone();
        seed.format = format;
        seed.files().unwrap_err().field().unwrap().to_owned()
    };
    let card = |to: &str, via: &str| json!({"mac": "52:54:00:aa:bb:01", "addresses": ["192.0.2.7/24"], "routes": [{"to": to, "via": via}]});
    for (to, via, member) in [
        ("203.0.113.7/24", "192.0.2.1", "to"),
        ("203.0.113.0/24", "198.51.100.1", "via"),
        ("203.0.113.0/24", "fe80::1", "via"),
        ("203.0.113.0/24", "192.0.2.7", "via"),
    ] {
        let field = error(card(to, via), json!({}), Format::Cidata);
        assert_eq!(field, format!("/interfaces/0/routes/0/{member}"));
    }
    let card = card("203.0.113.0/24", "192.0.2.1");
    for (config, format) in [
        (json!({"version": 2}), Format::Config2),
        (json!({"ethernets": {}}), Format::Cidata),
        (json!({"version": 3}), Format::Cidata),
    ] {
        assert_eq!(error(card.clone(), config, format), "/network_config");
    }
}
