//! Whatever the text of a request, it is text in the XML.

use proptest::prelude::*;
use serde_json::json;

use super::{facts, planned, planned_on, settings};
use crate::drivers::libvirt::plan::Facts;
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::{is_xml_text, to_xml};

/// Text that XML can hold at all, with much in it that means something there.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[<>&'\"\\]\\[!?/= \t\n\r;#a-z-]{1,20}",
        any::<String>(),
        prop::sample::select(vec![
            "</va:role><va:volume pool='p' name='other' use='root'/>",
            "]]>",
            "<!-- ",
            "&lt;",
            "'/><source file='/etc/shadow",
            " ",
            "\n",
            "a\r\nb",
        ])
        .prop_map(ToOwned::to_owned),
    ]
    .prop_filter("text of XML", |text| !text.is_empty() && is_xml_text(text))
}

proptest! {
    #[test]
    fn hostile_text_stays_text(
        role in hostile(), image in hostile(), size in hostile(), network in hostile(), pool in hostile(),
        path in hostile(), log in hostile(), pki_dir in hostile(),
    ) {
        let size_of = json!({"num_cpus": 1, "memory": 65_536, "vol_capacity": 5});
        let mut flavours = serde_json::Map::new();
        flavours.insert(size.clone(), size_of);
        // a path of the host: absolute, on one line
        let log = format!("/{}", log.replace(char::is_control, "-"));
        let settings = settings(json!({"flavours": flavours, "console_log": log}));
        let facts = facts();
        let pools = [(pool.clone(), facts.pools["default"].clone())].into();
        let facts = Facts { image_path: path.clone(), seed_pool: pool.clone(), pools, ..facts };
        let made = planned_on(settings, facts, json!({
            "role": role, "image": image, "size": size, "pool": pool,
            "networks": [{"network": network}],
            "minion": {"pki_dir": pki_dir},
        })).unwrap();
        let volume = made.root();
        prop_assert_eq!(volume.at("backingStore/path"), path.as_str());
        prop_assert_eq!(volume.size(), planned(json!({})).root().size());

        let domain = made.domain();
        let log = format!("{}/web1.log", log.trim_end_matches('/'));
        prop_assert_eq!(domain.at("devices/serial/log@file"), log);
        let name = network.rsplit_once('|').map_or(network.as_str(), |(name, _)| name);
        prop_assert_eq!(domain.at("devices/interface/source@network"), name);
        let record = domain.one("metadata/va:server");
        prop_assert_eq!(record.at("va:role"), role.as_str());
        prop_assert_eq!(record.at("va:image"), image.as_str());
        prop_assert_eq!(record.at("va:size"), size.as_str());
        prop_assert_eq!(record.at("va:minion@pki_dir"), pki_dir.as_str());
        for volume in record.all("va:volume") {
            prop_assert_eq!(volume.attribute("pool"), pool.as_str());
        }
        let plain = planned(json!({"role": "a", "minion": {}})).domain();
        // the console's log and the disks' own sources apart, both have the same elements
        prop_assert_eq!(domain.size(), plain.size() + 1);

        let written = to_xml(&made.plan.record).unwrap();
        let read = Record::read("web1", &written).unwrap();
        prop_assert_eq!(read, made.plan.record);
    }
}
