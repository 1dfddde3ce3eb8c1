#![allow(missing_docs, unreachable_pub, reason = "compiled by cargo-fuzz only")]

use std::collections::BTreeMap;

use crate::drivers::openstack::api::{compute, image, network, volume};
use crate::drivers::openstack::record::Record;

use super::reader;

pub fn clouds(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = reader::read(&text, "clouds", "lab");
}

pub fn openstack(data: &[u8]) {
    let _ = serde_json::from_slice::<compute::OneServer>(data);
    let _ = serde_json::from_slice::<compute::Server>(data);
    let _ = serde_json::from_slice::<compute::Flavor>(data);
    let _ = serde_json::from_slice::<compute::LimitsAnswer>(data);
    let _ = serde_json::from_slice::<image::Image>(data);
    let _ = serde_json::from_slice::<network::Network>(data);
    let _ = serde_json::from_slice::<volume::Volume>(data);
    if let Ok(metadata) = serde_json::from_slice::<BTreeMap<String, String>>(data) {
        let _ = Record::of(&metadata);
    }
}
