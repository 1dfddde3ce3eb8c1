//! Stops a bed when the test program ends, even if it is killed.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;

/// A shell that reads from a pipe which only this program has open, and cleans up at its end.
#[derive(Debug)]
pub(crate) struct BedGuard {
    waiting: Mutex<Option<(Child, ChildStdin)>>,
}

impl BedGuard {
    /// Watches over the bed in `dir`, which `tests/bed/<script>` stops, and which is removed at the end.
    pub(super) fn of(script: &str, dir: &Path) -> Self {
        let stop = r#"cat; "$1" stop "$2"; rm -rf "$2""#;
        let mut child = Command::new("/bin/sh")
            .args(["-c", stop, "guard"])
            .arg(super::tests_dir().join("bed").join(script))
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // so that an interrupt from the keyboard ends the tests and not their guard
            .process_group(0)
            .spawn()
            .unwrap();
        let pipe = child.stdin.take().unwrap();
        Self {
            waiting: Mutex::new(Some((child, pipe))),
        }
    }

    /// Stops the bed now.
    pub(super) fn end(&self) {
        if let Some((mut child, pipe)) = self.waiting.lock().unwrap().take() {
            drop(pipe);
            child.wait().unwrap();
        }
    }
}
