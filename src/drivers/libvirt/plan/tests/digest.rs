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
