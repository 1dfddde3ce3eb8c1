//! Requests and what is planned for them, without a cloud.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::Digest as _;
use uuid::Uuid;

use super::bodies::Attached;
use super::floating_ip::FloatingIpFacts;
use super::quota::Quota;
use super::volume_facts::VolumeFacts;
use super::{Facts, Link, Plan, Request, digest, plan, user_data};
use crate::drivers::openstack::record::Record;
use crate::drivers::openstack::settings::Settings;
use crate::{Error, Kind, Result};

fn settings(more: Value) -> Settings {
    let mut provider = json!({
        "driver_name": "openstack",
        "provider_name": "cloud",
        "host_ip": "cloud.example.org:5000",
        "username": "demo",
        "password": "hunter2",
        "tenant": "demo",
        "defaults": {"network": "private", "image": "debian", "size": "m1.small"},
    });
    provider
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    Settings::read(&serde_json::from_value(provider).unwrap()).unwrap()
}

fn request(more: Value) -> Result<Request> {
    let mut server = json!({"server_name": "web1"});
    server
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let spec = serde_json::from_value(server).unwrap();
    let server = super::MEMBERS.check(&spec, &[])?;
    Request::read(&settings(json!({})), &server)
}

fn refused(more: Value) -> Error {
    request(more).unwrap_err()
}

fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn facts() -> Facts {
    Facts {
        image: of(json!({
            "id": "image-id", "name": "debian", "status": "active", "virtual_size": 3_u64 << 30,
            "min_ram": 256,
        })),
        flavor: of(json!({"id": "1", "name": "m1.small", "vcpus": 1, "ram": 512, "disk": 5})),
        links: vec![Link::Network {
            id: "network-id".into(),
            name: "private".into(),
            subnet: None,
            sec_groups: Some(vec!["group-id".into()]),
        }],
        floating_ip: None,
        volumes: Vec::new(),
        server_group: None,
        quota: Quota::default(),
        warnings: Vec::new(),
    }
}

fn planned(more: Value) -> (Request, Facts, Plan) {
    let (request, mut facts) = (request(more).unwrap(), facts());
    facts.volumes = vec![VolumeFacts::default(); request.volumes.len()];
    let plan = plan(&request, &facts, Uuid::from_u128(1)).unwrap();
    (request, facts, plan)
}

fn server_body(request: &Request, facts: &Facts, plan: &Plan) -> Value {
    let ids = |kind: &str, count: usize| -> Vec<String> {
        (0..count).map(|index| format!("{kind}-{index}")).collect()
    };
    let (ports, volumes) = (
        ids("port", plan.ports.len()),
        ids("volume", plan.volumes.len()),
    );
    let attached = Attached {
        ports: &ports,
        volumes: &volumes,
    };
    plan.server_body(request, facts, &plan.record, attached, None)["server"].take()
}

#[test]
fn what_a_cloud_has_nothing_for_is_refused_by_its_member() {
    for (member, value) in [
        ("virt_type", json!("kvm")),
        ("machine", json!("q35")),
        ("firmware", json!("uefi")),
        ("graphics", json!("vnc")),
        ("pool", json!("default")),
        ("clone", json!("full")),
        ("gateways", json!(["192.0.2.1"])),
        ("dns", json!(["192.0.2.1"])),
    ] {
        let error = refused(json!({member: value}));
        assert_eq!(error.kind(), Kind::InvalidField, "{member}");
        assert_eq!(error.field(), Some(format!("/server/{member}").as_str()));
    }
    for (server, field) in [
        (json!({"seed": {"bus": "sata"}}), "/server/seed/bus"),
        (json!({"seed": {"format": "cidata"}}), "/server/seed/format"),
        (
            json!({"disks": [{"size": 1, "pool": "p"}]}),
            "/server/disks/0/pool",
        ),
        (json!({"disks": [{"size": 0}]}), "/server/disks/0"),
        (json!({"storage_disk": 65_537}), "/server/storage_disk"),
        (
            json!({"disks": vec![json!({"size": 1}); 25]}),
            "/server/disks",
        ),
        (
            json!({"networks": vec![json!("a"); 17]}),
            "/server/networks",
        ),
        (
            json!({"minion": {"master_finger": "not a finger"}}),
            "/server/minion/master_finger",
        ),
        (
            json!({"minion": {"master_key": "not a key"}}),
            "/server/minion/master_key",
        ),
        (
            json!({"minion": {"sign_key": "not a key"}}),
            "/server/minion/sign_key",
        ),
        (
            json!({"networks": [{"bridge": "br0"}]}),
            "/server/networks/0/bridge",
        ),
        (
            json!({"networks": [{"user": true}]}),
            "/server/networks/0/user",
        ),
        (
            json!({"networks": ["a", {"network": "b", "model": "e1000"}]}),
            "/server/networks/1/model",
        ),
        (
            json!({"networks": [{"port": "p", "mac": "52:54:00:00:00:01"}]}),
            "/server/networks/0",
        ),
        (json!({"networks": [{}]}), "/server/networks/0"),
        (
            json!({"network": "a", "networks": ["b"]}),
            "/server/network",
        ),
        (
            json!({"sec_group": "a", "sec_groups": ["b"]}),
            "/server/sec_group",
        ),
        (json!({"role": "é".repeat(256)}), "/server/role"),
        (
            json!({"boot_volume": {"size": 0}}),
            "/server/boot_volume/size",
        ),
        (json!({"server_name": "a b"}), "/server/server_name"),
    ] {
        assert_eq!(refused(server.clone()).field(), Some(field), "{server}");
    }
    assert!(request(json!({"clone": "linked", "seed": {"format": "config-2"}})).is_ok());
}

