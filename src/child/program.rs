//! What is started, and with what.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::redact::Secrets;

/// What of this program's environment a child sees.
const PASSED: [&str; 3] = ["PATH", "HOME", "LANG"];

/// A program with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    path: OsString,
    args: Vec<OsString>,
    pub(super) secrets: Secrets,
}

impl Program {
    /// The program at `path`, or of that name on PATH.
    pub(crate) fn new(path: impl Into<OsString>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
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

    /// The secrets that it is given, which are to be in no log and no error.
    #[must_use]
    pub(crate) fn secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
        self
    }

    /// Its name, for people.
    pub(crate) fn name(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
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
