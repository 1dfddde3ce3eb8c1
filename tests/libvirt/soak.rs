//! Load, and a long life in little time: many programs at once, a session with a thousand requests in flight, one that
//! lives through cycle after cycle, and hosts that hang and come back. `VA_SOAK` multiplies all of it; `make soak` sets it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::common::{Call, Server};
use crate::fault_proxy::{What, When};
use crate::interruptions::{keys, nothing_left, proxy, through};

/// How much longer than in a plain run.
fn times() -> usize {
    std::env::var("VA_SOAK").map_or(1, |times| times.parse().unwrap())
}

/// One session, and what is asked of it by number.
struct Session {
    server: Server,
    asked: usize,
}

/// What a process holds.
#[derive(Debug)]
struct Held {
    kib: u64,
    threads: u64,
    descriptors: usize,
}

impl Session {
    fn start(master: &Master) -> Self {
        Self {
            server: Server::start_in(&master.state()),
            asked: 0,
        }
    }

    fn send(&mut self, method: &str, params: &Value) {
        self.asked += 1;
        let mut call = Call::new(method);
        for (name, value) in params.as_object().unwrap() {
            call = call.with(name, value.clone());
        }
        self.server.send(call.line(self.asked).as_bytes());
    }

    fn ok(&mut self, method: &str, params: &Value) -> Value {
        self.send(method, params);
        let mut answer = self.server.receive();
        assert!(answer.get("error").is_none(), "{method}: {answer:#}");
        answer["result"].take()
    }

    fn held(&self) -> Held {
        let of = format!("/proc/{}", self.server.child.id());
        let status = fs::read_to_string(format!("{of}/status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        Held {
            kib: number("VmRSS:"),
            threads: number("Threads:"),
            descriptors: fs::read_dir(format!("{of}/fd")).unwrap().count(),
        }
    }
}

fn server(master: &Master, provider: &Value, name: &str, keys: &Value) -> Value {
    let mut minion = master.minion();
    minion["keys"] = keys.clone();
    json!({"provider": provider, "server": {"server_name": name, "minion": minion}, "wait": "defined"})
}

/// Of the programs that make one name at once one has made it, and the others have found it, or were told that somebody
/// else is at it.
#[test]
fn many_programs_create_and_delete_at_once() {
    let Some(bed) = Bed::system() else { return };
    let (master, cycles) = (Master::new(), 2 * times());
    let provider = bed.provider();
    let (done, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for program in 0..16 {
            let (master, provider, done, refused) = (&master, &provider, &done, &refused);
            scope.spawn(move || {
                let keys = &keys(master);
                for cycle in 0..cycles {
                    let own = format!("soak-own{program}");
                    let shared = format!("soak-shared{}", cycle % 3);
                    let made = master.ok("server.create", &server(master, provider, &own, keys));
                    assert_eq!(made["created"], true);
                    let gone = json!({"provider": provider, "server_name": own});
                    assert_eq!(master.ok("server.delete", &gone)["deleted"], true);
                    let gone = json!({"provider": provider, "server_name": shared});
                    for (method, params) in [
                        ("server.create", server(master, provider, &shared, keys)),
                        ("server.delete", gone),
                    ] {
                        match master.call(method, &params) {
                            Ok(_) => done.fetch_add(1, Ordering::Relaxed),
                            Err(error) => {
                                let kind = error["data"]["kind"].as_str().unwrap();
                                assert!(
                                    ["conflict", "already_exists"].contains(&kind),
                                    "{error:#}"
                                );
                                assert!(error["data"].get("left_behind").is_none(), "{error:#}");
                                refused.fetch_add(1, Ordering::Relaxed)
                            }
                        };
                    }
                }
            });
        }
    });
    for number in 0..3 {
        let gone = json!({"provider": provider, "server_name": format!("soak-shared{number}")});
        master.ok("server.delete", &gone);
    }
    for number in 0..3 {
        nothing_left(bed, &master, &format!("soak-shared{number}"), "in the end");
    }
    for program in 0..16 {
        nothing_left(bed, &master, &format!("soak-own{program}"), "in the end");
    }
    let (done, refused) = (done.into_inner(), refused.into_inner());
    eprintln!(
        "soak: 16 programs, {} operations on names of their own, {done} on shared names, {refused} refused",
        32 * cycles
    );
    assert!(done > refused / 8, "{done} {refused}");
}

