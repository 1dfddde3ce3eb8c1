//! The program under `strace`, which counts what it does to its own files and makes one of these calls fail or the last.

use std::collections::HashMap;
use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::master::Master;
use super::{Server, program};

/// The calls that change files or are to make changes last.
const CALLS: &str =
    "fsync,fdatasync,ftruncate,linkat,mkdirat,openat,renameat,renameat2,unlinkat,write";

/// A call to the kernel: the `nth` of its name in its thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    call: &'static str,
    nth: usize,
}

/// What happens at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breakage {
    /// The disk cannot be read or written.
    Sick,
    /// There is no room.
    Full,
    /// The program is killed.
    Killed,
}

pub(crate) const BREAKAGES: [Breakage; 3] = [Breakage::Sick, Breakage::Full, Breakage::Killed];

pub(crate) fn is_there() -> bool {
    Command::new("strace").arg("-V").output().is_ok()
}

/// What `master` is asked for, in a program that `strace` watches with `arguments`.
fn start(master: &Master, method: &str, params: &Value, arguments: &[String]) -> Server {
    let plain = program(&master.state());
    let mut traced = Command::new("/usr/bin/strace");
    traced
        .args(["-f", "-qq", "-s", "0", "-o"])
        .arg(master.path("trace"))
        .args(arguments)
        .arg(plain.get_program())
        .arg("rpc")
        .env_clear()
        .envs(
            plain
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut server = Server::of(traced.spawn().unwrap());
    server.send(super::master::request(method, params).line(1).as_bytes());
    server
}

/// Below `master`, the folders that the program keeps files in. The paths of what it opens are told from those of
/// the system's libraries by them.
fn folders(master: &Master) -> Vec<String> {
    [
        "",
        "state",
        "state/journal",
        "state/locks",
        "pki",
        "pki/minions",
        "pki/minions_pre",
    ]
    .iter()
    .map(|folder| {
        master
            .path(folder)
            .display()
            .to_string()
            .trim_end_matches('/')
            .to_owned()
    })
    .collect()
}

/// Has it done, and finds the calls that concern the machine's own files.
pub(crate) fn points(master: &Master, method: &str, params: &Value) -> Vec<Point> {
    let watch = ["-y", "-e", &format!("trace={CALLS}")].map(str::to_owned);
    let answer = start(master, method, params, &watch)
        .answer()
        .expect("an answer");
    assert!(answer.get("error").is_none(), "{answer:#}");
    let whole = master.path("").display().to_string();
    let folders = folders(master);
    let mut counts = HashMap::new();
    let mut found = Vec::new();
    for line in fs::read_to_string(master.path("trace")).unwrap().lines() {
        let (thread, rest) = line.split_once(' ').unwrap();
        let Some((name, arguments)) = rest.trim_start().split_once('(') else {
            continue;
        };
        let Some(call) = CALLS.split(',').find(|call| *call == name) else {
            continue;
        };
        let is_ours = |folder: &String| {
            arguments.contains(&format!("<{folder}>, "))
                || arguments.contains(&format!(", \"{folder}\""))
        };
        if call == "openat" && !folders.iter().any(is_ours) {
            continue;
        }
        let count = counts.entry((thread.to_owned(), call)).or_insert(0);
        *count += 1;
        let point = Point { call, nth: *count };
        if arguments.contains(&whole) && !found.contains(&point) {
            found.push(point);
        }
    }
    found
}

/// Has it done with `breakage` at `point`; the answer, if there is one.
pub(crate) fn broken(
    master: &Master,
    method: &str,
    params: &Value,
    point: Point,
    breakage: Breakage,
) -> Option<Value> {
    let what = match breakage {
        Breakage::Sick => "error=EIO",
        Breakage::Full => "error=ENOSPC",
        Breakage::Killed => "signal=KILL",
    };
    let Point { call, nth } = point;
    let mut arguments = vec!["-e".to_owned(), format!("inject={call}:{what}:when={nth}")];
    if call == "openat" {
        arguments.extend(
            folders(master)
                .into_iter()
                .flat_map(|folder| ["-P".to_owned(), folder]),
        );
    }
    start(master, method, params, &arguments).answer()
}
