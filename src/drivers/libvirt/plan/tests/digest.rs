//! Which requests are the same.

use serde_json::json;

use super::{request, settings};
use crate::drivers::libvirt::plan::{Request, digest};

fn digest_of(server: &str) -> String {
    let settings = settings(json!({}));
    let spec = serde_json::from_str(server).unwrap();
    digest(&settings, &Request::read(&settings, &spec).unwrap())
}

#[test]
fn the_digest_is_of_what_shapes_the_server() {
    let one = digest_of(
        r#"{"server_name": "web1", "role": "web", "minion": {"master": "m", "grains": {"a": 1, "b": {"c": 2, "d": 3}}}}"#,
    );
    for same in [
        r#"{"minion": {"grains": {"b": {"d": 3, "c": 2}, "a": 1}, "master": "m"}, "role": "web", "server_name": "web1"}"#,
        r#"{"hostname": "web1", "role": "web", "image": null, "minion": {"master": "m", "grains": {"a": 1, "b": {"c": 2, "d": 3}},
            "keys": {"public": "p", "private": "q"}, "pki_dir": "/p", "accept": true, "keysize": 2048}}"#,
    ] {
        assert_eq!(digest_of(same), one, "{same}");
    }
    for other in [
        r#"{"server_name": "web1", "role": "web"}"#,
        r#"{"server_name": "web1", "role": "db", "minion": {"master": "m", "grains": {"a": 1, "b": {"c": 2, "d": 3}}}}"#,
        r#"{"server_name": "web1", "role": "web", "minion": {"master": "m", "grains": {"a": 1, "b": {"c": 2, "d": 4}}}}"#,
        r#"{"server_name": "web1", "role": "web", "minion": {"master": "n", "grains": {"a": 1, "b": {"c": 2, "d": 3}}}}"#,
        r#"{"server_name": "web1", "role": "web", "size": "va-large", "minion": {"master": "m", "grains": {"a": 1, "b": {"c": 2, "d": 3}}}}"#,
    ] {
        assert_ne!(digest_of(other), one, "{other}");
    }
    let request = request(&settings(json!({})), json!({})).unwrap();
    let lan = digest(&settings(json!({})), &request);
    let defaults = json!({"network": "other", "image": "debian.qcow2", "size": "va-small"});
    assert_ne!(
        digest(&settings(json!({"defaults": defaults})), &request),
        lan
    );
}

/// Whoever changes this lets no server that was made before be known again.
#[test]
fn the_digest_of_a_request_stays_what_it_was() {
    let digests = [
        r#"{"server_name": "web1"}"#,
        r#"{"server_name": "web1", "role": "web", "storage_disk": 5, "disks": [{"size": 2}],
            "networks": [{"network": "lan", "addresses": ["192.0.2.7/24"]}],
            "ssh_keys": ["ssh-ed25519 AAAA a"], "user_data": "echo", "seed": {"format": "cidata"},
            "clone": "full", "minion": {"master": "m", "grains": {"a": 1}, "pki_dir": "/p"}}"#,
    ]
    .map(digest_of);
    assert_eq!(
        digests,
        [
            "06e3467b202462593124f6bea4b36d13f0024a5699f49229017ca8ff7476e20f",
            "2c67ed86befe77868d5a4fb6487a2ee0bdbc8aea4f28dd82d9c7038d1febd285",
        ]
    );
}
