//! What a domain's record says of its server.

use serde_json::json;

use super::element::Element;
use super::{ID, planned};
use crate::drivers::libvirt::plan::digest;

#[test]
fn the_record_names_everything_that_was_made_and_no_secret() {
    let made = planned(json!({
        "role": "web", "storage_disk": 1,
        "minion": {"id": "web1.example.org", "pki_dir": "/etc/salt/pki/master"},
        "user_data": "#!/bin/sh\necho hunter2\n",
    }));
    let xml = made.xml_in("/guests");
    for secret in ["PRIVATE", "PUBLIC", "hunter2"] {
        assert!(!xml.contains(secret), "{xml}");
    }
    let domain = Element::parse(&xml);
    assert_eq!(
        (domain.at("name"), domain.at("uuid")),
        ("web1", ID.to_string().as_str())
    );
    let record = domain.one("metadata/va:server");
    assert_eq!(record.attribute("xmlns:va"), "urn:va-driver:server:1");
    assert_eq!(record.at("va:image"), "debian.qcow2");
    assert_eq!(record.at("va:size"), "va-small");
    assert_eq!(record.at("va:role"), "web");
    assert_eq!(record.at("va:spec"), digest(&made.settings, &made.request));
    assert_eq!(record.at("va:minion@id"), "web1.example.org");
    assert_eq!(record.at("va:minion@fingerprint"), "aa:bb");
    assert_eq!(record.at("va:minion@pki_dir"), "/etc/salt/pki/master");
    let volumes = record.all("va:volume");
    let volumes: Vec<_> = volumes
        .iter()
        .map(|it| (it.attribute("use"), it.attribute("name")))
        .collect();
    assert_eq!(
        volumes,
        [
            ("root", "web1.12345678.root.qcow2"),
            ("data", "web1.12345678.data1.qcow2"),
            ("seed", "web1.12345678.seed.iso"),
        ]
    );

    let kept =
        planned(json!({"minion": {"pki_dir": "/etc/salt/pki/master", "accept": false}})).domain();
    assert_eq!(kept.at("metadata/va:server/va:minion@pki_dir"), "");
    assert!(
        planned(json!({}))
            .domain()
            .has_no("metadata/va:server/va:minion")
    );
}
