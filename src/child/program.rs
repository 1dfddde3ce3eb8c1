//! What is started, and with what.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{Access, access};

use crate::redact::Secrets;

/// What of this program's environment a child sees.
const PASSED: [&str; 3] = ["PATH", "HOME", "LANG"];

/// Becomes a program whose process group ends with stdin.
const TIED: &str =
    "exec 3<&0; { cat <&3 >/dev/null; kill -s TERM 0; } & exec \"$@\" 3<&- </dev/null";

/// A program with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    path: OsString,
    args: Vec<OsString>,
    is_tied: bool,
    pub(super) secrets: Secrets,
}

impl Program {
    /// The program at `path`, or of that name on PATH.
    pub(crate) fn new(path: impl Into<OsString>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
            is_tied: false,
            secrets: Secrets::default(),
        }
    }

    /// With further arguments.
    #[must_use]
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned());
        self.args.extend(args);
        self
    }

    /// The same, to end with this program, be that killed: a shell beside it waits for the end of its
    /// stdin, of which it sees nothing itself.
    #[must_use]
    pub(crate) fn tied(mut self) -> Self {
        self.is_tied = true;
        self
    }

    /// The secrets that it is given, which are to be in no log and no error.
    #[must_use]
    pub(crate) fn secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
        self
    }

    /// Whether a shell will find it.
    pub(super) fn is_there(&self) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        // what has a folder in its name is there or not, whatever the place
        !self.is_tied || find(self.path.as_ref(), std::env::split_paths(&path)).is_some()
    }

    /// Its name, for people.
    pub(crate) fn name(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    pub(super) fn command(&self) -> Command {
        let mut command = if self.is_tied {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", TIED, "sh"]).arg(&self.path);
            shell
        } else {
            Command::new(&self.path)
        };
        let passed = PASSED
            .into_iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        command
            .args(&self.args)
            .env_clear()
            .envs(passed)
            .process_group(0);
        command
    }
}

/// The program `name` in the first of `dirs` that has it.
pub(crate) fn find(name: &Path, dirs: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    let mut places = dirs.into_iter().map(|dir| dir.join(name));
    places.find(|path| path.is_file() && access(path, Access::EXEC_OK).is_ok())
}
