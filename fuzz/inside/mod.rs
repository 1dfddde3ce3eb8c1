//! The entrances of the fuzz targets, which lie beside what they enter (`fuzzing` in its room). Each takes
//! what somebody else has written, and must neither panic nor take long, whatever it is.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    reason = "compiled by cargo-fuzz only"
)]

pub use crate::drivers::fuzzing::{image, manifest};
pub use crate::drivers::libvirt::fuzzing::{domain_xml, record, statistics};
pub use crate::drivers::openstack::clouds::fuzzing::{clouds, openstack};
pub use crate::rpc::fuzzing::rpc;
pub use crate::template::fuzzing::template;

use crate::config_drive::iso9660;
use crate::salt::{self, PublicKey};

pub fn pem(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(key) = PublicKey::from_pem(&text) {
        let again = PublicKey::from_pem(key.pem()).expect("what was written is read");
        assert!(again.same_key(&key));
    }
    let _ = salt::pem::decode(&salt::pem::normal(&text));
}

/// What is written is found by another reader (Joliet's, here), and no image leads the reader astray.
pub fn iso(data: &[u8]) {
    let _ = iso9660::files(data);
    let mut files: Vec<(String, &[u8])> = Vec::new();
    for part in data.split(|byte| *byte == 0xff).take(20) {
        let (name, content) = part.split_at(
            part.len()
                .min(part.first().map_or(0, |n| usize::from(n % 40))),
        );
        files.push((String::from_utf8_lossy(name).into_owned(), content));
    }
    let given: Vec<_> = files
        .iter()
        .map(|(path, content)| iso9660::File { path, content })
        .collect();
    let Ok(image) = iso9660::write("fuzz", time::OffsetDateTime::UNIX_EPOCH, &given) else {
        return;
    };
    let found = iso9660::files(&image).expect("what was written is read");
    assert_eq!(found.len(), files.len());
    for (path, place) in found {
        let (_, content) = files
            .iter()
            .find(|(name, _)| *name == path)
            .expect("a file's name");
        assert_eq!(&image[place], *content);
    }
    independent::check(&image, &files);
}

#[path = "joliet.rs"]
mod independent;
