use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{MEMBERS, Settings};
use crate::driver::{Context, Driver, FieldValues, Provider, table_tests};
use crate::drivers::libvirt::LibvirtDriver;
use crate::drivers::libvirt::xml::is_xml_text;
use crate::salt::{ConfigKind, read_provider, write_config};

/// A host of libvirt's test driver with an image.
const HOST: &str = "<node>
  <network><name>lan</name><bridge name='virbr9'/></network>
  <pool type='dir'>
    <name>guests</name><target><path>/guests</path></target>
  </pool>
  <pool type='dir'>
    <name>images</name><target><path>/images</path></target>
    <volume><name>debian.qcow2</name><capacity>1000000</capacity>
      <target><path>/images/debian.qcow2</path><format type='qcow2'/></target></volume>
  </pool>
</node>";

/// Every member that only this driver reads, none of them as it would be without.
fn own_members(uri: &str) -> Map<String, Value> {
    let members = json!({
        "uri": uri,
        "pool": "guests",
        "image_pool": "images",
        "seed_pool": "seeds",
        "virt_type": "qemu",
        "pkipath": null,
        "machine": "pc-i440fx-9.2",
        "firmware": "uefi",
        "cpu": "host-model",
        "graphics": "none",
        "console_log": "/var/log/guests: #1",
        "connect_timeout": 7,
        "timeout": 77,
        "flavours": {
            "no": {"num_cpus": 1, "memory": 2048, "vol_capacity": 3},
            "1e3": {"num_cpus": 2, "memory": 4096, "max_memory": 8192, "vol_capacity": 30,
                    "virt_type": "kvm", "cost": 0.0625},
        },
        "currency": "EUR",
    });
    members.as_object().unwrap().clone()
}

/// What Salt's configuration holds once `conf` is in it, as a provider.
fn stored(dir: &Path, name: &str, conf: &str) -> Provider {
    write_config(dir, ConfigKind::Providers, name, conf, true).unwrap();
    let record = read_provider(dir, name).unwrap();
    crate::decode::decode(&Value::Object(record), "/provider").unwrap()
}

/// All that this driver takes from `provider`, but for its own name, which Salt's file has as a key.
fn taken(provider: &Provider) -> (String, Option<String>) {
    let settings = Settings {
        provider_name: String::new(),
        ..Settings::read(provider).unwrap()
    };
    let password = provider.password.as_ref();
    (
        format!("{settings:#?}"),
        password.map(|secret| secret.expose().to_owned()),
    )
}

#[test]
fn what_was_entered_reaches_the_driver_by_way_of_salts_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let cx = Context::below(dir.path());
    let host = dir.path().join("host.xml");
    fs::write(&host, HOST).unwrap();
    let mut values: FieldValues = own_members(&format!("test://{}", host.display()));
    let own: Vec<String> = values.keys().cloned().collect();
    let entered = json!({
        "provider_name": "kvm", "username": "admin", "password": "{{ a }}: 'b' # \"c\"\n",
        "location": "no", "network": "lan", "image": "debian.qcow2", "size": "1e3",
    });
    values.extend(entered.as_object().unwrap().clone());
    // all that can be said, but for what `uri` stands for and what is no text
    let otherwise = ["driver_name", "host_protocol", "host_ip", "defaults"];
    for member in MEMBERS.taken {
        let name = member.name;
        assert!(
            values.contains_key(name) || otherwise.contains(&name),
            "{name}"
        );
    }

    let mut step = 0;
    let done = loop {
        let result = LibvirtDriver
            .validate_field_values(&cx, step, &values)
            .unwrap();
        assert_eq!(result.errors, Vec::<String>::new());
        match result.new_step_index {
            -1 => break result,
            next => step = next,
        }
    };
    let provider = done.provider.unwrap();
    let read = stored(dir.path(), "kvm", &done.provider_conf.unwrap());

    assert_eq!(taken(&read), taken(&provider));
    assert_eq!(read.driver_id().unwrap(), "libvirt");
    assert_eq!(read.location.as_deref(), Some("no"));
    let members = |provider: &Provider| serde_json::to_value(provider).unwrap();
    for name in &own {
        assert_eq!(members(&read)[name], values[name], "{name}");
    }
    let defaults = json!({"network": "lan", "image": "debian.qcow2", "size": "1e3"});
    assert_eq!(members(&read)["defaults"], defaults);
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 :{}%#'\"_.-]{1,12}",
        any::<String>().prop_filter("text of XML", |text| !text.is_empty() && is_xml_text(text)),
        prop::sample::select(vec!["yes", "NO", "1e3", "0755", "null", "~", "2026-01-02"])
            .prop_map(ToOwned::to_owned),
    ]
}

