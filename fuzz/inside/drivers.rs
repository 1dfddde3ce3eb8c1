#![allow(missing_docs, unreachable_pub, reason = "compiled by cargo-fuzz only")]

use std::path::Path;

use super::image::header;
use super::manifest::parse;

pub fn manifest(data: &[u8]) {
    let _ = parse(
        Path::new("/etc/va-driver/drivers.d/mine.yaml"),
        "mine",
        data,
    );
}

pub fn image(data: &[u8]) {
    for format in ["raw", "qcow2", "vmdk"] {
        let _ = header::check("a.img", format, data);
    }
}
