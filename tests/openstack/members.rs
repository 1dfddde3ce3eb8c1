//! What a server of a cloud may be given beside the usual, and what the driver finds out by asking.

use std::thread;

use serde_json::{Value, json};

use crate::common::master::Master;
use crate::common::openstack::{OpenStack, Rest};
use crate::create::{about, request};
use crate::fault_proxy::FaultProxy;
use crate::leftovers::{all, leftovers, server};

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

fn network(cloud: &Rest, name: &str) -> Value {
    all(
        cloud,
        "network",
        &format!("/v2.0/networks?name={name}"),
        "networks",
    )
    .remove(0)
}

/// A floating IP of somebody's own.
fn floating_ip(cloud: &Rest) -> Value {
    let body = json!({
        "floating_network_id": network(cloud, "public")["id"], "description": "somebody's own",
    });
    cloud.post("network", "/v2.0/floatingips", &json!({"floatingip": body}))["floatingip"].clone()
}

/// The port on `network` of the server `name`.
fn port(cloud: &Rest, name: &str, network: &Value) -> Value {
    let seen = server(cloud, name);
    let path = format!("/v2.0/ports?device_id={}", id(&seen));
    let mut ports = all(cloud, "network", &path, "ports");
    ports.retain(|port| port["network_id"] == network["id"]);
    assert_eq!(ports.len(), 1, "{ports:#?}");
    ports.remove(0)
}

#[test]
fn a_floating_ip_leads_to_the_interface_that_has_a_way_to_it() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let name = "on-two-networks";
    let said = json!({"server_name": "says-the-wrong-one", "floating_ip": "public", "networks": [
        {"network": "second", "floating_ip": true}, "private",
    ]});
    let chosen = json!({"server_name": name, "floating_ip": "", "networks": ["second", "private"]});
    let usual = bed.provider_with(&json!({"nat_destination": "second"}));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut spec = chosen.clone();
            spec["server_name"] = json!("on-the-usual-one");
            let wanted = json!({"provider": usual, "server": spec});
            let error = master.fails("not_found", "server.create", &wanted);
            assert_eq!(error["data"]["field"], "/server/floating_ip", "{error:#}");
        });
        scope.spawn(|| {
            let error = master.fails("not_found", "server.create", &request(bed, &said));
            assert_eq!(error["data"]["field"], "/server/floating_ip", "{error:#}");
            assert_eq!(leftovers(&demo, "says-the-wrong-one"), [""; 0]);
        });
        master.ok("server.create", &request(bed, &chosen));
    });
    let port = port(&demo, name, &network(&demo, "private"));
    let path = format!("/v2.0/floatingips?port_id={}", id(&port));
    assert_eq!(all(&demo, "network", &path, "floatingips").len(), 1);
    master.ok("server.delete", &about(bed, name));
    assert_eq!(leftovers(&demo, name), [""; 0]);
}

#[test]
fn a_floating_ip_of_ones_own_is_used_and_given_back() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let own = floating_ip(&demo);
    let path = format!("/v2.0/floatingips/{}", id(&own));
    let leads_to = || demo.get("network", &path)["floatingip"]["port_id"].clone();
    // on a port that is made, and on one that stays
    let given = json!({"network_id": network(&demo, "private")["id"], "name": "for-an-address"});
    let given = demo.post("network", "/v2.0/ports", &json!({"port": given}))["port"].clone();
    for interface in [json!("private"), json!({"port": given["id"]})] {
        let spec = json!({
            "server_name": "addressed", "floating_ip": own["floating_ip_address"], "networks": [interface],
        });
        master.ok("server.create", &request(bed, &spec));
        assert_eq!(
            leads_to(),
            port(&demo, "addressed", &network(&demo, "private"))["id"]
        );
        assert_eq!(
            master.ok("server.create", &request(bed, &spec))["created"],
            false
        );
        let mut other = spec.clone();
        other["server_name"] = json!("too-late");
        other["networks"] = json!(["private"]);
        let error = master.fails("conflict", "server.create", &request(bed, &other));
        assert_eq!(error["data"]["field"], "/server/floating_ip");
        let gone = master.ok("server.delete", &about(bed, "addressed"));
        let removed = gone["removed"].as_array().unwrap();
        assert!(
            removed.iter().any(|one| one["resource"] == "association"),
            "{gone:#}"
        );
        let seen = demo.get("network", &path)["floatingip"].clone();
        assert_eq!(
            (&seen["port_id"], &seen["description"]),
            (&json!(null), &own["description"])
        );
    }
    // what fails late gives it back, too
    let failing = json!({
        "server_name": "fails-late", "floating_ip": own["floating_ip_address"], "size": "m1.huge",
    });
    master.fails("quota_exceeded", "server.create", &request(bed, &failing));
    assert_eq!(leads_to(), json!(null));
    demo.delete("network", &path);
    demo.delete("network", &format!("/v2.0/ports/{}", id(&given)));
    let unknown = json!({"server_name": "nobodys", "floating_ip": "203.0.113.9"});
    let error = master.fails("not_found", "server.create", &request(bed, &unknown));
    assert_eq!(error["data"]["field"], "/server/floating_ip");
}

