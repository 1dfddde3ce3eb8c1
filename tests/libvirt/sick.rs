//! Guests and definitions that are not well: they are told as far as they can be, and no other suffers.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::guest_console::comes_to;

fn running(master: &Master, bed: &Bed, server: &str) {
    let spec = json!({"server_name": server});
    master.ok(
        "server.create",
        &json!({"provider": bed.provider(), "server": spec}),
    );
}

/// The QEMU of a guest.
struct Qemu(Pid);

impl Qemu {
    fn of(bed: &Bed, server: &str) -> Self {
        let pid = fs::read_to_string(bed.path(&format!("run/qemu/{server}.pid"))).unwrap();
        Self(Pid::from_raw(pid.trim().parse().unwrap()).unwrap())
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.0, signal).unwrap();
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::CONT);
    }
}

fn by_name(list: &Value, name: &str) -> Value {
    let servers = list["servers"].as_array().unwrap();
    let found = servers.iter().find(|server| server["name"] == name);
    found
        .unwrap_or_else(|| panic!("{name} is not in {list}"))
        .clone()
}

#[test]
fn guests_that_hang_do_not_hold_up_the_others() {
    let Some(bed) = Bed::own_system() else { return };
    let bed = &bed;
    let master = Master::new();
    let silent = ["hangs1", "hangs2"];
    for server in ["well", silent[0], silent[1]] {
        running(&master, bed, server);
    }
    let hung = silent.map(|server| Qemu::of(bed, server));
    for qemu in &hung {
        qemu.signal(Signal::STOP);
    }
    for full in [false, true] {
        let begun = Instant::now();
        let request = json!({"provider": bed.provider(), "full": full});
        let list = master.ok("server.list", &request);
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{:?}",
            begun.elapsed()
        );
        let well = by_name(&list, "well");
        assert_eq!(
            (&well["used_disk"], &well["warnings"]),
            (&json!(1), &Value::Null)
        );
        for server in silent {
            let server = by_name(&list, server);
            assert_eq!(server["status"], "ACTIVE", "{server}");
            assert_eq!(
                (&server["used_cpu"], &server["used_ram"]),
                (&json!(1), &json!(256))
            );
            let warning = server["warnings"][0].as_str().unwrap();
            assert!(warning.contains("does not answer"), "{server}");
        }
    }
    // Once the host knows who is silent, it takes no time at all.
    let begun = Instant::now();
    let shown = master.ok("server.show", &about(bed, "hangs1"));
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
    assert!(shown["server"]["warnings"][0].is_string(), "{shown}");
    drop(hung);
    for server in ["well", silent[0], silent[1]] {
        master.ok("server.delete", &about(bed, server));
        assert_eq!(bed.leftovers(server), [""; 0]);
    }
}

#[test]
fn a_transient_domain_is_not_switched_off_by_an_action() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let xml = "<domain type='qemu'><name>fleeting</name><memory unit='MiB'>64</memory>\
               <os><type>hvm</type></os></domain>";
    bed.define("create", xml);
    for action in ["stop", "reboot"] {
        for timeout in [0, 60] {
            let mut request = about(bed, "fleeting");
            request["action"] = json!(action);
            request["timeout"] = json!(timeout);
            let error = master.fails("conflict", "server.action", &request);
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("virsh define"), "{message}");
            comes_to(bed, "fleeting", "running");
        }
    }
    bed.virsh(&["destroy", "fleeting"]);
}