#[test]
fn the_digest_is_of_what_shapes_the_server() {
    let one = digest(&request(json!({"role": "web"})).unwrap());
    for same in [
        json!({"role": "web", "network": "private", "image": "debian"}),
        json!({"role": "web", "networks": ["private"], "size": "m1.small"}),
    ] {
        // what the defaults say is the same as saying it
        assert_eq!(digest(&request(same.clone()).unwrap()), one, "{same}");
    }
    for other in [
        json!({"role": "db"}),
        json!({"role": "web", "network": "other"}),
        json!({"role": "web", "size": "m1.large"}),
        json!({"role": "web", "sec_group": "web"}),
        json!({"role": "web", "storage_disk": 1}),
        json!({"role": "web", "floating_ip": ""}),
        json!({"role": "web", "boot_volume": {}}),
        json!({"role": "web", "addresses": ["192.0.2.7/24"]}),
        json!({"role": "web", "user_data": "#!/bin/sh"}),
    ] {
        assert_ne!(digest(&request(other.clone()).unwrap()), one, "{other}");
    }
}

/// Whoever changes this lets no server that was made before be known again.
#[test]
fn the_digest_of_a_request_stays_what_it_was() {
    let digests = [
        json!({}),
        json!({
            "role": "web", "storage_disk": 5, "disks": [{"size": 2}], "sec_groups": ["web"],
            "networks": [{"network": "lan", "addresses": ["192.0.2.7/24"]}], "floating_ip": "public",
            "ssh_keys": ["ssh-ed25519 AAAA a"], "user_data": "echo", "boot_volume": {"size": 8},
            "minion": {"master": "m", "grains": {"a": 1}, "pki_dir": "/p"},
        }),
    ]
    .map(|server| digest(&request(server).unwrap()));
    assert_eq!(
        digests,
        [
            "1eec566ab992fc5ed4142cffaa08fac724a4a06fdbc9bd82fa1f92e3027b5469",
            "38151d30dbe29c10bfd797367dc43cec510beae6b8081c48fbfebe1cf7f2aeb2",
        ]
    );
}

#[test]
fn an_empty_list_of_networks_is_a_server_without_any() {
    let none = request(json!({"networks": []})).unwrap();
    assert!(none.interfaces.is_empty());
    assert_ne!(digest(&none), digest(&request(json!({})).unwrap()));
}