/// A project of demo's in which there is room for one floating IP, with a way to the external network.
fn narrow_project(bed: &OpenStack) -> (Value, Rest) {
    let (admin, demo) = (bed.admin(), bed.demo());
    let project = json!({"project": {"name": "narrow"}});
    let project = admin.post("identity", "/projects", &project)["project"].clone();
    let mut roles = admin.get("identity", "/roles?name=member")["roles"].take();
    let path = format!(
        "/projects/{}/users/{}/roles/{}",
        id(&project),
        demo.user_id,
        id(&roles[0].take())
    );
    admin.put("identity", &path, &json!({}));
    let path = format!("/v2.0/quotas/{}", id(&project));
    admin.put("network", &path, &json!({"quota": {"floatingip": 1}}));
    let narrow = Rest::log_in(
        bed.env("VA_OS_AUTH_URL"),
        bed.env("VA_OS_USERNAME"),
        bed.env("VA_OS_PASSWORD"),
        "narrow",
    );
    let make = |path: &str, member: &str, body: Value| {
        narrow.post("network", path, &json!({member: body}))[member].clone()
    };
    let inner = make("/v2.0/networks", "network", json!({"name": "inner"}));
    let subnet = json!({"network_id": inner["id"], "cidr": "10.70.0.0/24", "ip_version": 4});
    let subnet = make("/v2.0/subnets", "subnet", subnet);
    let gateway = json!({"network_id": network(&narrow, "public")["id"]});
    let router = make(
        "/v2.0/routers",
        "router",
        json!({"external_gateway_info": gateway}),
    );
    let path = format!("/v2.0/routers/{}/add_router_interface", id(&router));
    narrow.put("network", &path, &json!({"subnet_id": subnet["id"]}));
    let defaults = json!({"network": "inner", "image": "tiny", "size": "m1.tiny"});
    let provider = bed.provider_with(&json!({"tenant": "narrow", "defaults": defaults}));
    (provider, narrow)
}

#[test]
fn a_free_floating_ip_is_used_where_there_is_no_room_for_another() {
    let bed = OpenStack::shared();
    let (provider, narrow) = narrow_project(bed);
    let master = Master::new();
    let asked = |spec: Value| json!({"provider": provider, "server": spec});
    let own = floating_ip(&narrow);
    let spec = json!({"server_name": "frugal", "floating_ip": "public"});
    master.ok("server.create", &asked(spec));
    let path = format!("/v2.0/floatingips/{}", id(&own));
    let port = narrow.get("network", &path)["floatingip"]["port_id"].clone();
    assert!(port.is_string(), "{port}");
    // now there is neither
    let spec = json!({"server_name": "greedy", "floating_ip": "public"});
    let error = master.fails("quota_exceeded", "server.create", &asked(spec));
    assert_eq!(error["data"]["field"], "/server/floating_ip");
    let gone = json!({"provider": provider, "server_name": "frugal"});
    master.ok("server.delete", &gone);
    assert_eq!(
        narrow.get("network", &path)["floatingip"]["port_id"],
        json!(null)
    );
}

