//! Machines and network cards beyond the usual.

use serde_json::json;

use super::element::Element;
use super::{facts, planned, planned_on, request, settings};

fn refused_field(server: serde_json::Value) -> String {
    let error = request(&settings(json!({})), server).unwrap_err();
    error.field().unwrap_or_default().to_owned()
}

#[test]
fn a_network_card_has_what_it_is_asked_to_have() {
    let domain = planned(json!({"networks": [
        {"network": "lan", "portgroup": "guests", "vlan": "10", "mtu": 9000, "queues": 4},
        {"bridge": "ovsbr0", "openvswitch": true, "vlan": 20},
        {"macvtap": "eth1"},
    ]}))
    .domain();
    let cards = domain.all("devices/interface");
    assert_eq!(cards[0].at("source@portgroup"), "guests");
    assert_eq!(cards[0].at("vlan/tag@id"), "10");
    assert_eq!(cards[0].at("mtu@size"), "9000");
    assert_eq!(cards[0].at("driver@queues"), "4");
    assert_eq!(cards[1].at("virtualport@type"), "openvswitch");
    assert_eq!(cards[1].at("vlan/tag@id"), "20");
    for name in ["vlan", "virtualport", "mtu", "driver"] {
        assert!(cards[2].has_no(name), "{name}");
    }
}

#[test]
fn what_a_network_card_cannot_have_is_refused_by_its_member() {
    for (member, card) in [
        ("vlan", json!({"user": true, "vlan": 1})),
        ("vlan", json!({"network": "lan", "vlan": 4095})),
        ("vlan", json!({"network": "lan", "vlan": 0})),
        (
            "openvswitch",
            json!({"network": "lan", "openvswitch": true}),
        ),
        ("portgroup", json!({"bridge": "br0", "portgroup": "x"})),
        ("mtu", json!({"macvtap": "eth0", "mtu": 9000})),
        ("mtu", json!({"network": "lan", "mtu": 20})),
        (
            "queues",
            json!({"network": "lan", "model": "e1000", "queues": 2}),
        ),
        ("model", json!({"network": "lan", "model": "virto"})),
    ] {
        let field = refused_field(json!({"networks": [card]}));
        assert_eq!(field, format!("/server/networks/0/{member}"));
    }
}

#[test]
fn a_guest_with_two_cards_is_told_of_both() {
    let seed = |server| {
        let made = planned(server);
        let files = made.plan.seed(&made.request, None).files().unwrap();
        let path = "openstack/latest/network_data.json";
        let file = files.into_iter().find(|file| file.path == path);
        file.map(|file| serde_json::from_slice::<serde_json::Value>(&file.content).unwrap())
    };
    assert_eq!(seed(json!({"networks": ["lan"]})), None);
    let data = seed(json!({"networks": ["lan", "wan"]})).unwrap();
    assert_eq!(data["links"].as_array().unwrap().len(), 2);
    assert_eq!(data["networks"][1]["type"], "ipv4_dhcp");
    let routes = json!([{"to": "198.51.100.0/24", "via": "192.0.2.254"}]);
    let data = seed(json!({"networks": [{"network": "lan", "routes": routes}]})).unwrap();
    assert_eq!(data["networks"][0]["routes"][0]["gateway"], "192.0.2.254");
}

#[test]
fn disks_and_the_seed_have_names_of_their_own_on_any_bus() {
    for (bus, names) in [
        ("virtio", ["vda", "vdb", "sda"]),
        ("scsi", ["sda", "sdb", "sdc"]),
        ("sata", ["sda", "sdb", "sdc"]),
    ] {
        let domain = planned(json!({"disk_bus": bus, "storage_disk": 1})).domain();
        let disks = domain.all("devices/disk");
        let named: Vec<_> = disks.iter().map(|disk| disk.at("target@dev")).collect();
        assert_eq!(named, names);
        assert_eq!(disks[0].at("target@bus"), bus);
        let controllers = domain.all("devices/controller");
        let of = |kind: &str| {
            controllers
                .iter()
                .filter(|it| it.attribute("type") == kind)
                .count()
        };
        // one for each disk and card, those that every machine has, and room for more while it runs
        assert_eq!((of("scsi"), of("pci")), (1, 1 + 10 + 2));
    }
    assert_eq!(
        refused_field(json!({"disk_bus": "ide"})),
        "/server/disk_bus"
    );
}

