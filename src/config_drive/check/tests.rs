use proptest::prelude::*;
use serde_json::{Value, json};

use crate::Kind;
use crate::config_drive::Seed;
use crate::config_drive::testing::{pem, seed};

const ED25519: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFxfx9vFw/Qjqgv+B+5/KflTvUd+tWZczULuaQ9/BeP8 me@example";

/// The good seed with the member at `pointer` set; its parent has to be there.
fn with(pointer: &str, value: Value) -> Seed {
    let mut document = serde_json::to_value(seed()).unwrap();
    document["interfaces"] = json!([
        { "mac": "52:54:00:00:00:01", "addresses": ["192.0.2.7/24", "2001:db8::7/64"] },
        { "mac": "52:54:00:00:00:02", "dhcp": true },
    ]);
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    if let Value::Array(items) = parent {
        items[member.parse::<usize>().unwrap()] = value;
    } else {
        parent[member] = value;
    }
    serde_json::from_value(document).unwrap()
}

fn refused(pointer: &str, value: Value, field: &str) {
    let error = super::seed(&with(pointer, value.clone())).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidField, "{pointer} {value}");
    assert_eq!(error.field(), Some(field), "{pointer} {value}");
}

fn accepted(pointer: &str, value: Value) {
    let result = super::seed(&with(pointer, value.clone()));
    assert_eq!(result, Ok(()), "{pointer} {value}");
}

#[test]
fn host_names_follow_rfc_1123() {
    let label = "a".repeat(63);
    for good in ["a", "web1", "3com", "a-b.example.org", "WEB", &label] {
        accepted("/hostname", json!(good));
    }
    let long = [&*label; 4].join(".");
    let longer = "a".repeat(64);
    for bad in [
        "",
        "-a",
        "a-",
        "a_b",
        "a b",
        "a.",
        ".a",
        "a..b",
        "é",
        "a\n",
        "192.0.2.1",
        &longer,
        &long,
    ] {
        refused("/hostname", json!(bad), "/hostname");
    }
    accepted("/fqdn", json!("web1.example.org"));
    accepted("/fqdn", json!("web1"));
    for bad in [
        "web2.example.org",
        "web10.example.org",
        "web1.",
        "web1..org",
    ] {
        refused("/fqdn", json!(bad), "/fqdn");
    }
    accepted("/instance_id", json!("i-0001"));
    for bad in ["", "a/b", ".", "..", "a b", &"i".repeat(129)] {
        refused("/instance_id", json!(bad), "/instance_id");
    }
}

#[test]
fn ssh_keys_are_whole_lines_of_known_types() {
    accepted("/ssh_keys", json!([ED25519, format!("{ED25519}\n")]));
    accepted("/ssh_keys", json!([ED25519.rsplit_once(' ').unwrap().0]));
    let two = format!("{ED25519}\n{ED25519}");
    let cut = &ED25519[..30];
    let renamed = ED25519.replace("ssh-ed25519", "ssh-rsa");
    for bad in [
        "",
        "ssh-ed25519",
        "ssh-dss AAAA",
        "command=\"x\" ssh-rsa AAAA",
        &two,
        cut,
        &renamed,
    ] {
        refused("/ssh_keys", json!([ED25519, bad]), "/ssh_keys/1");
    }
}

#[test]
fn minions_have_ids_and_keys_that_salt_takes() {
    for good in ["web1", "web_1.example.org", "1a_"] {
        accepted("/minion/id", json!(good));
    }
    for bad in [
        "", ".", "..", ".a", "-a", "_a", "a.", "a-", "a..b", "a/b", "a*", "a b", "a\n", "é",
    ] {
        refused("/minion/id", json!(bad), "/minion/id");
    }
    let public = pem("PUBLIC KEY", 1);
    let encrypted = pem("RSA PRIVATE KEY", 1).replacen('\n', "\nProc-Type: 4,ENCRYPTED\n", 1);
    let two = format!("{public}{public}");
    let open = public.replace("-----END", "-----AND");
    for member in ["public_key", "master_key"] {
        let at = format!("/minion/{member}");
        for bad in [
            "",
            "AAAA",
            &two,
            &open,
            &encrypted,
            &pem("RSA PUBLIC KEY", 1),
        ] {
            refused(&at, json!(bad), &at);
        }
    }
    accepted("/minion/private_key", json!(pem("PRIVATE KEY", 1)));
    for bad in [
        &encrypted,
        &pem("ENCRYPTED PRIVATE KEY", 1),
        &pem("EC PRIVATE KEY", 1),
        &public,
    ] {
        refused("/minion/private_key", json!(bad), "/minion/private_key");
    }
    accepted("/minion/conf/id", json!("web1"));
    for bad in [json!("web2"), json!(1), Value::Null] {
        refused("/minion/conf/id", bad, "/minion/conf/id");
    }
    accepted("/minion/conf/pki_dir", json!("/etc/salt/pki/minion/"));
    for bad in [json!("/etc/salt/pki"), Value::Null] {
        refused("/minion/conf/pki_dir", bad, "/minion/conf/pki_dir");
    }
    accepted("/minion/pkg_name", json!("salt-minion"));
    for bad in ["", "a b", "-y", "a;b"] {
        refused("/minion/pkg_name", json!(bad), "/minion/pkg_name");
    }
}

