use serde_json::{Value, json};

use super::*;
use crate::drivers::registry;

fn blocks(word: &str) -> String {
    chosen(Some(word), &registry()).unwrap().blocks()
}

#[test]
fn a_servers_member_is_explained_by_any_of_its_names() {
    let texts = [
        "server/security_group",
        "/server/sec_group",
        "server.sec_group",
    ]
    .map(blocks);
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);
    for words in [
        "also called    security_group",
        "libvirt        passes it over: dashboards",
        "openstack      takes it",
    ] {
        assert!(texts[0].contains(words), "{}", texts[0]);
    }
}

#[test]
fn a_providers_member_is_explained_by_any_of_its_names_with_each_drivers_meaning() {
    let texts = [
        "provider.auth_url",
        "/provider/auth/auth_url",
        "OS_AUTH_URL",
    ]
    .map(blocks);
    assert!(
        texts[0].starts_with("provider/identity_url\n"),
        "{}",
        texts[0]
    );
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);

    let text = blocks("host_ip");
    for words in [
        "libvirt        the host:",
        "openstack      where Keystone is",
        "provider_ip",
    ] {
        assert!(text.contains(words), "{text}");
    }
    let text = blocks("provider.no_verify");
    assert!(
        text.contains("libvirt        refuses it: say it in the uri"),
        "{text}"
    );
    let text = blocks("provider.tenant");
    assert!(text.contains("libvirt        passes it over: "), "{text}");
}

#[test]
fn a_name_that_a_server_and_a_provider_have_is_explained_of_both() {
    let text = blocks("image");
    assert!(text.contains("image\n  The image;"), "{text}");
    assert!(text.contains("\nprovider/image\n"), "{text}");
    assert!(!blocks("provider.image").contains("The image;"));
    assert!(!blocks("server.image").contains("provider/image"));
}

#[test]
fn every_member_of_every_table_has_a_line() {
    let lines = chosen(None, &registry()).unwrap().lines();
    for driver in registry().own() {
        for member in driver.provider_members().taken {
            let own = format!("provider/{}", member.name);
            let line = lines.lines().find(|line| {
                line.split_whitespace().next() == Some(&own) && line.contains(member.about)
            });
            assert!(line.is_some(), "{own}");
        }
    }
    for name in server::names() {
        assert_ne!(blocks(name), "", "{name}");
    }
}

#[test]
fn a_program_reads_what_each_driver_does() {
    let found = chosen(Some("provider.uri"), &registry()).unwrap().provider;
    let value: Value = serde_json::to_value(found).unwrap();
    assert_eq!(value[0]["name"], "uri");
    let libvirt = &value[0]["drivers"]["libvirt"]["taken"];
    assert_eq!(libvirt["synonyms"], json!(["url"]));
}

#[test]
fn one_that_is_unknown_is_not_found_and_near_names_are_said() {
    for (word, message) in [
        ("storag_disk", "did you mean storage_disk"),
        ("/server/networks/0/mcvtap", "did you mean macvtap"),
        ("provider.identty_url", "did you mean identity_url"),
        ("provider.macvtap", "a provider has no member"),
        ("qqqqqqqqqq", "lists all of them"),
    ] {
        let error = chosen(Some(word), &registry()).err().unwrap();
        assert_eq!(error.kind(), Kind::NotFound);
        assert!(error.message().contains(message), "{error}");
    }
}
