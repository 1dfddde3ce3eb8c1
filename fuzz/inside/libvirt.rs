#![allow(missing_docs, unreachable_pub, reason = "compiled by cargo-fuzz only")]

use super::measures::Measures;
use crate::drivers::libvirt::loader::{DomainStats, StatValue};
use crate::drivers::libvirt::xml::domain_view::{DomainView, is_active};
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::{capabilities, from_xml, network, overlay, pool, volume};

pub fn domain_xml(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(domain) = from_xml::<DomainView>("the domain", &text) {
        let _ = format!("{domain:?}");
    }
    let _ = (Record::in_definition(&text), is_active(&text));
    let _ = overlay::lay_over("<domain><name>web-1</name><devices/></domain>", &text);
    let _ = from_xml::<network::Network>("the network", &text).map(|network| network.kind());
    let _ = from_xml::<pool::Pool>("the pool", &text).map(|pool| pool.is_shared());
    let _ = from_xml::<capabilities::Capabilities>("the host", &text);
    let _ = from_xml::<capabilities::DomainCapabilities>("the host", &text);
    let _ = from_xml::<volume::Volume>("the volume", &text);
}

pub fn record(data: &[u8]) {
    let _ = Record::read("web-1", &String::from_utf8_lossy(data));
}

/// Lines of `name value`.
pub fn statistics(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let values = text.lines().filter_map(|line| {
        let (name, value) = line.split_once(' ')?;
        let number = value.parse().map(StatValue::Uint);
        Some((
            name.to_owned(),
            number.unwrap_or(StatValue::Text(value.to_owned())),
        ))
    });
    let stats = DomainStats {
        name: "web-1".to_owned(),
        uuid: "0".to_owned(),
        values: values.collect(),
    };
    let _ = Measures::of_stats(&stats);
}
