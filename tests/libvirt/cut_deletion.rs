//! Deletions that are cut off, at each of their steps: the next call ends them. And what stands and is
//! not whole.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::fault_proxy::{What, When};
use crate::interruptions::{creation, keys, nothing_left, proxy, through};

#[test]
fn a_deletion_that_is_killed_anywhere_is_ended_by_the_next_call() {
    let Some(bed) = Bed::system() else { return };
    let keys = keys(&Master::new());
    let make = |master: &Master, server: &str| {
        let request = creation(master, &bed.provider(), server, &keys);
        assert_eq!(master.ok("server.create", &request)["created"], true);
    };
    let delete =
        |provider: &Value, server: &str| json!({"provider": provider, "server_name": server});
    let master = Master::new();
    make(&master, "ended0");
    let counting = proxy(bed, When::Never, What::Break);
    master.ok("server.delete", &delete(&through(bed, &counting), "ended0"));
    // the last closes the connection, which a session keeps
    let all = counting.frames() - 1;
    let mut begun = 0;
    // From the end back to the first step, before which nothing has gone.
    for at in (3..=all).rev() {
        let master = Master::new();
        let server = format!("ended{at}");
        make(&master, &server);
        let held = proxy(bed, When::Frames(at), What::Hold);
        let provider = through(bed, &held);
        let program = master.start("server.delete", &delete(&provider, &server));
        held.reached();
        program.signal(Signal::KILL);
        assert_eq!(program.end().0, None);
        held.release();
        let when = format!("killed after frame {at} of {all}");
        let has_begun = std::fs::read_dir(master.state().join("journal"))
            .unwrap()
            .count()
            > 0;
        begun += usize::from(has_begun);
        let stands = !has_begun && !bed.leftovers(&server).is_empty();
        // Each of the ways on, by the same road.
        match at % 3 {
            0 => {
                master.ok("server.delete", &delete(&provider, &server));
            }
            1 => {
                let recovered = master.ok("server.recover", &json!({"provider": provider}));
                assert_eq!(recovered["left_behind"], json!([]), "{when}");
                if has_begun {
                    nothing_left(bed, &master, &server, &when);
                }
                master.ok("server.delete", &delete(&provider, &server));
            }
            _ => {
                let again = creation(&master, &provider, &server, &keys);
                let created = master.ok("server.create", &again);
                assert_eq!(created["created"], !stands, "{when}");
                assert_eq!(bed.leftovers(&server).len(), 7, "{when}");
                master.ok("server.delete", &delete(&provider, &server));
            }
        }
        nothing_left(bed, &master, &server, &when);
        if stands {
            break;
        }
    }
    assert!(
        begun > 8,
        "the journal is there for most of it: {begun} of {all}"
    );
}

#[test]
fn a_server_without_its_disks_or_key_is_not_taken_for_what_is_asked_for() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let keys = keys(&master);
    let request = creation(&master, &bed.provider(), "incomplete", &keys);
    for part in ["root.qcow2", "data1.qcow2", "seed.iso", "minion key"] {
        assert_eq!(master.ok("server.create", &request)["created"], true);
        assert_eq!(master.ok("server.create", &request)["created"], false);
        if part == "minion key" {
            std::fs::remove_file(master.pki().join("minions/incomplete")).unwrap();
        } else {
            let uuid = bed.virsh(&["domuuid", "incomplete"]);
            let volume = format!("incomplete.{}.{part}", &uuid[..8]);
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
        master.ok("server.delete", &about(bed, "incomplete"));
        nothing_left(bed, &master, "incomplete", part);
    }
}
