//! Guests with UEFI firmware: they have a file more on the host, with their variables.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::boot::{about, act};
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::common::tests_dir;
use crate::guest_console::{Seen, hears};

#[test]
fn a_full_clone_boots_by_uefi_and_leaves_no_variables() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let foreign = bed.nvram().join("efi-of-another_VARS.fd");
    fs::write(&foreign, "another's").unwrap();
    let spec = json!({"server_name": "efi", "clone": "full", "firmware": "uefi"});
    master.ok(
        "server.create",
        &json!({"provider": bed.provider(), "server": spec}),
    );
    assert_eq!(Seen::by(bed, "efi").get("hostname"), "efi");
    let xml = bed.virsh(&["dumpxml", "efi"]);
    let variables = bed.nvram().join("efi_VARS.fd");
    assert!(variables.exists());
    let recorded = format!(
        "<va:nvram>{}</va:nvram>",
        "/var/lib/libvirt/qemu/nvram/efi_VARS.fd"
    );
    assert!(xml.contains(&recorded), "{xml}");
    assert!(!xml.contains("<backingStore type="), "{xml}");

    let deleted = master.ok("server.delete", &about(bed, "efi"));
    let removed = deleted["removed"].as_array().unwrap();
    assert!(
        removed.iter().any(|one| one["resource"] == "nvram"),
        "{deleted}"
    );
    assert_eq!(bed.leftovers("efi"), [""; 0]);
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "another's");

    // One that was only defined gets its variables when it is started later.
    let spec = json!({"server_name": "efi2", "firmware": "uefi"});
    let request = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
    master.ok("server.create", &request);
    assert_eq!(bed.state("efi2"), "shut off");
    act(&master, bed, "efi2", "start");
    assert!(bed.nvram().join("efi2_VARS.fd").exists());
    master.ok("server.delete", &about(bed, "efi2"));
    assert_eq!(bed.leftovers("efi2"), [""; 0]);
}

#[test]
#[ignore = "needs another architecture's QEMU and a kernel of it: make test-debian"]
fn a_machine_of_another_architecture_boots_by_its_own_firmware() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let made = Command::new(tests_dir().join("bed/arm64-disk"))
        .arg(bed.pool().join("arm64.raw"))
        .status();
    assert!(made.unwrap().success());
    bed.refresh();
    let spec = json!({"server_name": "arm", "image": "arm64.raw", "arch": "aarch64"});
    let request = json!({"provider": bed.provider(), "server": spec});
    master.ok("server.create", &request);
    let xml = bed.virsh(&["dumpxml", "arm"]);
    assert!(xml.contains("<type arch='aarch64' machine='virt"), "{xml}");
    hears(bed, "arm", "EFI stub: Booting Linux Kernel");
    hears(bed, "arm", "Linux version ");
    master.ok("server.delete", &about(bed, "arm"));
    assert_eq!(bed.leftovers("arm"), [""; 0]);
    bed.virsh(&["vol-delete", "arm64.raw", "default"]);
}
