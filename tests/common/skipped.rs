//! Tests that cannot run here: said at once, and summed up by `zz_skipped`, the test program that runs last.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};

/// Says that the test which calls this does not run, and why.
pub(crate) fn skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Past the test harness, which keeps what passing tests print; in one write, because tests run side by side.
    let _ = std::io::stderr().write_all(format!("SKIPPED {test}: {reason}\n").as_bytes());
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(records().join(run(parent_id())))
        .unwrap();
    file.write_all(format!("{reason}\n").as_bytes()).unwrap();
}

/// The reasons why tests of this run did not run, one for each test. They are forgotten by that, and
/// so are those of runs that ended without asking.
pub(crate) fn take() -> Vec<String> {
    let here = run(parent_id());
    let mut reasons = Vec::new();
    for entry in fs::read_dir(records()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let pid = name.split('.').next().and_then(|pid| pid.parse().ok());
        if name == here {
            let text = fs::read_to_string(entry.path()).unwrap();
            reasons.extend(text.lines().map(str::to_owned));
        } else if pid.is_some_and(|pid| run(pid) == name) {
            continue; // of a run that is under way beside this one
        }
        let _ = fs::remove_file(entry.path());
    }
    reasons
}

/// Where each run has a file.
fn records() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped");
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// A run is what one cargo starts: its process id, and when it began, for ids come again.
fn run(pid: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The second field is the program's name in parentheses, and may hold anything.
    let began = stat.rsplit(')').next().unwrap().split(' ').nth(20);
    format!("{pid}.{}", began.unwrap_or_default())
}