/// Some of the members, each with any value that the driver takes.
fn records() -> impl Strategy<Value = Map<String, Value>> {
    let text = |names: &'static [&'static str]| {
        prop::collection::btree_map(prop::sample::select(names), word(), 0..names.len())
    };
    let number = |names: &'static [&'static str]| {
        prop::collection::btree_map(prop::sample::select(names), 1..86_400_u64, 0..=names.len())
    };
    let top = text(&[
        "username",
        "password",
        "location",
        "pool",
        "image_pool",
        "seed_pool",
        "machine",
        "cpu",
        "currency",
    ]);
    let defaults = text(&["network", "image", "size"]);
    let flavour = (1..99_u64, 1..99_u64, any::<u32>()).prop_map(|(cpus, gib, cost)| {
        json!({"num_cpus": cpus, "memory": 1024, "vol_capacity": gib, "cost": f64::from(cost) / 1024.0})
    });
    let flavours = prop::collection::btree_map(word(), flavour, 0..3);
    let words = (
        prop::sample::select(vec!["auto", "kvm", "qemu"]),
        prop::sample::select(vec!["bios", "uefi"]),
        prop::sample::select(vec!["vnc", "none"]),
        any::<bool>(),
        prop::option::of(
            word().prop_map(|text| format!("/{}", text.replace(char::is_control, ""))),
        ),
    );
    (
        top,
        number(&["timeout", "connect_timeout"]),
        defaults,
        flavours,
        words,
    )
        .prop_map(
            |(top, numbers, defaults, flavours, (virt_type, firmware, graphics, by_uri, log))| {
                let place = if by_uri {
                    json!({"uri": "qemu+tls://kvm.example.org/system", "pkipath": "/etc/pki/a-b"})
                } else {
                    json!({"host_protocol": "qemu+tcp", "host_ip": "kvm.example.org:7"})
                };
                let mut record = place.as_object().unwrap().clone();
                record.extend(
                    top.into_iter()
                        .map(|(name, text)| (name.to_owned(), json!(text))),
                );
                record.extend(
                    numbers
                        .into_iter()
                        .map(|(name, number)| (name.to_owned(), json!(number))),
                );
                record.insert("provider_name".to_owned(), json!("kvm"));
                record.insert("defaults".to_owned(), json!(defaults));
                record.insert("flavours".to_owned(), json!(flavours));
                record.insert("virt_type".to_owned(), json!(virt_type));
                record.insert("firmware".to_owned(), json!(firmware));
                record.insert("graphics".to_owned(), json!(graphics));
                record.insert("console_log".to_owned(), json!(log));
                record
            },
        )
}

proptest! {
    #[test]
    fn every_setting_survives_salts_configuration(record in records()) {
        let provider: Provider = serde_json::from_value(Value::Object(record)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (conf, _) = LibvirtDriver.render(&Context::below(dir.path()), &provider, None, &crate::driver::template_vars::Vars::new()).unwrap();
        let read = stored(dir.path(), "kvm", &conf);
        prop_assert_eq!(taken(&read), taken(&provider));
        prop_assert_eq!(&read.defaults, &provider.defaults);
        prop_assert_eq!(&read.location, &provider.location);
    }
}

#[test]
fn servers_defaults_stand_where_salt_or_va_master_keeps_them() {
    let dir = tempfile::tempdir().unwrap();
    for conf in [
        "kvm: {driver: va_libvirt, network: lan, image: debian, size: small}\n",
        "kvm: {driver: va_libvirt, defaults: {network: lan, image: debian, size: small}}\n",
        "kvm: {driver: va_libvirt, network: lan, size: other, defaults: {image: debian, size: small}}\n",
    ] {
        let defaults = Settings::read(&stored(dir.path(), "kvm", conf))
            .unwrap()
            .defaults;
        let found = [defaults.network, defaults.image, defaults.size];
        let wanted = ["lan", "debian", "small"].map(|text| Some(text.to_owned()));
        assert_eq!(found, wanted, "{conf}");
    }
}

#[test]
fn a_default_of_the_wrong_type_is_not_passed_over() {
    for name in ["network", "image", "size"] {
        let mut record = json!({"provider_name": "kvm"});
        record[name] = json!(["hunter2"]);
        let provider: Provider = serde_json::from_value(record).unwrap();
        let error = Settings::read(&provider).unwrap_err();
        assert_eq!(error.field(), Some(format!("/provider/{name}").as_str()));
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}

#[test]
fn what_libvirts_xml_cannot_hold_is_refused() {
    for (member, field) in [
        (json!({"pool": "a\u{1}"}), "/provider/pool"),
        (json!({"console_log": "/a\u{0}"}), "/provider/console_log"),
        (
            json!({"defaults": {"image": "\u{ffff}"}}),
            "/provider/defaults/image",
        ),
    ] {
        let error = Settings::read(&serde_json::from_value(member).unwrap()).unwrap_err();
        assert_eq!(error.field(), Some(field));
    }
}

#[test]
fn each_member_is_read_by_its_names_and_nothing_like_it_is_passed_over() {
    table_tests::check(&LibvirtDriver, include_str!("../../../../docs/libvirt.md"));
}

#[test]
fn a_host_that_is_said_in_a_foreign_member_is_not_taken_for_this_machine() {
    for name in [
        "host",
        "hostname",
        "address",
        "ip",
        "ip_address",
        "connection",
        "connection_uri",
        "libvirt_uri",
        "libvirt-url",
        "Hypervisor",
        "server",
        "endpoint",
    ] {
        let provider = |host: Value| -> Provider {
            let mut record = json!({"provider_name": "kvm", name: "kvm9.example"});
            let members = record.as_object_mut().unwrap();
            members.extend(host.as_object().unwrap().clone());
            serde_json::from_value(record).unwrap()
        };
        let error = Settings::read(&provider(json!({}))).unwrap_err();
        let field = format!("/provider/{name}");
        assert_eq!(error.field(), Some(field.as_str()), "{error}");
        let said = error.message().contains("uri") && error.message().contains("host_ip");
        assert!(said, "{error}");
        // where the host is said, it is nobody's business
        for host in [
            json!({"uri": "qemu:///system"}),
            json!({"host_ip": "192.0.2.7"}),
        ] {
            Settings::read(&provider(host)).unwrap();
        }
    }
    for others in [
        json!({"host": "", "wait_for_ip_timeout": "9", "servers": [], "location": "here"}),
        json!({"ip": null, "images": ["a"], "owner": "x"}),
    ] {
        Settings::read(&serde_json::from_value(others).unwrap()).unwrap();
    }
}