#[test]
fn a_thousand_requests_in_flight_are_all_answered() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let mut session = Session::start(&master);
    let provider = json!({"provider": bed.provider()});
    let all = 1000 * times();
    let begun = Instant::now();
    let mut stdin = session.server.stdin.take().unwrap();
    let mut answers = BTreeMap::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            for id in 0..all {
                let method = [
                    "server.list",
                    "provider.status",
                    "server.list",
                    "provider.images",
                ][id % 4];
                let call = Call::new(method).with("provider", provider["provider"].clone());
                stdin.write_all(call.line(id).as_bytes()).unwrap();
            }
        });
        let stdout = session.server.stdout.as_mut().unwrap();
        for line in stdout.lines().take(all) {
            let answer: Value = serde_json::from_str(&line.unwrap()).unwrap();
            assert!(answer.get("error").is_none(), "{answer:#}");
            *answers.entry(answer["id"].as_u64().unwrap()).or_insert(0) += 1;
        }
    });
    assert!(answers.len() == all && answers.values().all(|times| *times == 1));
    let held = session.held();
    eprintln!(
        "soak: {all} requests in flight answered in {:.1} s, {held:?}",
        begun.elapsed().as_secs_f64()
    );
    assert!(
        held.threads < 64 && held.descriptors < 128 && held.kib < 200 << 10,
        "{held:?}"
    );
}

/// Cycles of all that changes something and looks, in one session: what it holds does not grow.
#[test]
fn a_long_life_takes_no_more_than_a_short_one() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let keys = keys(&master);
    let provider = bed.provider();
    let mut session = Session::start(&master);
    let cycles = 12 * times();
    let mut first = None;
    for cycle in 0..cycles {
        let name = format!("soak-life{}", cycle % 5);
        let about = json!({"provider": provider, "server_name": name});
        session.ok("server.create", &server(&master, &provider, &name, &keys));
        session.ok("server.show", &about);
        session.ok("server.list", &json!({"provider": provider}));
        session.ok("provider.images", &json!({"provider": provider}));
        session.ok("server.delete", &about);
        if cycle == cycles / 4 {
            first = Some(session.held());
        }
    }
    let (first, last) = (first.unwrap(), session.held());
    eprintln!(
        "soak: {cycles} cycles in one session, {first:?} after a quarter, {last:?} in the end"
    );
    for number in 0..5 {
        nothing_left(bed, &master, &format!("soak-life{number}"), "in the end");
    }
    assert!(last.kib < first.kib + (8 << 10), "{first:?} {last:?}");
    assert!(last.threads <= first.threads + 2, "{first:?} {last:?}");
    assert!(
        last.descriptors <= first.descriptors + 4,
        "{first:?} {last:?}"
    );
}

/// A host that hangs and comes back, again and again: others are served meanwhile, and nothing is kept of it.
#[test]
fn a_host_may_hang_and_come_back_as_often_as_it_likes() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let mut session = Session::start(&master);
    let steady = json!({"provider": bed.provider()});
    let mut first = None;
    for round in 0..3 * times() {
        let host = proxy(bed, When::Frames(6), What::Hold);
        let hangs = through(bed, &host);
        for _ in 0..3 {
            session.send("server.list", &json!({"provider": hangs}));
        }
        host.reached();
        for _ in 0..5 {
            // the others cannot be answered before it comes back
            session.ok("server.list", &steady);
        }
        host.release();
        for _ in 0..3 {
            let answer = session.server.receive();
            assert!(answer.get("error").is_none(), "{answer:#}");
        }
        session.ok("server.list", &json!({"provider": hangs}));
        if round == 1 {
            thread::sleep(Duration::from_millis(300));
            first = Some(session.held());
        }
    }
    thread::sleep(Duration::from_millis(300));
    let (first, last) = (first.unwrap(), session.held());
    eprintln!(
        "soak: {} times a host hung, {first:?} after two, {last:?} in the end",
        3 * times()
    );
    // a session keeps connections for a while, so many and no more
    assert!(
        last.descriptors < first.descriptors + 64,
        "{first:?} {last:?}"
    );
    assert!(last.threads < first.threads + 64, "{first:?} {last:?}");
}
