use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::driver::{Context, Silent};
use crate::rpc::Service;

fn import(dir: &Path, params: &Value) -> Value {
    let service = Service::new(crate::drivers::registry(), Context::below(dir));
    let mut params = params.as_object().unwrap().clone();
    params.insert("config_dir".to_owned(), json!(dir));
    let answer = service.dispatch("provider.import", params, Arc::new(Silent));
    answer.unwrap()
}

/// What became of the provider `name`.
fn of<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let mut all = answer["providers"].as_array().unwrap().iter();
    all.find(|one| one["provider_name"] == name).unwrap()
}

fn reasons(imported: &Value) -> Vec<(&str, &str)> {
    let left_out = imported["not_taken"].as_array().unwrap().iter();
    left_out
        .map(|one| {
            (
                one["member"].as_str().unwrap(),
                one["why"].as_str().unwrap(),
            )
        })
        .collect()
}

fn written(dir: &Path, name: &str) -> Value {
    let text = fs::read_to_string(dir.join(format!("cloud.providers.d/{name}.conf"))).unwrap();
    crate::template::parse_yaml(name, &text).unwrap()[name].clone()
}

#[test]
fn members_get_their_own_names_and_what_is_left_out_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let providers = json!({
        "old": {
            "driver": "nova",
            "identity_url": "https://keystone.test:5000/v3",
            "user": "salt", "password": "hunter2", "tenant": "shop", "compute_region": "one",
            "protocol": "ipv4", "compute_api_version": 2, "mutual_auth": true,
            "minion": {"master": "salt.test"}, "ssh_key_file": "/k", "networks": [{"fixed": ["a"]}],
            "extrenal_network": "out",
        },
        "sdk": {
            "driver": "openstack",
            "region_name": "one",
            "auth": {"auth_url": "https://keystone.test/v3", "username": "u", "project_name": "p", "consumer_key": "7"},
        },
    });
    let answer = import(dir.path(), &json!({"providers": providers}));
    assert!(!answer.to_string().contains("hunter2"));
    let old = of(&answer, "old");
    assert_eq!(old["driver"], "va_openstack", "{old}");
    assert_eq!(
        old["changed"],
        json!([
            {"member": "user", "becomes": "username"},
            {"member": "compute_region", "becomes": "region"},
        ])
    );
    assert_eq!(old["kept"], json!(["minion", "ssh_key_file", "networks"]));
    let left_out: Vec<_> = reasons(old).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        left_out,
        [
            "protocol",
            "compute_api_version",
            "mutual_auth",
            "extrenal_network"
        ]
    );
    assert!(reasons(old)[3].1.contains("external_network"));
    assert_eq!(
        written(dir.path(), "old"),
        json!({
            "driver": "va_openstack", "identity_url": "https://keystone.test:5000/v3",
            "username": "salt", "password": "hunter2", "tenant": "shop", "region": "one",
            "minion": {"master": "salt.test"}, "ssh_key_file": "/k",
            "networks": [{"fixed": ["a"]}],
        })
    );
    assert_eq!(reasons(of(&answer, "sdk"))[0].0, "auth/consumer_key");
    assert_eq!(
        written(dir.path(), "sdk"),
        json!({
            "driver": "va_openstack", "region": "one", "identity_url": "https://keystone.test/v3",
            "username": "u", "tenant": "p",
        })
    );
}

#[test]
fn one_that_cannot_be_taken_stops_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let providers = json!({
        "ec2": {"driver": "ec2", "id": "x"},
        "ours": {"driver": "va_libvirt", "uri": "qemu:///system"},
        "text": "libvirt",
        "both": [{"driver": "ec2", "id": "x"}, {"driver": "libvirt", "url": "qemu:///system"}],
        "lost": {"extends": "absent", "user": "x"},
        "loop": {"extends": "loop"},
        "twice": {"driver": "libvirt", "url": "qemu:///system", "uri": "test:///default"},
        "good": {"provider": "libvirt", "url": "qemu:///system"},
    });
    let answer = import(dir.path(), &json!({"providers": providers}));
    for (name, why) in [
        ("ec2", "no driver"),
        ("ours", "own already"),
        ("text", "no mapping"),
        ("lost", "absent"),
        ("loop", "extends it"),
    ] {
        let refused = of(&answer, name)["refused"].as_str().unwrap();
        assert!(refused.contains(why), "{name}: {refused}");
    }
    assert_eq!(reasons(of(&answer, "both"))[0].0, "ec2");
    assert!(reasons(of(&answer, "twice"))[0].1.contains("uri"));
    for name in ["both", "good", "twice"] {
        assert_eq!(written(dir.path(), name)["uri"], "qemu:///system", "{name}");
    }
    let folder = dir.path().join("cloud.providers.d");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 3);
}

#[test]
fn what_is_extended_is_written_out() {
    let dir = tempfile::tempdir().unwrap();
    let providers = json!({
        "base": {"driver": "libvirt", "url": "qemu:///system", "minion": {"master": "a", "id": "b"}},
        "child": {"extends": "base:libvirt", "minion": {"master": "c"}},
    });
    import(dir.path(), &json!({"providers": providers}));
    assert_eq!(
        written(dir.path(), "child"),
        json!({"driver": "va_libvirt", "uri": "qemu:///system", "minion": {"master": "c", "id": "b"}})
    );
    let base = written(dir.path(), "base");
    assert_eq!(base["minion"], json!({"master": "a", "id": "b"}));
}

#[test]
fn a_record_of_a_dashboard_is_taken_without_its_lists_of_choices() {
    let dir = tempfile::tempdir().unwrap();
    let record = json!({
        "driver_name": "libvirt", "provider_name": "kvm", "host_ip": "kvm.test", "provider_ip": "kvm.test",
        "host_protocol": "qemu+tls", "networks": ["default|1"], "sizes": [], "tenant": "",
    });
    let answer = import(dir.path(), &json!({"providers": record}));
    let kvm = of(&answer, "kvm");
    let left_out: Vec<_> = reasons(kvm).into_iter().map(|(name, _)| name).collect();
    assert_eq!(left_out, ["networks", "sizes", "tenant"], "{kvm}");
    assert_eq!(written(dir.path(), "kvm")["host_protocol"], "qemu+tls");
}

#[test]
fn nothing_is_overwritten_and_no_name_stands_twice() {
    let dir = tempfile::tempdir().unwrap();
    let providers = |url: &str| json!({"kvm": {"driver": "libvirt", "url": url}});
    let file = dir.path().join("cloud.providers.d/kvm.conf");
    let told = import(
        dir.path(),
        &json!({"providers": providers("qemu:///system"), "dry_run": true}),
    );
    assert_eq!(told["providers"][0]["file"], json!(file));
    assert!(!file.exists());
    let first = json!({"providers": providers("qemu:///system")});
    for _ in 0..2 {
        let answer = import(dir.path(), &first);
        assert_eq!(answer["providers"][0]["file"], json!(file));
    }
    let before = fs::read(&file).unwrap();
    let other = json!({"providers": providers("test:///default")});
    let refused = import(dir.path(), &other)["providers"][0]["refused"].clone();
    assert!(
        refused.as_str().unwrap().contains("kvm already"),
        "{refused}"
    );
    assert_eq!(fs::read(&file).unwrap(), before);

    fs::rename(&file, file.with_file_name("theirs.conf")).unwrap();
    let refused = import(dir.path(), &first)["providers"][0]["refused"].clone();
    assert!(
        refused.as_str().unwrap().contains("kvm already"),
        "{refused}"
    );
    assert!(!file.exists());
}
