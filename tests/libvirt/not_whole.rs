//! What stands and is not whole.

use crate::boot::about;
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::interruptions::{creation, keys, nothing_left};

#[test]
fn a_server_without_its_disks_or_key_is_not_taken_for_what_is_asked_for() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let keys = keys(&master);
    let request = creation(&master, &bed.provider(), "lacking", &keys);
    for part in ["root.qcow2", "data1.qcow2", "seed.iso", "minion key"] {
        assert_eq!(master.ok("server.create", &request)["created"], true);
        assert_eq!(master.ok("server.create", &request)["created"], false);
        if part == "minion key" {
            std::fs::remove_file(master.pki().join("minions/lacking")).unwrap();
        } else {
            let uuid = bed.virsh(&["domuuid", "lacking"]);
            let volume = format!("lacking.{}.{part}", &uuid[..8]);
            bed.virsh(&["vol-delete", "--pool", "default", &volume]);
        }
        for method in ["server.create", "server.plan"] {
            let mut request = request.clone();
            if method == "server.plan" {
                request.as_object_mut().unwrap().remove("wait");
            }
            let error = master.fails("conflict", method, &request);
            let message = error["message"].as_str().unwrap();
            assert!(
                message.contains(part) && message.contains("delete"),
                "{message}"
            );
            assert_eq!(error["data"]["field"], "/server/server_name");
        }
        master.ok("server.delete", &about(bed, "lacking"));
        nothing_left(bed, &master, "lacking", part);
    }
}
