//! Requests and what is planned for them, without a cloud.

use serde_json::{Value, json};
use uuid::Uuid;

use super::bodies::Attached;
use super::quota::Quota;
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

fn facts() -> Facts {
    let of = |value: Value| serde_json::from_value(value).unwrap();
    Facts {
        image: serde_json::from_value(json!({
            "id": "image-id", "name": "debian", "status": "active", "virtual_size": 3_u64 << 30,
            "min_ram": 256,
        }))
        .unwrap(),
        flavor: of(json!({"id": "1", "name": "m1.small", "vcpus": 1, "ram": 512, "disk": 5})),
        links: vec![Link::Network {
            id: "network-id".into(),
            name: "private".into(),
        }],
        sec_groups: vec!["group-id".into()],
        external: None,
        quota: Quota::default(),
        warnings: Vec::new(),
    }
}

fn planned(more: Value) -> (Request, Facts, Plan) {
    let (request, facts) = (request(more).unwrap(), facts());
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
    let body = plan.port_body(port, &facts);
    assert_eq!(body["port"]["security_groups"], json!(["group-id"]));
    assert_eq!(
        body["port"]["fixed_ips"],
        json!([{"ip_address": "192.0.2.7"}])
    );
    let sizes: Vec<u64> = plan.volumes.iter().map(|volume| volume.gib).collect();
    assert_eq!(sizes, [8, 1, 2]);
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
        plan(&request(server).unwrap(), facts, Uuid::from_u128(1)).unwrap_err()
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
fn user_data_that_is_too_long_names_its_member() {
    let long = format!("#!/bin/sh\n{}", "#".repeat(50_000));
    let (request, _, plan) = planned(json!({"user_data": long}));
    let error = user_data(&plan, &request, None).unwrap_err();
    assert_eq!(error.field(), Some("/server/user_data"));
    assert!(error.message().contains("#include"), "{error}");
    let fits = format!("#!/bin/sh\n{}", "#".repeat(49_000));
    let (request, _, plan) = planned(json!({"user_data": fits}));
    assert!(user_data(&plan, &request, None).unwrap().is_some());
    let (request, _, plan) = planned(json!({}));
    assert!(user_data(&plan, &request, None).unwrap().is_none());
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