#[test]
fn all_that_is_made_has_a_name_of_its_own() {
    let (request, facts, plan) = planned(json!({
        "ssh_keys": ["ssh-ed25519 AAAA a"], "storage_disk": 1, "disks": [{"size": 2}],
        "boot_volume": {"size": 8}, "addresses": ["192.0.2.7/24"],
    }));
    let creation = Uuid::from_u128(1).to_string();
    let port = match &plan.ports[0] {
        super::PlannedPort::New(port) => port,
        super::PlannedPort::Given(_) => panic!("no port is made"),
    };
    let mut names: Vec<&str> = plan.volumes.iter().map(|v| v.name.as_str()).collect();
    names.push(&port.name);
    names.extend(plan.key_pair.as_deref());
    for name in &names {
        assert!(name.contains(&creation), "{name}");
        assert_eq!(names.iter().filter(|other| *other == name).count(), 1);
    }
    let body = plan.port_body(port);
    assert_eq!(body["port"]["security_groups"], json!(["group-id"]));
    assert_eq!(
        body["port"]["fixed_ips"],
        json!([{"ip_address": "192.0.2.7"}])
    );
    let sizes: Vec<_> = plan.volumes.iter().map(|volume| volume.gib).collect();
    assert_eq!(sizes, [Some(8), Some(1), Some(2)]);
    let server = server_body(&request, &facts, &plan);
    assert_eq!(server["key_name"], format!("va-{creation}"));
    assert_eq!(server["networks"], json!([{"port": "port-0"}]));
    assert_eq!(server["config_drive"], true);
    assert_eq!(server.get("imageRef"), None);
    let devices = server["block_device_mapping_v2"].as_array().unwrap();
    let order: Vec<_> = devices
        .iter()
        .map(|device| {
            (
                device["uuid"].as_str().unwrap(),
                device["boot_index"].as_i64(),
            )
        })
        .collect();
    let expected = [
        ("volume-0", Some(0)),
        ("volume-1", Some(-1)),
        ("volume-2", Some(-1)),
    ];
    assert_eq!(order, expected);
}

