//! How often a host is asked, and how often only once it has answered: what that costs grows with the distance.
//!
//! Each operation is measured in a session that has its connection, of which the first question is whether that
//! still answers. The host has many volumes and servers, and the bounds do not depend on them.
//!
//! Where libvirt's client may not be called by two threads at once (before 10.4) all is asked in a row.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::Server;
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::fault_proxy::{Counts, FaultProxy};
use crate::interruptions::through;

const VOLUMES: usize = 300;
const SERVERS: usize = 20;
/// Far more than it takes to ask something else, on a machine that is busy.
const DELAY: Duration = Duration::from_millis(100);

struct Far<'a> {
    proxy: &'a FaultProxy,
    /// How many questions may be on their way at a time.
    at_once: usize,
    session: Server,
    provider: Value,
    wrong: Vec<String>,
}

impl Far<'_> {
    /// Asks; in at most `in_a_row` round trips, and with `questions` in all.
    fn ask(&mut self, method: &str, more: &Value, in_a_row: usize, questions: usize) -> Value {
        let mut params = json!({"provider": self.provider});
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        self.proxy.counts();
        let answer = Master::ask(&mut self.session, method, &params);
        let counts: Counts = self.proxy.counts();
        let shown = format!(
            "{method} {more}: {} in a row, {} in all, {} at once",
            counts.in_a_row, counts.questions, counts.at_once
        );
        eprintln!("{shown} {:?}", counts.procedures);
        let in_a_row = if self.at_once == 1 {
            questions
        } else {
            in_a_row
        };
        if counts.in_a_row > in_a_row || counts.questions > questions {
            self.wrong
                .push(format!("{shown}, and not {in_a_row} and {questions}"));
        }
        assert!(counts.at_once <= self.at_once, "{shown}");
        answer.unwrap_or_else(|error| panic!("{method}: {error:#}"))
    }
}

/// The version of this machine's libvirt.
fn client() -> (u32, u32) {
    let told = Command::new("virsh").arg("--version").output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let mut numbers = told.split('.').map(|number| number.trim().parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[test]
fn no_operation_asks_more_often_than_it_must() {
    let Some(bed) = Bed::own_system() else { return };
    for number in 0..VOLUMES {
        let name = format!("web{number}.{number:08x}.root.img");
        let file = File::create(bed.pool().join(name)).unwrap();
        file.set_len(1 << 20).unwrap();
    }
    bed.refresh();
    for number in 0..SERVERS {
        let xml = format!(
            "<domain type='qemu'><name>off{number}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>"
        );
        bed.define("define", &xml);
    }
    let proxy = FaultProxy::far_from(bed.env("VA_TCP_PORT"), DELAY);
    let master = Master::new();
    let mut far = Far {
        proxy: &proxy,
        // a daemon reads no more than five of a client's, and a keepalive is one of them
        at_once: if client() < (10, 4) { 1 } else { 4 },
        session: Server::start_in(&master.state()),
        provider: through(&bed, &proxy),
        wrong: Vec::new(),
    };
    // connects
    far.ask("provider.status", &json!({}), 9, 9);
    far.ask("server.list", &json!({}), 3, 4);
    // a question for each, four at a time, if not as evenly as can be
    let batches = SERVERS.div_ceil(4) + 1;
    let full = json!({"full": true});
    far.ask("server.list", &full, 3 + batches, 5 + SERVERS);
    far.ask("provider.networks", &json!({}), 3, 4);
    far.ask("provider.images", &json!({}), 5, 5);
    far.ask("provider.data", &json!({}), 3, 8);
    let source = master.path("small.raw");
    std::fs::write(&source, vec![7; 1 << 20]).unwrap();
    let image = json!({"image": {"source": source}});
    far.ask("image.import", &image, 20, 25);
    let defined = json!({"server": {"server_name": "far0"}, "wait": "defined"});
    far.ask("server.create", &defined, 11, 24);
    let running = json!({"server": {"server_name": "far1"}});
    far.ask("server.create", &running, 12, 25);
    // it is there already, and whole
    far.ask("server.create", &running, 10, 25);
    far.ask("server.show", &json!({"server_name": "far1"}), 4, 8);
    // it has two volumes
    for name in ["far1", "far0"] {
        far.ask("server.delete", &json!({"server_name": name}), 11, 21);
    }
    assert!(far.wrong.is_empty(), "{:#?}", far.wrong);
}