#[test]
fn volumes_are_what_is_said_of_them_and_stay_where_that_is_said() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let made = |path: &str, member: &str, body: Value| -> Value {
        let made = demo.post("volumev3", path, &json!({member: body}))[member].clone();
        let path = format!("{path}/{}", id(&made));
        while demo.get("volumev3", &path)[member]["status"] != "available" {
            thread::sleep(std::time::Duration::from_millis(200));
        }
        made
    };
    let image = all(&demo, "image", "/v2/images?name=tiny", "images").remove(0);
    let root = made(
        "/volumes",
        "volume",
        json!({"name": "golden", "size": 1, "imageRef": image["id"]}),
    );
    let snapshot = made(
        "/snapshots",
        "snapshot",
        json!({"name": "golden-shot", "volume_id": root["id"]}),
    );
    let data = made(
        "/volumes",
        "volume",
        json!({"name": "some-data", "size": 1}),
    );
    let volume =
        |of: &Value| demo.get("volumev3", &format!("/volumes/{}", id(of)))["volume"].clone();

    let name = "stateful";
    let spec = json!({
        "server_name": name, "availability_zone": "zone-one",
        "boot_volume": {"snapshot": "golden-shot", "delete_on_termination": false},
        "disks": [{"volume": "some-data"}, {"size": 1, "volume_type": "slow", "availability_zone": "nova"}],
    });
    let mut wrong = spec.clone();
    wrong["disks"][1]["availability_zone"] = json!("zone-one");
    let error = master.fails("not_found", "server.plan", &request(bed, &wrong));
    assert_eq!(error["data"]["field"], "/server/disks/1/availability_zone");
    wrong["disks"] = json!([]);
    wrong["boot_volume"] = json!({"volume": "some-data"});
    let error = master.fails("invalid_field", "server.plan", &request(bed, &wrong));
    assert_eq!(
        error["data"]["field"], "/server/boot_volume/volume",
        "{error:#}"
    );

    master.ok("server.create", &request(bed, &spec));
    let seen = server(&demo, name);
    assert_eq!(seen["image"], "");
    let volumes = seen["os-extended-volumes:volumes_attached"]
        .as_array()
        .unwrap();
    let ends = volumes.iter().map(|one| &one["delete_on_termination"]);
    assert_eq!(ends.filter(|one| **one == true).count(), 1, "{volumes:#?}");
    assert_eq!(volume(&data)["attachments"][0]["server_id"], seen["id"]);
    let of = |member: &str| seen["metadata"][format!("va-driver.{member}")].clone();
    let kept = json!({"id": of("kept.0")});
    assert_eq!(volume(&kept)["snapshot_id"], snapshot["id"]);
    assert_eq!(
        volume(&json!({"id": of("volume.0")}))["volume_type"],
        "slow"
    );
    assert_eq!(
        master.ok("server.create", &request(bed, &spec))["created"],
        false
    );

    let mut dry = about(bed, name);
    dry["dry_run"] = json!(true);
    let told = master.ok("server.delete", &dry);
    let gone = master.ok("server.delete", &about(bed, name));
    assert_eq!(told["would_stay"], gone["left"], "{told:#}");
    assert_eq!(gone["left"][0]["name"], kept["id"], "{gone:#}");
    assert_eq!(leftovers(&demo, name).len(), 1, "{gone:#}");
    // long afterwards, it is nobody's remains
    let aged = FaultProxy::aged(bed).provider(bed);
    let recovery = json!({"provider": aged, "remove_orphans": true, "dry_run": true});
    let told = master.ok("server.recover", &recovery);
    assert!(!told.to_string().contains(name), "{told:#}");
    for (one, status) in [(&kept, "available"), (&data, "available")] {
        assert_eq!(volume(one)["status"], status);
    }
    let again = json!({"server_name": name, "boot_volume": {"volume": kept["id"]}});
    master.ok("server.create", &request(bed, &again));
    master.ok("server.delete", &about(bed, name));
    assert_eq!(volume(&kept)["status"], "available");
    for (path, one) in [
        ("/volumes", &kept),
        ("/volumes", &data),
        ("/snapshots", &snapshot),
    ] {
        demo.delete("volumev3", &format!("{path}/{}", id(one)));
    }
}

