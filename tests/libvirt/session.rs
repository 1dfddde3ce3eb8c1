//! A plain user's own daemon.

use serde_json::json;

use crate::boot::about;
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::guest_console::{Seen, hears};

#[test]
fn a_plain_users_server_boots_without_any_network_of_the_host() {
    let bed = Bed::session();
    let master = Master::new();
    let status = master.ok("provider.status", &json!({"provider": bed.provider()}));
    assert_eq!(status["success"], true);
    let spec = json!({"server_name": "own", "role": "lab", "minion": master.minion()});
    let created = master.ok(
        "server.create",
        &json!({"provider": bed.provider(), "server": spec}),
    );
    let seen = Seen::by(bed, "own");
    assert_eq!(seen.get("fingerprint"), created["minion"]["fingerprint"]);
    assert_eq!(seen.get("role"), "lab");
    // QEMU's own network: the host has no lease of it.
    let address = hears(bed, "own", "va-guest: address=");
    assert!(address.starts_with("10.0.2."), "{address}");
    let list = master.ok("server.list", &json!({"provider": bed.provider()}));
    assert_eq!(list["servers"][0]["name"], "own");
    assert_eq!(list["servers"][0]["status"], "ACTIVE");
    let deleted = master.ok("server.delete", &about(bed, "own"));
    assert_eq!(deleted["deleted"], true);
    assert_eq!(bed.leftovers("own"), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}