#[test]
fn an_images_own_disk_stands_beside_extra_ones() {
    let (request, facts, plan) = planned(json!({"storage_disk": 1}));
    let server = server_body(&request, &facts, &plan);
    assert_eq!(server["imageRef"], "image-id");
    let devices = &server["block_device_mapping_v2"];
    assert_eq!(devices[0]["destination_type"], "local");
    assert_eq!(devices[0]["uuid"], "image-id");
    assert_eq!(devices[1]["uuid"], "volume-0");
    let (request, facts, plan) = planned(json!({}));
    let server = server_body(&request, &facts, &plan);
    assert_eq!(server.get("block_device_mapping_v2"), None);
    let metadata: indexmap::IndexMap<String, String> =
        serde_json::from_value(server["metadata"].clone()).unwrap();
    assert_eq!(Record::of(&metadata).unwrap().spec, digest(&request));
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_made() {
    let plan_error = |server: Value, facts: &Facts| {
        let (request, mut facts) = (request(server).unwrap(), facts.clone());
        facts.volumes = vec![VolumeFacts::default(); request.volumes.len()];
        plan(&request, &facts, Uuid::from_u128(1)).unwrap_err()
    };
    let mut small = facts();
    small.flavor.disk = 2;
    let error = plan_error(json!({}), &small);
    assert_eq!(error.field(), Some("/server/size"));
    assert!(error.message().contains("3 GiB"), "{error}");
    let error = plan_error(json!({"boot_volume": {"size": 2}}), &facts());
    assert_eq!(error.field(), Some("/server/boot_volume/size"));
    small.flavor.ram = 128;
    small.flavor.disk = 0;
    assert_eq!(plan_error(json!({}), &small).field(), Some("/server/size"));
    let mut full = facts();
    full.quota = Quota::with_cores(4, 4);
    assert_eq!(plan_error(json!({}), &full).kind(), Kind::QuotaExceeded);
}

#[test]
fn user_data_that_is_too_long_is_packed_or_names_its_member() {
    let data = |lines: String| {
        let (request, _, plan) = planned(json!({"user_data": format!("#!/bin/sh\n{lines}")}));
        user_data(&plan, &request, None)
    };
    // as hard to pack as anything
    let digests =
        (0..2000_u32).map(|number| hex::encode(sha2::Sha256::digest(number.to_be_bytes())));
    let error = data(digests.collect::<Vec<_>>().join("\n")).unwrap_err();
    assert_eq!(error.field(), Some("/server/user_data"));
    assert!(error.message().contains("#include"), "{error}");
    let content = |text: String| STANDARD.decode(text).unwrap();
    let plain = content(data("#".repeat(49_000)).unwrap().unwrap().to_string());
    assert!(!plain.starts_with(b"\x1f\x8b"));
    let packed = content(data("#".repeat(90_000)).unwrap().unwrap().to_string());
    let mut text = String::new();
    let mut reader = flate2::read::GzDecoder::new(packed.as_slice());
    reader.read_to_string(&mut text).unwrap();
    assert!(text.contains(&"#".repeat(90_000)));
    let (request, _, plan) = planned(json!({}));
    assert!(user_data(&plan, &request, None).unwrap().is_none());
}

#[test]
fn an_interface_says_what_of_its_network_applies() {
    let port = |interface: Value, link: Value| {
        let request = request(json!({"networks": [interface]})).unwrap();
        let mut facts = facts();
        if let Link::Network {
            subnet, sec_groups, ..
        } = &mut facts.links[0]
        {
            *subnet = of(link["subnet"].clone());
            *sec_groups = of(link["sec_groups"].clone());
        }
        let plan = plan(&request, &facts, Uuid::from_u128(1)).unwrap();
        match &plan.ports[0] {
            super::PlannedPort::New(port) => plan.port_body(port)["port"].clone(),
            super::PlannedPort::Given(_) => panic!("no port is made"),
        }
    };
    let body = port(
        json!({
            "network": "a", "subnet": "b", "port_security": true,
            "allowed_address_pairs": [{"ip_address": "10.0.0.0/24", "mac_address": "52-54-00-00-00-01"}],
        }),
        json!({"subnet": "subnet-id", "sec_groups": []}),
    );
    assert_eq!(body["fixed_ips"], json!([{"subnet_id": "subnet-id"}]));
    assert_eq!(body["security_groups"], json!([]));
    assert_eq!(body["port_security_enabled"], true);
    let pair = json!({"ip_address": "10.0.0.0/24", "mac_address": "52:54:00:00:00:01"});
    assert_eq!(body["allowed_address_pairs"], json!([pair]));
    let body = port(
        json!({"network": "a", "addresses": ["10.0.0.5/24"], "subnet": "b"}),
        json!({"subnet": "subnet-id", "sec_groups": null}),
    );
    let fixed = json!([{"ip_address": "10.0.0.5", "subnet_id": "subnet-id"}]);
    assert_eq!(body["fixed_ips"], fixed);
    for absent in [
        "security_groups",
        "port_security_enabled",
        "allowed_address_pairs",
    ] {
        assert_eq!(body.get(absent), None);
    }
    for (interface, field) in [
        (json!({"port": "p", "subnet": "s"}), "/server/networks/0"),
        (json!({"port": "p", "sec_groups": []}), "/server/networks/0"),
        (
            json!({"port": "p", "port_security": false}),
            "/server/networks/0",
        ),
        (
            json!({"network": "n", "port_security": false, "sec_groups": ["g"]}),
            "/server/networks/0/port_security",
        ),
        (
            json!({"network": "n", "sec_groups": ["g", ""]}),
            "/server/networks/0/sec_groups/1",
        ),
        (
            json!({"network": "n", "allowed_address_pairs": [{"ip_address": "10.0.0"}]}),
            "/server/networks/0/allowed_address_pairs/0/ip_address",
        ),
    ] {
        let error = refused(json!({"networks": [interface]}));
        assert_eq!(error.field(), Some(field), "{error}");
    }
    let leads_here = |network: &str| json!({"network": network, "floating_ip": true});
    let error = refused(json!({"networks": ["a", leads_here("b"), leads_here("c")]}));
    assert_eq!(
        error.field(),
        Some("/server/networks/2/floating_ip"),
        "{error}"
    );
}

#[test]
fn a_volume_is_what_is_said_of_it() {
    let server = json!({
        "boot_volume": {"snapshot": "monday", "delete_on_termination": false},
        "disks": [
            {"volume": "data"},
            {"size": 3, "volume_type": "fast", "availability_zone": "two", "delete_on_termination": false},
        ],
    });
    let (request, mut facts) = (request(server).unwrap(), facts());
    facts.image = None;
    let found = |value: Value| VolumeFacts {
        source: of(value),
        zone: None,
    };
    facts.volumes = vec![
        found(json!({"id": "snapshot-id", "size": 7})),
        found(json!({"id": "data-id", "name": "data", "size": 9})),
        VolumeFacts {
            source: None,
            zone: Some("two".to_owned()),
        },
    ];
    let plan = plan(&request, &facts, Uuid::from_u128(1)).unwrap();
    let body = |index: usize| plan.volume_body(&plan.volumes[index])["volume"].clone();
    assert_eq!(body(0)["snapshot_id"], "snapshot-id");
    assert_eq!((body(0).get("size"), body(0).get("imageRef")), (None, None));
    assert_eq!(body(0)["metadata"]["va-driver.kept"], "true");
    assert_eq!(body(2)["volume_type"], "fast");
    assert_eq!(body(2)["availability_zone"], "two");
    let server = server_body(&request, &facts, &plan);
    assert_eq!(server.get("imageRef"), None);
    for device in server["block_device_mapping_v2"].as_array().unwrap() {
        assert_eq!(device["delete_on_termination"], false);
    }
    assert_eq!(request.image, "");
    assert_eq!(plan.record.image, "");
    for (server, field) in [
        (
            json!({"image": "debian", "boot_volume": {"volume": "v"}}),
            "/server/image",
        ),
        (json!({"disks": [{}]}), "/server/disks/0/size"),
        (
            json!({"disks": [{"volume": "v", "size": 1}]}),
            "/server/disks/0/size",
        ),
        (
            json!({"boot_volume": {"volume": "v", "snapshot": "s"}}),
            "/server/boot_volume/snapshot",
        ),
        (
            json!({"boot_volume": {"volume": "v", "delete_on_termination": true}}),
            "/server/boot_volume/delete_on_termination",
        ),
        (
            json!({"boot_volume": {"pool": "p"}}),
            "/server/boot_volume/pool",
        ),
    ] {
        let error = refused(server);
        assert_eq!(error.field(), Some(field), "{error}");
    }
}

#[test]
fn what_is_said_of_a_server_reaches_nova() {
    let (request, mut facts, plan) = planned(json!({
        "metadata": {"owner": "ops", "tier": 1}, "tags": ["a"], "description": "for people",
        "config_drive": false, "scheduler_hints": {"different_host": ["x"]}, "server_group": "apart",
    }));
    facts.server_group = Some("group-id".into());
    let attached = Attached {
        ports: &[],
        volumes: &[],
    };
    let body = plan.server_body(&request, &facts, &plan.record, attached, None);
    let hints = json!({"different_host": ["x"], "group": "group-id"});
    assert_eq!(body["os:scheduler_hints"], hints);
    let server = &body["server"];
    assert_eq!(server["metadata"]["owner"], "ops");
    assert_eq!(server["metadata"]["tier"], "1");
    assert_eq!(server["tags"], json!(["a"]));
    assert_eq!(server["description"], "for people");
    assert_eq!(server["config_drive"], false);
    for (server, field) in [
        (
            json!({"metadata": {"va-driver.creation": "x"}}),
            "/server/metadata/va-driver.creation",
        ),
        (json!({"metadata": {"a": []}}), "/server/metadata/a"),
        (
            json!({"server_group": "a", "scheduler_hints": {"group": "b"}}),
            "/server/scheduler_hints/group",
        ),
    ] {
        let error = refused(server);
        assert_eq!(error.field(), Some(field), "{error}");
    }
}

#[test]
fn a_floating_ip_that_is_used_is_asked_for_no_more() {
    let (request, mut facts) = (request(json!({"floating_ip": ""})).unwrap(), facts());
    facts.floating_ip = Some(FloatingIpFacts {
        network: of(json!({"id": "public-id", "name": "public"})),
        link: 0,
        existing: of(json!({
            "id": "floating-id", "floating_ip_address": "203.0.113.5", "floating_network_id": "public-id",
        })),
    });
    let plan = plan(&request, &facts, Uuid::from_u128(1)).unwrap();
    let answer = super::answer(&plan, &request, &facts, None, false);
    let asked = &answer.plan["requests"][1];
    assert_eq!(asked["method"], "PUT");
    assert_eq!(asked["path"], "/v2.0/floatingips/floating-id");
    assert!(
        answer.steps[1].contains("203.0.113.5, which stays"),
        "{:?}",
        answer.steps
    );
}

#[test]
fn a_plan_shows_no_secret() {
    let (request, facts, plan) = planned(json!({
        "user_data": "#!/bin/sh\necho hunter2",
        "minion": {"keys": {"public": "p", "private": "hunter2"}},
    }));
    let answer = super::answer(&plan, &request, &facts, Some(1), false);
    let text = serde_json::to_string(&answer).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    let paths = answer.plan["requests"].as_array().unwrap().iter();
    let paths: Vec<_> = paths
        .map(|request| request["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["/v2.0/ports", "/servers"]);
}
