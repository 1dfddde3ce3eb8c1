//! A process group from its start to its end.

use std::io;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::Program;
use crate::{Error, Kind, Result};

/// How long a group has to end by itself once it is asked to.
pub(super) const GRACE: Duration = Duration::from_secs(3);
/// How long a pause between two looks is.
pub(super) const LOOK: Duration = Duration::from_millis(10);

/// A child and all that it starts. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    grace: Duration,
    status: Option<ExitStatus>,
}

impl Process {
    pub(super) fn start(
        program: &Program,
        stdin: Stdio,
        stdout: Stdio,
        grace: Duration,
    ) -> Result<Self> {
        let mut command = program.command();
        command.stdin(stdin).stdout(stdout).stderr(Stdio::piped());
        if !program.is_there() {
            return Err(cannot_start(program, &io::ErrorKind::NotFound.into()));
        }
        let mut busy = 5;
        let child = loop {
            match command.spawn() {
                // another thread's child still holds a script open that was written just now
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && busy > 0 => {
                    busy -= 1;
                    thread::sleep(LOOK);
                }
                started => break started.map_err(|error| cannot_start(program, &error))?,
            }
        };
        Ok(Self {
            child,
            grace,
            status: None,
        })
    }

    pub(super) fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub(super) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    pub(super) fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Whether the child itself has ended. It stays a zombie until [`Process::end`], so that no other
    /// process can have its id when the group is signalled.
    pub(super) fn has_ended(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.status.is_some() || matches!(waitid(WaitId::Pid(self.pid()), look), Ok(Some(_)))
    }

    /// Asks the group to end.
    pub(super) fn ask_to_end(&self) {
        // once it has been waited for, another process may have its id
        if self.status.is_none() {
            let _ = kill_process_group(self.pid(), Signal::TERM);
        }
    }

    /// Ends the group: asks it to end, and kills what is left of it after its grace.
    pub(super) fn end(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        if !self.has_ended() {
            self.ask_to_end();
            let asked = Instant::now();
            while !self.has_ended() && asked.elapsed() < self.grace {
                thread::sleep(LOOK);
            }
        }
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let status = self.child.wait().map_err(|error| {
            Error::new(Kind::Internal, format!("cannot wait for a child: {error}"))
        })?;
        self.status = Some(status);
        Ok(status)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(%error, "a child may still run");
        }
    }
}

fn cannot_start(program: &Program, error: &io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => Kind::NotFound,
        io::ErrorKind::PermissionDenied => Kind::PermissionDenied,
        _ => Kind::Unsupported,
    };
    Error::new(kind, format!("cannot run {}: {error}", program.name()))
}