#[test]
fn each_interface_has_what_is_said_of_it() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let open = json!({"network": {"name": "open", "port_security_enabled": false}});
    let open = demo.post("network", "/v2.0/networks", &open)["network"].clone();
    let subnet = json!({"network_id": open["id"], "cidr": "10.71.0.0/24", "ip_version": 4, "name": "open-sub"});
    demo.post("network", "/v2.0/subnets", &json!({"subnet": subnet}));
    let name = "various";
    let spec = json!({"server_name": name, "sec_groups": ["web", "ssh"], "networks": [
        "private",
        {"network": "open", "subnet": "open-sub", "addresses": ["10.71.0.9/24"]},
        {"network": "second", "sec_groups": [],
         "allowed_address_pairs": [{"ip_address": "10.62.0.99"}]},
        {"network": "dual", "port_security": false},
        {"network": "shared", "security_groups": ["ssh"]},
    ]});
    let made = master.ok("server.create", &request(bed, &spec));
    assert_eq!(
        made["warnings"].as_array().map_or(0, Vec::len),
        0,
        "{made:#}"
    );
    let port = |network_name: &str| port(&demo, name, &network(&demo, network_name));
    let groups = |network_name: &str| {
        port(network_name)["security_groups"]
            .as_array()
            .unwrap()
            .len()
    };
    let counts = ["private", "open", "second", "dual", "shared"].map(groups);
    assert_eq!(counts, [2, 0, 0, 0, 1]);
    assert_eq!(port("open")["fixed_ips"][0]["ip_address"], "10.71.0.9");
    assert_eq!(port("second")["port_security_enabled"], true);
    assert_eq!(
        port("second")["allowed_address_pairs"][0]["ip_address"],
        "10.62.0.99"
    );
    assert_eq!(port("dual")["port_security_enabled"], false);
    let wrong =
        json!({"server_name": "wrong", "networks": [{"network": "private", "subnet": "open-sub"}]});
    let error = master.fails("not_found", "server.plan", &request(bed, &wrong));
    assert_eq!(error["data"]["field"], "/server/networks/0/subnet");
    let only = json!({"server_name": "wrong", "networks": ["open"], "sec_group": "web"});
    let plan = master.ok("server.plan", &request(bed, &only));
    assert!(
        plan["warnings"].to_string().contains("security groups"),
        "{plan:#}"
    );
    master.ok("server.delete", &about(bed, name));
    assert_eq!(leftovers(&demo, name), [""; 0]);
    demo.delete("network", &format!("/v2.0/networks/{}", id(&open)));
}

#[test]
fn group_metadata_tags_and_description_are_the_servers() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let group = json!({"server_group": {"name": "apart", "policy": "anti-affinity"}});
    let group = demo.post("compute", "/os-server-groups", &group)["server_group"].clone();
    let name = "described";
    let spec = json!({
        "server_name": name, "server_group": "apart", "metadata": {"owner": "ops"}, "tags": ["web"],
        "description": "for people", "config_drive": false,
    });
    master.ok("server.create", &request(bed, &spec));
    let seen = server(&demo, name);
    assert_eq!(seen["metadata"]["owner"], "ops");
    assert_eq!(seen["tags"], json!(["web"]));
    assert_eq!(seen["description"], "for people");
    assert_eq!(seen["config_drive"], "");
    let path = format!("/os-server-groups/{}", id(&group));
    let members = || demo.get("compute", &path)["server_group"]["members"].clone();
    assert_eq!(members(), json!([seen["id"]]));
    for (member, value, kind, field) in [
        (
            "server_group",
            json!("nothing"),
            "not_found",
            "server_group",
        ),
        (
            "scheduler_hints",
            json!({"group": "nothing"}),
            "not_found",
            "scheduler_hints/group",
        ),
        ("metadata", json!({"a": {}}), "invalid_field", "metadata/a"),
    ] {
        let spec = json!({"server_name": "undescribed", member: value});
        let error = master.fails(kind, "server.plan", &request(bed, &spec));
        assert_eq!(error["data"]["field"], format!("/server/{field}"));
    }
    master.ok("server.delete", &about(bed, name));
    assert_eq!(
        demo.get("compute", &path)["server_group"]["name"],
        "apart",
        "it is not ours"
    );
    demo.delete("compute", &path);
}