#[test]
fn secure_boot_is_uefi_with_keys_and_a_tpm_is_emulated() {
    let mut chosen = facts();
    (chosen.hypervisor.efi, chosen.hypervisor.secure_boot) = (true, true);
    let server = json!({"secure_boot": true, "tpm": true});
    let domain = planned_on(settings(json!({})), chosen, server.clone())
        .unwrap()
        .domain();
    assert_eq!(domain.at("features/smm@state"), "on");
    let features = domain.all("os/firmware/feature");
    let features: Vec<_> = features
        .iter()
        .map(|it| (it.attribute("name"), it.attribute("enabled")))
        .collect();
    assert_eq!(features, [("secure-boot", "yes"), ("enrolled-keys", "yes")]);
    assert_eq!(domain.at("devices/tpm@model"), "tpm-crb");
    assert_eq!(domain.at("devices/tpm/backend@version"), "2.0");
    let wanted = request(&settings(json!({})), server).unwrap();
    assert_eq!(
        wanted.firmware,
        super::super::super::settings::Firmware::Uefi
    );
    let field = refused_field(json!({"secure_boot": true, "firmware": "bios"}));
    assert_eq!(field, "/server/firmware");
}

#[test]
fn a_domain_of_ones_own_is_laid_over_and_shown() {
    let made = planned(json!({"domain_xml":
        "<domain><cpu><topology sockets='1' dies='1' cores='2' threads='1'/></cpu></domain>"}));
    let domain = Element::parse(&made.xml_in("/guests"));
    assert_eq!(domain.at("cpu@mode"), "host-passthrough");
    assert_eq!(domain.at("cpu/topology@cores"), "2");

    let made = planned(json!({"domain_xml": "<domain><uuid>1</uuid></domain>"}));
    let error = made.plan.definition(
        &made.settings,
        &made.request,
        &made.facts,
        &super::Made::default(),
    );
    assert_eq!(error.unwrap_err().field(), Some("/server/domain_xml"));
}

#[test]
fn emulation_has_a_cpu_of_its_own_where_kvm_fails() {
    let emulated = facts().hypervisor.without_kvm();
    assert_eq!(emulated.cpu.as_deref(), Some("maximum"));
    assert_eq!(emulated.domain_type, "qemu");
}

#[test]
fn an_ignition_config_is_read_by_the_firmware_and_stands_alone() {
    let config = r#"{"ignition": {"version": "3.4.0"}}"#;
    let domain = planned(json!({"user_data": config})).domain();
    let entries = domain.all("sysinfo/entry");
    assert_eq!(entries[0].attribute("name"), "opt/com.coreos/config");
    assert_eq!(
        entries[1].attribute("file"),
        "/guests/web1.12345678.seed.iso"
    );
    assert_eq!(domain.all("devices/disk").len(), 1);
    // an editor's mark is none of it
    let marked = planned(json!({"user_data": format!("\u{feff}{config}")}));
    assert_eq!(marked.request.ignition(), Some(config));
    let usual = planned(json!({"user_data": "#!/bin/sh"})).domain();
    assert!(usual.has_no("sysinfo"));

    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5C1vhEEvgqSJT2xwxZBAAmfIJyMjyYQ4C8M7lzL5nM a";
    let field = refused_field(json!({"user_data": config, "ssh_keys": [key]}));
    assert_eq!(field, "/server/ssh_keys");
    let routes = json!([{"to": "198.51.100.0/24", "via": "192.0.2.254"}]);
    for (member, value, refused) in [
        ("network_config", json!({"version": 2}), "network_config"),
        ("addresses", json!(["192.0.2.7/24"]), "network"),
        (
            "networks",
            json!([{"network": "lan", "routes": routes}]),
            "networks/0",
        ),
        (
            "networks",
            json!([{"network": "lan", "dns": ["192.0.2.53"]}]),
            "networks/0",
        ),
    ] {
        let mut server = json!({"user_data": config, "network": "lan"});
        if member == "networks" {
            server.as_object_mut().unwrap().remove("network");
        }
        server[member] = value;
        assert_eq!(refused_field(server), format!("/server/{refused}"));
    }
}
