//! The digest by which a creation that is asked for again is told from another one.

use serde_json::json;

use super::Request;
use super::said::{add_said, unless_empty};
use crate::driver::VolumeSpec;
use crate::drivers::creation::{digest_of, without_keys};

/// SHA-256, in hex, of everything about `request` that shapes the server, the provider's defaults
/// filled in.
pub(crate) fn digest(request: &Request) -> String {
    let mut spec = without_keys(&request.spec);
    let networks = request.spec.networks.as_ref();
    if let Some(spec) = spec.as_object_mut() {
        // an empty list stays: it is not the same as saying nothing of networks
        if networks.is_some_and(|networks| !networks.is_empty()) {
            spec.remove("networks");
        }
        // said below, as they come out
        for name in [
            "image",
            "size",
            "network",
            "addresses",
            "sec_group",
            "sec_groups",
            "availability_zone",
            "key_name",
            "floating_ip",
            "storage_disk",
            "disks",
        ] {
            spec.remove(name);
        }
    }
    let text = |reference: &super::Reference| reference.text.clone();
    let interfaces: Vec<_> = request
        .interfaces
        .iter()
        .map(|interface| {
            let (kind, reference) = match &interface.place {
                super::Place::Network(reference) => ("network", reference),
                super::Place::Port(reference) => ("port", reference),
            };
            let mut said =
                json!({kind: reference.text, "mac": interface.mac, "addresses": interface.addresses});
            let groups = interface.sec_groups.as_ref();
            let groups = groups.map(|groups| groups.iter().map(text).collect::<Vec<_>>());
            // only what is said, as digests of servers that exist were made so
            add_said(
                &mut said,
                [
                    ("subnet", json!(interface.subnet.as_ref().map(text))),
                    ("sec_groups", json!(groups)),
                    ("port_security", json!(interface.port_security)),
                    ("address_pairs", unless_empty(&interface.address_pairs)),
                    (
                        "floating_ip",
                        json!(interface.has_floating_ip.then_some(true)),
                    ),
                ],
            );
            said
        })
        .collect();
    let disks = request.volumes.iter().filter(|volume| !volume.is_root);
    let disks = disks.map(|disk| {
        let size_alone = VolumeSpec {
            size: disk.spec.size,
            ..VolumeSpec::default()
        };
        if disk.spec == size_alone {
            json!(disk.spec.size)
        } else {
            json!(disk.spec)
        }
    });
    digest_of(json!({
        "server": spec,
        "image": request.image,
        "size": request.size,
        "interfaces": interfaces,
        "sec_groups": request.sec_groups.iter().map(text).collect::<Vec<_>>(),
        "zone": request.zone.as_ref().map(text),
        "key_name": request.key_name.as_ref().map(text),
        "floating_ip": request.floating_ip.as_ref().map(text),
        "disks": disks.collect::<Vec<_>>(),
    }))
}