#[test]
fn cards_are_told_apart() {
    for bad in [
        "",
        "52:54:00:00:00",
        "52:54:00:00:00:01:02",
        "525400000001",
        "53:54:00:00:00:01",
        "00:00:00:00:00:00",
        "52:54:00:00:00:0g",
        "52:54:00:00:00:+1",
        "52-54-00-00-00-01",
    ] {
        refused("/interfaces/0/mac", json!(bad), "/interfaces/0/mac");
    }
    refused(
        "/interfaces/1/mac",
        json!("52:54:00:00:00:01"),
        "/interfaces/1/mac",
    );
    accepted("/interfaces/0/name", json!("enp1s0.7"));
    for bad in ["", "a/b", "..", "a b", "sixteen-letters-"] {
        refused("/interfaces/0/name", json!(bad), "/interfaces/0/name");
    }
    let mut seed = with("/interfaces/0/name", json!("lan"));
    seed.interfaces[1].name = Some("lan".into());
    assert_eq!(
        super::seed(&seed).unwrap_err().field(),
        Some("/interfaces/1/name")
    );
}

#[test]
fn addresses_are_hosts_and_gateways_near() {
    for (card, good) in [(0, 1280), (0, 65535), (1, 68)] {
        accepted(&format!("/interfaces/{card}/mtu"), json!(good));
    }
    for (card, bad) in [(0, 1279), (0, 65536), (1, 67), (1, 0)] {
        let at = format!("/interfaces/{card}/mtu");
        refused(&at, json!(bad), &at);
    }
    refused("/interfaces/0/dhcp", json!(true), "/interfaces/0/addresses");
    for good in ["192.0.2.0/31", "192.0.2.7/32", "2001:db8::/64"] {
        accepted("/interfaces/0/addresses/0", json!(good));
    }
    for bad in [
        "192.0.2.0/24",
        "192.0.2.255/24",
        "0.0.0.0/0",
        "224.0.0.1/8",
        "127.0.0.1/8",
        "::/0",
        "ff02::1/64",
    ] {
        refused(
            "/interfaces/0/addresses/0",
            json!(bad),
            "/interfaces/0/addresses/0",
        );
    }
    refused(
        "/interfaces/0/addresses",
        json!(["192.0.2.7/24", "192.0.2.7/25"]),
        "/interfaces/0/addresses/1",
    );
    accepted(
        "/interfaces/0/gateways",
        json!(["192.0.2.1", "2001:db8::1"]),
    );
    accepted("/interfaces/0/gateways", json!(["fe80::1"]));
    for bad in ["192.0.3.1", "192.0.2.7", "2001:db9::1"] {
        refused(
            "/interfaces/0/gateways",
            json!([bad]),
            "/interfaces/0/gateways/0",
        );
    }
    refused(
        "/interfaces/0/gateways",
        json!(["192.0.2.1", "192.0.2.2"]),
        "/interfaces/0/gateways/1",
    );
    refused(
        "/interfaces/1/gateways",
        json!(["192.0.2.1"]),
        "/interfaces/1/gateways/0",
    );
    refused(
        "/interfaces/1/dns",
        json!(["192.0.2.53", "0.0.0.0"]),
        "/interfaces/1/dns/1",
    );
}

proptest! {
    #[test]
    fn no_text_panics_and_good_names_are_plain(text in any::<String>(), pointer in prop::sample::select(vec![
        "/hostname", "/fqdn", "/instance_id", "/minion/id", "/minion/public_key", "/minion/private_key",
        "/minion/pkg_name", "/interfaces/0/mac", "/interfaces/0/name",
    ])) {
        if super::seed(&with(pointer, json!(text))).is_ok() {
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        let _ = super::seed(&with("/ssh_keys", json!([text])));
    }
}
